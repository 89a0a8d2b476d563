/* SPDX-License-Identifier: MIT */
/* engine/system: which operating systems' images each version refuses, and how. */
#include "unr_test.h"

#include <string.h>

#include "engine/engine.h"

static void words__are_the_versions(void **state)
{
	static const struct {
		const char *engine;
		enum unr_way way;
		const char *system, *words; /* NULL: it takes it */
	} cases[] = {
		{ "docker-20.10", UNR_WAY_LOAD, "", NULL },
		{ "docker-20.10", UNR_WAY_LOAD, "linux", NULL },
		{ "docker-20.10", UNR_WAY_LOAD, "windows", "cannot load windows image on linux" },
		{ "docker-20.10", UNR_WAY_LOAD, "Linux",
		  "docker 20.10 breaks off without an answer: the image is for operating system "
		  "\"Linux\"" },
		{ "docker-20.10.9", UNR_WAY_PULL, "Linux", NULL },
		{ "docker-20.10.9", UNR_WAY_PULL, "windows",
		  "image operating system \"windows\" cannot be used on this platform" },
		{ "docker-20.10.9", UNR_WAY_PULL, "Windows", "operating system is not supported" },
		{ "docker-23.0", UNR_WAY_LOAD, "LINUX", NULL },
		{ "docker-23.0", UNR_WAY_LOAD, "Windows", "cannot load Windows image on linux" },
		{ "docker-29.7", UNR_WAY_PULL, "", NULL },
		{ "docker-29.7", UNR_WAY_PULL, "a\"b",
		  "image operating system \"a\\\"b\" cannot be used on this platform: operating "
		  "system is not supported" },
		{ "docker-rootless-20.10", UNR_WAY_LOAD, "windows",
		  "cannot load windows image on linux" },
		{ "podman-rootless", UNR_WAY_LOAD, "windows", NULL },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		unr_auto(unr_text_done) struct unr_text words = { 0 };
		bool taken = unr_engine_takes_system(unr_engine_find(cases[i].engine), cases[i].way,
						     cases[i].system, &words);

		assert_int_equal(taken, cases[i].words == NULL);
		assert_string_equal(unr_text_string(&words),
				    cases[i].words == NULL ? "" : cases[i].words);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(words__are_the_versions),
};

UNR_TEST_MAIN("system", tests, NULL);
