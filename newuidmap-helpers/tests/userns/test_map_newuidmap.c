/* SPDX-License-Identifier: MIT */
/*
 * An ordinary user with subordinate ranges, from the question to the map: the
 * real newuidmap and newgidmap, and doubles that fail.  Root makes the user up
 * for the length of a test (private_etc.h) and then becomes it.
 */
#include "../fake_helpers.h"
#include "attempts.h"
#include "private_etc.h"

#include "helper_find.h"
#include "usernsrepro/subid.h"

struct user_case {
	struct private_etc etc;
	bool is_fake; /* the helpers of the test stand first on PATH */
	struct attempt *attempt;
};

/* For unr_run_in_child(): 10 and more when the surroundings could not be made. */
static int run_as_user(void *arg)
{
	struct user_case *c = arg;

	if (private_etc_enter(&c->etc) < 0)
		return 10;
	c->attempt->uid = PRIVATE_UID;
	c->attempt->gid = PRIVATE_GID;
	c->attempt->path = c->is_fake ? c->etc.directory : "/usr/bin";
	return attempt_run(c->attempt);
}

static int probe_mounts(void *arg)
{
	const struct private_etc etc = { .directory = arg, .subuid = "", .subgid = "" };

	return private_etc_enter(&etc) < 0 ? 1 : 0;
}

static bool can_have_a_user(const char **ret_why)
{
	unr_auto(unr_map_helper_done) struct unr_map_helper helper = { 0 };
	char directory[] = "/tmp";

	if (!unr_needs_root(ret_why))
		return false;
	*ret_why = "only root with all ids can make up a user for the test";
	if (!is_root_of_all_ids())
		return false;
	*ret_why = "newuidmap is not installed (package uidmap or shadow-utils), or of no use";
	if (unr_map_helper_look(UNR_UID, &helper) < 0 || helper.obstacle.reason[0] != '\0')
		return false;
	*ret_why = "this host does not let us make a user namespace";
	if (unr_run_in_child(probe_child, NULL) != 0)
		return false;
	*ret_why = "this host does not let us mount in a mount namespace of our own";
	return unr_run_in_child(probe_mounts, directory) == 0 && fake_is_built(ret_why);
}

static void run_case(const struct unr_tmp *tmp, struct user_case *c, const char *uids,
		     const char *gids)
{
	unr_auto(unr_idmaps_done) struct unr_idmaps wanted = { { map_of(uids), map_of(gids) } };
	char program[FAKE_PATH_SIZE];

	fake_program(program);
	c->etc.directory = tmp->path;
	c->etc.program = program;
	c->attempt->wanted = wanted;
	assert_int_equal(unr_run_in_child(run_as_user, c), 0);
}

static void newuidmap__maps_what_is_granted(void **state)
{
	static const struct {
		const char *subuid, *subgid, *uids, *gids, *uid_map, *gid_map;
	} cases[] = {
		/* Granted as wanted. */
		{ "unr-test:100000:65536\n", "unr-test:100000:65536\n", "0:100000:65536",
		  "0:100000:65536", "0 100000 65536\n", "0 100000 65536\n" },
		/* Granted elsewhere. */
		{ "unr-test:231072:65536\n", "unr-test:331072:65536\n", "0:100000:65536",
		  "0:100000:65536", "0 231072 65536\n", "0 331072 65536\n" },
		/* The rootless layout. */
		{ "unr-test:231072:65536\n", "unr-test:331072:65536\n", "0:1234:1,1:231072:65536",
		  "0:1234:1,1:331072:65536", "0 1234 1\n1 231072 65536\n",
		  "0 1234 1\n1 331072 65536\n" },
		/* Several grants, one after the other; other people's are not touched. */
		{ "other:5000:10\nunr-test:231072:40000\nunr-test:100000:30000\n",
		  "unr-test:300000:1\nunr-test:300001:65535\n", "0:100000:65536", "0:100000:65536",
		  "0 231072 40000\n40000 100000 25536\n", "0 300000 1\n1 300001 65535\n" },
		/* By number, in both files. */
		{ "1234:231072:65536\n", "1234:331072:65536\n", "0:100000:65536", "0:100000:65536",
		  "0 231072 65536\n", "0 331072 65536\n" },
		/* By name and by number together. */
		{ "1234:231072:10\nunr-test:100000:10\n", "unr-test:331072:20\n1234:331072:20\n",
		  "0:7:20", "0:7:20", "0 231072 10\n10 100000 10\n", "0 331072 20\n" },
		/* Nothing granted, nothing wanted but the own id. */
		{ "", "", "0:1234:1", "0:1234:1", "0 1234 1\n", "0 1234 1\n" },
	};

	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct user_case c = { .etc = { .subuid = cases[i].subuid,
						.subgid = cases[i].subgid },
				       .attempt = attempt_new() };

		run_case(*state, &c, cases[i].uids, cases[i].gids);
		assert_string_equal(c.attempt->err.message, "");
		assert_string_equal(c.attempt->why, "not root");
		assert_int_equal(c.attempt->chosen, UNR_MAP_NEWUIDMAP);
		assert_int_equal(c.attempt->write_code, 0);
		assert_proc_map(c.attempt->uid_map, cases[i].uid_map);
		assert_proc_map(c.attempt->gid_map, cases[i].gid_map);
		attempt_free(c.attempt);
	}
}

/* More than 5 ranges: the kernel keeps them sorted, and that is no reason to complain. */
static void newuidmap__maps_many_ranges_in_any_order(void **state)
{
	struct user_case c = { .etc = { .subuid = "unr-test:100000:65536\n",
					.subgid = "unr-test:100000:65536\n" },
			       .attempt = attempt_new() };

	run_case(*state, &c,
		 "70:100007:1,60:100006:1,50:100005:1,40:100004:1,30:100003:1,20:100002:1,0:100000:"
		 "1",
		 "0:100000:1");
	assert_string_equal(c.attempt->err.message, "");
	assert_int_equal(c.attempt->write_code, 0);
	assert_proc_map(c.attempt->uid_map, "0 100000 1\n20 100002 1\n30 100003 1\n40 100004 1\n"
					    "50 100005 1\n60 100006 1\n70 100007 1\n");
	attempt_free(c.attempt);
}

#define TOO_FEW(kind, has, free)                                                                   \
	"unr-test may map " has " of the 65,536 " kind "s that are needed: usermod --add-sub" kind \
	"s " free " unr-test"

static void self__when_the_grants_are_not_enough(void **state)
{
	static const struct {
		const char *subuid, *subgid, *why;
	} cases[] = {
		{ "", "", TOO_FEW("uid", "0", "100000-165535") },
		{ NULL, NULL, TOO_FEW("uid", "0", "100000-165535") },
		{ "other:100000:65536\n", "other:100000:65536\n",
		  TOO_FEW("uid", "0", "165536-231071") },
		{ "unr-test:100000:65536\n", "unr-test:100000:65535\n",
		  TOO_FEW("gid", "65,535", "165535-165535") },
		{ "unr-test:100000:65536\n", "", TOO_FEW("gid", "0", "100000-165535") },
		{ "unr-test:100000:65535\n1234:100000:65535\n", "unr-test:100000:65536\n",
		  TOO_FEW("uid", "65,535", "165535-165535") },
		{ "unr-test:4294967000:1000\n", "",
		  "subordinate uid range 4294967000:1000 of unr-test does not fit into 32 bits" },
	};

	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct user_case c = { .etc = { .subuid = cases[i].subuid,
						.subgid = cases[i].subgid },
				       .attempt = attempt_new() };
		char why[UNR_MAP_WHY_SIZE];

		run_case(*state, &c, "0:100000:65536", "0:100000:65536");
		(void) snprintf(why, sizeof(why), "not root; %s", cases[i].why);
		assert_string_equal(c.attempt->why, why);
		assert_string_equal(c.attempt->err.message, "");
		assert_int_equal(c.attempt->chosen, UNR_MAP_SELF);
		assert_int_equal(c.attempt->write_code, 0);
		assert_proc_map(c.attempt->uid_map, "0 1234 1\n");
		assert_proc_map(c.attempt->gid_map, "0 1234 1\n");
		assert_string_equal(c.attempt->setgroups, "deny\n");
		attempt_free(c.attempt);
	}
}

/* What newuidmap itself says is passed on, when it is asked for what it does not give. */
static void newuidmap__is_quoted_when_it_refuses(void **state)
{
	struct user_case c = { .etc = { .subuid = "unr-test:100000:10\n",
					.subgid = "unr-test:100000:10\n" },
			       .attempt = attempt_new() };

	c.attempt->forced = true;
	c.attempt->method = UNR_MAP_NEWUIDMAP;
	run_case(*state, &c, "0:100000:11", "0:100000:10");
	assert_int_equal(c.attempt->write_code, -EPERM);
	assert_int_equal(c.attempt->err.kind, UNR_ERROR_CANNOT_RUN);
	assert_string_equal(c.attempt->err.message,
			    "/usr/bin/newuidmap ended with exit status 1: newuidmap: uid range "
			    "[0-11) -> [100000-100011) not allowed");
	assert_string_equal(c.attempt->uid_map, "");
	attempt_free(c.attempt);
}

static void newgidmap__is_quoted_when_it_refuses(void **state)
{
	struct user_case c = { .etc = { .subuid = "unr-test:100000:10\n",
					.subgid = "unr-test:100000:10\n" },
			       .attempt = attempt_new() };

	c.attempt->forced = true;
	c.attempt->method = UNR_MAP_NEWUIDMAP;
	run_case(*state, &c, "0:100000:10", "0:100000:11");
	assert_int_equal(c.attempt->write_code, -EPERM);
	assert_string_equal(c.attempt->err.message,
			    "/usr/bin/newgidmap ended with exit status 1: newgidmap: gid range "
			    "[0-11) -> [100000-100011) not allowed");
	/* newuidmap came first and had its way. */
	assert_proc_map(c.attempt->uid_map, "0 100000 10\n");
	assert_string_equal(c.attempt->gid_map, "");
	attempt_free(c.attempt);
}

struct double_case {
	const char *uid_mode, *gid_mode;
	int code; /* of unr_map_write() */
	const char *says;
};

static const struct double_case doubles[] = {
	{ "refuse", "write", -EPERM, "/newuidmap ended with exit status 1: newuidmap: uid " },
	{ "write", "refuse", -EPERM, "/newgidmap ended with exit status 1: newgidmap: gid " },
	{ "die", "write", -EIO, "/newuidmap was killed by signal 9: " },
	{ "write", "die", -EIO, "/newgidmap was killed by signal 9: " },
	{ "half", "write", -EIO,
	  "/newuidmap reported success, but wrote 10 of 30 uids in 1 of 2 ranges" },
	{ "write", "half", -EIO,
	  "/newgidmap reported success, but wrote 10 of 30 gids in 1 of 2 ranges" },
	{ "more", "write", -EIO,
	  "/newuidmap reported success, but wrote 31 of 30 uids in 3 of 2 ranges" },
	{ "nothing", "write", -EIO, "/newuidmap reported success, but wrote 0 of 30 uids" },
	{ "chatter", "write", -EPERM, "/newuidmap ended with exit status 3: newuidmap: first" },
};

/* Helpers of the test, set-user-ID root as the real ones; found, chosen, run. */
static void run_double(const struct unr_tmp *tmp, const struct double_case *one, bool forced,
		       struct attempt *attempt)
{
	struct user_case c = { .etc = { .subuid = "unr-test:100000:10\nunr-test:200000:20\n",
					.subgid = "unr-test:100000:10\nunr-test:200000:20\n",
					.modes = { one->uid_mode, one->gid_mode } },
			       .is_fake = true,
			       .attempt = attempt };

	attempt->forced = forced;
	attempt->method = UNR_MAP_NEWUIDMAP;
	run_case(tmp, &c, "0:100000:10,10:200000:20", "0:100000:10,10:200000:20");
}

static void doubles__are_judged_by_what_they_do(void **state)
{
	for (size_t i = 0; i < UNR_COUNT(doubles); i++) {
		struct attempt *attempt = attempt_new();

		run_double(*state, &doubles[i], true, attempt);
		if (strstr(attempt->err.message, doubles[i].says) == NULL)
			fail_msg("%s, %s: %s", doubles[i].uid_mode, doubles[i].gid_mode,
				 attempt->err.message);
		assert_int_equal(attempt->write_code, doubles[i].code);
		attempt_free(attempt);
	}
}

/* What the choice makes of them: the next method, and the reason beside it. */
static void self__when_the_helpers_fail(void **state)
{
	for (size_t i = 0; i < UNR_COUNT(doubles); i++) {
		struct attempt *attempt = attempt_new();

		run_double(*state, &doubles[i], false, attempt);
		assert_string_equal(attempt->err.message, "");
		assert_int_equal(attempt->chosen, UNR_MAP_SELF);
		assert_int_equal(attempt->write_code, 0);
		assert_proc_map(attempt->uid_map, "0 1234 1\n");
		assert_proc_map(attempt->gid_map, "0 1234 1\n");
		if (strstr(attempt->why, "not root; /") != attempt->why ||
		    strstr(attempt->why, doubles[i].says) == NULL)
			fail_msg("%s, %s: %s", doubles[i].uid_mode, doubles[i].gid_mode,
				 attempt->why);
		attempt_free(attempt);
	}
}

static void newuidmap__by_a_double_that_works(void **state)
{
	static const struct double_case works = { "write", "write", 0, "" };
	struct attempt *attempt = attempt_new();

	run_double(*state, &works, false, attempt);
	assert_string_equal(attempt->err.message, "");
	assert_int_equal(attempt->chosen, UNR_MAP_NEWUIDMAP);
	assert_proc_map(attempt->uid_map, "0 100000 10\n10 200000 20\n");
	attempt_free(attempt);
}

struct ranges_case {
	struct private_etc etc;
	const char *owner;
	enum unr_id_kind kind;
	uint32_t first;
	int code;
	char laid[256]; /* out: as text_of() has it */
};

/* For unr_run_in_child(): ranges behind one that is there already. */
static int run_ranges(void *arg)
{
	struct ranges_case *c = arg;
	unr_auto(unr_idmap_done) struct unr_idmap map = { 0 };
	size_t used = 0;

	if (private_etc_enter(&c->etc) < 0)
		return 10;
	if (unr_idmap_add(&map, (struct unr_id_range) { 9, 9, 9 }) < 0)
		return 11;
	c->code = unr_subid_ranges(c->owner, c->kind, c->first, &map, NULL);
	for (size_t i = 0; i < map.n_ranges && used < sizeof(c->laid); i++)
		used += (size_t) snprintf(c->laid + used, sizeof(c->laid) - used, "%s%u:%u:%u",
					  i == 0 ? "" : ",", map.ranges[i].inside,
					  map.ranges[i].outside, map.ranges[i].count);
	return 0;
}

static void ranges__are_laid_end_to_end(void **state)
{
	static const struct {
		const char *subuid, *owner;
		uint32_t first;
		int code;
		const char *laid;
	} cases[] = {
		{ "unr-test:100000:65536\n", "unr-test", 0, 0, "9:9:9,0:100000:65536" },
		{ "unr-test:100000:65536\n", "unr-test", 1, 0, "9:9:9,1:100000:65536" },
		{ "unr-test:500:10\nroot:1:1\nunr-test:100:20\n", "unr-test", 5, 0,
		  "9:9:9,5:500:10,15:100:20" },
		{ "unr-test:500:10\n1234:100:20\n", "unr-test", 0, 0, "9:9:9,0:500:10,10:100:20" },
		{ "unr-test:500:10\n1234:100:20\n", "1234", 0, 0, "9:9:9,0:100:20" },
		{ "unr-test:500:0\nunr-test:600:1\n", "unr-test", 0, 0, "9:9:9,0:600:1" },
		{ "unr-test:0:4294967295\n", "unr-test", 0, 0, "9:9:9,0:0:4294967295" },
		/* Refused, and what was there stays as it was. */
		{ "unr-test:0:4294967295\n", "unr-test", 1, -ERANGE, "9:9:9" },
		{ "unr-test:1:4294967295\n", "unr-test", 0, -ERANGE, "9:9:9" },
		{ "unr-test:5:5\nunr-test:0:4294967295\n", "unr-test", 0, -ERANGE, "9:9:9" },
		{ "unr-test:4294967295:1\n", "unr-test", 0, -ERANGE, "9:9:9" },
		{ "unr-test:4294967296:1\n", "unr-test", 0, -ERANGE, "9:9:9" },
		{ "unr-test:5:4294967296\n", "unr-test", 0, -ERANGE, "9:9:9" },
		{ "unr-test:5:1\n", "unr-test", UINT32_MAX, -ERANGE, "9:9:9" },
		/* None. */
		{ "other:5:1\n", "unr-test", 0, 0, "9:9:9" },
		{ "", "unr-test", 0, 0, "9:9:9" },
		{ NULL, "unr-test", 0, 0, "9:9:9" },
	};
	const struct unr_tmp *tmp = *state;

	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct ranges_case *c = mmap(NULL, sizeof(*c), PROT_READ | PROT_WRITE,
					     MAP_SHARED | MAP_ANONYMOUS, -1, 0);

		assert_ptr_not_equal(c, MAP_FAILED);
		c->etc = (struct private_etc) { .directory = tmp->path, .subuid = cases[i].subuid };
		c->owner = cases[i].owner;
		c->first = cases[i].first;
		assert_int_equal(unr_run_in_child(run_ranges, c), 0);
		if (c->code != cases[i].code || strcmp(c->laid, cases[i].laid) != 0)
			fail_msg("%s: %d, %s", cases[i].subuid, c->code, c->laid);
		assert_int_equal(munmap(c, sizeof(*c)), 0);
	}
}

/*
 * For unr_run_in_child(), with standard error in a pipe.  libsubid would say there that it lacks
 * the module.  1 when something was said.
 */
static int run_silently(void *arg)
{
	const struct private_etc etc = { .directory = arg,
					 .subuid = "unr-test:5:5\n",
					 .nsswitch = "subid: no-such-module\n" };
	unr_auto(unr_idmap_done) struct unr_idmap map = { 0 };
	int fds[2];
	char byte;

	if (private_etc_enter(&etc) < 0 || pipe2(fds, O_CLOEXEC) < 0 ||
	    dup2(fds[1], STDERR_FILENO) < 0)
		return 10;
	(void) close(fds[1]);
	if (unr_subid_ranges(PRIVATE_USER, UNR_UID, 0, &map, NULL) != 0 || map.n_ranges != 1)
		return 11;
	(void) close(STDERR_FILENO);
	return unr_read_full(fds[0], &byte, 1) == 0 ? 0 : 1;
}

static void ranges__are_read_in_silence(void **state)
{
	struct unr_tmp *tmp = *state;

	assert_int_equal(unr_run_in_child(run_silently, tmp->path), 0);
}

#define WITH_TMP(test) cmocka_unit_test_setup_teardown(test, unr_tmp_setup, unr_tmp_teardown)

static const struct CMUnitTest tests[] = {
	WITH_TMP(newuidmap__maps_what_is_granted),
	WITH_TMP(newuidmap__maps_many_ranges_in_any_order),
	WITH_TMP(self__when_the_grants_are_not_enough),
	WITH_TMP(newuidmap__is_quoted_when_it_refuses),
	WITH_TMP(newgidmap__is_quoted_when_it_refuses),
	WITH_TMP(doubles__are_judged_by_what_they_do),
	WITH_TMP(self__when_the_helpers_fail),
	WITH_TMP(newuidmap__by_a_double_that_works),
	WITH_TMP(ranges__are_laid_end_to_end),
	WITH_TMP(ranges__are_read_in_silence),
};

UNR_TEST_MAIN("map_newuidmap", tests, can_have_a_user);
