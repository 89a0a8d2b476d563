/* SPDX-License-Identifier: MIT */
/* base/text: what is UTF-8 and what only looks like it, strict numbers, prefixes. */
#include "unr_test.h"

#include <errno.h>

#include "base/text.h"

/* RFC 3629: each first byte at the borders of what may follow it. */
static void utf8__has_the_length_of_its_first_character(void **state)
{
	static const struct {
		const char *bytes;
		size_t length, expected;
	} cases[] = {
		{ "\0", 1, 1 },
		{ "a\xff", 2, 1 },
		{ "\x7f", 1, 1 },
		{ "\xc2\x80", 2, 2 },
		{ "\xdf\xbf", 2, 2 },
		{ "\xe0\xa0\x80", 3, 3 },
		{ "\xe0\xbf\xbf", 3, 3 },
		{ "\xe1\x80\x80", 3, 3 },
		{ "\xec\xbf\xbf", 3, 3 },
		{ "\xed\x80\x80", 3, 3 },
		{ "\xed\x9f\xbf", 3, 3 },
		{ "\xee\x80\x80", 3, 3 },
		{ "\xef\xbf\xbf", 3, 3 },
		{ "\xf0\x90\x80\x80", 4, 4 },
		{ "\xf0\xbf\xbf\xbf", 4, 4 },
		{ "\xf1\x80\x80\x80", 4, 4 },
		{ "\xf3\xbf\xbf\xbf", 4, 4 },
		{ "\xf4\x80\x80\x80", 4, 4 },
		{ "\xf4\x8f\xbf\xbf", 4, 4 },
		{ "\xf4\x8f\xbf\xbf\xbf", 5, 4 },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++)
		assert_int_equal(unr_utf8_length(cases[i].bytes, cases[i].length),
				 cases[i].expected);
}

static void utf8__refuses(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
	} cases[] = {
		{ "", 0 },
		{ "\x80", 1 }, /* a continuation alone */
		{ "\xbf", 1 },
		{ "\xc0\x80", 2 }, /* longer than needed */
		{ "\xc1\xbf", 2 },
		{ "\xe0\x9f\xbf", 3 },
		{ "\xf0\x8f\xbf\xbf", 4 },
		{ "\xed\xa0\x80", 3 }, /* surrogates */
		{ "\xed\xbf\xbf", 3 },
		{ "\xf4\x90\x80\x80", 4 }, /* above U+10FFFF */
		{ "\xf5\x80\x80\x80", 4 },
		{ "\xfe", 1 },
		{ "\xff", 1 },
		{ "\xc2", 1 }, /* cut short */
		{ "\xe1\x80", 2 },
		{ "\xf1\x80\x80", 3 },
		{ "\xc2"
		  "a",
		  2 }, /* no continuation */
		{ "\xc2\xc0", 2 },
		{ "\xe1\x7f\x80", 3 },
		{ "\xe1\xc0\x80", 3 },
		{ "\xe1\x80\x7f", 3 },
		{ "\xe1\x80\xc0", 3 },
		{ "\xf1\x80\x7f\x80", 4 },
		{ "\xf1\x80\x80\x7f", 4 },
		{ "\xf1\x80\x80\xc0", 4 },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++)
		assert_int_equal(unr_utf8_length(cases[i].bytes, cases[i].length), 0);
}

static void utf8__is_valid_as_a_whole_or_not(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
		bool valid;
	} cases[] = {
		{ "", 0, true },
		{ "a\0b", 3, true },
		{ "\xc3\xa9t\xc3\xa9", 5, true },
		{ "\xc3\xa9t\xc3", 4, false },
		{ "ok\xff", 3, false },
		{ "\xffok", 3, false },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++)
		assert_int_equal(unr_utf8_valid(cases[i].bytes, cases[i].length), cases[i].valid);
}

static void parse_u64__accepts_decimal_digits(void **state)
{
	static const struct {
		const char *text;
		uint64_t max, value;
	} cases[] = {
		{ "0", 0, 0 },
		{ "00012", 12, 12 },
		{ "65535", 65535, 65535 },
		{ "4294967295", UINT32_MAX, UINT32_MAX },
		{ "18446744073709551615", UINT64_MAX, UINT64_MAX },
		{ "000000000000000000000000000000001", 1, 1 },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		uint64_t value = 99;

		assert_int_equal(unr_parse_u64(cases[i].text, cases[i].max, &value), 0);
		assert_int_equal(value, cases[i].value);
	}
}

static void parse_u64__refuses_what_is_no_number(void **state)
{
	static const char *const cases[] = { "",    " ",   " 1",   "1 ",  "-1",
					     "+1",  "1.0", "0x10", "1e3", "abc",
					     "1,0", "1_0", "1\n",  "\t1", "99999999999999999999x" };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		uint64_t value = 99;

		assert_int_equal(unr_parse_u64(cases[i], UINT64_MAX, &value), -EINVAL);
		assert_int_equal(value, 99);
	}
}

static void parse_u64__refuses_what_is_too_large(void **state)
{
	static const struct {
		const char *text;
		uint64_t max;
	} cases[] = {
		{ "1", 0 },
		{ "65536", 65535 },
		{ "4294967296", UINT32_MAX },
		{ "18446744073709551615", UINT64_MAX - 1 },
		{ "18446744073709551616", UINT64_MAX },
		{ "18446744073709551620", UINT64_MAX },
		{ "99999999999999999999999999", UINT64_MAX },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		uint64_t value = 99;

		assert_int_equal(unr_parse_u64(cases[i].text, cases[i].max, &value), -ERANGE);
		assert_int_equal(value, 99);
	}
}

static void starts_with__gives_the_rest(void **state)
{
	const char *name = ".wh.a";

	(void) state;
	assert_ptr_equal(unr_starts_with(name, ".wh."), name + 4);
	assert_ptr_equal(unr_starts_with(name, ""), name);
	assert_ptr_equal(unr_starts_with(name, ".wh.a"), name + 5);
	assert_null(unr_starts_with(name, ".wh.ab"));
	assert_null(unr_starts_with(name, "wh."));
	assert_null(unr_starts_with("", "x"));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(utf8__has_the_length_of_its_first_character),
	cmocka_unit_test(utf8__refuses),
	cmocka_unit_test(utf8__is_valid_as_a_whole_or_not),
	cmocka_unit_test(parse_u64__accepts_decimal_digits),
	cmocka_unit_test(parse_u64__refuses_what_is_no_number),
	cmocka_unit_test(parse_u64__refuses_what_is_too_large),
	cmocka_unit_test(starts_with__gives_the_rest),
};

UNR_TEST_MAIN("text_parse", tests, NULL);
