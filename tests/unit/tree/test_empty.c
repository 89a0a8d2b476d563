/* SPDX-License-Identifier: MIT */
/* tree/empty.c: all goes that is in the directory, and nothing else, whoever moves things meanwhile. */
#include "unr_test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "tmp.h"
#include "tree/empty.h"

int __real_unr_sys_unlinkat(int parent_fd, const char *name, int flags);
int __wrap_unr_sys_unlinkat(int parent_fd, const char *name, int flags);

/* A move that happens when a name is about to be removed. */
static struct {
	int fd; /* borrowed; what both names are relative to */
	const char *when, *from, *to;
} move;

int __wrap_unr_sys_unlinkat(int parent_fd, const char *name, int flags)
{
	if (move.when != NULL && strcmp(name, move.when) == 0) {
		move.when = NULL;
		assert_int_equal(renameat(move.fd, move.from, move.fd, move.to), 0);
	}
	return __real_unr_sys_unlinkat(parent_fd, name, flags);
}

int __real_unr_sys_readdir(DIR *dir, const struct dirent **ret);
int __wrap_unr_sys_readdir(DIR *dir, const struct dirent **ret);

/* A directory that cannot be listed, as on a bad disk; 0: none. */
static ino_t unlisted;

int __wrap_unr_sys_readdir(DIR *dir, const struct dirent **ret)
{
	struct stat st;

	if (unlisted != 0 && fstat(dirfd(dir), &st) == 0 && st.st_ino == unlisted)
		return -EIO;
	return __real_unr_sys_readdir(dir, ret);
}

static int setup(void **state)
{
	unlisted = 0;
	memset(&move, 0, sizeof(move));
	return unr_tmp_setup(state);
}

static void make_directories(const struct unr_tmp *tmp, const char *const *names)
{
	for (; *names != NULL; names++)
		assert_int_equal(mkdirat(tmp->fd, *names, 0700), 0);
}

static int empty(const struct unr_tmp *tmp, const char *name)
{
	unr_autoclose int fd = openat(tmp->fd, name, O_RDONLY | O_DIRECTORY);

	assert_true(fd >= 0);
	return unr_tree_empty(fd);
}

static bool is_there(const struct unr_tmp *tmp, const char *name)
{
	struct stat st;

	return fstatat(tmp->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static void empty__removes_all_and_no_links_targets(void **state)
{
	static const char *const names[] = { "t", "t/a", "t/a/b", "t/c", "out", "out/x", NULL };
	const struct unr_tmp *tmp = *state;

	make_directories(tmp, names);
	assert_int_equal(unr_tmp_write(tmp, "t/a/b/f", "x"), 0);
	assert_int_equal(unr_tmp_write(tmp, "out/f", "x"), 0);
	assert_int_equal(symlinkat("../../out", tmp->fd, "t/c/l"), 0);
	assert_int_equal(linkat(tmp->fd, "out/f", tmp->fd, "t/h", 0), 0);
	assert_int_equal(empty(tmp, "t"), 0);
	assert_int_equal(unlinkat(tmp->fd, "t", AT_REMOVEDIR), 0);
	assert_true(is_there(tmp, "out/x"));
	assert_true(is_there(tmp, "out/f"));
}

/* Deeper than its memory of the way is at first, and than a path may be long. */
static void empty__goes_as_deep_as_it_takes(void **state)
{
	const struct unr_tmp *tmp = *state;
	int fd = dup(tmp->fd);

	for (int i = 0; i < 3000; i++) {
		int next;

		assert_int_equal(mkdirat(fd, "d", 0700), 0);
		next = openat(fd, "d", O_RDONLY | O_DIRECTORY);
		assert_true(next >= 0);
		(void) close(fd);
		fd = next;
	}
	(void) close(fd);
	assert_int_equal(empty(tmp, "d"), 0);
	assert_int_equal(unlinkat(tmp->fd, "d", AT_REMOVEDIR), 0);
}

/* What is moved out of the tree while the walk is in it takes the walk nowhere. */
static void empty__does_not_go_up_into_another_directory(void **state)
{
	static const char *const names[] = { "t",         "t/a",   "t/a/b",     "t/a/b/c",
					     "t/a/b/c/d", "other", "other/dir", NULL };
	const struct unr_tmp *tmp = *state;

	make_directories(tmp, names);
	move.fd = tmp->fd;
	move.when = "d"; /* the walk is in c then, three below t */
	move.from = "t/a/b/c";
	move.to = "other/dir/c";
	assert_int_equal(empty(tmp, "t"), -EBUSY);
	assert_null(move.when);
	assert_true(is_there(tmp, "other/dir"));
	assert_false(is_there(tmp, "other/dir/c/d"));
	assert_true(is_there(tmp, "t/a/b"));
}

/* It is not empty for that: the walk went up from it and down into it without end. */
static void empty__gives_up_on_what_cannot_be_listed(void **state)
{
	static const char *const names[] = { "t", "t/a", "t/a/b", "t/c", NULL };
	const struct unr_tmp *tmp = *state;
	struct stat st;

	make_directories(tmp, names);
	assert_int_equal(fstatat(tmp->fd, "t/a", &st, 0), 0);
	unlisted = st.st_ino;
	(void) alarm(60);
	assert_int_equal(empty(tmp, "t"), -EIO);
	(void) alarm(0);
	assert_true(is_there(tmp, "t/a/b"));
}

#define IN_TMP(test) cmocka_unit_test_setup_teardown(test, setup, unr_tmp_teardown)

static const struct CMUnitTest tests[] = {
	IN_TMP(empty__removes_all_and_no_links_targets),
	IN_TMP(empty__goes_as_deep_as_it_takes),
	IN_TMP(empty__does_not_go_up_into_another_directory),
	IN_TMP(empty__gives_up_on_what_cannot_be_listed),
};

UNR_TEST_MAIN("empty", tests, NULL);
