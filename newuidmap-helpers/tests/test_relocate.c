/* SPDX-License-Identifier: MIT */
/* src/relocate: wanted ranges onto granted ids, never more and never less. */
#include "maps.h"

#include "idmap_auto.h"
#include "relocate.h"

/* Grants are written as maps, of which only the outside column and the count are used. */
struct relocate_case {
	const char *wanted;
	uint32_t own;
	const char *granted;
	const char *laid;
	uint64_t can_have;
};

static void run_cases(const struct relocate_case *cases, size_t n_cases)
{
	for (size_t i = 0; i < n_cases; i++) {
		unr_auto(unr_idmap_done) struct unr_idmap wanted = map_of(cases[i].wanted);
		unr_auto(unr_idmap_done) struct unr_idmap granted = map_of(cases[i].granted);
		unr_auto(unr_idmap_done) struct unr_idmap laid = { 0 };
		uint64_t can_have = 0;

		assert_int_equal(
			unr_map_relocate(&wanted, cases[i].own, &granted, &laid, &can_have), 0);
		assert_map(&laid, cases[i].laid);
		if (can_have != cases[i].can_have)
			fail_msg("%s: %ju", cases[i].wanted, (uintmax_t) can_have);
	}
}

static void relocate__leaves_what_is_granted_in_place(void **state)
{
	static const struct relocate_case cases[] = {
		{ "0:100000:65536", 1000, "0:100000:65536", "0:100000:65536", 65536 },
		/* A part of a grant: its start, its middle, its end. */
		{ "0:100000:10", 1000, "0:100000:100", "0:100000:10", 100 },
		{ "0:100050:10", 1000, "0:100000:100", "0:100050:10", 100 },
		{ "0:100090:10", 1000, "0:100000:100", "0:100090:10", 100 },
		/* The rootless layout: the own id is beside the grants. */
		{ "0:1000:1,1:100000:65536", 1000, "0:100000:65536", "0:1000:1,1:100000:65536",
		  65537 },
		{ "0:1000:1", 1000, "", "0:1000:1", 1 },
		/* The own id is one of the granted ones, and does not count twice. */
		{ "0:1000:1", 1000, "0:1000:1", "0:1000:1", 1 },
		/* The last of all ids. */
		{ "5:4294967290:5", 1000, "0:4294967290:5", "5:4294967290:5", 5 },
		/* Over the border of two grants: cut, in place. */
		{ "0:100:20", 1000, "0:100:10,0:110:10", "0:100:10,10:110:10", 20 },
		{ "0:100:20", 1000, "0:110:10,0:100:10", "0:100:10,10:110:10", 20 },
		{ "7:998:4", 1000, "0:990:10,0:1001:10", "7:998:2,9:1000:1,10:1001:1", 21 },
	};

	(void) state;
	run_cases(cases, UNR_COUNT(cases));
}

static void relocate__moves_what_is_not_granted(void **state)
{
	static const struct relocate_case cases[] = {
		{ "0:100000:65536", 1000, "0:231072:65536", "0:231072:65536", 65536 },
		{ "0:100000:10", 1000, "0:500:100", "0:500:10", 100 },
		/* One grant after the other, in their order. */
		{ "0:100000:25", 1000, "0:500:10,0:300:10,0:900:10", "0:500:10,10:300:10,20:900:5",
		  30 },
		/* Several wanted ranges go on where the one before stopped. */
		{ "0:9000:5,100:9100:5,200:9200:5", 1000, "0:500:7,0:300:8",
		  "0:500:5,100:505:2,102:300:3,200:303:5", 15 },
		/* Half granted is not granted: all of it moves, to ids that are. */
		{ "0:95:10", 1000, "0:100:10", "0:100:10", 10 },
		{ "0:105:10", 1000, "0:100:10", "0:100:10", 10 },
		{ "0:100:12", 1000, "0:100:5,0:107:7", "0:100:5,5:107:7", 12 },
		/* What is kept is not given away a second time, wherever it lies in its grant. */
		{ "0:9000:5,5:100:5", 1000, "0:100:10", "0:105:5,5:100:5", 10 },
		{ "0:9000:5,5:105:5", 1000, "0:100:10", "0:100:5,5:105:5", 10 },
		{ "0:9000:6,6:103:4", 1000, "0:100:10", "0:100:3,3:107:3,6:103:4", 10 },
		/* The own id is not given to a range that did not ask for it. */
		{ "0:5:1,1:9000:10", 1000, "0:500:11", "0:500:1,1:501:10", 11 },
		{ "0:1000:1,1:9000:10", 1000, "0:500:10", "0:1000:1,1:500:10", 11 },
	};

	(void) state;
	run_cases(cases, UNR_COUNT(cases));
}

static void relocate__refuses_rather_than_cuts(void **state)
{
	static const struct relocate_case cases[] = {
		{ "0:100000:65536", 1000, "", "", 0 },
		{ "0:100000:65536", 1000, "0:100000:65535", "", 65535 },
		{ "0:100000:65536", 1000, "0:500:65535", "", 65535 },
		{ "0:100000:11", 1000, "0:500:5,0:600:5", "", 10 },
		/* The own id helps only whom it was asked for. */
		{ "0:100000:11", 1000, "0:500:10", "", 10 },
		{ "0:1000:1,1:100000:11", 1000, "0:500:10", "", 11 },
		{ "0:1000:2", 1000, "", "", 0 },
		{ "0:999:2", 1000, "", "", 0 },
		/* What is kept is missing for the rest. */
		{ "0:100:5,5:9000:6", 1000, "0:100:10", "", 10 },
		{ "0:0:4294967295", 1000, "0:100000:65536", "", 65536 },
		{ "0:0:1", 1000, "", "", 0 },
	};

	(void) state;
	run_cases(cases, UNR_COUNT(cases));
}

/* One id short, as the usual grant is for a rootless engine's map. */
static void relocate__lends_the_own_id(void **state)
{
	static const struct relocate_case cases[] = {
		{ "0:100000:1,1:100001:65536", 1000, "0:100000:65536", "0:1000:1,1:100000:65536",
		  65537 },
		{ "0:7:1,1:9000:10", 1000, "0:500:10", "0:1000:1,1:500:10", 11 },
		{ "0:500:1,1:501:10", 1000, "0:500:10", "0:1000:1,1:500:10", 11 },
		{ "0:9000:10,10:7:1", 1000, "0:500:10", "0:500:10,10:1000:1", 11 },
		/* To one range, and only one. */
		{ "0:7:1,1:8:1,2:9000:10", 1000, "0:500:11", "0:1000:1,1:500:1,2:501:10", 12 },
		{ "0:7:1,1:8:1,2:9000:10", 1000, "0:500:10", "", 10 },
		/* To none that is longer. */
		{ "0:7:2,2:9000:10", 1000, "0:500:11", "", 11 },
		/* Not twice. */
		{ "0:1000:1,1:7:1,2:9000:10", 1000, "0:500:10", "", 11 },
		{ "0:7:1,1:9000:10", 500, "0:500:10", "", 10 },
	};

	(void) state;
	run_cases(cases, UNR_COUNT(cases));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(relocate__leaves_what_is_granted_in_place),
	cmocka_unit_test(relocate__moves_what_is_not_granted),
	cmocka_unit_test(relocate__lends_the_own_id),
	cmocka_unit_test(relocate__refuses_rather_than_cuts),
};

UNR_TEST_MAIN("relocate", tests, NULL);
