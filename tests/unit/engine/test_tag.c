/* SPDX-License-Identifier: MIT */
/* engine/tag: names in RepoTags; tests/dockerd/image_cases.py asks dockerd for them. */
#include "unr_test.h"

#include "engine/engine.h"

#define FORM "invalid reference format"
#define LOWER "repository name must be lowercase"
#define HEX_16 "0123456789abcdef"
#define HEX_32 HEX_16 HEX_16
#define HEX_64 HEX_32 HEX_32
#define N_50 "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"
#define N_40 "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"
#define N_200 N_50 N_50 N_50 N_50

struct tag_case {
	const char *tag, *words; /* "": taken */
};

static void assert_words(const char *engine, const struct tag_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unr_auto(unr_text_done) struct unr_text words = { 0 };
		bool taken = unr_engine_takes_tag(unr_engine_find(engine), cases[i].tag, &words);

		assert_string_equal(unr_text_string(&words), cases[i].words);
		assert_int_equal(taken, *cases[i].words == '\0');
	}
}

static void takes_tag__words_of_each_fault(void **state)
{
	static const struct tag_case cases[] = {
		{ "app:latest", "" },
		{ "localhost/a:b", "" },
		{ "localhost:5000/a/b:c", "" },
		{ "docker.io/library/a:b", "" },
		{ "index.docker.io/a:b", "" },
		{ "a.B-c.d:80/x--y__z.w:_A.b-c", "" },
		{ "a:b@sha256:" HEX_64, "" },
		{ "a", "invalid tag \"a\"" },
		{ "localhost:5000/a", "invalid tag \"localhost:5000/a\"" },
		{ "a@sha256:" HEX_64, "invalid tag \"a@sha256:" HEX_64 "\"" },
		{ "", FORM },
		{ "/", FORM },
		{ ":", FORM },
		{ "@", FORM },
		{ "a:", FORM },
		{ "a@", FORM },
		{ "a:b:c", FORM },
		{ "a-:b", FORM },
		{ "-a:b", FORM },
		{ "a___b:c", FORM },
		{ "a//b:c", FORM },
		{ "a/:b", FORM },
		{ "-a.b/c:d", FORM },
		{ "a..b/c:d/e", FORM },
		{ "a.b:/c:d", FORM },
		{ "a.b:x/c:d", FORM },
		{ "a:-b", FORM },
		{ "a@sha256", FORM },
		{ "a@sha256:" HEX_16, FORM },
		{ "a@1x:" HEX_32, FORM },
		{ "a@x+1:" HEX_32, FORM },
		{ "App:x", FORM ": " LOWER },
		{ "A/b:c", FORM ": " LOWER },
		{ "localhost/A:b", FORM ": " LOWER },
		{ "A_b.c/d:e", LOWER },
		{ HEX_64, "invalid repository name (" HEX_64
			  "), cannot specify 64-byte hexadecimal strings" },
		{ "a@sha256:" HEX_32, "invalid checksum digest length" },
		{ "a:b@sha512:" HEX_64, "invalid checksum digest length" },
		{ "a:b@sha256:" HEX_32 HEX_16 "0123456789ABCDEF",
		  "invalid checksum digest format" },
		{ "a:b@MD5:" HEX_32, "invalid checksum digest format" },
		{ "a:b@sha+b-x64:" HEX_32, "unsupported digest algorithm" },
		{ N_200 N_50 ":b", "repository name must not be more than 255 characters" },
	};

	(void) state;
	assert_words("docker-20.10", cases, UNR_COUNT(cases));
	assert_words("docker-24.0", cases, UNR_COUNT(cases));
}

/* Asked of 26.1.5. */
static void takes_tag__newer_names(void **state)
{
	static const struct tag_case cases[] = {
		{ "[::1]/a:b", "" },
		{ "[fe80::A]:80/a:b", "" },
		{ "[]/a:b", FORM },
		{ "[::g]/a:b", FORM },
		{ "[::1/a:b", FORM },
		{ "[::1]x/a:b", FORM },
		{ "A/b:c", "" },
		{ "A_b/c:d", LOWER },
		{ "App:x", FORM ": repository name (library/App) must be lowercase" },
		{ "localhost/A:b", FORM ": repository name (A) must be lowercase" },
		{ "a/B:c", FORM ": repository name (a/B) must be lowercase" },
		{ N_200 N_40 ":b", "" },
		{ N_200 N_50 ":b", "repository name must not be more than 255 characters" },
	};

	(void) state;
	assert_words("docker-25.0", cases, UNR_COUNT(cases));
	assert_words("docker-29.7", cases, UNR_COUNT(cases));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(takes_tag__words_of_each_fault),
	cmocka_unit_test(takes_tag__newer_names),
};

UNR_TEST_MAIN("tag", tests, NULL);
