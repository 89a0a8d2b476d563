/* SPDX-License-Identifier: MIT */
/* Platforms: spellings, what fits where and how well, as containerd's platforms.Only has it. */
#include "unr_test.h"

#include <errno.h>

#include "image/platform.h"

static void parse__normalises(void **state)
{
	static const char *const cases[][2] = {
		{ "linux/amd64", "linux/amd64" },       { "linux/amd64/v1", "linux/amd64" },
		{ "linux/amd64/v3", "linux/amd64/v3" }, { "linux/x86_64", "linux/amd64" },
		{ "Linux/AArch64/8", "linux/arm64" },   { "linux/arm64/v8", "linux/arm64" },
		{ "linux/arm", "linux/arm/v7" },        { "linux/arm/6", "linux/arm/v6" },
		{ "linux/armel", "linux/arm/v6" },      { "linux/i386", "linux/386" },
		{ "plan9/s390x", "plan9/s390x" },
	};
	char text[UNR_PLATFORM_SIZE];

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct unr_platform platform;

		assert_int_equal(unr_platform_parse(cases[i][0], &platform, NULL), 0);
		assert_string_equal(unr_platform_text(&platform, text), cases[i][1]);
	}
}

static void parse__refuses(void **state)
{
	static const char *const cases[] = {
		"",
		"amd64",
		"linux/",
		"/amd64",
		"linux//v7",
		"linux/arm/v7/x",
		"linux/arm/",
		"linux/a b",
		"linux/\033[m",
		"linux/arm/v23456789012345678",
		"linux/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct unr_error err = { 0 };
		struct unr_platform platform;

		assert_int_equal(unr_platform_parse(cases[i], &platform, &err), -EINVAL);
		assert_int_equal(err.kind, UNR_ERROR_USAGE);
	}
}

static int rank(const char *wanted, const char *offered)
{
	struct unr_platform w, o;

	assert_int_equal(unr_platform_parse(wanted, &w, NULL), 0);
	assert_int_equal(unr_platform_parse(offered, &o, NULL), 0);
	return unr_platform_rank(&w, &o);
}

static void rank__prefers_the_nearest(void **state)
{
	static const char *const orders[][6] = {
		{ "linux/arm/v7", "linux/arm/v7", "linux/arm/v6", "linux/arm/v5" },
		{ "linux/arm64", "linux/arm64", "linux/arm/v8", "linux/arm", "linux/arm/v6" },
		{ "linux/amd64", "linux/amd64", "linux/386" },
		{ "linux/amd64/v3", "linux/amd64/v3", "linux/amd64/v2", "linux/386" },
	};
	static const char *const strangers[][2] = {
		{ "linux/arm/v6", "linux/arm/v7" },  { "linux/arm", "linux/arm64" },
		{ "linux/386", "linux/amd64" },      { "linux/amd64", "windows/amd64" },
		{ "linux/amd64", "linux/amd64/v2" }, { "linux/amd64", "linux/arm64" },
		{ "linux/s390x", "linux/s390" },     { "linux/arm64", "linux/arm64/v9" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(orders); i++)
		for (size_t n = 1, last = 0; n < 6 && orders[i][n] != NULL; n++) {
			int r = rank(orders[i][0], orders[i][n]);

			assert_true(n == 1 ? r == 0 : r > (int) last);
			last = (size_t) r;
		}
	for (size_t i = 0; i < UNR_COUNT(strangers); i++)
		assert_int_equal(rank(strangers[i][0], strangers[i][1]), -1);
}

static void rank__takes_what_says_nothing_last(void **state)
{
	struct unr_platform nothing = unr_platform_make("", "", "");
	struct unr_platform wanted = unr_platform_make("linux", "amd64", "");

	(void) state;
	assert_true(unr_platform_rank(&wanted, &nothing) > rank("linux/amd64", "linux/386"));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(parse__normalises),
	cmocka_unit_test(parse__refuses),
	cmocka_unit_test(rank__prefers_the_nearest),
	cmocka_unit_test(rank__takes_what_says_nothing_last),
};

UNR_TEST_MAIN("image.platform", tests, NULL);
