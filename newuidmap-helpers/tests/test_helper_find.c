/* SPDX-License-Identifier: MIT */
/* src/helper_find: which newuidmap is taken, and whether it can do anything. */
#include "fake_helpers.h"

#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "child.h"
#include "helper_find.h"

/* Sets PATH for one look-up. */
static int find_on(const char *path, enum unr_id_kind kind, char **ret)
{
	unr_autofree char *before = strdup(getenv("PATH") == NULL ? "" : getenv("PATH"));
	int r;

	assert_non_null(before);
	assert_int_equal(setenv("PATH", path, 1), 0);
	r = unr_helper_find(kind, ret);
	assert_int_equal(setenv("PATH", before, 1), 0);
	return r;
}

static void put_program(const struct unr_tmp *tmp, const char *name, mode_t mode)
{
	assert_int_equal(unr_tmp_write(tmp, name, "#!/bin/sh\n"), 0);
	assert_int_equal(fchmodat(tmp->fd, name, mode, 0), 0);
}

static void find__takes_the_first_on_path(void **state)
{
	const struct unr_tmp *tmp = *state;
	unr_autofree char *found = NULL, *found_gid = NULL;
	char path[2048], expected[512];

	assert_int_equal(mkdirat(tmp->fd, "a", 0755), 0);
	assert_int_equal(mkdirat(tmp->fd, "b", 0755), 0);
	put_program(tmp, "b/newuidmap", 0755);
	put_program(tmp, "b/newgidmap", 0755);
	put_program(tmp, "newuidmap", 0755);
	(void) snprintf(path, sizeof(path), "%s/none:%s/a:%s/b:%s", tmp->path, tmp->path, tmp->path,
			tmp->path);
	assert_int_equal(find_on(path, UNR_UID, &found), 0);
	(void) snprintf(expected, sizeof(expected), "%s/b/newuidmap", tmp->path);
	assert_string_equal(found, expected);
	assert_int_equal(find_on(path, UNR_GID, &found_gid), 0);
	(void) snprintf(expected, sizeof(expected), "%s/b/newgidmap", tmp->path);
	assert_string_equal(found_gid, expected);
}

static void find__passes_over_what_is_no_program(void **state)
{
	const struct unr_tmp *tmp = *state;
	char *found = NULL;
	char path[512];

	assert_int_equal(mkdirat(tmp->fd, "newuidmap", 0755), 0);
	put_program(tmp, "newgidmap", 0644);
	assert_int_equal(find_on(tmp->path, UNR_UID, &found), -ENOENT);
	assert_int_equal(find_on(tmp->path, UNR_GID, &found), -ENOENT);
	assert_int_equal(find_on("", UNR_UID, &found), -ENOENT);
	(void) snprintf(path, sizeof(path), "%s/none", tmp->path);
	assert_int_equal(find_on(path, UNR_UID, &found), -ENOENT);
	assert_null(found);
}

/* In a child, for the working directory. */
static int find_in_working_directory(void *arg)
{
	static const char *const paths[] = { ".", "", ":", "a", "./a:.", "::a" };
	const struct unr_tmp *tmp = arg;

	if (fchdir(tmp->fd) < 0)
		return 100;
	for (size_t i = 0; i < UNR_COUNT(paths); i++) {
		unr_autofree char *found = NULL;

		if (setenv("PATH", paths[i], 1) < 0 || unr_helper_find(UNR_UID, &found) != -ENOENT)
			return (int) i + 1;
	}
	return 0;
}

static void find__ignores_relative_directories(void **state)
{
	const struct unr_tmp *tmp = *state;

	assert_int_equal(mkdirat(tmp->fd, "a", 0755), 0);
	put_program(tmp, "newuidmap", 0755);
	put_program(tmp, "a/newuidmap", 0755);
	assert_int_equal(unr_run_in_child(find_in_working_directory, *state), 0);
}

/* Looks with @path alone as PATH. */
static struct unr_map_helper look_on(const char *path, enum unr_id_kind kind)
{
	unr_autofree char *before = strdup(getenv("PATH") == NULL ? "" : getenv("PATH"));
	struct unr_map_helper helper;

	assert_non_null(before);
	assert_int_equal(setenv("PATH", path, 1), 0);
	assert_int_equal(unr_map_helper_look(kind, &helper), 0);
	assert_int_equal(setenv("PATH", before, 1), 0);
	return helper;
}

static void privilege__is_missed_in_an_ordinary_program(void **state)
{
	static const enum unr_remedy mends[] = { UNR_REMEDY_HELPER_SETUID,
						 UNR_REMEDY_HELPER_SETGID };
	const struct unr_tmp *tmp = *state;

	for (unsigned int kind = 0; kind < UNR_ID_KIND_COUNT_; kind++) {
		const char *name = unr_helper_name((enum unr_id_kind) kind);
		struct unr_map_helper helper;
		char expected[700];

		put_program(tmp, name, 0755);
		helper = look_on(tmp->path, (enum unr_id_kind) kind);
		assert_int_equal(helper.privilege, UNR_HELPER_ORDINARY);
		assert_int_equal(helper.obstacle.remedy, mends[kind]);
		assert_string_equal(helper.obstacle.subject, helper.path);
		(void) snprintf(expected, sizeof(expected),
				"%s/%s is neither setuid root nor has file capabilities", tmp->path,
				name);
		assert_string_equal(helper.obstacle.reason, expected);
		unr_map_helper_done(&helper);
	}
}

static void helper__is_missed_on_the_path(void **state)
{
	struct unr_map_helper helper = look_on("/nonexistent", UNR_GID);

	(void) state;
	assert_null(helper.path);
	assert_string_equal(helper.obstacle.reason, "newgidmap is not on PATH");
	assert_int_equal(helper.obstacle.remedy, UNR_REMEDY_HELPERS);
}

/* In a child: no_new_privs cannot be taken back.  0 when it is seen, 2 without newuidmap. */
static int look_with_no_new_privs(void *arg)
{
	struct unr_map_helper helper = { 0 };

	(void) arg;
	if (setenv("PATH", "/usr/bin", 1) < 0 || unr_map_helper_look(UNR_UID, &helper) < 0)
		return 1;
	if (helper.obstacle.reason[0] != '\0')
		return 2;
	if (helper.privilege == UNR_HELPER_ORDINARY || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return 3;
	unr_map_helper_done(&helper);
	if (unr_map_helper_look(UNR_UID, &helper) < 0)
		return 4;
	unr_map_helper_done(&helper);
	if (helper.obstacle.remedy != UNR_REMEDY_NEW_PRIVILEGES)
		return 5;
	return strstr(helper.obstacle.reason, "no_new_privs") != NULL ? 0 : 6;
}

static void privilege__is_lost_to_no_new_privs(void **state)
{
	int r = unr_run_in_child(look_with_no_new_privs, NULL);

	(void) state;
	/* Where newuidmap is not installed the other tests are enough. */
	if (r != 2 || unr_test_is_strict())
		assert_int_equal(r, 0);
}

#define WITH_TMP(test) cmocka_unit_test_setup_teardown(test, unr_tmp_setup, unr_tmp_teardown)

static const struct CMUnitTest tests[] = {
	WITH_TMP(find__takes_the_first_on_path),
	WITH_TMP(find__passes_over_what_is_no_program),
	WITH_TMP(find__ignores_relative_directories),
	WITH_TMP(privilege__is_missed_in_an_ordinary_program),
	cmocka_unit_test(helper__is_missed_on_the_path),
	cmocka_unit_test(privilege__is_lost_to_no_new_privs),
};

UNR_TEST_MAIN("helper_find", tests, NULL);
