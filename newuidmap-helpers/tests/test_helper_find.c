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

static void privilege__is_missed_in_an_ordinary_program(void **state)
{
	const struct unr_tmp *tmp = *state;
	char path[512], why[160] = "", cut[8] = "";

	put_program(tmp, "newuidmap", 0755);
	(void) snprintf(path, sizeof(path), "%s/newuidmap", tmp->path);
	assert_false(unr_helper_has_privilege(path, sizeof(why), why));
	assert_non_null(strstr(why, "/newuidmap is neither setuid root nor has file capabilities"));
	assert_false(unr_helper_has_privilege(path, sizeof(cut), cut));
	assert_int_equal(strlen(cut), sizeof(cut) - 1);
	assert_false(unr_helper_has_privilege("/nonexistent", sizeof(why), why));
}

/* In a child: no_new_privs cannot be taken back.  0 when it is seen, 2 without newuidmap. */
static int look_with_no_new_privs(void *arg)
{
	char why[160] = "";

	(void) arg;
	if (!unr_helper_has_privilege("/usr/bin/newuidmap", sizeof(why), why))
		return 2;
	if (why[0] != '\0' || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return 1;
	if (unr_helper_has_privilege("/usr/bin/newuidmap", sizeof(why), why))
		return 3;
	return strstr(why, "no_new_privs") != NULL ? 0 : 4;
}

static void privilege__is_lost_to_no_new_privs(void **state)
{
	int r = unr_run_in_child(look_with_no_new_privs, NULL);

	(void) state;
	/* Where newuidmap is not installed the other tests are enough. */
	if (r == 2)
		skip();
	assert_int_equal(r, 0);
}

#define WITH_TMP(test) cmocka_unit_test_setup_teardown(test, unr_tmp_setup, unr_tmp_teardown)

static const struct CMUnitTest tests[] = {
	WITH_TMP(find__takes_the_first_on_path),
	WITH_TMP(find__passes_over_what_is_no_program),
	WITH_TMP(find__ignores_relative_directories),
	WITH_TMP(privilege__is_missed_in_an_ordinary_program),
	cmocka_unit_test(privilege__is_lost_to_no_new_privs),
};

UNR_TEST_MAIN("helper_find", tests, NULL);
