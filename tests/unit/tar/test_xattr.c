/* SPDX-License-Identifier: MIT */
/* tar/pax: extended attributes come from SCHILY.xattr.* records, sorted, each name once. */
#include "tar_read.h"

#define X "SCHILY.xattr."

static void assert_records(const struct tar_pax *records, size_t n, const char *expected)
{
	struct tar_build tar = { 0 };

	tar_build_pax(&tar, 'x', records, n);
	tar_build_text(&tar, "f", "");
	tar_build_text(&tar, "g", "");
	assert_reads(&tar, expected);
}

static void xattr__is_a_name_and_raw_bytes(void **state)
{
	static const struct {
		struct tar_pax record;
		const char *expected;
	} cases[] = {
		{ { X "user.a", "1", 0 }, "0 f user.a=1\n0 g\nend" },
		{ { X "user.a", "x\0y", 3 }, "0 f user.a=x\\000y\n0 g\nend" },
		{ { X "user.a", "x\ny", 0 }, "0 f user.a=x\\ny\n0 g\nend" },
		{ { X "user.a", "b=v", 0 }, "0 f user.a=b=v\n0 g\nend" }, /* the first = splits */
		{ { X "trusted.overlay.opaque", "y", 0 },
		  "0 f trusted.overlay.opaque=y\n0 g\nend" },
		{ { X, "1", 0 }, "0 f =1\n0 g\nend" },
		{ { X "user.a", "", 0 }, "0 f\n0 g\nend" },
		{ { "SCHILY.xattrX.user.a", "1", 0 }, "0 f\n0 g\nend" },
		{ { "schily.xattr.user.a", "1", 0 }, "0 f\n0 g\nend" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++)
		assert_records(&cases[i].record, 1, cases[i].expected);
}

static void xattr__stand_sorted(void **state)
{
	static const struct tar_pax records[] = {
		{ X "user.b", "2", 0 }, { X "user.ab", "3", 0 },    { "uid", "5", 0 },
		{ X "user.a", "1", 0 }, { X "security.c", "4", 0 },
	};

	(void) state;
	assert_records(records, UNR_COUNT(records),
		       "0 f uid=5 security.c=4 user.a=1 user.ab=3 user.b=2\n0 g\nend");
}

static void xattr__last_of_a_name_counts(void **state)
{
	static const struct tar_pax records[] = {
		{ X "user.b", "1", 0 }, { X "user.a", "1", 0 }, { X "user.b", "2", 0 },
		{ X "user.a", "2", 0 }, { X "user.b", "3", 0 },
	};

	(void) state;
	assert_records(records, UNR_COUNT(records), "0 f user.a=2 user.b=3\n0 g\nend");
	assert_records(records, 3, "0 f user.a=1 user.b=2\n0 g\nend");
}

static void xattr__empty_one_takes_an_earlier_one_away(void **state)
{
	static const struct tar_pax records[] = { { X "user.a", "1", 0 },
						  { X "user.a", "", 0 },
						  { X "user.a", "2", 0 } };

	(void) state;
	assert_records(records, 2, "0 f\n0 g\nend");
	assert_records(records, 3, "0 f user.a=2\n0 g\nend");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(xattr__is_a_name_and_raw_bytes),
	cmocka_unit_test(xattr__stand_sorted),
	cmocka_unit_test(xattr__last_of_a_name_counts),
	cmocka_unit_test(xattr__empty_one_takes_an_earlier_one_away),
};

UNR_TEST_MAIN("tar_xattr", tests, NULL);
