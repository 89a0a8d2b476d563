/* SPDX-License-Identifier: MIT */
/* What is JSON to Go, and its words for what is not; dockerd 20.10.24 was asked for each. */
#include "unr_test.h"

#include <string.h>

#include "image/go_scan.h"

#define CHARACTER(c_) "invalid character '" c_ "' "
#define ENDS "unexpected end of JSON input"

static void expect(const char *bytes, size_t length, const char *words)
{
	unr_auto(unr_text_done) struct unr_text document = { 0 }, said = { 0 };

	unr_text_append(&document, bytes, length);
	assert_int_equal(unr_go_scan(&document, &said), *words == '\0');
	assert_string_equal(unr_text_string(&said), words);
}

static void scan__takes_json(void **state)
{
	static const char *const documents[] = {
		"{}",           "[]",
		" null ",       "true",
		"false",        "-0",
		"0.5e7",        "1E+2",
		"12.05E-010",   "[ 1 , \"a\\\"\\u00fF\\/\" ]",
		"\"\"",         "{\"a\":[{}, [ ]],\"b\" : { \"c\": null}}\n",
		"\"\xff\x7f\"",
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(documents); i++)
		expect(documents[i], strlen(documents[i]), "");
}

static void scan__names_what_stands_where_it_may_not(void **state)
{
	static const struct {
		const char *document, *words;
	} cases[] = {
		{ "", ENDS },
		{ " ", ENDS },
		{ "[1", ENDS },
		{ "{\"a\"", ENDS },
		{ "{\"a", ENDS },
		{ "x", CHARACTER("x") "looking for beginning of value" },
		{ "[}", CHARACTER("}") "looking for beginning of value" },
		{ "[1,]", CHARACTER("]") "looking for beginning of value" },
		{ "{1}", CHARACTER("1") "looking for beginning of object key string" },
		{ "{\"a\":1,}", CHARACTER("}") "looking for beginning of object key string" },
		{ "{\"a\" 1}", CHARACTER("1") "after object key" },
		{ "{\"a\":1 2", CHARACTER("2") "after object key:value pair" },
		{ "[1 2", CHARACTER("2") "after array element" },
		{ "{} x", CHARACTER("x") "after top-level value" },
		{ "01", CHARACTER("1") "after top-level value" },
		{ "tru", CHARACTER(" ") "in literal true (expecting 'e')" },
		{ "nul]", CHARACTER("]") "in literal null (expecting 'l')" },
		{ "-", CHARACTER(" ") "in numeric literal" },
		{ "1.e", CHARACTER("e") "after decimal point in numeric literal" },
		{ "1e", CHARACTER(" ") "in exponent of numeric literal" },
		{ "1e+-", CHARACTER("-") "in exponent of numeric literal" },
		{ "\"\n", CHARACTER("\\n") "in string literal" },
		{ "\"\\x", CHARACTER("x") "in string escape code" },
		{ "\"\\u12g", CHARACTER("g") "in \\u hexadecimal character escape" },
		{ "'", CHARACTER("\\'") "looking for beginning of value" },
		{ "[\"", ENDS },
		{ "\\", CHARACTER("\\\\") "looking for beginning of value" },
		{ "\x7f", CHARACTER("\\x7f") "looking for beginning of value" },
		{ "\x85", CHARACTER("\\u0085") "looking for beginning of value" },
		{ "\xad", CHARACTER("\\u00ad") "looking for beginning of value" },
		{ "\xef\xbb\xbf{}", CHARACTER("\xc3\xaf") "looking for beginning of value" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++)
		expect(cases[i].document, strlen(cases[i].document), cases[i].words);
	expect("", 1, CHARACTER("\\x00") "looking for beginning of value");
	expect("1", 2, CHARACTER("\\x00") "after top-level value");
}

static void scan__ten_thousand_levels(void **state)
{
	enum { MOST = 10000 };
	char document[2 * MOST + 1];

	(void) state;
	memset(document, '[', sizeof(document));
	expect(document, MOST, ENDS);
	expect(document, MOST + 1, CHARACTER("[") "exceeded max depth");
	memset(document + MOST, ']', MOST);
	expect(document, sizeof(document) - 1, "");
	expect(document, sizeof(document) - 2, ENDS);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(scan__takes_json),
	cmocka_unit_test(scan__names_what_stands_where_it_may_not),
	cmocka_unit_test(scan__ten_thousand_levels),
};

UNR_TEST_MAIN("image.go_scan", tests, NULL);
