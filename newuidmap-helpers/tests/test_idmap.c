/* SPDX-License-Identifier: MIT */
/* src/idmap: reading ranges, the kernel's rules at their borders, looking up, the text. */
#include "maps.h"

#include <errno.h>
#include <unistd.h>

#include "idmap_auto.h"

static void kind__has_a_name(void **state)
{
	(void) state;
	assert_string_equal(unr_id_kind_name(UNR_UID), "uid");
	assert_string_equal(unr_id_kind_name(UNR_GID), "gid");
}

static void parse__accepts_three_numbers(void **state)
{
	static const struct {
		const char *text;
		struct unr_id_range range;
	} cases[] = {
		{ "0:100000:65536", { 0, 100000, 65536 } },
		{ "0:0:4294967295", { 0, 0, UINT32_MAX } },
		{ "4294967295:4294967295:4294967295", { UINT32_MAX, UINT32_MAX, UINT32_MAX } },
		{ "1:2:0", { 1, 2, 0 } },
		{ "007:08:00000000000000000000009", { 7, 8, 9 } },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct unr_id_range range = { 0 };
		struct unr_error err = { 0 };

		assert_int_equal(unr_id_range_parse(cases[i].text, &range, &err), 0);
		assert_memory_equal(&range, &cases[i].range, sizeof(range));
		assert_int_equal(err.kind, UNR_ERROR_NONE);
	}
}

static void parse__refuses_anything_else(void **state)
{
	static const struct {
		const char *text;
		int code;
	} cases[] = {
		{ "", -EINVAL },
		{ "0", -EINVAL },
		{ "0:1", -EINVAL },
		{ "0:1:", -EINVAL },
		{ ":0:1", -EINVAL },
		{ "0::1", -EINVAL },
		{ "0:1:2:3", -EINVAL },
		{ "0:1:2:", -EINVAL },
		{ "0 1 2", -EINVAL },
		{ "0:1:2 ", -EINVAL },
		{ " 0:1:2", -EINVAL },
		{ "0:1:2\n", -EINVAL },
		{ "-1:0:1", -EINVAL },
		{ "+1:0:1", -EINVAL },
		{ "0x10:0:1", -EINVAL },
		{ "a:b:c", -EINVAL },
		{ "0,1,2", -EINVAL },
		{ "4294967296:0:1", -ERANGE },
		{ "0:4294967296:1", -ERANGE },
		{ "0:0:4294967296", -ERANGE },
		{ "0:0:18446744073709551616", -ERANGE },
		{ "0:0:99999999999999999999999999999", -ERANGE },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct unr_id_range range = { 1, 2, 3 };
		struct unr_error err = { 0 };

		assert_int_equal(unr_id_range_parse(cases[i].text, &range, &err), cases[i].code);
		assert_int_equal(err.kind, UNR_ERROR_USAGE);
		assert_int_equal(err.code, cases[i].code);
		assert_int_equal(range.inside, 1);
		assert_int_equal(range.outside, 2);
		assert_int_equal(range.count, 3);
	}
}

static void parse__quotes_the_text_without_its_control_bytes(void **state)
{
	struct unr_id_range range;
	struct unr_error err = { 0 };

	(void) state;
	assert_int_equal(unr_id_range_parse("0:1:x", &range, &err), -EINVAL);
	assert_string_equal(err.message, "'0:1:x' is not INSIDE:OUTSIDE:COUNT");
	assert_int_equal(unr_id_range_parse("0:1:4294967296", &range, &err), -ERANGE);
	assert_string_equal(err.message, "'0:1:4294967296' has a number over 4294967295");
	assert_int_equal(unr_id_range_parse("0:\033[31m", &range, &err), -EINVAL);
	assert_null(strchr(err.message, '\033'));
	assert_non_null(strstr(err.message, "0:\\033[31m"));
}

static void check__accepts(void **state)
{
	static const char *const cases[] = {
		"0:0:4294967295",          /* the whole map, as the first namespace has it */
		"0:100000:65536",          /* dockerd's */
		"0:1000:1,1:100000:65536", /* rootless */
		"0:0:1",                   /* one id */
		"4294967294:4294967294:1", /* the last id */
		"1:1:4294967294",          /* all but 0 */
		"0:4294967294:1,1:0:4294967294",
		"10:10:10,0:0:10,20:20:10", /* neighbours, in any order */
		"0:10:10,10:0:10",          /* crossed */
		"5:5:1,0:0:5,6:6:4294967289",
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		unr_auto(unr_idmap_done) struct unr_idmap map = map_of(cases[i]);
		struct unr_error err = { 0 };

		assert_int_equal(unr_idmap_check(&map, UNR_UID, &err), 0);
		assert_string_equal(err.message, "");
	}
}

static void check__refuses(void **state)
{
	static const struct {
		const char *map;
		const char *says;
	} cases[] = {
		{ "", "the gid map has 0 ranges" },
		{ "0:0:0", "gid range 0:0:0 has a count of 0" },
		{ "0:0:1,5:5:0", "gid range 5:5:0 has a count of 0" },
		{ "4294967295:0:1", "4294967295:0:1 reaches inside id 4294967295" },
		{ "0:4294967295:1", "0:4294967295:1 reaches outside id 4294967295" },
		{ "4294967294:0:2", "reaches inside id 4294967295" },
		{ "0:4294967294:2", "reaches outside id 4294967295" },
		{ "1:0:4294967295", "reaches inside id 4294967295" },
		{ "0:1:4294967295", "reaches outside id 4294967295" },
		{ "4294967295:4294967295:4294967295", "reaches inside id 8589934589" },
		{ "0:100:10,9:200:1", "0:100:10 and 9:200:1 both have inside id 9" },
		{ "0:100:10,50:109:1", "0:100:10 and 50:109:1 both have outside id 109" },
		{ "5:100:1,0:200:10", "both have inside id 5" },
		{ "0:100:10,0:100:10", "both have inside id 0" },
		{ "0:5:5,10:0:6", "both have outside id 5" },
		{ "0:0:1,1:1:1,2:2:1,1:9:1", "1:1:1 and 1:9:1 both have inside id 1" },
		{ "0:0:4294967295,4294967294:0:1", "both have inside id 4294967294" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		unr_auto(unr_idmap_done) struct unr_idmap map = map_of(cases[i].map);
		struct unr_error err = { 0 };

		assert_int_equal(unr_idmap_check(&map, UNR_GID, &err), -EINVAL);
		assert_int_equal(err.kind, UNR_ERROR_USAGE);
		if (strstr(err.message, cases[i].says) == NULL)
			fail_msg("%s: %s", cases[i].map, err.message);
	}
}

/* @n ranges of one id each, with steps between them. */
static struct unr_idmap many_ranges(size_t n, uint32_t step)
{
	struct unr_idmap map = { 0 };

	for (uint32_t i = 0; i < n; i++)
		assert_int_equal(
			unr_idmap_add(&map, (struct unr_id_range) { i * step, i * step, 1 }), 0);
	return map;
}

static void check__takes_340_ranges_and_no_more(void **state)
{
	unr_auto(unr_idmap_done) struct unr_idmap most = many_ranges(340, 1);
	unr_auto(unr_idmap_done) struct unr_idmap more = many_ranges(341, 1);
	struct unr_error err = { 0 };

	(void) state;
	assert_int_equal(unr_idmap_check(&most, UNR_UID, &err), 0);
	assert_int_equal(unr_idmap_check(&more, UNR_UID, &err), -E2BIG);
	assert_int_equal(err.kind, UNR_ERROR_USAGE);
	assert_non_null(strstr(err.message, "341"));
	assert_non_null(strstr(err.message, "340"));
}

/* A map whose text is @length bytes long: lines of 20 bytes, and one that fills up. */
static struct unr_idmap map_of_length(size_t length)
{
	/* "10000000 " is 9 bytes, "1\n" is 2: a full line is 20, the last one at most 33. */
	static const uint32_t powers[] = { 1,      10,      100,      1000,     10000,
					   100000, 1000000, 10000000, 100000000 };
	struct unr_idmap map = { 0 };
	uint32_t next = 10000000;

	for (; length >= 26; length -= 20, next += 2)
		assert_int_equal(unr_idmap_add(&map, (struct unr_id_range) { next, next, 1 }), 0);
	/* 6 to 25 bytes: two numbers of the same or nearly the same length, far from the others. */
	length -= 4 + 2;
	assert_in_range(length / 2, 0, UNR_COUNT(powers) - 2);
	assert_int_equal(
		unr_idmap_add(&map, (struct unr_id_range) { powers[length / 2] * 3,
							    powers[length - length / 2] * 3, 1 }),
		0);
	return map;
}

static void check__takes_a_text_shorter_than_a_page(void **state)
{
	size_t page = (size_t) sysconf(_SC_PAGESIZE);
	unr_auto(unr_idmap_done) struct unr_idmap most = map_of_length(page - 1);
	unr_auto(unr_idmap_done) struct unr_idmap more = map_of_length(page);
	unr_autofree char *most_text = unr_idmap_format(&most);
	unr_autofree char *more_text = unr_idmap_format(&more);
	struct unr_error err = { 0 };
	char number[32];

	(void) state;
	/* With pages of 64 KiB the count of ranges decides long before. */
	if (page > 4096)
		return;
	assert_int_equal(strlen(most_text), page - 1);
	assert_int_equal(strlen(more_text), page);
	assert_int_equal(unr_idmap_check(&most, UNR_UID, &err), 0);
	assert_int_equal(unr_idmap_check(&more, UNR_UID, &err), -E2BIG);
	(void) snprintf(number, sizeof(number), "%zu bytes", page);
	assert_non_null(strstr(err.message, number));
}

static void lookup__maps_at_the_borders(void **state)
{
	static const struct {
		const char *map;
		int64_t inside;
		uint32_t outside;
	} cases[] = {
		{ "0:100000:65536", 0, 100000 },
		{ "0:100000:65536", 65535, 165535 },
		{ "0:1000:1,1:100000:65536", 0, 1000 },
		{ "0:1000:1,1:100000:65536", 1, 100000 },
		{ "0:1000:1,1:100000:65536", 65536, 165535 },
		{ "0:0:4294967295", 4294967294, 4294967294 },
		{ "4294967294:7:1", 4294967294, 7 },
		{ "1:0:4294967294", 4294967294, 4294967293 },
		{ "100:1:1,50:2:1", 50, 2 },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		unr_auto(unr_idmap_done) struct unr_idmap map = map_of(cases[i].map);
		uint32_t outside = 99, inside = 99;

		assert_true(unr_idmap_to_outside(&map, cases[i].inside, &outside));
		assert_int_equal(outside, cases[i].outside);
		assert_true(unr_idmap_to_inside(&map, cases[i].outside, &inside));
		assert_int_equal(inside, cases[i].inside);
	}
}

static void lookup__does_not_map_beyond(void **state)
{
	static const struct {
		const char *map;
		int64_t inside;
	} cases[] = {
		{ "", 0 },
		{ "0:100000:65536", 65536 },
		{ "0:100000:65536", -1 },
		{ "0:100000:65536", INT64_MIN },
		{ "0:100000:65536", INT64_MAX },
		{ "0:100000:65536", INT64_C(1) << 32 },          /* 0 if it were cut to 32 bits */
		{ "0:100000:65536", (INT64_C(1) << 32) + 1000 }, /* 1000 */
		{ "0:100000:65536", -(INT64_C(1) << 32) },       /* 0 */
		{ "0:100000:65536", INT64_C(1) << 62 },          /* 0 */
		{ "1:100000:65536", 0 },
		{ "0:0:4294967295", 4294967295 },
		{ "0:0:4294967295", 4294967296 },
		{ "4294967295:5:1", 4294967295 },   /* a map that no kernel takes */
		{ "4294967290:0:100", 4294967295 }, /* nor this one */
		{ "4294967290:0:100", 4294967296 },
		{ "0:4294967290:100", 5 }, /* its outside id would be 4294967295 */
		{ "0:4294967290:100", 6 },
		{ "0:10:5,10:20:5", 5 },
		{ "0:10:5,10:20:5", 9 },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		unr_auto(unr_idmap_done) struct unr_idmap map = map_of(cases[i].map);
		uint32_t outside = 99;

		if (unr_idmap_to_outside(&map, cases[i].inside, &outside))
			fail_msg("%s: %jd", cases[i].map, (intmax_t) cases[i].inside);
		assert_int_equal(outside, 99);
	}
}

static void lookup__back_is_as_strict(void **state)
{
	unr_auto(unr_idmap_done) struct unr_idmap map = map_of("0:100000:65536");
	static const int64_t unmapped[] = {
		99999, 165536, 0, -1, INT64_MAX, INT64_MIN, (INT64_C(1) << 32) + 100000,
	};
	uint32_t inside = 99;

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(unmapped); i++)
		assert_false(unr_idmap_to_inside(&map, unmapped[i], &inside));
	assert_int_equal(inside, 99);
}

static void total__does_not_wrap(void **state)
{
	unr_auto(unr_idmap_done) struct unr_idmap empty = map_of("");
	unr_auto(unr_idmap_done) struct unr_idmap whole = map_of("0:0:4294967295");
	unr_auto(unr_idmap_done) struct unr_idmap twice = map_of("0:0:4294967295,0:0:4294967295");

	(void) state;
	assert_true(unr_idmap_total(&empty) == 0);
	assert_true(unr_idmap_total(&whole) == UINT64_C(4294967295));
	assert_true(unr_idmap_total(&twice) == UINT64_C(8589934590));
}

static void equal__sees_every_column_and_the_order(void **state)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} cases[] = {
		{ "", "", true },
		{ "0:1:2", "0:1:2", true },
		{ "0:1:2,5:6:7", "0:1:2,5:6:7", true },
		{ "0:1:2", "", false },
		{ "0:1:2", "9:1:2", false },
		{ "0:1:2", "0:9:2", false },
		{ "0:1:2", "0:1:9", false },
		{ "0:1:2,5:6:7", "5:6:7,0:1:2", false },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		unr_auto(unr_idmap_done) struct unr_idmap a = map_of(cases[i].a);
		unr_auto(unr_idmap_done) struct unr_idmap b = map_of(cases[i].b);

		assert_int_equal(unr_idmap_equal(&a, &b), cases[i].equal);
		assert_int_equal(unr_idmap_equal(&b, &a), cases[i].equal);
	}
}

static void copy__is_a_map_of_its_own(void **state)
{
	unr_auto(unr_idmap_done) struct unr_idmap map = map_of("0:1:2,5:6:7");
	unr_auto(unr_idmap_done) struct unr_idmap copy = { 0 };
	unr_auto(unr_idmap_done) struct unr_idmap nothing = { 0 }, of_nothing = { 0 };

	(void) state;
	assert_int_equal(unr_idmap_copy(&map, &copy), 0);
	assert_true(unr_idmap_equal(&map, &copy));
	map.ranges[0].inside = 9;
	assert_map(&copy, "0:1:2,5:6:7");
	assert_int_equal(unr_idmap_copy(&nothing, &of_nothing), 0);
	assert_int_equal(of_nothing.n_ranges, 0);
}

static void format__is_what_the_kernel_reads(void **state)
{
	unr_auto(unr_idmap_done) struct unr_idmap map =
		map_of("0:1000:1,1:100000:65536,70000:4294967294:1");
	unr_auto(unr_idmap_done) struct unr_idmap empty = { 0 };
	unr_autofree char *text = unr_idmap_format(&map);
	unr_autofree char *nothing = unr_idmap_format(&empty);

	(void) state;
	assert_string_equal(text, "0 1000 1\n1 100000 65536\n70000 4294967294 1\n");
	assert_string_equal(nothing, "");
}

static void done__accepts_nothing(void **state)
{
	struct unr_idmap map = map_of("0:1:2");

	(void) state;
	unr_idmap_done(NULL);
	unr_idmaps_done(NULL);
	unr_idmap_done(&map);
	assert_int_equal(map.n_ranges, 0);
	assert_null(map.ranges);
	unr_idmap_done(&map);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(kind__has_a_name),
	cmocka_unit_test(parse__accepts_three_numbers),
	cmocka_unit_test(parse__refuses_anything_else),
	cmocka_unit_test(parse__quotes_the_text_without_its_control_bytes),
	cmocka_unit_test(check__accepts),
	cmocka_unit_test(check__refuses),
	cmocka_unit_test(check__takes_340_ranges_and_no_more),
	cmocka_unit_test(check__takes_a_text_shorter_than_a_page),
	cmocka_unit_test(lookup__maps_at_the_borders),
	cmocka_unit_test(lookup__does_not_map_beyond),
	cmocka_unit_test(lookup__back_is_as_strict),
	cmocka_unit_test(total__does_not_wrap),
	cmocka_unit_test(equal__sees_every_column_and_the_order),
	cmocka_unit_test(copy__is_a_map_of_its_own),
	cmocka_unit_test(format__is_what_the_kernel_reads),
	cmocka_unit_test(done__accepts_nothing),
};

UNR_TEST_MAIN("idmap", tests, NULL);
