/* SPDX-License-Identifier: MIT */
/* Widths, wrapping, plurals, prose. */
#include "report_fixture.h"

#include "report/layout.h"

static void width__counts_characters(void **state)
{
	(void) state;
	assert_int_equal(unr_layout_width("", 0), 0);
	assert_int_equal(unr_layout_width("abc", 3), 3);
	assert_int_equal(unr_layout_width("\xc3\xa9\xe2\x82\xac", 5), 2);
}

static void count__has_its_plural(void **state)
{
	unr_auto(unr_text_done) struct unr_text out = { 0 };

	(void) state;
	unr_layout_count(&out, 0, "layer", "layers");
	unr_text_puts(&out, ";");
	unr_layout_count(&out, 1, "layer", "layers");
	unr_text_puts(&out, ";");
	unr_layout_count(&out, 60122, "layer", "layers");
	assert_string_equal(unr_text_string(&out), "0 layers;1 layer;60,122 layers");
}

static void prose__keeps_spaces_and_backslashes_and_nothing_that_steers(void **state)
{
	unr_auto(unr_text_done) struct unr_text out = { 0 };

	(void) state;
	unr_layout_prose(&out, "a \\b\033[1m\r\n\xff\xc2\x9b\xe2\x82\xac", false);
	assert_string_equal(unr_text_string(&out),
			    "a \\b\\033[1m\\r\\n\\377\\302\\233\xe2\x82\xac");
	unr_text_clear(&out);
	unr_layout_prose(&out, "a\nb", true);
	assert_string_equal(unr_text_string(&out), "a\nb");
}

/* The first line of @n columns; then one word more. */
static void wrap_after(size_t n, const char *expected_end)
{
	unr_auto(unr_text_done) struct unr_text out = { 0 };
	struct unr_wrap wrap = { .out = &out, .indent = 2, .fresh = true };
	char first[UNR_LAYOUT_COLUMNS + 1] = { 0 };

	memset(first, 'x', n);
	unr_wrap_word(&wrap, first);
	unr_wrap_words(&wrap, "word");
	assert_string_equal(unr_text_string(&out) + n, expected_end);
}

static void wrap__fills_80_columns_and_not_81(void **state)
{
	(void) state;
	wrap_after(75, " word");
	wrap_after(76, "\n  word");
}

static void wrap__leaves_a_long_word_whole(void **state)
{
	unr_auto(unr_text_done) struct unr_text out = { 0 };
	struct unr_wrap wrap = { .out = &out, .indent = 2, .fresh = true };
	char name[100];

	(void) state;
	memset(name, 'y', sizeof(name));
	unr_wrap_words(&wrap, "at  once");
	unr_wrap_name(&wrap, "(", name, sizeof(name), ")");
	unr_wrap_name(&wrap, "", "a b", 3, "");
	assert_memory_equal(unr_text_string(&out), "at once\n  (yy", 13);
	assert_string_equal(unr_text_string(&out) + 10 + 100, "y)\n  a\\ b");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(width__counts_characters),
	cmocka_unit_test(count__has_its_plural),
	cmocka_unit_test(prose__keeps_spaces_and_backslashes_and_nothing_that_steers),
	cmocka_unit_test(wrap__fills_80_columns_and_not_81),
	cmocka_unit_test(wrap__leaves_a_long_word_whole),
};

UNR_TEST_MAIN("report.layout", tests, NULL);
