/* SPDX-License-Identifier: MIT */
/* What Go says of configs whose types are others: its words, older and newer. */
#include "unr_test.h"

#include <stdlib.h>
#include <string.h>

#include "image/go_decode.h"

#define JSON "json: cannot unmarshal "
#define FIELD " into Go struct field "

static bool has_rootfs(const char *config, size_t length, bool newer, const char *words)
{
	const struct unr_go_rules rules = { .newer = newer };
	unr_auto(unr_text_done) struct unr_text said = { 0 };
	/* Without an end mark, so that a sanitizer sees whoever reads on. */
	struct unr_text document = { .bytes = malloc(length == 0 ? 1 : length), .length = length };
	bool noted = false;

	assert_non_null(document.bytes);
	memcpy(document.bytes, config, length);
	unr_go_decode(&unr_go_image, &rules, &document, &noted, &said);
	free(document.bytes);
	if (words != NULL)
		assert_string_equal(unr_text_string(&said), words);
	return noted;
}

/* The older ones alone; has it a rootfs? */
static bool says(const char *config, const char *words)
{
	return has_rootfs(config, strlen(config), false, words);
}

static void expect(const char *config, const char *words, const char *newer_words)
{
	(void) says(config, words);
	(void) has_rootfs(config, strlen(config), true, newer_words);
}

static void image__each_kind_of_value(void **state)
{
	(void) state;
	expect("{\"author\": 1}", JSON "number" FIELD "Image.author of type string",
	       JSON "number" FIELD "Image.V1Image.author of type string");
	expect("{\"parent\":[]}", JSON "array" FIELD "Image.parent of type image.ID",
	       JSON "array" FIELD "Image.parent of type image.ID");
	expect(" {\"config\" : {\"Tty\" : \"x\"} } ",
	       JSON "string" FIELD "Config.config.Tty of type bool",
	       JSON "string" FIELD "Config.V1Image.config.Tty of type bool");
	expect("{\"history\":[{},{\"comment\":true}]}",
	       JSON "bool" FIELD "History.history.comment of type string",
	       JSON "bool" FIELD "History.history.comment of type string");
	expect("{\"history\":{}}", JSON "object" FIELD "Image.history of type []image.History",
	       JSON "object" FIELD "Image.history of type []v1.History");
	expect("{\"config\":{\"Labels\":{\"a\":\"b\",\"c\":1.50}}}",
	       JSON "number" FIELD "Config.config.Labels of type string",
	       JSON "number" FIELD "Config.V1Image.config.Labels of type string");
	expect("{\"config\":{\"Healthcheck\":{\"StartInterval\":\"x\"}}}", "",
	       JSON "string" FIELD "HealthcheckConfig.V1Image.config.Healthcheck.StartInterval of "
		    "type time.Duration");
	expect("[{}]", JSON "array into Go value of type image.Image",
	       JSON "array into Go value of type image.Image");
}

static void image__numbers_as_they_stand_there(void **state)
{
	static const struct {
		const char *literal;
		bool fits;
	} cases[] = {
		{ "0", true },
		{ "-0", true },
		{ "9223372036854775807", true },
		{ "-9223372036854775808", true },
		{ "9223372036854775808", false },
		{ "-9223372036854775809", false },
		{ "18446744073709551617", false },
		{ "99999999999999999999999999", false },
		{ "1.0", false },
		{ "1E0", false },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		unr_auto(unr_text_done) struct unr_text config = { 0 }, words = { 0 };

		unr_text_printf(&config, "{\"size\":%s}", cases[i].literal);
		unr_text_printf(&words, JSON "number %s" FIELD "Image.Size of type int64",
				cases[i].literal);
		(void) has_rootfs(config.bytes, config.length, false,
				  cases[i].fits ? "" : unr_text_string(&words));
	}
}

static void image__the_first_fault_and_what_ends_at_once(void **state)
{
	const char *words = JSON "array" FIELD "Config.config.Cmd of type string";

	(void) state;
	(void) says("{\"id\":1,\"author\":2}", JSON "number" FIELD "Image.id of type string");
	expect("{\"id\":1,\"config\":{\"Cmd\":[\"a\",null,{}]},\"created\":\"x\"}", words,
	       JSON "array" FIELD "Config.V1Image.config.Cmd of type string");
	expect("{\"id\":1,\"created\":7,\"config\":{\"Cmd\":1}}",
	       "parsing time \"7\" as \"\\\"2006-01-02T15:04:05Z07:00\\\"\": cannot parse \"7\" as "
	       "\"\\\"\"",
	       "Time.UnmarshalJSON: input is not a JSON string");
	expect("{\"config\":{\"Cmd\":\"a\",\"Shell\":[],\"Entrypoint\":null}}", "", "");
}

static void image__names_as_go_folds_them(void **state)
{
	const char *words = JSON "number" FIELD "Image.os of type string";

	(void) state;
	(void) says("{\"OS\":1}", words);
	(void) says("{\"o\xc5\xbf\":1}", words);
	(void) says("{\"\\u006f\\u017F\":1}", words);
	(void) says("{\"os\\u0000\":1}", "");
	(void) says("{\"os\\\\\":1}", "");
	(void) says("{\"other\":1,\"o\":{\"os\":1},\"\":\"}\",\"\\\"\":[\"]\"]}", "");
	(void) says("{\"author\\u0061\\u0061\\u0061\\u0061\\u0061\\u0061\\u0061\\u0061\\u0061"
		    "\\u0061\\u0061\\u0061\\u0061\\u0061\\u0061\\u0061\\u0061\\u0061\":1}",
		    "");
}

static void image__has_a_rootfs_or_none(void **state)
{
	(void) state;
	assert_true(says("{\"rootfs\":{}}", ""));
	assert_false(says("{}", ""));
	assert_false(says(" null", ""));
	assert_false(says("{\"rootfs\":{},\"RootFS\":null}", ""));
	assert_true(says("{\"rootfs\":null,\"RootFS\":{}}", ""));
	assert_false(says("{\"config\":{\"rootfs\":{}}}", ""));
}

/* Whatever is cut off, nothing behind it is read, and it ends. */
static void image__cut_anywhere(void **state)
{
	static const char config[] =
		"{\"config\":{\"Cmd\":[\"a\\\"\",{\"b\":[1]}],\"Env\":[\"c\"], "
		"\"\\u0061\" : {\"d\":1e5}},\"created\":\"2020\",\"size\":-1}";

	(void) state;
	for (size_t i = 0; i < sizeof(config); i++) {
		(void) has_rootfs(config, i, false, NULL);
		(void) has_rootfs(config, i, true, NULL);
	}
	(void) says("{\"a\":]}}]", NULL);
	(void) says("]]]", NULL);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(image__each_kind_of_value),
	cmocka_unit_test(image__numbers_as_they_stand_there),
	cmocka_unit_test(image__the_first_fault_and_what_ends_at_once),
	cmocka_unit_test(image__names_as_go_folds_them),
	cmocka_unit_test(image__has_a_rootfs_or_none),
	cmocka_unit_test(image__cut_anywhere),
};

UNR_TEST_MAIN("image.go_decode", tests, NULL);
