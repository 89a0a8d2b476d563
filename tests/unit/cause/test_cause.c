/* SPDX-License-Identifier: MIT */
/* cause/: failures and layers in, what becomes of them out. */
#include "bench.h"

static char A[] = "a", A_F[] = "a/f", A_B_F[] = "a/b/f";

#define DONE_BY(bench_, i_, fate_, layer_)                                                         \
	do {                                                                                       \
		assert_string_equal(unr_fate_name((bench_).causes[i_].fate), fate_);               \
		assert_int_equal((bench_).causes[i_].fate_layer, layer_);                          \
	} while (0)

/* What one entry of layer 3 makes of the file a/b/f of layer 1. */
static void entry__decides_over_a_path(void **state)
{
	static const struct {
		const char *name;
		char type;
		int64_t uid;
		const char *fate;
		uint32_t layer;
	} cases[] = {
		{ "c", '0', 0, "kept", 0 },
		{ "a/b/ff", '0', 0, "kept", 0 },
		{ "a", '5', 0, "kept", 0 },
		{ "a/b/f", '0', 70000, "kept", 0 },
		{ "a/b/f", '0', 0, "reowned", 3 },
		{ "./a//x/../b/f", '0', 0, "reowned", 3 },
		{ "/a/b/f", '0', 0, "reowned", 3 },
		{ "a/b/f", '5', 0, "replaced", 3 },
		{ "a/b/f", '2', 70000, "replaced", 3 },
		{ "a/b/f", '1', 0, "", 0 },
		{ "a/b/.wh.f", '0', 0, "removed", 3 },
		{ "a/.wh.b", '0', 0, "removed", 3 },
		{ ".wh.a", '0', 0, "removed", 3 },
		{ "a/.wh..wh..opq", '0', 0, "removed", 3 },
		{ ".wh..wh..opq", '0', 0, "removed", 3 },
		{ "a/b/f/.wh..wh..opq", '0', 0, "kept", 0 },
		{ "a/.wh.f", '0', 0, "kept", 0 },
		{ "a/b", '2', 0, "removed", 3 },
		{ "a", '0', 0, "removed", 3 },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct bench bench = { .n = 0 };

		add_failure(&bench, 1, A_B_F, UNR_ENTRY_FILE);
		add_entry(&bench, 3, cases[i].name, cases[i].type, cases[i].uid);
		find_causes(&bench);
		DONE_BY(bench, 0, cases[i].fate, cases[i].layer);
		drop(&bench);
	}
}

static void layers__the_last_owner_and_the_first_end_count(void **state)
{
	struct bench bench = { .n = 0 };

	(void) state;
	add_failure(&bench, 0, A, UNR_ENTRY_DIRECTORY);
	add_failure(&bench, 0, A_F, UNR_ENTRY_FILE);
	add_failure(&bench, 0, A_B_F, UNR_ENTRY_FILE);
	add_entry(&bench, 1, "a", '5', 1);
	add_entry(&bench, 1, "a/f", '0', 1);
	add_entry(&bench, 2, "a/f", '0', 70000); /* and back again */
	add_entry(&bench, 2, "a/.wh.b", '0', 0);
	add_failure(&bench, 3, A_F, UNR_ENTRY_FILE);
	add_failure(&bench, 3, A_B_F, UNR_ENTRY_FILE);
	add_entry(&bench, 4, ".wh.a", '0', 0);
	add_entry(&bench, 4, "a", '5', 2);
	find_causes(&bench);
	DONE_BY(bench, 0, "reowned", 4);
	DONE_BY(bench, 1, "removed", 4);
	DONE_BY(bench, 2, "removed", 2);
	DONE_BY(bench, 3, "removed", 4);
	DONE_BY(bench, 4, "removed", 4);
	drop(&bench);
}

/* A whiteout hides what is below, not what its own layer has. */
static void whiteout__spares_its_own_layer(void **state)
{
	struct bench bench = { .n = 0 };

	(void) state;
	add_failure(&bench, 1, A_F, UNR_ENTRY_FILE);
	add_entry(&bench, 2, "a/.wh..wh..opq", '0', 0);
	add_failure(&bench, 2, A_F, UNR_ENTRY_FILE);
	add_entry(&bench, 3, "a/f", '0', 5);
	find_causes(&bench);
	DONE_BY(bench, 0, "reowned", 3);
	DONE_BY(bench, 1, "reowned", 3);
	drop(&bench);
}

static void layer__that_breaks_off_leaves_doubt(void **state)
{
	struct bench bench = { .broken = 3 };

	(void) state;
	add_failure(&bench, 0, A_F, UNR_ENTRY_FILE);
	add_failure(&bench, 0, A_B_F, UNR_ENTRY_FILE);
	add_entry(&bench, 2, "a/.wh.b", '0', 0);
	add_entry(&bench, 3, "c", '0', 0);
	add_failure(&bench, 4, A, UNR_ENTRY_DIRECTORY);
	find_causes(&bench);
	DONE_BY(bench, 0, "", 0);
	DONE_BY(bench, 1, "removed", 2);
	DONE_BY(bench, 2, "kept", 0);
	drop(&bench);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(entry__decides_over_a_path),
	cmocka_unit_test(layers__the_last_owner_and_the_first_end_count),
	cmocka_unit_test(whiteout__spares_its_own_layer),
	cmocka_unit_test(layer__that_breaks_off_leaves_doubt),
};

UNR_TEST_MAIN("cause", tests, NULL);
