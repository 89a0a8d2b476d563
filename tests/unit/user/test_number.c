/* SPDX-License-Identifier: MIT */
/*
 * Numbers and white space as Go has them: strconv.Atoi's value beside an error,
 * bytes.TrimSpace, fields.
 */
#include <errno.h>
#include <string.h>

#include "unr_test.h"
#include "user/number.h"

static struct unr_slice slice(const char *text)
{
	return (struct unr_slice) { text, strlen(text) };
}

static void atoi__value_and_error(void **state)
{
	static const struct {
		const char *text;
		int error;
		int64_t value;
	} cases[] = {
		{ "0", 0, 0 },
		{ "007", 0, 7 },
		{ "+5", 0, 5 },
		{ "-1", 0, -1 },
		{ "-0", 0, 0 },
		{ "9223372036854775807", 0, INT64_MAX },
		{ "9223372036854775808", -ERANGE, INT64_MAX },
		{ "-9223372036854775808", 0, INT64_MIN },
		{ "-9223372036854775809", -ERANGE, INT64_MIN },
		{ "18446744073709551616", -ERANGE, INT64_MAX },
		/* 64 bits are full before the letter is seen... */
		{ "99999999999999999999x", -ERANGE, INT64_MAX },
		/* ...and here they are not. */
		{ "9223372036854775808x", -EINVAL, 0 },
		{ "", -EINVAL, 0 },
		{ "-", -EINVAL, 0 },
		{ "+", -EINVAL, 0 },
		{ "--1", -EINVAL, 0 },
		{ " 5", -EINVAL, 0 },
		{ "5 ", -EINVAL, 0 },
		{ "0x10", -EINVAL, 0 },
		{ "1_000", -EINVAL, 0 },
		{ "abc", -EINVAL, 0 },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		int64_t value = 77;

		assert_int_equal(unr_go_atoi(slice(cases[i].text), &value), cases[i].error);
		assert_true(value == cases[i].value);
	}
}

static void atoi__nul_is_no_digit(void **state)
{
	int64_t value;

	(void) state;
	assert_int_equal(unr_go_atoi((struct unr_slice) { "0\0", 2 }, &value), -EINVAL);
}

static void trim__ascii_and_unicode(void **state)
{
	static const struct {
		const char *text, *trimmed;
	} cases[] = {
		{ " a ", "a" },
		{ "\t\v\f\r\na b\r", "a b" },
		{ "\xc2\xa0"
		  "a\xc2\x85",
		  "a" },
		{ "\xe3\x80\x80"
		  "a\xe2\x80\x83 ",
		  "a" },
		/* U+200B is none, and a lone byte is no U+00A0. */
		{ "\xe2\x80\x8b"
		  "a",
		  "\xe2\x80\x8b"
		  "a" },
		{ "\xa0"
		  "a",
		  "\xa0"
		  "a" },
		{ "  ", "" },
		{ "", "" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++)
		assert_true(unr_slice_equals(unr_go_trim(slice(cases[i].text)),
					     slice(cases[i].trimmed)));
}

static void field__one_after_the_other(void **state)
{
	struct unr_slice rest = slice("a::b");

	(void) state;
	assert_true(unr_slice_equals(unr_slice_field(&rest, ':'), slice("a")));
	assert_true(unr_slice_equals(unr_slice_field(&rest, ':'), slice("")));
	assert_true(unr_slice_equals(unr_slice_field(&rest, ':'), slice("b")));
	assert_int_equal(rest.length, 0);
	assert_true(unr_slice_equals(unr_slice_field(&rest, ':'), slice("")));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(atoi__value_and_error),
	cmocka_unit_test(atoi__nul_is_no_digit),
	cmocka_unit_test(trim__ascii_and_unicode),
	cmocka_unit_test(field__one_after_the_other),
};

UNR_TEST_MAIN("user.number", tests, NULL);
