/* SPDX-License-Identifier: MIT */
/* base/text: the growing buffer with its sticky error, and names made printable. */
#include "unr_test.h"

#include <string.h>

#include "base/text.h"

static void empty__is_a_string_too(void **state)
{
	struct unr_text text = { 0 };

	(void) state;
	assert_string_equal(unr_text_string(&text), "");
	unr_text_append(&text, NULL, 0);
	assert_string_equal(unr_text_string(&text), "");
	assert_int_equal(text.length, 0);
	unr_text_done(&text);
	assert_null(text.bytes);
}

static void append__keeps_order_and_nul_bytes(void **state)
{
	unr_auto(unr_text_done) struct unr_text text = { 0 };

	(void) state;
	unr_text_append(&text, "a\0b", 3);
	unr_text_puts(&text, "cd");
	unr_text_printf(&text, "%s%d", "x", -7);
	assert_int_equal(text.length, 8);
	assert_memory_equal(text.bytes, "a\0bcdx-7", 9);
	assert_false(text.failed);
}

static void append__grows_far(void **state)
{
	unr_auto(unr_text_done) struct unr_text text = { 0 };

	(void) state;
	for (int i = 0; i < 10000; i++)
		unr_text_printf(&text, "%04d,", i);
	assert_int_equal(text.length, 50000);
	assert_int_equal(strlen(text.bytes), 50000);
	assert_memory_equal(text.bytes, "0000,0001,", 10);
	assert_string_equal(text.bytes + 49990, "9998,9999,");
}

/* Every length around the sizes at which the buffer grows. */
static void append__ends_with_nul_at_every_length(void **state)
{
	(void) state;
	for (size_t length = 0; length < 300; length++) {
		unr_auto(unr_text_done) struct unr_text text = { 0 };

		for (size_t i = 0; i < length; i++)
			unr_text_append(&text, "x", 1);
		unr_text_append(&text, "", 0);
		assert_int_equal(strlen(text.bytes), length);
	}
}

static void failure__is_sticky_until_clear(void **state)
{
	unr_auto(unr_text_done) struct unr_text text = { 0 };

	(void) state;
	unr_text_puts(&text, "kept");
	unr_text_append(&text, "never looked at", SIZE_MAX / 2);
	assert_true(text.failed);
	unr_text_puts(&text, "dropped");
	unr_text_printf(&text, "%d", 5);
	assert_string_equal(unr_text_string(&text), "kept");
	unr_text_clear(&text);
	assert_false(text.failed);
	assert_string_equal(unr_text_string(&text), "");
	unr_text_puts(&text, "again");
	assert_string_equal(unr_text_string(&text), "again");
}

static void take__hands_over_and_leaves_it_empty(void **state)
{
	struct unr_text text = { 0 };
	unr_autofree char *taken = NULL;

	(void) state;
	unr_text_puts(&text, "mine");
	taken = unr_text_take(&text);
	assert_string_equal(taken, "mine");
	assert_null(text.bytes);
	assert_int_equal(text.length, 0);
	assert_int_equal(text.capacity, 0);
}

static void take__of_nothing_is_an_owned_empty_string(void **state)
{
	struct unr_text text = { 0 };
	unr_autofree char *taken = unr_text_take(&text);

	(void) state;
	assert_string_equal(taken, "");
}

static void take__of_a_failed_text_is_null(void **state)
{
	struct unr_text text = { 0 };

	(void) state;
	unr_text_puts(&text, "half");
	text.failed = true;
	assert_null(unr_text_take(&text));
	assert_null(text.bytes);
	assert_false(text.failed);
}

static void escape__shows_names_as_ls_b_does(void **state)
{
	static const struct {
		const char *name;
		size_t length;
		const char *shown;
	} cases[] = {
		{ "", 0, "" },
		{ "plain-name_1.txt", 16, "plain-name_1.txt" },
		{ "a b", 3, "a\\ b" },
		{ "\a\b\f\n\r\t\v", 7, "\\a\\b\\f\\n\\r\\t\\v" },
		{ "a\\b", 3, "a\\\\b" },
		{ "\0", 1, "\\000" },
		{ "a\0b", 3, "a\\000b" },
		{ "\x01\x1f\x7f", 3, "\\001\\037\\177" },
		{ "\033[31m", 5, "\\033[31m" },
		{ "\"'$`*?", 6, "\"'$`*?" },
		{ "\xc3\xa9", 2, "\xc3\xa9" },
		{ "\xe2\x82\xac", 3, "\xe2\x82\xac" },
		{ "\xf0\x9f\x98\x80", 4, "\xf0\x9f\x98\x80" },
		{ "\xc3", 1, "\\303" },
		{ "\xff\xfe", 2, "\\377\\376" },
		{ "\xe2\x82", 2, "\\342\\202" },
		{ "\xed\xa0\x80", 3, "\\355\\240\\200" },
		{ "\xc2\x9b"
		  "31m",
		  5, "\\302\\23331m" }, /* CSI in one character */
		{ "\xc2\x80", 2, "\\302\\200" },
		{ "\xc2\x9f", 2, "\\302\\237" },
		{ "\xc2\xa0", 2, "\xc2\xa0" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		unr_auto(unr_text_done) struct unr_text text = { 0 };

		unr_text_escape(&text, cases[i].name, cases[i].length);
		assert_string_equal(unr_text_string(&text), cases[i].shown);
	}
}

static void escape__takes_only_the_length_it_is_given(void **state)
{
	unr_auto(unr_text_done) struct unr_text text = { 0 };

	(void) state;
	unr_text_escape(&text, "ab\xc3\xa9", 3); /* the length ends inside a character */
	assert_string_equal(unr_text_string(&text), "ab\\303");
}

static void count__separates_thousands(void **state)
{
	static const struct {
		uint64_t number;
		const char *shown;
	} cases[] = {
		{ 0, "0" },
		{ 7, "7" },
		{ 999, "999" },
		{ 1000, "1,000" },
		{ 65536, "65,536" },
		{ 999999, "999,999" },
		{ 1000000, "1,000,000" },
		{ 1516583084, "1,516,583,084" },
		{ UINT64_MAX, "18,446,744,073,709,551,615" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		unr_auto(unr_text_done) struct unr_text text = { 0 };

		unr_text_count(&text, cases[i].number);
		assert_string_equal(unr_text_string(&text), cases[i].shown);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(empty__is_a_string_too),
	cmocka_unit_test(append__keeps_order_and_nul_bytes),
	cmocka_unit_test(append__grows_far),
	cmocka_unit_test(append__ends_with_nul_at_every_length),
	cmocka_unit_test(failure__is_sticky_until_clear),
	cmocka_unit_test(take__hands_over_and_leaves_it_empty),
	cmocka_unit_test(take__of_nothing_is_an_owned_empty_string),
	cmocka_unit_test(take__of_a_failed_text_is_null),
	cmocka_unit_test(escape__shows_names_as_ls_b_does),
	cmocka_unit_test(escape__takes_only_the_length_it_is_given),
	cmocka_unit_test(count__separates_thousands),
};

UNR_TEST_MAIN("text", tests, NULL);
