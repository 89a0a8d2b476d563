/* SPDX-License-Identifier: MIT */
/* Times in JSON: which are some, and the words for others; asked of dockerd 20.10.24 and 26.1.5. */
#include "unr_test.h"

#include <string.h>

#include "image/go_time.h"

#define OLD "\"\\\"2006-01-02T15:04:05Z07:00\\\"\""
#define NEW "\"2006-01-02T15:04:05Z07:00\""

static void expect_by(const struct unr_go_rules *rules, const char *raw, const char *words)
{
	unr_auto(unr_text_done) struct unr_text said = { 0 };

	assert_int_equal(unr_go_time(raw, strlen(raw), rules, &said), *words == '\0');
	assert_string_equal(unr_text_string(&said), words);
}

static void expect(const char *raw, bool newer, const char *words)
{
	const struct unr_go_rules rules = { .newer = newer };

	expect_by(&rules, raw, words);
}

static void time__that_both_take(void **state)
{
	static const char *const times[] = {
		"\"2020-02-29T12:34:56Z\"",      "\"2000-02-29T1:00:00.5Z\"",
		"\"0000-12-31T23:59:59,123Z\"",  "\"2020-01-01T00:00:00.1234567890123-24:60\"",
		"\"9999-04-30T00:00:00+00:00\"",
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(times); i++) {
		expect(times[i], false, "");
		expect(times[i], true, "");
	}
}

static void time__that_is_none(void **state)
{
	(void) state;
	expect("\"x\"", false,
	       "parsing time \"\\\"x\\\"\" as " OLD ": cannot parse \"x\\\"\" as \"2006\"");
	expect("\"x\"", true, "parsing time \"x\" as " NEW ": cannot parse \"x\" as \"2006\"");
	expect("{}", false, "parsing time \"{}\" as " OLD ": cannot parse \"{}\" as \"\\\"\"");
	expect("{}", true, "Time.UnmarshalJSON: input is not a JSON string");
	expect("\"\"", true, "parsing time \"\" as " NEW ": cannot parse \"\" as \"2006\"");
	expect("\"2020-01-01T00:00:00Zx\"", true,
	       "parsing time \"2020-01-01T00:00:00Zx\": extra text: \"x\"");
	expect("\"2020-01-01T00:0:00Z\"", true,
	       "parsing time \"2020-01-01T00:0:00Z\" as " NEW ": cannot parse \"0:00Z\" as \"04\"");
	expect("\"\xff\t\\\"\"", true,
	       "parsing time \"\\xff\\x09\\\\\\\"\" as " NEW
	       ": cannot parse \"\\xff\\x09\\\\\\\"\" as \"2006\"");
}

static void time__out_of_range(void **state)
{
	static const struct {
		const char *time, *name;
	} cases[] = {
		{ "2020-00-01T00:00:00Z", "month" },  { "2020-13-99T99:99:99Z", "month" },
		{ "2020-01-00T00:00:00Z", "day" },    { "2021-02-29T00:00:00Z", "day" },
		{ "1900-02-29T00:00:00Z", "day" },    { "2020-04-31T00:00:00Z", "day" },
		{ "2020-04-31T24:00:00Z", "hour" },   { "2020-01-01T00:60:00Z", "minute" },
		{ "2020-01-01T00:00:60Z", "second" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		unr_auto(unr_text_done) struct unr_text raw = { 0 }, old = { 0 }, new = { 0 };

		unr_text_printf(&raw, "\"%s\"", cases[i].time);
		unr_text_printf(&old, "parsing time \"\\\"%s\\\"\": %s out of range", cases[i].time,
				cases[i].name);
		unr_text_printf(&new, "parsing time \"%s\": %s out of range", cases[i].time,
				cases[i].name);
		expect(raw.bytes, false, unr_text_string(&old));
		expect(raw.bytes, true, unr_text_string(&new));
	}
}

/* go1.19 takes more for a time, and tells a number that is none from behind. */
static void time__that_only_one_of_them_takes(void **state)
{
	(void) state;
	expect("\"2020-01-01T00:00:.5Z\"", false, "");
	expect("\"2020-01-01T00:00:.5Z\"", true,
	       "parsing time \"2020-01-01T00:00:.5Z\" as " NEW ": cannot parse \".5Z\" as \"05\"");
	expect("\"2020-01-01T00:00:00++1:-1\"", false, "");
	expect("\"2020-01-01T00:00:00++1:-1\"", true,
	       "parsing time \"2020-01-01T00:00:00++1:-1\" as " NEW
	       ": cannot parse \"++1:-1\" as \"Z07:00\"");
	expect("\"2020-01-01T00:00:00+25:00\"", false, "");
	expect("\"2020-01-01T00:00:00+25:00\"", true,
	       "parsing time \"2020-01-01T00:00:00+25:00\": time zone offset hour out of range");
	expect("\"2020-01-01T00:00:00*25:61\"", true,
	       "parsing time \"2020-01-01T00:00:00*25:61\": time zone offset minute out of range");
	expect("\"202\"", false,
	       "parsing time \"\\\"202\\\"\" as " OLD ": cannot parse \"\" as \"2006\"");
	expect("\"20a0-\"", true,
	       "parsing time \"20a0-\" as " NEW ": cannot parse \"20a0-\" as \"2006\"");
	expect("\"2020-01-01T00:00:00+aa:00\"", false,
	       "parsing time \"\\\"2020-01-01T00:00:00+aa:00\\\"\" as " OLD
	       ": cannot parse \"\\\"\" as \"Z07:00\"");
}

/* go1.15, of dockerd 20.10.5 */
static void time__older(void **state)
{
	static const struct unr_go_rules older = { .older = true };
	const char *layout = "\"\"2006-01-02T15:04:05Z07:00\"\"";
	unr_auto(unr_text_done) struct unr_text comma = { 0 }, bytes = { 0 };

	(void) state;
	unr_text_printf(&comma,
			"parsing time \"\"2020-01-01T00:00:00,1Z\"\" as %s: cannot parse \",1Z\"\" "
			"as \"Z07:00\"",
			layout);
	unr_text_printf(&bytes,
			"parsing time \"\"\\n\xef\xbf\xbd\xc3\xa9\"\" as %s: cannot parse "
			"\"\\n\xef\xbf\xbd\xc3\xa9\"\" as \"2006\"",
			layout);
	expect_by(&older, "\"2020-01-01T00:00:00,1Z\"", unr_text_string(&comma));
	expect_by(&older, "\"\\n\xff\xc3\xa9\"", unr_text_string(&bytes));
	expect_by(&older, "\"2020-01-01T00:00:00.0999999999Z\"", "");
	expect_by(&older, "\"2020-01-01T00:00:00.1000000000Z\"",
		  "parsing time \"\"2020-01-01T00:00:00.1000000000Z\"\": fractional second out of "
		  "range");
	expect_by(&older, "\"2021-02-29T00:00:00Z\"",
		  "parsing time \"\"2021-02-29T00:00:00Z\"\": day out of range");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(time__that_both_take),
	cmocka_unit_test(time__that_is_none),
	cmocka_unit_test(time__out_of_range),
	cmocka_unit_test(time__older),
	cmocka_unit_test(time__that_only_one_of_them_takes),
};

UNR_TEST_MAIN("image.go_time", tests, NULL);
