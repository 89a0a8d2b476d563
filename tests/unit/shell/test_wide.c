/* SPDX-License-Identifier: MIT */
/* Ids that an image needs beyond its map: which ranges they become. */
#include <stdio.h>
#include <stdlib.h>

#include "shell/wide.h"
#include "unr_test.h"

#define ROOM ((uint64_t) 1 << 31)

/* A map of inside 0 to 65535, and what is added for @ids. */
static struct unr_idmap widen(uint32_t *ids, size_t n, uint64_t room, int expected)
{
	struct unr_idmap map = { 0 };

	assert_int_equal(unr_idmap_add(&map, (struct unr_id_range) { 0, 100000, 65536 }), 0);
	assert_int_equal(unr_wide_add_ids(ids, n, room, &map), expected);
	return map;
}

static void expect_map(struct unr_idmap *map, const char *expected)
{
	char *text = unr_idmap_format(map);
	char *out = text, *in = text;

	assert_non_null(text);
	for (; *in != '\0'; in++) /* columns of blanks to one */
		if (*in != ' ' || (out > text && out[-1] != ' ' && out[-1] != '\n'))
			*out++ = *in;
	*out = '\0';
	assert_string_equal(text, expected);
	free(text);
	unr_idmap_done(map);
}

static void ids__in_a_row_are_one_range(void **state)
{
	uint32_t ids[] = { 70002, 1000000, 70001, 70000, 70001, 1000000 };
	struct unr_idmap map = widen(ids, UNR_COUNT(ids), ROOM, 1);

	(void) state;
	expect_map(&map, "0 100000 65536\n70000 2147483648 3\n1000000 2147483651 1\n");
}

static void ids__none_add_nothing(void **state)
{
	uint32_t ids[] = { 0 };
	struct unr_idmap map = widen(ids, 0, ROOM, 0);

	(void) state;
	expect_map(&map, "0 100000 65536\n");
}

static void ids__up_to_the_last_one(void **state)
{
	uint32_t ids[] = { 4294967294, 65536 };
	struct unr_idmap map = widen(ids, UNR_COUNT(ids), ROOM, 1);

	(void) state;
	expect_map(&map, "0 100000 65536\n65536 2147483648 1\n4294967294 2147483649 1\n");
}

static void room__that_is_too_small_leaves_ids_out(void **state)
{
	uint32_t ids[] = { 70000, 70001, 70002, 80000, 90000 };
	struct unr_idmap map = widen(ids, UNR_COUNT(ids), 2, 1);

	(void) state;
	expect_map(&map, "0 100000 65536\n80000 2147483648 1\n90000 2147483649 1\n");
	map = widen(ids, UNR_COUNT(ids), 0, 0);
	unr_idmap_done(&map);
}

/* Gaps are mapped as well, the smallest first, until the kernel takes the text. */
static void ids__that_are_many_share_ranges(void **state)
{
	uint32_t ids[1000];
	struct unr_error err;
	struct unr_idmap map;
	uint32_t outside;

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(ids); i++)
		ids[i] = 100000 + (uint32_t) (i * i * 500);
	map = widen(ids, UNR_COUNT(ids), ROOM, 1);
	assert_int_equal(unr_idmap_check(&map, UNR_UID, &err), 0);
	for (size_t i = 0; i < UNR_COUNT(ids); i++)
		assert_true(unr_idmap_to_outside(&map, ids[i], &outside));
	unr_idmap_done(&map);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(ids__in_a_row_are_one_range),
	cmocka_unit_test(ids__none_add_nothing),
	cmocka_unit_test(ids__up_to_the_last_one),
	cmocka_unit_test(room__that_is_too_small_leaves_ids_out),
	cmocka_unit_test(ids__that_are_many_share_ranges),
};

UNR_TEST_MAIN("shell.wide", tests, NULL);
