/* SPDX-License-Identifier: MIT */
/*
 * Finding and reading scenario folders: see folder.h.  Every path is opened
 * below a directory descriptor, never by joining strings.
 */
#include "scenario/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "usernsrepro/scenario.h"

#ifndef UNR_SCENARIO_INSTALL_DIR
#define UNR_SCENARIO_INSTALL_DIR ""
#endif
#ifndef UNR_SCENARIO_SOURCE_DIR
#define UNR_SCENARIO_SOURCE_DIR ""
#endif

#define NAME_LIMIT 64
#define FILE_LIMIT ((size_t) 1 << 20)

bool unr_scenario_has_name_form(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return n > 0 && n <= NAME_LIMIT && name[n] == '\0';
}

/* The shared data directory of the tree that the program was installed into. */
static const char *beside_program(struct unr_text *path)
{
	const char *origin = secure_getenv(UNR_PROGRAM_VARIABLE);
	char program[PATH_MAX];
	ssize_t n;
	char *slash;

	if (origin != NULL)
		n = snprintf(program, sizeof(program), "%s", origin);
	else
		n = readlink("/proc/self/exe", program, sizeof(program) - 1);
	if (n < 0 || n >= (ssize_t) sizeof(program))
		return "";
	program[n] = '\0';
	slash = strrchr(program, '/');
	if (slash == NULL)
		return "";
	*slash = '\0';
	unr_text_printf(path, "%s/../share/userns-repro/scenarios", program);
	return unr_text_string(path);
}

int unr_scenario_open_root(int *ret_fd, struct unr_text *ret_path, struct unr_error *err)
{
	unr_auto(unr_text_done) struct unr_text beside = { 0 }, tried = { 0 };
	const char *chosen = secure_getenv(UNR_SCENARIO_VARIABLE);
	const struct {
		const char *path;
		bool only; /* the user named it: look nowhere else */
	} places[] = {
		{ chosen == NULL ? "" : chosen, chosen != NULL },
		{ beside_program(&beside), false },
		/* Sources first: only a program that was not installed comes this far with them. */
		{ UNR_SCENARIO_SOURCE_DIR, false },
		{ UNR_SCENARIO_INSTALL_DIR, false },
	};

	for (size_t i = 0; i < UNR_COUNT(places); i++) {
		int fd;

		if (*places[i].path == '\0' && !places[i].only)
			continue;
		fd = open(places[i].path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0) {
			if (ret_path != NULL)
				unr_text_puts(ret_path, places[i].path);
			*ret_fd = fd;
			return 0;
		}
		unr_text_printf(&tried, "%s%s", tried.length == 0 ? "" : ", ", places[i].path);
		if (places[i].only)
			break;
	}
	return unr_fail(err, UNR_ERROR_FAILED, -ENOENT,
			"no directory with scenarios (looked at: %s); " UNR_SCENARIO_VARIABLE
			" can name one",
			unr_text_string(&tried));
}

int unr_scenario_open(const char *name, int *ret_fd, struct unr_error *err)
{
	unr_autoclose int root_fd = -EBADF;
	int r, fd;

	if (!unr_scenario_has_name_form(name))
		return unr_fail(err, UNR_ERROR_USAGE, -EINVAL,
				"'%.80s' is not the name of a scenario: letters a-z, digits and -",
				name);
	r = unr_scenario_open_root(&root_fd, NULL, err);
	if (r < 0)
		return r;
	fd = openat(root_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return unr_fail(
			err, UNR_ERROR_USAGE, -ENOENT,
			"there is no scenario '%s'; 'userns-repro scenario list' names them", name);
	if (fd < 0)
		return unr_fail_errno(err, "open scenario %s", name);
	*ret_fd = fd;
	return 0;
}

/* Relative and without "..": no way out of the folder. */
static bool is_plain_path(const char *path)
{
	for (;;) {
		size_t n = strcspn(path, "/");

		if (n == 0 || (n == 2 && memcmp(path, "..", 2) == 0))
			return false;
		if (path[n] == '\0')
			return true;
		path += n + 1;
	}
}

int unr_scenario_read(int folder_fd, const char *path, struct unr_text *ret, struct unr_error *err)
{
	unr_autoclose int fd = -EBADF;
	unr_autofree char *bytes = NULL;
	ssize_t n;

	if (!is_plain_path(path))
		return unr_fail(err, UNR_ERROR_FAILED, -EINVAL,
				"'%.80s' is not a path inside the scenario's folder", path);
	fd = openat(folder_fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return unr_fail_errno(err, "open %s", path);
	bytes = malloc(FILE_LIMIT + 1);
	if (bytes == NULL)
		return unr_fail_memory(err);
	n = unr_read_full(fd, bytes, FILE_LIMIT + 1);
	if (n < 0)
		return unr_fail(err, UNR_ERROR_FAILED, (int) n, "read %s: %s", path,
				strerror((int) -n));
	if ((size_t) n > FILE_LIMIT)
		return unr_fail(err, UNR_ERROR_FAILED, -EFBIG, "%s is larger than 1 MiB", path);
	unr_text_append(ret, bytes, (size_t) n);
	return ret->failed ? unr_fail_memory(err) : 0;
}

int unr_scenario_read_json(int folder_fd, const char *path, json_t **ret, struct unr_error *err)
{
	unr_auto(unr_text_done) struct unr_text text = { 0 };
	json_error_t where;
	json_t *root;
	int r;

	r = unr_scenario_read(folder_fd, path, &text, err);
	if (r < 0)
		return r;
	root = json_loadb(unr_text_string(&text), text.length, JSON_REJECT_DUPLICATES, &where);
	if (root == NULL)
		return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG, "%s, line %d: %s", path,
				where.line, where.text);
	if (!json_is_object(root)) {
		json_decref(root);
		return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG, "%s: not a JSON object", path);
	}
	*ret = root;
	return 0;
}
