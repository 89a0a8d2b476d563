/* SPDX-License-Identifier: MIT */
/* engine/rule: which owners have a place, at the borders of ranges and of 64 bits. */
#include "unr_test.h"

#include "engine/engine.h"

#define NONE INT64_C(-1) /* no place */

struct owner_case {
	int64_t id;
	int64_t inside; /* what the file gets, or NONE */
};

static struct unr_idmaps maps_of(const struct unr_id_range *uids, size_t n_uids,
				 const struct unr_id_range *gids, size_t n_gids)
{
	struct unr_idmaps maps = { 0 };

	for (size_t i = 0; i < n_uids; i++)
		assert_int_equal(unr_idmap_add(&maps.of[UNR_UID], uids[i]), 0);
	for (size_t i = 0; i < n_gids; i++)
		assert_int_equal(unr_idmap_add(&maps.of[UNR_GID], gids[i]), 0);
	return maps;
}

static const struct unr_id_range DOCKER[] = { { 0, 100000, 65536 } };

/* Each case as a uid beside gid 0, and as a gid beside uid 0. */
static void assert_rules(const struct unr_idmaps *maps, const struct owner_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct unr_ruling as_uid = unr_engine_rule(maps, cases[i].id, 0);
		struct unr_ruling as_gid = unr_engine_rule(maps, 0, cases[i].id);

		assert_int_equal(as_uid.uid_unmapped, cases[i].inside == NONE);
		assert_int_equal(as_gid.gid_unmapped, cases[i].inside == NONE);
		assert_false(as_uid.gid_unmapped || as_gid.uid_unmapped);
		if (cases[i].inside == NONE)
			continue;
		assert_int_equal(as_uid.uid, cases[i].inside);
		assert_int_equal(as_gid.gid, cases[i].inside);
	}
}

static void owner__inside_the_range_has_a_place(void **state)
{
	static const struct owner_case cases[] = {
		{ 0, 0 }, { 1, 1 }, { 1000, 1000 }, { 65534, 65534 }, { 65535, 65535 },
	};
	struct unr_idmaps maps = maps_of(DOCKER, 1, DOCKER, 1);

	(void) state;
	assert_rules(&maps, cases, UNR_COUNT(cases));
	unr_idmaps_done(&maps);
}

static void owner__outside_the_range_has_none(void **state)
{
	static const struct owner_case cases[] = {
		{ 65536, NONE },
		{ 99999, NONE },
		{ 165535, NONE }, /* an outside id is not taken as one, but for the first */
		{ 165536, NONE },
		{ 1516583083, NONE },
		{ INT32_MAX, NONE },
		{ INT64_C(1) << 31, NONE },
		{ INT64_C(4294967294), NONE },
		{ INT64_C(4294967295), NONE },
		{ INT64_C(4294967296), NONE }, /* 0 in 32 bits */
		{ INT64_C(4294967297), NONE },
		{ INT64_C(1) << 40, NONE },
		{ INT64_C(1) << 62, NONE },
		{ INT64_MAX, NONE },
		{ -1, NONE },
		{ -65536, NONE },
		{ INT64_MIN, NONE },
	};
	struct unr_idmaps maps = maps_of(DOCKER, 1, DOCKER, 1);

	(void) state;
	assert_rules(&maps, cases, UNR_COUNT(cases));
	unr_idmaps_done(&maps);
}

/* The outside id of inside 0 counts as mapped already, and no other. */
static void owner__equal_to_the_hosts_root_becomes_inside_0(void **state)
{
	static const struct owner_case cases[] = {
		{ 99999, NONE },   { 100000, 0 },
		{ 100001, NONE },  { INT64_C(100000) + (INT64_C(1) << 32), NONE },
		{ -100000, NONE },
	};
	struct unr_idmaps maps = maps_of(DOCKER, 1, DOCKER, 1);

	(void) state;
	assert_rules(&maps, cases, UNR_COUNT(cases));
	unr_idmaps_done(&maps);
}

/* Each half by its own map. */
static void owner__halves_are_ruled_by_themselves(void **state)
{
	static const struct unr_id_range gids[] = { { 0, 200000, 10 } };
	struct unr_idmaps maps = maps_of(DOCKER, 1, gids, 1);
	struct unr_ruling r;

	(void) state;
	r = unr_engine_rule(&maps, 100000, 100001);
	assert_false(r.uid_unmapped);
	assert_true(r.gid_unmapped);
	r = unr_engine_rule(&maps, 100000, 200000);
	assert_false(r.uid_unmapped || r.gid_unmapped);
	assert_int_equal(r.uid, 0);
	assert_int_equal(r.gid, 0);
	r = unr_engine_rule(&maps, 200000, 100000);
	assert_true(r.uid_unmapped && r.gid_unmapped);
	r = unr_engine_rule(&maps, 10, 9);
	assert_false(r.uid_unmapped || r.gid_unmapped);
	assert_int_equal(r.uid, 10);
	assert_int_equal(r.gid, 9);
	r = unr_engine_rule(&maps, 10, 10);
	assert_false(r.uid_unmapped);
	assert_true(r.gid_unmapped);
	r = unr_engine_rule(&maps, 70000, 80000);
	assert_true(r.uid_unmapped && r.gid_unmapped);
	unr_idmaps_done(&maps);
}

static void owner__in_any_of_several_ranges(void **state)
{
	static const struct unr_id_range ranges[] = { { 0, 1000, 1 },
						      { 1, 100000, 10 },
						      { 20, 500000, 5 } };
	static const struct owner_case cases[] = {
		{ 0, 0 },     { 1, 1 },       { 10, 10 },       { 11, NONE },
		{ 19, NONE }, { 20, 20 },     { 24, 24 },       { 25, NONE },
		{ 1000, 0 },  { 1001, NONE }, { 100000, NONE }, { 500000, NONE },
	};
	struct unr_idmaps maps = maps_of(ranges, 3, ranges, 3);

	(void) state;
	assert_rules(&maps, cases, UNR_COUNT(cases));
	unr_idmaps_done(&maps);
}

/* The whole range of 32 bits, laid one higher. */
static void owner__at_the_end_of_32_bits(void **state)
{
	static const struct unr_id_range ranges[] = { { 0, 1, UINT32_MAX - 1 } };
	static const struct owner_case cases[] = {
		{ 1, 0 }, /* the host's root */
		{ 2, 2 },
		{ INT64_C(4294967293), INT64_C(4294967293) },
		{ INT64_C(4294967294), NONE },
		{ INT64_C(4294967295), NONE },
		{ INT64_C(4294967296), NONE },
	};
	struct unr_idmaps maps = maps_of(ranges, 1, ranges, 1);

	(void) state;
	assert_rules(&maps, cases, UNR_COUNT(cases));
	unr_idmaps_done(&maps);
}

/* Without a root on the host -1 stands for it, as GetRootUIDGID returns on failure. */
static void owner__without_a_root_minus_one_is_the_root(void **state)
{
	static const struct unr_id_range from_1[] = { { 1, 100000, 10 } };
	static const struct owner_case cases[] = { { -1, 0 },    { 1, 1 },         { 10, 10 },
						   { 11, NONE }, { 100000, NONE }, { -2, NONE } };
	struct unr_idmaps maps = maps_of(from_1, 1, from_1, 1);
	struct unr_ruling r;

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		r = unr_engine_rule(&maps, cases[i].id, cases[i].id);
		assert_int_equal(r.uid_unmapped, cases[i].inside == NONE);
		assert_int_equal(r.gid_unmapped, cases[i].inside == NONE);
	}
	unr_idmaps_done(&maps);
	/* One half without a root leaves both without. */
	maps = maps_of(DOCKER, 1, from_1, 1);
	r = unr_engine_rule(&maps, 100000, 1);
	assert_true(r.uid_unmapped);
	assert_false(r.gid_unmapped);
	unr_idmaps_done(&maps);
}

static void owner__in_an_empty_map(void **state)
{
	struct unr_idmaps maps = { 0 };
	struct unr_ruling r = unr_engine_rule(&maps, 0, 0);

	(void) state;
	assert_true(r.uid_unmapped);
	assert_true(r.gid_unmapped);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(owner__inside_the_range_has_a_place),
	cmocka_unit_test(owner__outside_the_range_has_none),
	cmocka_unit_test(owner__equal_to_the_hosts_root_becomes_inside_0),
	cmocka_unit_test(owner__halves_are_ruled_by_themselves),
	cmocka_unit_test(owner__in_any_of_several_ranges),
	cmocka_unit_test(owner__at_the_end_of_32_bits),
	cmocka_unit_test(owner__without_a_root_minus_one_is_the_root),
	cmocka_unit_test(owner__in_an_empty_map),
};

UNR_TEST_MAIN("rule", tests, NULL);
