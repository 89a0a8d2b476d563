/* SPDX-License-Identifier: MIT */
/*
 * Directories that an entry's name implies: made 0755 and owned by the mapped
 * root where the parent is missing (idtools.MkdirAllAndChownNew and Go's
 * os.MkdirAll, v20.10.24), by vfs 0600 and not mapped (system.MkdirAll).  Any other trouble with the parent is left for the
 * entry itself to meet.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "sys/sys.h"
#include "unpack/internal.h"

#define PARENT_MODE 0755
#define BARE_PARENT_MODE 0600

/* Mode and owner of a directory that was made: only where they are not so already. */
static int settle(struct unpack *u, const char *path)
{
	struct stat st;
	int r = unr_sys_stat(path, &st);

	if (r < 0)
		return fail_op(u, "stat", path, r);
	/* A setgid bit that came with the parent goes only where chmod is not left out (29.7). */
	if ((st.st_mode & (u->options->engine->rooted ? 07777 : 0777)) != PARENT_MODE) {
		r = unr_sys_chmod(path, PARENT_MODE);
		if (r < 0)
			return fail_op(u, "chmod", path, r);
	}
	if (st.st_uid != 0 || st.st_gid != 0) {
		r = unr_sys_chown(path, 0, 0);
		if (r < 0)
			return fail_op(u, "chown", path, r);
	}
	return 0;
}

/* mkdir, content with a directory that is there already (but not with a symlink to one). */
static int make_one(struct unpack *u, const char *path, mode_t mode)
{
	struct stat st;
	int r = limit_node(u);

	if (r < 0)
		return r;
	r = unr_sys_mkdirat(AT_FDCWD, path, mode);
	if (r == 0 || (look_at(u, path, &st) == 0 && S_ISDIR(st.st_mode)))
		return 0;
	return fail_op(u, "mkdir", path, r);
}

/*
 * Cuts @path down to its deepest ancestor that can be reached, by ending the
 * string there.  Returns the length of that ancestor (1: the root).
 */
static int find_existing(struct unpack *u, char *path, size_t *ret)
{
	for (;;) {
		struct stat st;
		char *slash;

		if (look_behind(u, path, &st) == 0) {
			*ret = strlen(path);
			return S_ISDIR(st.st_mode) ? 0 : fail_op(u, "mkdir", path, -ENOTDIR);
		}
		slash = strrchr(path, '/');
		if (slash == path) {
			*ret = 1;
			return 0;
		}
		*slash = '\0';
	}
}

/* One pass over the directories below the first @existing bytes of @path. */
static int each_missing(struct unpack *u, char *path, size_t existing, size_t length,
			int (*visit)(struct unpack *u, const char *path))
{
	size_t at = existing;
	int r = 0;

	while (at < length && r == 0) {
		size_t end = at + 1 + strcspn(path + at + 1, "/");
		char held = path[end];

		path[end] = '\0';
		r = visit(u, path);
		path[end] = held;
		at = end;
	}
	return r;
}

static int note_foreign(struct unpack *u, const char *path)
{
	struct stat st;
	int r;

	if (u->options->engine->rootless != NULL) /* its root is this one */
		return 0;
	if (u->options->privileged == NULL || u->options->ledger == NULL) {
		u->result->skipped_owners++;
		return 0;
	}
	r = unr_sys_lstat(path, &st);
	if (r == 0)
		r = unr_ledger_note_directory(u->options->ledger, st.st_ino, true);
	return r < 0 ? unr_fail(u->err, UNR_ERROR_FAILED, r, "note a directory: %s", strerror(-r)) :
		       0;
}

static int make_plain(struct unpack *u, const char *path)
{
	return make_one(u, path, PARENT_MODE);
}

/* The engine's own root makes them and they stay its; here they are given to it in the end. */
static int make_bare(struct unpack *u, const char *path)
{
	struct stat st;
	int r;

	if (look_at(u, path, &st) == 0)
		return make_one(u, path, BARE_PARENT_MODE);
	r = make_one(u, path, BARE_PARENT_MODE);
	return r == 0 && u->options->store ? note_foreign(u, path) : r;
}

/* Entries of one directory mostly follow each other; only what is removed can make it vanish. */
static bool is_known(const struct unpack *u)
{
	return u->known_parent.length == u->parent.length &&
	       memcmp(unr_text_string(&u->known_parent), u->parent.bytes, u->parent.length) == 0;
}

void forget_parent(struct unpack *u)
{
	unr_text_clear(&u->known_parent);
	unr_close(&u->parent_fd);
}

static int remember_parent(struct unpack *u)
{
	forget_parent(u);
	unr_text_append(&u->known_parent, u->parent.bytes, u->parent.length);
	return u->known_parent.failed ? unr_fail_memory(u->err) : 0;
}

/* Where it is no directory the entry's own calls will tell. */
static void hold_parent(struct unpack *u)
{
	if (u->parent_fd < 0)
		u->parent_fd = unr_sys_open_parent(u->parent.bytes);
}

/* By its full name a path may be too long for the kernel, and the engine has no other. */
struct place place_of(const struct unpack *u, const char *path)
{
	const struct place whole = { AT_FDCWD, path };
	const size_t length = u->known_parent.length;
	const char *name = path + length;

	if (u->parent_fd < 0 || strncmp(path, u->known_parent.bytes, length) != 0)
		return whole;
	if (length > 1 && *name++ != '/')
		return whole;
	if (*name == '\0' || strchr(name, '/') != NULL || strlen(path) >= PATH_MAX)
		return whole;
	return (struct place) { u->parent_fd, name };
}

static int make_missing(struct unpack *u, int (*make)(struct unpack *u, const char *path),
			int (*then)(struct unpack *u, const char *path))
{
	unr_autofree char *path = NULL;
	size_t existing = 0, length = u->parent.length;
	struct stat st;
	int r;

	if (is_known(u)) {
		hold_parent(u);
		return 0;
	}
	if (look_at(u, u->parent.bytes, &st) != -ENOENT)
		return remember_parent(u);
	path = strdup(u->parent.bytes);
	if (path == NULL)
		return unr_fail_memory(u->err);
	r = find_existing(u, path, &existing);
	if (r != 0)
		return r;
	if (existing == 1) /* the root */
		existing = 0;
	memcpy(path, u->parent.bytes, length + 1);
	r = each_missing(u, path, existing, length, make);
	return r != 0 || then == NULL ? r : each_missing(u, path, existing, length, then);
}

int make_parents(struct unpack *u)
{
	return make_missing(u, make_plain, settle);
}

int make_bare_parents(struct unpack *u)
{
	return make_missing(u, make_bare, NULL);
}
