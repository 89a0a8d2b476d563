/* SPDX-License-Identifier: MIT */
/* Maps that root writes into a real namespace: the rules of idmap.c are the kernel's. */
#include "attempts.h"

#include <linux/capability.h>
#include <sys/syscall.h>

static bool is_root_with_namespaces(const char **ret_why)
{
	if (!unr_needs_root(ret_why))
		return false;
	*ret_why = "only root with all ids may write any map";
	if (!is_root_of_all_ids())
		return false;
	*ret_why = "this host does not let us make a user namespace";
	return unr_run_in_child(probe_child, NULL) == 0;
}

static void direct__writes_what_is_wanted(void **state)
{
	static const struct {
		const char *uids, *gids, *uid_map, *gid_map;
	} cases[] = {
		{ "0:100000:65536", "0:200000:65536", "0 100000 65536\n", "0 200000 65536\n" },
		{ "0:0:4294967295", "0:0:4294967295", "0 0 4294967295\n", "0 0 4294967295\n" },
		{ "0:1000:1,1:100000:10", "5:4294967294:1", "0 1000 1\n1 100000 10\n",
		  "5 4294967294 1\n" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct attempt *attempt = attempt_new();

		run_attempt(attempt, cases[i].uids, cases[i].gids);
		assert_string_equal(attempt->err.message, "");
		assert_int_equal(attempt->choose_code, 0);
		assert_int_equal(attempt->write_code, 0);
		assert_int_equal(attempt->chosen, UNR_MAP_DIRECT);
		assert_string_equal(attempt->why, "");
		assert_proc_map(attempt->uid_map, cases[i].uid_map);
		assert_proc_map(attempt->gid_map, cases[i].gid_map);
		assert_string_equal(attempt->setgroups, "allow\n");
		attempt_free(attempt);
	}
}

/* What unr_idmap_check() passes, the kernel takes; and the other way round. */
static void check__says_what_the_kernel_says(void **state)
{
	static const char *const maps[] = {
		"0:0:4294967295",
		"1:1:4294967294",
		"0:4294967294:1",
		"4294967294:0:1",
		"0:10:10,10:0:10",
		"10:10:10,0:0:10",
		"0:1000:1,1:100000:65536",
		"4294967295:0:1",
		"0:4294967295:1",
		"4294967294:0:2",
		"0:4294967294:2",
		"1:0:4294967295",
		"0:1:4294967295",
		"0:0:0",
		"0:0:1,5:5:0",
		"0:100:10,9:200:1",
		"0:100:10,50:109:1",
		"5:100:1,0:200:10",
		"0:100:10,0:100:10",
		"0:5:5,10:0:6",
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(maps); i++) {
		unr_auto(unr_idmap_done) struct unr_idmap map = map_of(maps[i]);
		struct attempt *attempt = attempt_new();
		bool accepted = unr_idmap_check(&map, UNR_UID, NULL) == 0;

		attempt->forced = true;
		attempt->method = UNR_MAP_DIRECT;
		run_attempt(attempt, maps[i], maps[i]);
		if ((attempt->write_code == 0) != accepted)
			fail_msg("%s: %s", maps[i], attempt->err.message);
		if (!accepted)
			assert_int_equal(attempt->write_code, -EINVAL);
		attempt_free(attempt);
	}
}

/* As many ranges as there may be, and a text as long as it may be, or one too many. */
static void check__knows_the_kernel_s_limits(void **state)
{
	static const struct {
		uint32_t first, n;
	} cases[] = {
		{ 0, 339 },
		{ 0, 340 },
		{ 0, 341 },
		/* "10000 10000 1" and its end are 14 bytes: 292 lines are 4088, 293 are 4102. */
		{ 10000, 292 },
		{ 10000, 293 },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		unr_auto(unr_idmap_done) struct unr_idmap map = { 0 };
		struct attempt *attempt = attempt_new();
		bool accepted;

		for (uint32_t id = cases[i].first; id < cases[i].first + cases[i].n; id++)
			assert_int_equal(unr_idmap_add(&map, (struct unr_id_range) { id, id, 1 }),
					 0);
		attempt->wanted.of[UNR_UID] = map;
		attempt->wanted.of[UNR_GID] = map;
		attempt->forced = true;
		attempt->method = UNR_MAP_DIRECT;
		accepted = unr_idmap_check(&map, UNR_UID, NULL) == 0;
		assert_int_equal(unr_run_in_child(attempt_run, attempt), 0);
		if ((attempt->write_code == 0) != accepted)
			fail_msg("%u ranges: %s", cases[i].n, attempt->err.message);
		attempt_free(attempt);
	}
}

struct lost_case {
	unsigned int capability;
	const char *why;
};

/* For unr_run_in_child(): gives one capability up, then asks.  0 when it was missed. */
static int choose_without(void *arg)
{
	const struct lost_case *c = arg;
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	struct unr_id_range root = { 0, 0, 1 };
	struct unr_idmaps wanted = { { { .ranges = &root, .n_ranges = 1 },
				       { .ranges = &root, .n_ranges = 1 } } };
	unr_auto(unr_map_choice_done) struct unr_map_choice choice = { 0 };

	if (setenv("PATH", "/nonexistent", 1) < 0 || syscall(SYS_capget, &header, data) < 0)
		return 1;
	data[CAP_TO_INDEX(c->capability)].effective &= ~CAP_TO_MASK(c->capability);
	if (syscall(SYS_capset, &header, data) < 0 || unr_map_choose(&wanted, &choice, NULL) < 0)
		return 2;
	if (choice.method != UNR_MAP_SELF)
		return 3;
	return strncmp(choice.why, c->why, strlen(c->why)) == 0 ? 0 : 4;
}

static void choose__sees_each_capability_that_is_missing(void **state)
{
	struct lost_case cases[] = {
		{ CAP_SETUID, "no CAP_SETUID: start the surrounding container with --cap-add "
			      "SETUID, or run this outside of it; newuidmap is not on PATH: " },
		{ CAP_SETGID, "no CAP_SETGID: start the surrounding container with --cap-add "
			      "SETGID, or run this outside of it; newuidmap is not on PATH: " },
		{ CAP_SETFCAP,
		  "no CAP_SETFCAP, needed to map outside uid 0: start the surrounding container "
		  "with --cap-add SETFCAP, or run this outside of it; newuidmap is not on PATH: " },
	};
	struct lost_case other = { CAP_CHOWN, "" };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++)
		assert_int_equal(unr_run_in_child(choose_without, &cases[i]), 0);
	/* Any other is none of its business: the first method stays open. */
	assert_int_equal(unr_run_in_child(choose_without, &other), 3);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(direct__writes_what_is_wanted),
	cmocka_unit_test(check__says_what_the_kernel_says),
	cmocka_unit_test(check__knows_the_kernel_s_limits),
	cmocka_unit_test(choose__sees_each_capability_that_is_missing),
};

UNR_TEST_MAIN("map_direct", tests, is_root_with_namespaces);
