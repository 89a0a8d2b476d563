/* SPDX-License-Identifier: MIT */
/* The comparison with expect.json: each kind of difference, and what is none. */
#include "usernsrepro/scenario.h"

#include <errno.h>

#include "base/text.h"
#include "fixture.h"

struct example {
	const char *expected; /* expect.json */
	int exit_status;
	const char *report;      /* NULL: none */
	const char *differences; /* "" when they agree */
};

static void check_example(const struct unr_tmp *tmp, const struct example *example)
{
	struct unr_error err = { 0 };
	char *differences = NULL;
	int r;

	put(tmp, "s", "expect.json", example->expected);
	r = unr_scenario_check("s", "expect.json", example->exit_status, example->report,
			       &differences, &err);
	assert_int_equal(err.code, 0);
	assert_non_null(differences);
	assert_string_equal(differences, example->differences);
	assert_int_equal(r, *example->differences == '\0' ? 0 : 1);
	free(differences);
}

static void check__agrees_by_subset(void **state)
{
	static const struct example examples[] = {
		{ "{\"exit\":0}", 0, "{}", "" },
		{ "{\"exit\":3}", 3, NULL, "" },
		{ "{\"exit\":0,\"report\":{}}", 0, "{\"a\":1}", "" },
		{ "{\"exit\":1,\"report\":{\"a\":{\"b\":1}}}", 1,
		  "{\"z\":[],\"a\":{\"c\":2,\"b\":1}}", "" },
		{ "{\"exit\":1,\"report\":{\"l\":[{\"id\":1},{\"id\":2}]}}", 1,
		  "{\"l\":[{\"id\":1,\"x\":true},{\"y\":null,\"id\":2}]}", "" },
		{ "{\"exit\":1,\"report\":{\"e\":null,\"l\":[]}}", 1, "{\"e\":null,\"l\":[]}", "" },
		{ "{\"exit\":1,\"report\":{\"id\":4294967295}}", 1, "{\"id\":4294967295}", "" },
	};

	for (size_t i = 0; i < UNR_COUNT(examples); i++)
		check_example(*state, &examples[i]);
}

static void check__says_each_difference(void **state)
{
	static const struct example examples[] = {
		{ "{\"exit\":1}", 0, "{}", "exit: expected 1, got 0\n" },
		{ "{\"exit\":1,\"report\":{\"verdict\":{\"ok\":false}}}", 1,
		  "{\"verdict\":{\"ok\":true}}", "report.verdict.ok: expected false, got true\n" },
		{ "{\"exit\":1,\"report\":{\"failures\":[{\"uid\":1000000}]}}", 1,
		  "{\"failures\":[{\"uid\":0}]}",
		  "report.failures[0].uid: expected 1000000, got 0\n" },
		/* A number is not the text of a number, and nothing is not null. */
		{ "{\"exit\":1,\"report\":{\"a\":1,\"b\":null}}", 1, "{\"a\":\"1\"}",
		  "report.a: expected 1, got \"1\"\n"
		  "report.b: expected null, got nothing\n" },
		/* Kinds that do not fit. */
		{ "{\"exit\":1,\"report\":{\"a\":{},\"b\":[]}}", 1, "{\"a\":[],\"b\":null}",
		  "report.a: expected {}, got []\n"
		  "report.b: expected [], got null\n" },
		/* Order and length of arrays count; what both have is compared all the same. */
		{ "{\"exit\":1,\"report\":{\"u\":[\"uid\",\"gid\"]}}", 1,
		  "{\"u\":[\"gid\",\"uid\"]}",
		  "report.u[0]: expected \"uid\", got \"gid\"\n"
		  "report.u[1]: expected \"gid\", got \"uid\"\n" },
		{ "{\"exit\":1,\"report\":{\"l\":[1]}}", 1, "{\"l\":[2,3]}",
		  "report.l: expected 1 elements, got 2\n"
		  "report.l[0]: expected 1, got 2\n" },
		{ "{\"exit\":1,\"report\":{\"l\":[1,2]}}", 1, "{\"l\":[]}",
		  "report.l: expected 2 elements, got 0\n" },
		/* What has parts is not printed whole. */
		{ "{\"exit\":1,\"report\":{\"l\":[1],\"o\":2}}", 1, "{\"o\":{\"a\":1}}",
		  "report.l: expected […], got nothing\n"
		  "report.o: expected 2, got {…}\n" },
		/* Large before small, and nothing is left out. */
		{ "{\"exit\":1,\"report\":{\"a\":{\"b\":1},\"c\":2}}", 0, "{\"a\":{},\"c\":3}",
		  "exit: expected 1, got 0\n"
		  "report.c: expected 2, got 3\n"
		  "report.a.b: expected 1, got nothing\n" },
		{ "{\"exit\":1,\"report\":{\"a\":1}}", 3, NULL,
		  "exit: expected 1, got 3\n"
		  "report: expected {…}, got null\n" },
	};

	for (size_t i = 0; i < UNR_COUNT(examples); i++)
		check_example(*state, &examples[i]);
}

static void check__compares_long_arrays(void **state)
{
	struct unr_error err = { 0 };
	struct unr_text expected = { 0 }, actual = { 0 };
	char *differences = NULL;

	unr_text_puts(&expected, "{\"exit\":0,\"report\":{\"l\":[0");
	unr_text_puts(&actual, "{\"l\":[0");
	for (int i = 1; i < 500; i++) {
		unr_text_printf(&expected, ",%d", i);
		unr_text_printf(&actual, ",%d", i == 499 ? 0 : i);
	}
	unr_text_puts(&expected, "]}}");
	unr_text_puts(&actual, "]}");
	put(*state, "s", "expect.json", unr_text_string(&expected));
	assert_int_equal(unr_scenario_check("s", "expect.json", 0, unr_text_string(&actual),
					    &differences, &err),
			 1);
	assert_string_equal(differences, "report.l[499]: expected 499, got 0\n");
	free(differences);
	unr_text_done(&expected);
	unr_text_done(&actual);
}

static void check__refuses_what_it_cannot_read(void **state)
{
	static const char *const expectations[] = { "{}", "{\"exit\":\"1\"}",
						    "{\"exit\":1,\"reprot\":{}}", "[]" };
	struct unr_error err = { 0 };
	char *differences = NULL;

	put(*state, "s", "expect.json", "{\"exit\":1}");
	assert_int_equal(unr_scenario_check("s", "expect.json", 1, "{", &differences, &err),
			 -EBADMSG);
	assert_int_equal(err.kind, UNR_ERROR_FAILED);
	assert_int_equal(unr_scenario_check("../s", "expect.json", 1, "{}", &differences, &err),
			 -EINVAL);
	for (size_t i = 0; i < UNR_COUNT(expectations); i++) {
		put(*state, "s", "expect.json", expectations[i]);
		if (unr_scenario_check("s", "expect.json", 1, "{}", &differences, &err) != -EBADMSG)
			fail_msg("%s", expectations[i]);
	}
	assert_null(differences);
}

static const struct CMUnitTest tests[] = {
	SCENARIO_TEST(check__agrees_by_subset),
	SCENARIO_TEST(check__says_each_difference),
	SCENARIO_TEST(check__compares_long_arrays),
	SCENARIO_TEST(check__refuses_what_it_cannot_read),
};

UNR_TEST_MAIN("scenario.check", tests, NULL);
