/* SPDX-License-Identifier: MIT */
/* The smallest maps, and how /etc/subuid and podman write them. */
#include "report_fixture.h"

#include "advice/needed.h"

static struct unr_needed find(struct unr_result *result)
{
	struct unr_needed needed;
	struct unr_error err = { 0 };

	fixture_store_findings(result);
	assert_int_equal(unr_needed_find(result, &needed, &err), 0);
	return needed;
}

static void expect_sparse(const struct unr_needed *needed, const char *expected)
{
	unr_auto(unr_text_done) struct unr_text text = { 0 };
	const struct unr_idmap *map = &needed->of[UNR_UID].sparse;

	for (size_t i = 0; i < map->n_ranges; i++)
		unr_text_printf(&text, "%u:%u:%u ", map->ranges[i].inside, map->ranges[i].outside,
				map->ranges[i].count);
	assert_string_equal(unr_text_string(&text), expected);
}

/* Neighbours share a range, whatever the order in which they come. */
static void gaps__become_ranges(void **state)
{
	static const int64_t uids[] = { 70002, 70000, 80000, 70001, 65536, 70000, 1 };
	struct unr_result result = fixture_result();
	struct unr_needed needed;

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(uids); i++)
		(void) fixture_failure(&result, 1, "x", uids[i], 0);
	needed = find(&result);
	expect_sparse(&needed, "0:100000:65536 65536:165536:1 70000:165537:3 80000:165540:1 ");
	assert_int_equal(needed.of[UNR_UID].count, 80001);
	assert_int_equal(needed.of[UNR_GID].count, 1);
	unr_needed_done(&needed);
	fixture_done(&result);
}

/* What is mapped counts too, and so does who the container runs as. */
static void highest__of_all_that_is_there(void **state)
{
	struct unr_result result = fixture_result();
	struct unr_needed needed;

	(void) state;
	result.layers[0].highest[UNR_GID] = 42;
	result.runtime = (struct unr_runtime) { .resolved = true, .uid = 70000, .gid = 7 };
	needed = find(&result);
	assert_int_equal(needed.of[UNR_UID].count, 70001);
	assert_int_equal(needed.of[UNR_GID].count, 43);
	expect_sparse(&needed, "0:100000:65536 70000:165536:1 ");
	unr_needed_done(&needed);
	fixture_done(&result);
}

static void map__that_cannot_be(void **state)
{
	struct unr_result result = fixture_result();
	unr_auto(unr_text_done) struct unr_text text = { 0 };
	struct unr_needed needed;

	(void) state;
	(void) fixture_failure(&result, 1, "x", UNR_ID_NONE, 70000);
	(void) fixture_failure(&result, 1, "x", -1, UNR_ID_NONE - 1);
	needed = find(&result);
	assert_false(needed.of[UNR_UID].possible);
	assert_true(needed.of[UNR_GID].possible);
	/* There is no room for so many ids behind 100000. */
	assert_int_equal(needed.of[UNR_GID].count, UNR_ID_NONE);
	unr_needed_append_subid(&text, &result, &needed, UNR_UID);
	unr_needed_append_subid(&text, &result, &needed, UNR_GID);
	unr_needed_append_options(&text, &result, &needed, false);
	unr_needed_append_options(&text, &result, &needed, true);
	assert_string_equal(unr_text_string(&text), "");
	unr_needed_done(&needed);
	result.layers[1].done = false;
	needed = find(&result);
	assert_false(needed.known);
	unr_needed_done(&needed);
	fixture_done(&result);
}

/* The kernel takes a limited number of ranges. */
static void ranges__that_are_too_many(void **state)
{
	struct unr_result result = fixture_result();
	struct unr_needed needed;

	(void) state;
	for (int64_t i = 0; i <= UNR_NEEDED_MAX_RANGES; i++)
		(void) fixture_failure(&result, 1, "x", 70000 + 2 * i, 0);
	needed = find(&result);
	assert_true(needed.of[UNR_UID].too_many);
	expect_sparse(&needed, "");
	assert_int_equal(needed.of[UNR_UID].count, 70001 + 2 * UNR_NEEDED_MAX_RANGES);
	unr_needed_done(&needed);
	fixture_done(&result);
}

static void notation__of_each_engine(void **state)
{
	struct unr_result result = fixture_result();
	unr_auto(unr_text_done) struct unr_text text = { 0 };
	struct unr_needed needed;

	(void) state;
	(void) fixture_failure(&result, 1, "x", 70000, 5);
	needed = find(&result);
	unr_needed_append_subid(&text, &result, &needed, UNR_UID);
	assert_string_equal(text.bytes, "dockremap:100000:70001");
	unr_text_clear(&text);
	unr_needed_append_options(&text, &result, &needed, false);
	assert_string_equal(text.bytes, "--uidmap 0:100000:70001 --gidmap 0:100000:6");
	unr_text_clear(&text);
	unr_needed_append_options(&text, &result, &needed, true);
	assert_string_equal(text.bytes, "--uidmap 0:100000:65536 --uidmap 70000:165536:1 "
					"--gidmap 0:100000:65536");
	unr_text_clear(&text);
	/* Inside 0 is the caller there, the range begins at 1. */
	result.engine = "podman-rootless";
	unr_needed_append_subid(&text, &result, &needed, UNR_UID);
	assert_string_equal(text.bytes, "USER:100000:70000");
	unr_needed_done(&needed);
	fixture_done(&result);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(gaps__become_ranges),      cmocka_unit_test(highest__of_all_that_is_there),
	cmocka_unit_test(map__that_cannot_be),      cmocka_unit_test(ranges__that_are_too_many),
	cmocka_unit_test(notation__of_each_engine),
};

UNR_TEST_MAIN("advice.needed", tests, NULL);
