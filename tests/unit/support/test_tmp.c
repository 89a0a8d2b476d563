/* SPDX-License-Identifier: MIT */
/* tests/support/tmp: a directory of one's own that goes away, and nothing else with it. */
#include "unr_test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tmp.h"

#define MARK ".unr-test-directory"

static bool is_there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static int make_directories(const struct unr_tmp *tmp, int depth)
{
	int fd = fcntl(tmp->fd, F_DUPFD_CLOEXEC, 0);

	for (int i = 0; i < depth && fd >= 0; i++) {
		int next = mkdirat(fd, "d", 0755) < 0 ? -1 : openat(fd, "d", O_RDONLY | O_CLOEXEC);

		(void) close(fd);
		fd = next;
	}
	if (fd < 0)
		return -errno;
	(void) close(fd);
	return 0;
}

static void remove__takes_a_deep_tree(void **state)
{
	struct unr_tmp tmp;

	(void) state;
	assert_int_equal(unr_tmp_make(&tmp), 0);
	assert_int_equal(make_directories(&tmp, 30), 0);
	assert_int_equal(unr_tmp_write(&tmp, "d/d/file", "text"), 0);
	assert_int_equal(mkdirat(tmp.fd, "closed", 0), 0);
	assert_int_equal(unr_tmp_remove(&tmp), 0);
	assert_false(is_there(tmp.path));
	assert_int_equal(tmp.fd, -EBADF);
}

static void remove__does_not_follow_links(void **state)
{
	struct unr_tmp outside, tmp;
	char kept[300];

	(void) state;
	assert_int_equal(unr_tmp_make(&outside), 0);
	assert_int_equal(unr_tmp_write(&outside, "kept", "text"), 0);
	assert_int_equal(unr_tmp_make(&tmp), 0);
	assert_int_equal(symlinkat(outside.path, tmp.fd, "link"), 0);

	assert_int_equal(unr_tmp_remove(&tmp), 0);

	(void) snprintf(kept, sizeof(kept), "%s/kept", outside.path);
	assert_true(is_there(kept));
	assert_false(is_there(tmp.path));
	assert_int_equal(unr_tmp_remove(&outside), 0);
}

static void remove__leaves_what_has_no_mark(void **state)
{
	struct unr_tmp tmp;

	(void) state;
	assert_int_equal(unr_tmp_make(&tmp), 0);
	assert_int_equal(unlinkat(tmp.fd, MARK, 0), 0);
	assert_int_equal(unr_tmp_remove(&tmp), -EPERM);
	assert_true(is_there(tmp.path));
	assert_int_equal(rmdir(tmp.path), 0);
}

static void make__is_fresh_each_time(void **state)
{
	struct unr_tmp a, b;

	(void) state;
	assert_int_equal(unr_tmp_make(&a), 0);
	assert_int_equal(unr_tmp_make(&b), 0);
	assert_string_not_equal(a.path, b.path);
	assert_int_equal(unr_tmp_remove(&a), 0);
	assert_true(is_there(b.path));
	assert_int_equal(unr_tmp_remove(&b), 0);
}

static void fixture__gives_a_directory(void **state)
{
	const struct unr_tmp *tmp = *state;

	assert_true(is_there(tmp->path));
	assert_int_equal(unr_tmp_write(tmp, "file", "text"), 0);
	assert_int_equal(faccessat(tmp->fd, "file", R_OK, 0), 0);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(remove__takes_a_deep_tree),
	cmocka_unit_test(remove__does_not_follow_links),
	cmocka_unit_test(remove__leaves_what_has_no_mark),
	cmocka_unit_test(make__is_fresh_each_time),
	cmocka_unit_test_setup_teardown(fixture__gives_a_directory, unr_tmp_setup,
					unr_tmp_teardown),
};

UNR_TEST_MAIN("support.tmp", tests, NULL);
