/* SPDX-License-Identifier: MIT */
/* image/json_go: what Go takes for JSON, and for the name of a field. */
#include "unr_test.h"

#include <string.h>

#include "image/json.h"
#include "image/json_go.h"

#define SIGN "\xef\xbf\xbd"

static void as_go__replaces_what_go_does(void **state)
{
	static const struct {
		const char *from, *to; /* NULL: as it is */
	} cases[] = {
		{ "{\"a\": [1, -2.5, 0, \"x\", true, null]} ", NULL },
		{ "\"\xc3\xa9 \\\" \\\\ \\u00e9\"", NULL },
		{ "\"\xff\xc3\"", "\"" SIGN SIGN "\"" },
		{ "\"\xed\xa0\x80\"", "\"" SIGN SIGN SIGN "\"" },
		{ "\xff", NULL },
		{ "\"\\ud83d\\ude00\"", NULL },
		{ "\"\\ud800\"", "\"" SIGN "\"" },
		{ "\"\\uDC00x\"", "\"" SIGN "x\"" },
		{ "\"\\ud800\\ud83d\\ude00\"", "\"" SIGN "\\ud83d\\ude00\"" },
		{ "\"\\ud800\\u0041\"", "\"" SIGN "\\u0041\"" },
		{ "\"\\ud8", NULL },
		{ "\"\\ud80g\"", NULL },
		{ "\"\\", NULL },
		{ "\"1e999 12345678901234567890\"", NULL },
		{ "[123456789012345678]", NULL },
		{ "[12345678901234567890,1]", "[0.5,1]" },
		{ "[1e999, -1E-5]", "[0.5, 0.5]" },
		{ "[0.12345678901234567890]", NULL },
		{ "[1e]", NULL },
		{ "[1.]", NULL },
		{ "[-]", NULL },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		unr_auto(unr_text_done) struct unr_text text = { 0 };

		unr_json_as_go(&text, cases[i].from, strlen(cases[i].from));
		assert_string_equal(unr_text_string(&text),
				    cases[i].to == NULL ? cases[i].from : cases[i].to);
	}
}

static void is_key__folds(void **state)
{
	(void) state;
	assert_true(unr_json_is_key("rootfs", "rootfs"));
	assert_true(unr_json_is_key("RootFS", "rootfs"));
	assert_true(unr_json_is_key("rootf\xc5\xbf", "rootfs"));
	assert_true(unr_json_is_key("\xe2\x84\xaa", "k"));
	assert_false(unr_json_is_key("rootf", "rootfs"));
	assert_false(unr_json_is_key("rootfs ", "rootfs"));
	assert_false(unr_json_is_key("", "rootfs"));
	assert_false(unr_json_is_key("rootf\xc5\xbe", "rootfs"));
}

static void parse(const char *text, struct unr_json *ret)
{
	unr_auto(unr_text_done) struct unr_text bytes = { 0 };
	struct unr_error err = { 0 };

	unr_text_puts(&bytes, text);
	assert_int_equal(unr_json_parse_first(&bytes, "a", "b", ret, &err), 0);
}

static void member__is_the_last_of_its_name(void **state)
{
	unr_auto(unr_json_done) struct unr_json json = { 0 };
	struct unr_json_at root, item;
	const char *string = NULL;

	(void) state;
	parse("{\"Config\": \"1\", \"CONFIG\": \"2\", \"config\": null, \"l\": [null]} junk",
	      &json);
	root = unr_json_root(&json);
	assert_int_equal(unr_json_member_string(&root, "Config", NULL, &string, NULL), 0);
	assert_string_equal(string, "2");
	assert_int_equal(unr_json_member(&root, "L", &item, NULL), 0);
	item = unr_json_item(&item, 0);
	assert_null(item.value);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(as_go__replaces_what_go_does),
	cmocka_unit_test(is_key__folds),
	cmocka_unit_test(member__is_the_last_of_its_name),
};

UNR_TEST_MAIN("image.json_go", tests, NULL);
