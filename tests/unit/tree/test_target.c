/* SPDX-License-Identifier: MIT */
/* tree/target.c: whose directory a kept tree gets, and what becomes of it. */
#include "unr_test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tmp.h"
#include "tree/target.h"

int __real_unr_sys_mkdirat(int parent_fd, const char *name, mode_t mode);
int __wrap_unr_sys_mkdirat(int parent_fd, const char *name, mode_t mode);

/* What somebody does with a directory as soon as it is made, or a moment before; NULL: nothing. */
static void (*meddle)(int parent_fd);
static bool other_run_is_first;
static bool no_room;

int __wrap_unr_sys_mkdirat(int parent_fd, const char *name, mode_t mode)
{
	void (*now)(int) = meddle;
	int r;

	if (no_room && strcmp(name, "partial") == 0)
		return -ENOSPC;
	if (other_run_is_first && strcmp(name, "partial") == 0)
		assert_int_equal(mkdirat(parent_fd, name, mode), 0);
	r = __real_unr_sys_mkdirat(parent_fd, name, mode);
	meddle = NULL;
	if (now != NULL)
		now(parent_fd);
	return r;
}

/* A path in the test's own directory. */
static const char *path_of(void **state, const char *name)
{
	static char path[300];
	const struct unr_tmp *tmp = *state;

	(void) snprintf(path, sizeof(path), "%s/%s", tmp->path, name);
	return path;
}

static mode_t mode_of(void **state, const char *name)
{
	const struct unr_tmp *tmp = *state;
	struct stat st;

	assert_int_equal(fstatat(tmp->fd, name, &st, AT_SYMLINK_NOFOLLOW), 0);
	return st.st_mode & 07777;
}

static bool is_there(void **state, const char *name)
{
	const struct unr_tmp *tmp = *state;

	return faccessat(tmp->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void open_it(void **state, struct unr_target *ret)
{
	struct unr_error err;

	assert_int_equal(unr_target_open(path_of(state, "t"), ret, &err), 0);
}

static void open__closes_it_and_makes_room_for_the_tree(void **state)
{
	const struct unr_tmp *tmp = *state;
	struct unr_target target;

	assert_int_equal(mkdirat(tmp->fd, "t", 0700), 0);
	assert_int_equal(fchmodat(tmp->fd, "t", 01777, 0), 0);
	open_it(state, &target);
	assert_false(target.made);
	assert_int_equal(mode_of(state, "t"), 0700);
	assert_int_equal(mode_of(state, "t/partial"), 0700);
	assert_int_equal(unr_target_clear(&target), 0);
	assert_int_equal(mode_of(state, "t"), 01777);
	assert_false(is_there(state, "t/partial"));
	unr_target_done(&target);
}

static void open__of_two_one_gets_it(void **state)
{
	struct unr_target first, second;
	struct unr_error err;

	open_it(state, &first);
	assert_int_equal(unr_target_open(path_of(state, "t"), &second, &err), -ENOTEMPTY);
	assert_int_equal(err.kind, UNR_ERROR_FAILED);
	assert_true(is_there(state, "t/partial"));
	assert_int_equal(unr_target_clear(&first), 0);
	assert_false(is_there(state, "t"));
	unr_target_done(&first);
}

static void exchange_for_a_link(int parent_fd)
{
	assert_int_equal(renameat(parent_fd, "t", parent_fd, "moved"), 0);
	assert_int_equal(symlinkat("other", parent_fd, "t"), 0);
}

static void exchange_for_another(int parent_fd)
{
	assert_int_equal(renameat(parent_fd, "t", parent_fd, "moved"), 0);
	assert_int_equal(renameat(parent_fd, "other", parent_fd, "t"), 0);
}

/* In a directory that is somebody else's too, what was made need not be what is there. */
static void open__touches_nothing_that_was_put_there_instead(void **state)
{
	static const struct {
		void (*meddle)(int);
		int code;
		const char *file;
	} cases[] = {
		{ exchange_for_a_link, -ENOTDIR, "other/f" },
		{ exchange_for_another, -ENOTEMPTY, "t/f" },
	};
	const struct unr_tmp *tmp = *state;

	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct unr_target target;
		struct unr_error err;

		assert_int_equal(mkdirat(tmp->fd, "other", 0755), 0);
		assert_int_equal(unr_tmp_write(tmp, "other/f", "x"), 0);
		meddle = cases[i].meddle;
		assert_int_equal(unr_target_open(path_of(state, "t"), &target, &err),
				 cases[i].code);
		assert_true(is_there(state, cases[i].file));
		assert_int_equal(unlinkat(tmp->fd, cases[i].file, 0), 0);
		(void) unlinkat(tmp->fd, "t", 0);
		(void) unlinkat(tmp->fd, "t", AT_REMOVEDIR);
		(void) unlinkat(tmp->fd, "other", AT_REMOVEDIR);
		assert_int_equal(unlinkat(tmp->fd, "moved", AT_REMOVEDIR), 0);
	}
}

static void open__leaves_the_mode_to_the_run_that_has_it(void **state)
{
	const struct unr_tmp *tmp = *state;
	struct unr_target target;
	struct unr_error err;

	assert_int_equal(mkdirat(tmp->fd, "t", 0755), 0);
	other_run_is_first = true;
	assert_int_equal(unr_target_open(path_of(state, "t"), &target, &err), -EEXIST);
	other_run_is_first = false;
	assert_non_null(strstr(err.message, "another run keeps its tree in"));
	assert_int_equal(mode_of(state, "t"), 0700);
	assert_true(is_there(state, "t/partial"));
}

static void open__that_fails_leaves_all_as_it_was(void **state)
{
	const struct unr_tmp *tmp = *state;
	struct unr_target target;
	struct unr_error err;

	no_room = true;
	assert_int_equal(unr_target_open(path_of(state, "t"), &target, &err), -ENOSPC);
	assert_false(is_there(state, "t"));
	assert_int_equal(mkdirat(tmp->fd, "t", 0755), 0);
	assert_int_equal(unr_target_open(path_of(state, "t"), &target, &err), -ENOSPC);
	no_room = false;
	assert_int_equal(mode_of(state, "t"), 0755);
}

static void keep__moves_the_trees_up(void **state)
{
	const struct unr_tmp *tmp = *state;
	struct unr_target target;

	open_it(state, &target);
	assert_int_equal(mkdirat(target.tree_fd, "0", 0755), 0);
	/* A directory that is not writable can be moved by who has the capability: the steward. */
	assert_int_equal(mkdirat(target.tree_fd, "1", geteuid() == 0 ? 0555 : 0755), 0);
	assert_int_equal(unr_tmp_write(tmp, "t/partial/0/f", "x"), 0);
	assert_int_equal(unr_target_keep(&target), 0);
	assert_true(is_there(state, "t/0/f"));
	assert_true(is_there(state, "t/1"));
	assert_false(is_there(state, "t/partial"));
	assert_int_equal(mode_of(state, "t"), 0700);
	unr_target_done(&target);
}

static void keep__fails_where_a_name_is_in_the_way(void **state)
{
	struct unr_target target;

	open_it(state, &target);
	assert_int_equal(mkdirat(target.tree_fd, "partial", 0755), 0);
	assert_true(unr_target_keep(&target) < 0);
	assert_int_equal(unr_target_clear(&target), 0);
	assert_false(is_there(state, "t"));
	unr_target_done(&target);
}

static void find__wants_a_name_and_a_kept_tree(void **state)
{
	static const char *const dots[] = { "t/.", "t/..", "t/0/../", "t/0/.." };
	const struct unr_tmp *tmp = *state;
	struct unr_target target;
	struct unr_error err;

	assert_int_equal(mkdirat(tmp->fd, "t", 0700), 0);
	assert_int_equal(mkdirat(tmp->fd, "t/0", 0700), 0);
	assert_int_equal(mkdirat(tmp->fd, "t/partial", 0700), 0);
	for (size_t i = 0; i < UNR_COUNT(dots); i++)
		assert_int_equal(unr_target_find(path_of(state, dots[i]), &target, &err), -EINVAL);
	assert_int_equal(unr_target_find("/", &target, &err), -EINVAL);
	assert_int_equal(unr_target_find("", &target, &err), -ENOENT);
	assert_int_equal(unr_target_find(path_of(state, "t//"), &target, &err), 0);
	assert_int_equal(unr_target_remove(&target), 0);
	assert_false(is_there(state, "t"));
	unr_target_done(&target);
}

#define IN_TMP(test) cmocka_unit_test_setup_teardown(test, unr_tmp_setup, unr_tmp_teardown)

static const struct CMUnitTest tests[] = {
	IN_TMP(open__closes_it_and_makes_room_for_the_tree),
	IN_TMP(open__of_two_one_gets_it),
	IN_TMP(open__touches_nothing_that_was_put_there_instead),
	IN_TMP(open__leaves_the_mode_to_the_run_that_has_it),
	IN_TMP(open__that_fails_leaves_all_as_it_was),
	IN_TMP(keep__moves_the_trees_up),
	IN_TMP(keep__fails_where_a_name_is_in_the_way),
	IN_TMP(find__wants_a_name_and_a_kept_tree),
};

UNR_TEST_MAIN("target", tests, NULL);
