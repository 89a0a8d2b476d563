/* SPDX-License-Identifier: MIT */
/* Hostile JSON and configs: what is read, and the one line for what is not. */
#include "fixture.h"

#include "image/config.h"
#include "image/json.h"

static int parse(const char *text, size_t size, struct unr_json *ret, struct unr_error *err)
{
	unr_auto(unr_text_done) struct unr_text bytes = { 0 };

	unr_text_append(&bytes, text, size);
	return unr_json_parse(&bytes, "app.tar", "x.json", ret, err);
}

static void assert_no_json(const char *text, size_t size, int code, const char *message)
{
	struct unr_json json = { 0 };
	struct unr_error err = { 0 };

	assert_int_equal(parse(text, size, &json, &err), code);
	assert_int_equal(err.kind, UNR_ERROR_FAILED);
	assert_string_equal(err.message, message);
	assert_null(json.root);
}

static void parse__names_line_and_column(void **state)
{
	(void) state;
	assert_no_json("{\n \"a\": tru }", 13, -EBADMSG,
		       "app.tar: x.json: is not valid JSON: line 2, column 9: "
		       "invalid token near 'tru'");
	assert_no_json("[1] x", 5, -EBADMSG,
		       "app.tar: x.json: is not valid JSON: line 1, column 5: "
		       "end of file expected near 'x'");
	assert_no_json("[\"\033[31m\"]", 9, -EBADMSG,
		       "app.tar: x.json: is not valid JSON: line 1, column 2: "
		       "control character 0x1b near '\"'");
}

static void parse__bounds_depth_and_number_of_values(void **state)
{
	enum { DEEP = 100 * 1000, MANY = 2200 * 1000 };
	char *text = malloc(MANY);

	(void) state;
	assert_non_null(text);
	memset(text, '[', DEEP);
	assert_no_json(text, DEEP, -EBADMSG,
		       "app.tar: x.json: is not valid JSON: line 1, column 2049: "
		       "maximum parsing depth reached near '['");
	for (size_t i = 0; i < MANY; i++)
		text[i] = i % 2 == 0 ? '1' : ',';
	text[0] = '[';
	assert_no_json(text, MANY, -E2BIG, "app.tar: x.json: has more than 1000000 JSON values");
	/* Commas in strings are no values. */
	memset(text, ',', MANY);
	memcpy(text, "[\"\\\"", 4);
	memcpy(text + MANY - 2, "\"]", 2);
	unr_auto(unr_json_done) struct unr_json json = { 0 };
	assert_int_equal(parse(text, MANY, &json, NULL), 0);
	free(text);
}

static void getters__say_where_and_what(void **state)
{
	static const char text[] = "[{\"s\":\"x\",\"n\":null,\"i\":5,\"neg\":-1,\"f\":1.5,"
				   "\"nul\":\"a\\u0000b\",\"l\":[1,2,3]}]";
	unr_auto(unr_json_done) struct unr_json json = { 0 };
	struct unr_json_at root, object, list, item;
	struct unr_error err = { 0 };
	const char *string = NULL;
	uint64_t size = 0;
	bool flag = true;
	size_t n = 0;

	(void) state;
	assert_int_equal(parse(text, strlen(text), &json, &err), 0);
	root = unr_json_root(&json);
	object = unr_json_item(&root, 0);
	assert_int_equal(unr_json_member_string(&object, "s", NULL, &string, &err), 0);
	assert_string_equal(string, "x");
	assert_int_equal(unr_json_member_string(&object, "n", "none", &string, &err), 0);
	assert_string_equal(string, "none");
	assert_int_equal(unr_json_member_size(&object, "i", &size, &err), 0);
	assert_int_equal(size, 5);
	assert_int_equal(unr_json_member_bool(&object, "absent", &flag, &err), 0);
	assert_false(flag);

	assert_int_equal(unr_json_member_string(&object, "n", NULL, &string, &err), -EBADMSG);
	assert_string_equal(err.message, "app.tar: x.json: [0].n: is missing");
	assert_int_equal(unr_json_member_string(&object, "i", NULL, &string, &err), -EBADMSG);
	assert_string_equal(err.message, "app.tar: x.json: [0].i: is not a string");
	assert_int_equal(unr_json_member_string(&object, "nul", NULL, &string, &err), -EBADMSG);
	assert_string_equal(err.message, "app.tar: x.json: [0].nul: holds a NUL character");
	assert_int_equal(unr_json_member_size(&object, "neg", &size, &err), -EBADMSG);
	assert_string_equal(err.message, "app.tar: x.json: [0].neg: is not a size");
	assert_int_equal(unr_json_member_size(&object, "f", &size, &err), -EBADMSG);
	assert_int_equal(unr_json_member_size(&object, "absent", &size, &err), -EBADMSG);
	assert_string_equal(err.message, "app.tar: x.json: [0].absent: is missing");
	assert_int_equal(unr_json_member_bool(&object, "s", &flag, &err), -EBADMSG);
	assert_string_equal(err.message, "app.tar: x.json: [0].s: is not true or false");

	assert_int_equal(unr_json_member(&root, "s", &item, &err), -EBADMSG);
	assert_string_equal(err.message, "app.tar: x.json: is not an object");
	assert_int_equal(unr_json_count(&object, 10, &n, &err), -EBADMSG);
	assert_string_equal(err.message, "app.tar: x.json: [0]: is not an array");
	assert_int_equal(unr_json_member(&object, "l", &list, &err), 0);
	assert_int_equal(unr_json_count(&list, 2, &n, &err), -E2BIG);
	assert_string_equal(err.message,
			    "app.tar: x.json: [0].l: has 3 items, and more than 2 are not read");
	assert_int_equal(unr_json_count(&list, 3, &n, &err), 0);
	assert_int_equal(n, 3);
}

static int read_config(const char *text, struct unr_image *ret, struct unr_error *err)
{
	unr_auto(unr_text_done) struct unr_text bytes = { 0 };

	unr_text_puts(&bytes, text);
	return unr_config_read(&bytes, "app.tar", "c.json", NULL, ret, err);
}

static void config__skips_steps_without_a_layer(void **state)
{
	struct unr_image image = { 0 };

	(void) state;
	assert_int_equal(read_config(TWO_LAYERS, &image, NULL), 0);
	assert_string_equal(image.user, "node");
	assert_int_equal(image.n_layers, 2);
	assert_string_equal(image.layers[0].diff_id, DIFF_A);
	assert_string_equal(image.layers[0].created_by, "ADD root");
	assert_string_equal(image.layers[1].diff_id, DIFF_B);
	assert_string_equal(image.layers[1].created_by, "RUN npm i");
	assert_true(unr_digest_is_valid(image.config_digest));
	unr_image_done(&image);
}

static void config__history_may_be_short_long_or_missing(void **state)
{
	static const struct {
		const char *history, *first, *second;
	} cases[] = {
		{ "null", "", "" },
		{ "[]", "", "" },
		{ "[{\"created_by\":\"A\"}]", "A", "" },
		{ "[{},{\"created_by\":\"B\"},{\"created_by\":\"C\"}]", "", "B" },
		{ "[{\"empty_layer\":true},{\"created_by\":\"B\"}]", "B", "" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct unr_image image = { 0 };
		char text[512];

		(void) snprintf(text, sizeof(text),
				"{\"rootfs\":{\"diff_ids\":[\"%s\",\"%s\"]},\"history\":%s}",
				DIFF_A, DIFF_B, cases[i].history);
		assert_int_equal(read_config(text, &image, NULL), 0);
		assert_string_equal(image.user, "");
		assert_string_equal(image.layers[0].created_by, cases[i].first);
		assert_string_equal(image.layers[1].created_by, cases[i].second);
		unr_image_done(&image);
	}
}

static void config__refuses_wrong_types(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "[]", "app.tar: c.json: is not an object" },
		{ "{}", "app.tar: c.json: rootfs: is missing, so this is no image config" },
		{ "{\"config\":\"x\"}", "app.tar: c.json: config: is not an object" },
		{ "{\"config\":{\"User\":1000}}", "app.tar: c.json: config.User: is not a string" },
		{ "{\"rootfs\":[]}", "app.tar: c.json: rootfs: is not an object" },
		{ "{\"rootfs\":{\"diff_ids\":{}}}",
		  "app.tar: c.json: rootfs.diff_ids: is not an array" },
		{ "{\"rootfs\":{\"diff_ids\":[7]}}",
		  "app.tar: c.json: rootfs.diff_ids[0]: is not a string" },
		{ "{\"rootfs\":{\"diff_ids\":[null]}}",
		  "app.tar: c.json: rootfs.diff_ids[0]: is missing" },
		{ "{\"rootfs\":{\"diff_ids\":[\"sha256:12\"]}}",
		  "app.tar: c.json: rootfs.diff_ids[0]: is not a digest" },
		{ "{\"rootfs\":{\"diff_ids\":[\"" DIFF_A "\"]},\"history\":3}",
		  "app.tar: c.json: history: is not an array" },
		{ "{\"rootfs\":{\"diff_ids\":[\"" DIFF_A "\"]},\"history\":[\"x\"]}",
		  "app.tar: c.json: history[0]: is not an object" },
		{ "{\"rootfs\":{\"diff_ids\":[\"" DIFF_A "\"]},"
		  "\"history\":[{\"empty_layer\":\"no\"}]}",
		  "app.tar: c.json: history[0].empty_layer: is not true or false" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct unr_image image = { 0 };
		struct unr_error err = { 0 };

		assert_int_equal(read_config(cases[i].text, &image, &err), -EBADMSG);
		assert_string_equal(err.message, cases[i].message);
		unr_image_done(&image);
	}
}

static void config__bounds_the_number_of_layers(void **state)
{
	unr_auto(unr_text_done) struct unr_text text = { 0 };
	struct unr_image image = { 0 };
	struct unr_error err = { 0 };

	(void) state;
	unr_text_puts(&text, "{\"rootfs\":{\"diff_ids\":[\"" DIFF_A "\"");
	for (int i = 0; i < UNR_IMAGE_MAX_LAYERS; i++)
		unr_text_puts(&text, ",\"" DIFF_A "\"");
	unr_text_puts(&text, "]}}");
	assert_int_equal(read_config(text.bytes, &image, &err), -E2BIG);
	assert_string_equal(err.message, "app.tar: c.json: rootfs.diff_ids: has 4097 items, and "
					 "more than 4096 are not read");
	unr_image_done(&image);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(parse__names_line_and_column),
	cmocka_unit_test(parse__bounds_depth_and_number_of_values),
	cmocka_unit_test(getters__say_where_and_what),
	cmocka_unit_test(config__skips_steps_without_a_layer),
	cmocka_unit_test(config__history_may_be_short_long_or_missing),
	cmocka_unit_test(config__refuses_wrong_types),
	cmocka_unit_test(config__bounds_the_number_of_layers),
};

UNR_TEST_MAIN("image.json", tests, NULL);
