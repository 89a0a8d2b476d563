/* SPDX-License-Identifier: MIT */
/* tar/: numbers as Go reads them: header fields, pax decimals, pax times. */
#include "unr_test.h"

#include <string.h>

#include "tar/internal.h"

/* A literal with its length; NUL bytes in it count. */
#define B(literal) (literal), sizeof(literal) - 1

static void numeric__accepts_octal_and_base_256(void **state)
{
	static const struct {
		const char *field;
		size_t size;
		int64_t value;
	} cases[] = {
		{ B("0000644\0"), 0644 },
		{ B("644 \0\0\0\0"), 0644 },
		{ B("   644 \0"), 0644 },
		{ B("\0\0\0"
		    "644\0 "),
		  0644 },
		{ B("00000017"), 017 }, /* no end within the field */
		{ B("\0\0\0\0\0\0\0\0"), 0 },
		{ B("        "), 0 },
		{ B(" \0 \0 \0 \0"), 0 },
		{ B("17\0 99\0\0"), 017 }, /* what stands behind a NUL does not count */
		{ B("17\0"
		    "9999\0"),
		  017 },
		{ B("777777777777"), INT64_C(0777777777777) },
		{ B("\x80\0\0\0\0\0\0\0"), 0 },
		{ B("\x80\0\0\0\0\0\0\x05"), 5 },
		{ B("\x80\0\0\0\0\x01\x11\x70"), 70000 },
		{ B("\x80\0\0\0\xff\xff\xff\xff"), UINT32_MAX },
		{ B("\x80\0\0\x01\0\0\0\0"), INT64_C(1) << 32 },
		{ B("\xbf\xff\xff\xff\xff\xff\xff\xff"), INT64_C(0x3fffffffffffffff) },
		{ B("\xff\xff\xff\xff\xff\xff\xff\xff"), -1 },
		{ B("\xff\xff\xff\xff\xff\xff\xff\xfb"), -5 },
		{ B("\xc0\0\0\0\0\0\0\0"), -INT64_C(0x4000000000000000) },
		{ B("\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff"), INT64_MAX },
		{ B("\xff\xff\xff\xff\x80\0\0\0\0\0\0\0"), INT64_MIN },
		{ B("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), -1 },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		int64_t value = 99;

		assert_true(tar_parse_numeric((const unsigned char *) cases[i].field, cases[i].size,
					      &value));
		assert_true(value == cases[i].value);
	}
}

static void numeric__refuses(void **state)
{
	static const struct {
		const char *field;
		size_t size;
	} cases[] = {
		{ B("12x4\0\0\0\0") },
		{ B("abc\0\0\0\0\0") },
		{ B("0000009\0") },
		{ B("0000008\0") },
		{ B("17 99\0\0\0") },
		{ B("-1\0\0\0\0\0\0") },
		{ B("+17\0\0\0\0\0") },
		{ B("\t17\0\0\0\0\0") },
		{ B("17\n\0\0\0\0\0") },
		{ B("0x17\0\0\0\0") },
		{ B("1.0\0\0\0\0\0") },
		{ B("\x7f\0\0\0\0\0\0\0") },
		/* 2^63 and more, -2^63 - 1 and less: only 12 bytes can hold them */
		{ B("\x80\0\0\0\x80\0\0\0\0\0\0\0") },
		{ B("\x80\0\0\x01\0\0\0\0\0\0\0\0") },
		{ B("\xbf\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff") },
		{ B("\xff\xff\xff\xff\x7f\xff\xff\xff\xff\xff\xff\xff") },
		{ B("\xc0\0\0\0\0\0\0\0\0\0\0\0") },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		int64_t value = 99;

		assert_false(tar_parse_numeric((const unsigned char *) cases[i].field,
					       cases[i].size, &value));
		assert_true(value == 99);
	}
}

static void decimal__accepts(void **state)
{
	static const struct {
		const char *text;
		int64_t value;
	} cases[] = {
		{ "0", 0 },
		{ "-0", 0 },
		{ "+5", 5 },
		{ "-5", -5 },
		{ "007", 7 },
		{ "65536", 65536 },
		{ "4294967295", UINT32_MAX },
		{ "9223372036854775807", INT64_MAX },
		{ "+9223372036854775807", INT64_MAX },
		{ "-9223372036854775808", INT64_MIN },
		{ "00000000000000000000000000000000000001", 1 },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		int64_t value = 99;

		assert_true(tar_parse_decimal(cases[i].text, strlen(cases[i].text), &value));
		assert_true(value == cases[i].value);
	}
}

static void decimal__refuses(void **state)
{
	static const struct {
		const char *text;
		size_t length;
	} cases[] = {
		{ B("") },
		{ B("-") },
		{ B("+") },
		{ B("--5") },
		{ B("+-5") },
		{ B(" 5") },
		{ B("5 ") },
		{ B("abc") },
		{ B("1e3") },
		{ B("0x5") },
		{ B("1_0") },
		{ B("5.0") },
		{ B("5\0") },
		{ B("5\n") },
		{ B("\0"
		    "5") },
		{ B("\xb2") },
		{ B("9223372036854775808") },
		{ B("-9223372036854775809") },
		{ B("9223372036854775810") },
		{ B("18446744073709551621") }, /* 5 in 64 bits */
		{ B("99999999999999999999999999999999") },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		int64_t value = 99;

		assert_false(tar_parse_decimal(cases[i].text, cases[i].length, &value));
	}
}

/* Nanoseconds count upwards also before 1970. */
static void time__accepts(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds;
		int32_t nanoseconds;
	} cases[] = {
		{ "0", 0, 0 },
		{ "12.", 12, 0 },
		{ "1000000000.123456789", 1000000000, 123456789 },
		{ "1000000000.1234567899", 1000000000, 123456789 },
		{ "1.5", 1, 500000000 },
		{ "1.000000001", 1, 1 },
		{ "1.0000000009", 1, 0 },
		{ "+1.5", 1, 500000000 },
		{ "-1", -1, 0 },
		{ "-1.5", -2, 500000000 },
		{ "-0.5", -1, 500000000 },
		{ "-0.0", 0, 0 },
		{ "-1.000000001", -2, 999999999 },
		{ "9223372036854775807", INT64_MAX, 0 },
		{ "1.00000000000000000000000000000000000000000000000001", 1, 0 },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct unr_tar_time time = { 99, 99 };

		assert_true(tar_parse_time(cases[i].text, strlen(cases[i].text), &time));
		assert_true(time.seconds == cases[i].seconds);
		assert_int_equal(time.nanoseconds, cases[i].nanoseconds);
	}
}

static void time__refuses(void **state)
{
	static const struct {
		const char *text;
		size_t length;
	} cases[] = {
		{ B("") },
		{ B(".") },
		{ B(".5") },
		{ B("-") },
		{ B("-.5") },
		{ B("1e5") },
		{ B("12 ") },
		{ B(" 12") },
		{ B("abc") },
		{ B("1.2.3") },
		{ B("1.-5") },
		{ B("1.5x") },
		{ B("1.5 ") },
		{ B("1,5") },
		{ B("1.5\0") },
		{ B("9223372036854775808") },
		{ B("1.000000000000x") },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct unr_tar_time time = { 99, 99 };

		assert_false(tar_parse_time(cases[i].text, cases[i].length, &time));
		assert_true(time.seconds == 99);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(numeric__accepts_octal_and_base_256),
	cmocka_unit_test(numeric__refuses),
	cmocka_unit_test(decimal__accepts),
	cmocka_unit_test(decimal__refuses),
	cmocka_unit_test(time__accepts),
	cmocka_unit_test(time__refuses),
};

UNR_TEST_MAIN("tar_number", tests, NULL);
