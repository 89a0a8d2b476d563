/* SPDX-License-Identifier: MIT */
/* fetch/credentials: entries of config.json and auth.json, right and wrong. */
#include "unr_test.h"

#include <errno.h>
#include <string.h>

#include "fetch/credentials.h"

/* somebody:secret, and other:word */
#define SECRET "{\"auth\": \"c29tZWJvZHk6c2VjcmV0\"}"
#define OTHER "{\"auth\": \"b3RoZXI6d29yZA==\"}"

static int read_text(const char *text, const char *image, struct unr_credentials *ret,
		     struct unr_error *err)
{
	unr_auto(unr_json_done) struct unr_json json = { 0 };
	unr_auto(unr_text_done) struct unr_text bytes = { 0 };
	struct unr_docker_name name;
	struct unr_json_at root;

	*ret = (struct unr_credentials) { 0 };
	*err = (struct unr_error) { 0 };
	unr_text_puts(&bytes, text);
	assert_int_equal(unr_docker_name_parse(image, &name, err), 0);
	assert_int_equal(unr_json_parse(&bytes, "credentials", "file", &json, err), 0);
	root = unr_json_root(&json);
	return unr_credentials_read(&root, &name, ret, err);
}

static void entry__is_the_nearest(void **state)
{
	static const struct {
		const char *text, *image, *user;
	} cases[] = {
		{ "{\"auths\": {\"h:5\": " SECRET "}}", "h:5/a", "somebody" },
		{ "{\"auths\": {\"https://h:5\": " SECRET "}}", "h:5/a", "somebody" },
		{ "{\"auths\": {\"https://h:5/\": " SECRET "}}", "h:5/a", "somebody" },
		{ "{\"auths\": {\"https://h:5/v1/\": " SECRET "}}", "h:5/a", "somebody" },
		{ "{\"auths\": {\"https://h:5/v2/\": " SECRET "}}", "h:5/a", "somebody" },
		{ "{\"auths\": {\"http://h:5\": " SECRET "}}", "h:5/a", "somebody" },
		{ "{\"auths\": {\"h\": " SECRET "}}", "h:5/a", NULL },
		{ "{\"auths\": {\"h:5\": " OTHER ", \"h:5/a\": " SECRET "}}", "h:5/a/b",
		  "somebody" },
		{ "{\"auths\": {\"h:5/a\": " OTHER ", \"h:5/a/b\": " SECRET "}}", "h:5/a/b",
		  "somebody" },
		{ "{\"auths\": {\"h:5/a/b\": " OTHER "}}", "h:5/a/bc", NULL },
		{ "{\"auths\": {\"h:5/a/b\": " OTHER "}}", "h:5/a", NULL },
		{ "{\"auths\": {\"https://index.docker.io/v1/\": " SECRET "}}", "app", "somebody" },
		{ "{\"auths\": {\"docker.io/library\": " OTHER ","
		  "\"https://index.docker.io/v1/\": " SECRET "}}",
		  "app", "other" },
		{ "{\"auths\": {\"docker.io\": " SECRET "}}", "app", "somebody" },
		{ "{\"auths\": {\"h:5\": {}}}", "h:5/a", NULL },
		{ "{\"auths\": {\"h:5\": null}}", "h:5/a", NULL },
		{ "{\"auths\": {}}", "h:5/a", NULL },
		{ "{}", "h:5/a", NULL },
	};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct unr_credentials found;
		struct unr_error err;

		assert_int_equal(read_text(cases[i].text, cases[i].image, &found, &err), 0);
		if (cases[i].user == NULL)
			assert_null(found.user);
		else
			assert_string_equal(found.user, cases[i].user);
		unr_credentials_done(&found);
	}
}

/* Colons in a password, nothing in front of one, and no fill characters. */
static void auth__is_taken_apart_at_the_first_colon(void **state)
{
	static const struct {
		const char *auth, *user, *password;
	} cases[] = {
		{ "YTpiOmM=", "a", "b:c" }, { "YTpiOmM", "a", "b:c" }, { "OnB3", "", "pw" },
		{ "dXM6", "us", "" },       { "Og==", "", "" },
	};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unr_auto(unr_text_done) struct unr_text text = { 0 };
		struct unr_credentials found;
		struct unr_error err;

		unr_text_printf(&text, "{\"auths\": {\"h:5\": {\"auth\": \"%s\"}}}", cases[i].auth);
		assert_int_equal(read_text(text.bytes, "h:5/a", &found, &err), 0);
		assert_string_equal(found.user, cases[i].user);
		assert_string_equal(found.password, cases[i].password);
		unr_credentials_done(&found);
	}
}

static void auth__that_is_wrong_is_not_told(void **state)
{
	static const char *const cases[] = { "c2VjcmV0", "?", "c2Vj cmV0", "YTpiAA==", "=", "YQ" };

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unr_auto(unr_text_done) struct unr_text text = { 0 };
		struct unr_credentials found;
		struct unr_error err;

		unr_text_printf(&text, "{\"auths\": {\"h:5\": {\"auth\": \"%s\"}}}", cases[i]);
		assert_int_equal(read_text(text.bytes, "h:5/a", &found, &err), -EBADMSG);
		assert_string_equal(err.message,
				    "credentials: file: auths.h:5: has an auth that is "
				    "not USER:PASSWORD in base64");
		assert_null(found.user);
		unr_credentials_done(&found);
	}
}

static void identity__stands_beside_it(void **state)
{
	struct unr_credentials found;
	struct unr_error err;

	(void) state;
	assert_int_equal(read_text("{\"auths\": {\"h:5\": {\"auth\": \"b3RoZXI6\","
				   "\"identitytoken\": \"token\"}}}",
				   "h:5/a", &found, &err),
			 0);
	assert_string_equal(found.user, "other");
	assert_string_equal(found.identity, "token");
	unr_credentials_done(&found);
}

static void type__that_is_wrong_is_refused(void **state)
{
	static const char *const cases[] = {
		"[]",
		"{\"auths\": []}",
		"{\"auths\": {\"h:5\": []}}",
		"{\"auths\": {\"h:5\": {\"auth\": 1}}}",
		"{\"auths\": {\"h:5\": {\"identitytoken\": {}}}}",
	};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct unr_credentials found;
		struct unr_error err;

		assert_int_equal(read_text(cases[i], "h:5/a", &found, &err), -EBADMSG);
		assert_int_equal(err.kind, UNR_ERROR_FAILED);
		unr_credentials_done(&found);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(entry__is_the_nearest),
	cmocka_unit_test(auth__is_taken_apart_at_the_first_colon),
	cmocka_unit_test(auth__that_is_wrong_is_not_told),
	cmocka_unit_test(identity__stands_beside_it),
	cmocka_unit_test(type__that_is_wrong_is_refused),
};

UNR_TEST_MAIN("credentials", tests, NULL);
