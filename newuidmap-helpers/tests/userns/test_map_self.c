/* SPDX-License-Identifier: MIT */
/* Maps that an ordinary user without helpers gets, and what is refused to that user. */
#include "attempts.h"

static bool can_make_namespaces(const char **ret_why)
{
	*ret_why = "root of a namespace without all ids cannot become an ordinary user";
	if (geteuid() == 0 && !is_root_of_all_ids())
		return false;
	*ret_why = "this host does not let us make a user namespace";
	return unr_run_in_child(probe_child, NULL) == 0;
}

/* An ordinary user without helpers gets the own id, and hears why not more. */
static void self__maps_the_own_id(void **state)
{
	struct attempt *attempt = attempt_new();
	char uid_map[64], gid_map[64];
	bool is_root = geteuid() == 0;
	uid_t uid = is_root ? 54321 : getuid();
	gid_t gid = is_root ? 54322 : getgid();

	(void) state;
	attempt->path = "/nonexistent";
	attempt->uid = is_root ? uid : 0;
	attempt->gid = gid;
	run_attempt(attempt, "0:100000:65536", "0:100000:65536");
	assert_string_equal(attempt->err.message, "");
	assert_int_equal(attempt->write_code, 0);
	assert_int_equal(attempt->chosen, UNR_MAP_SELF);
	/* What is to be installed depends on the distribution. */
	assert_ptr_equal(strstr(attempt->why, "not root; newuidmap is not on PATH: "),
			 attempt->why);
	(void) snprintf(uid_map, sizeof(uid_map), "0 %u 1\n", uid);
	(void) snprintf(gid_map, sizeof(gid_map), "0 %u 1\n", gid);
	assert_proc_map(attempt->uid_map, uid_map);
	assert_proc_map(attempt->gid_map, gid_map);
	assert_string_equal(attempt->setgroups, "deny\n");
	attempt_free(attempt);
}

/* The kernel's word is in the message, with the file. */
static void direct__is_refused_to_an_ordinary_user(void **state)
{
	struct attempt *attempt = attempt_new();

	(void) state;
	attempt->forced = true;
	attempt->method = UNR_MAP_DIRECT;
	attempt->uid = geteuid() == 0 ? 54321 : 0;
	attempt->gid = 54322;
	run_attempt(attempt, "0:100000:65536", "0:100000:65536");
	assert_int_equal(attempt->write_code, -EPERM);
	assert_int_equal(attempt->err.kind, UNR_ERROR_CANNOT_RUN);
	assert_non_null(strstr(attempt->err.message, "write /proc/"));
	assert_non_null(strstr(attempt->err.message, "/uid_map: Operation not permitted"));
	assert_string_equal(attempt->uid_map, "");
	attempt_free(attempt);
}

static void write__needs_the_process(void **state)
{
	unr_auto(unr_map_choice_done) struct unr_map_choice choice = { 0 };
	struct unr_error err = { 0 };

	(void) state;
	choice.maps.of[UNR_UID] = map_of("0:0:1");
	choice.maps.of[UNR_GID] = map_of("0:0:1");
	/* Above the largest pid_max there is. */
	for (choice.method = UNR_MAP_DIRECT; choice.method <= UNR_MAP_SELF; choice.method += 2) {
		assert_int_equal(unr_map_write(4194305, &choice, &err), -ENOENT);
		assert_int_equal(err.kind, UNR_ERROR_FAILED);
		assert_non_null(strstr(err.message, "/proc/4194305/"));
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(self__maps_the_own_id),
	cmocka_unit_test(direct__is_refused_to_an_ordinary_user),
	cmocka_unit_test(write__needs_the_process),
};

UNR_TEST_MAIN("map_self", tests, can_make_namespaces);
