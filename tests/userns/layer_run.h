/* SPDX-License-Identifier: MIT */
/*
 * Shared by test_unpack*.c: a layer is extracted in a real user namespace, into
 * a fresh tmpfs that is the process's root, and comes back as one text:
 *
 *	found 0 f file 70000:5 uid lchown EINVAL   each finding, in its order
 *	stop child 0 f: Container ID 70000 ...     where the engine stops, if it does
 *	log time="..."                             what its child logged, if it did
 *	.  d755 @now                               the tree, sorted
 *	f  -644 size=3 @0 links=2 "abc"            with its content, where that is stored
 *
 * The owner is shown unless it is 0:0, the access time unless it is the time of
 * change or of the test, for which @now stands.
 */
#ifndef UNR_TEST_LAYER_RUN_H
#define UNR_TEST_LAYER_RUN_H

#include "unr_test.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "docker_map.h"
#include "tar_build.h"
#include "unpack/unpack.h"
#include "userns/namespace.h"
#include "userns/sandbox.h"
#include "usernsrepro/error.h"

/* What the child is told, and where it puts what it finds. */
struct layer_run {
	int tar_fd;
	int lower_fd;       /* a layer that lies below, for vfs; or -1 */
	const char *engine; /* NULL: docker-20.10 */
	enum unr_driver driver;
	bool store, fleeting, stop_at_first;
	struct unr_idmaps maps; /* of the engine */
	struct unr_text text;
};

static inline ssize_t run_read(void *context, void *buffer, size_t size)
{
	const struct layer_run *run = context;

	return unr_read_full(run->tar_fd, buffer, size);
}

static inline int run_found(void *context, const struct unr_finding *f)
{
	struct layer_run *run = context;

	unr_text_printf(&run->text, "found %llu ", (unsigned long long) f->entry);
	unr_text_escape(&run->text, f->path, f->path_length);
	unr_text_printf(&run->text, " %s %lld:%lld%s%s%s", unr_entry_type_name(f->type),
			(long long) f->uid, (long long) f->gid, f->uid_unmapped ? " uid" : "",
			f->gid_unmapped ? " gid" : "", f->engine_refused ? "" : " mapped");
	if (f->call != UNR_CALL_NONE)
		unr_text_printf(&run->text, " %s %s", unr_call_name(f->call),
				f->error == 0 ? "ok" : unr_errno_name(f->error));
	unr_text_puts(&run->text, "\n");
	return 0;
}

static inline bool is_now(struct timespec when)
{
	time_t now = time(NULL);

	return when.tv_sec > now - 3600 && when.tv_sec <= now + 1;
}

static inline void show_moment(struct unr_text *text, const char *before, struct timespec when)
{
	if (is_now(when))
		unr_text_printf(text, "%s@now", before);
	else if (when.tv_nsec == 0)
		unr_text_printf(text, "%s@%lld", before, (long long) when.tv_sec);
	else
		unr_text_printf(text, "%s@%lld.%09ld", before, (long long) when.tv_sec,
				when.tv_nsec);
}

static inline char letter_of(mode_t mode)
{
	return S_ISREG(mode)  ? '-' :
	       S_ISDIR(mode)  ? 'd' :
	       S_ISLNK(mode)  ? 'l' :
	       S_ISFIFO(mode) ? 'p' :
	       S_ISCHR(mode)  ? 'c' :
				'?';
}

static inline void show_content(struct unr_text *text, const char *path)
{
	unr_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	char content[256];
	ssize_t n = unr_read_full(fd, content, sizeof(content));

	unr_text_puts(text, " \"");
	unr_text_escape(text, content, n < 0 ? 0 : (size_t) n);
	unr_text_puts(text, "\"");
}

static inline void show_node(struct unr_text *text, const FTSENT *item, bool contents)
{
	const struct stat *st = item->fts_statp;
	char target[4096];
	ssize_t n;

	unr_text_escape(text, item->fts_path[1] == '\0' ? "." : item->fts_path + 1,
			item->fts_pathlen == 1 ? 1 : item->fts_pathlen - (size_t) 1);
	unr_text_printf(text, " %c%o", letter_of(st->st_mode), st->st_mode & 07777);
	if (st->st_uid != 0 || st->st_gid != 0)
		unr_text_printf(text, " %u:%u", st->st_uid, st->st_gid);
	if (S_ISREG(st->st_mode) && st->st_size > 0)
		unr_text_printf(text, " size=%lld", (long long) st->st_size);
	if (S_ISCHR(st->st_mode))
		unr_text_printf(text, " dev=%u:%u", major(st->st_rdev), minor(st->st_rdev));
	show_moment(text, " ", st->st_mtim);
	/* Looking at a directory or through a symlink makes its access time now. */
	if (!is_now(st->st_atim) && memcmp(&st->st_atim, &st->st_mtim, sizeof(st->st_atim)) != 0)
		show_moment(text, " atime", st->st_atim);
	if (!S_ISDIR(st->st_mode) && st->st_nlink > 1)
		unr_text_printf(text, " links=%u", (unsigned int) st->st_nlink);
	if (S_ISLNK(st->st_mode)) {
		n = readlink(item->fts_accpath, target, sizeof(target));
		unr_text_puts(text, " -> ");
		unr_text_escape(text, target, n < 0 ? 0 : (size_t) n);
	}
	if (contents && S_ISREG(st->st_mode))
		show_content(text, item->fts_accpath);
	unr_text_puts(text, "\n");
}

static inline int by_name(const FTSENT **left, const FTSENT **right)
{
	return strcmp((*left)->fts_name, (*right)->fts_name);
}

static inline int show_tree(struct unr_text *text, bool contents)
{
	char root[] = "/";
	char *paths[] = { root, NULL };
	FTS *fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	FTSENT *item;

	if (fts == NULL)
		return -errno;
	while ((item = fts_read(fts)) != NULL)
		if (item->fts_info != FTS_DP)
			show_node(text, item, contents);
	return fts_close(fts) < 0 ? -errno : 0;
}

static inline void show_stop(struct unr_text *text, const struct unr_unpack_result *result)
{
	static const char *const kinds[] = { "", "child", "feed", "open", "layer" };
	const struct unr_stop *stop = &result->stop;

	if (stop->kind != UNR_STOP_NONE) {
		unr_text_printf(text, "stop %s", kinds[stop->kind]);
		if (stop->path != NULL) {
			unr_text_printf(text, " %llu ", (unsigned long long) stop->entry);
			unr_text_escape(text, stop->path, stop->path_length);
		}
		unr_text_printf(text, ": %s\n", stop->text);
	}
	if (result->log[0] != '\0')
		unr_text_printf(text, "log %s", result->log);
}

static inline int extract(struct layer_run *run)
{
	const struct unr_tar_source source = { .read = run_read, .context = run };
	const char *engine = run->engine == NULL ? "docker-20.10" : run->engine;
	const struct unr_unpack_options options = { .engine = unr_engine_find(engine),
						    .opaque_fd = -EBADF,
						    .driver = run->driver,
						    .maps = &run->maps,
						    .store = run->store,
						    .fleeting = run->fleeting,
						    .stop_at_first = run->stop_at_first,
						    .found = run_found,
						    .context = run };
	struct unr_unpack_result result = { 0 };
	struct unr_error err = { 0 };
	struct unr_tar *tar = NULL;
	int r = unr_tar_new(&source, &tar);

	if (r == 0)
		r = unr_unpack(tar, &options, &result, &err);
	if (r == 0)
		show_stop(&run->text, &result);
	else
		unr_text_printf(&run->text, "error %s\n", err.message);
	unr_unpack_result_done(&result);
	unr_tar_free(tar);
	return r;
}

/* What lies below, by the same driver; it has to load. */
static inline int extract_lower(struct layer_run *run)
{
	int upper_fd = run->tar_fd;
	int r;

	if (run->lower_fd < 0)
		return 0;
	run->tar_fd = run->lower_fd;
	r = extract(run);
	run->tar_fd = upper_fd;
	return r;
}

/* The child: never asserts; 0 when its text was told. */
static inline int run_main(void *argument, int socket)
{
	struct layer_run *run = argument;
	struct unr_error err = { 0 };
	int r = unr_sandbox_enter(UNR_SANDBOX_TMPFS, UINT64_MAX, &err);

	if (r < 0)
		unr_text_printf(&run->text, "sandbox: %s\n", err.message);
	else if (mkdir("0", 0755) < 0 || chroot("0") < 0 || chdir("/") < 0)
		unr_text_puts(&run->text, "no root of its own\n");
	else if (extract_lower(run) == 0 && extract(run) == 0)
		(void) show_tree(&run->text, run->store);
	if (run->text.failed)
		return 1;
	return unr_write_full(socket, run->text.bytes, run->text.length) < 0 ? 1 : 0;
}

static inline int start_run(struct layer_run *run, struct unr_child *child, struct unr_error *err)
{
	struct unr_map_choice choice = { 0 };
	int r = unr_map_choose(&run->maps, &choice, err);

	if (r == 0)
		r = unr_child_start(&choice, run_main, run, child, err);
	unr_map_choice_done(&choice);
	return r;
}

/* Return: the text, owned.  @run's descriptors are closed. */
static inline char *tell_run(struct layer_run run)
{
	struct unr_child child = { .socket = -EBADF };
	struct unr_text text = { 0 };
	struct unr_error err = { 0 };
	char part[512];
	int status = -1;
	ssize_t n;

	assert_int_equal(start_run(&run, &child, &err), 0);
	while ((n = read(child.socket, part, sizeof(part))) > 0)
		unr_text_append(&text, part, (size_t) n);
	assert_int_equal(unr_child_wait(&child, &status), 0);
	assert_int_equal(status, 0);
	(void) close(run.tar_fd);
	(void) close(run.lower_fd);
	unr_idmaps_done(&run.maps);
	return unr_text_take(&text);
}

/* The archive is empty afterwards. */
static inline char *run_layer(struct tar_build *tar, bool stop_at_first, bool store)
{
	char *text = tell_run((struct layer_run) { .tar_fd = tar_build_memfd(tar),
						   .lower_fd = -1,
						   .stop_at_first = stop_at_first,
						   .store = store,
						   .maps = docker_maps() });

	tar_build_done(tar);
	return text;
}

/* Extracts and compares the whole text. */
static inline void assert_layer(struct tar_build *tar, const char *expected)
{
	unr_autofree char *text = run_layer(tar, false, false);

	assert_string_equal(text, expected);
}

/* The line of the root, with which the tree begins. */
static inline char *find_tree(char *text)
{
	char *line = strncmp(text, ". d", 3) == 0 ? text : strstr(text, "\n. d");

	assert_non_null(line);
	return line == text ? line : line + 1;
}

/* Compares what comes before the tree: findings, stop, log. */
static inline void assert_stops(struct tar_build *tar, const char *expected)
{
	unr_autofree char *text = run_layer(tar, false, false);

	*find_tree(text) = '\0';
	assert_string_equal(text, expected);
}

/* Compares the tree alone. */
static inline void assert_tree(struct tar_build *tar, const char *expected)
{
	unr_autofree char *text = run_layer(tar, false, false);

	assert_string_equal(find_tree(text), expected);
}

/*
 * Entries in short: "TYPE NAME" or "TYPE NAME|LINK"; files are empty, all is
 * owned by 0:0 and of the year 1970.
 */
static inline void build_short(struct tar_build *tar, const char *const *entries, size_t n_max)
{
	for (size_t i = 0; i < n_max && entries[i] != NULL; i++) {
		union tar_header header;
		char name[101];
		const char *bar = strchr(entries[i], '|');

		(void) snprintf(name, sizeof(name), "%.*s",
				bar == NULL ? 100 : (int) (bar - entries[i] - 2), entries[i] + 2);
		tar_header_init(&header, name, entries[i][0]);
		if (bar != NULL)
			tar_header_text(header.field.link, sizeof(header.field.link), bar + 1);
		tar_build_header(tar, &header);
	}
	tar_build_end(tar);
}

#define ENTRIES_MAX 6

struct layer_case {
	const char *entries[ENTRIES_MAX];
	const char *expected;
};

static inline void assert_cases(const struct layer_case *cases, size_t n,
				void (*compare)(struct tar_build *, const char *))
{
	for (size_t i = 0; i < n; i++) {
		struct tar_build tar = { 0 };

		build_short(&tar, cases[i].entries, ENTRIES_MAX);
		compare(&tar, cases[i].expected);
	}
}

/* Can a child be had that reaches its tree? */
static inline bool can_extract(const char **ret_why)
{
	static struct unr_error err;
	struct layer_run run = { .tar_fd = -1, .lower_fd = -1, .maps = docker_maps() };
	struct unr_child child = { .socket = -EBADF };
	int r = start_run(&run, &child, &err);
	char byte = 0;

	if (r == 0 && read(child.socket, &byte, 1) == 1 && byte != 'e') {
		(void) unr_fail(&err, UNR_ERROR_CANNOT_RUN, -EPERM,
				"the sandbox cannot be entered on this host");
		r = -EPERM;
	}
	unr_child_stop(&child);
	unr_idmaps_done(&run.maps);
	*ret_why = err.message;
	return r == 0;
}

#endif
