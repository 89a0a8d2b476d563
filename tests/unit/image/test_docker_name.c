/* SPDX-License-Identifier: MIT */
/* Names of images in registries: completed as docker does, and what is no name. */
#include "unr_test.h"

#include <errno.h>
#include <string.h>

#include "image/docker_name.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void parse__completes(void **state)
{
	static const struct {
		const char *text, *host, *repository, *reference, *familiar;
	} cases[] = {
		{ "app", "docker.io", "library/app", "latest", "app:latest" },
		{ "app:1.0", "docker.io", "library/app", "1.0", "app:1.0" },
		{ "me/app", "docker.io", "me/app", "latest", "me/app:latest" },
		{ "docker.io/app", "docker.io", "library/app", "latest", "app:latest" },
		{ "index.docker.io/library/app:x", "docker.io", "library/app", "x", "app:x" },
		{ "localhost/app", "localhost", "app", "latest", "localhost/app:latest" },
		{ "h:5000/a/b-c__d.e:T_1", "h:5000", "a/b-c__d.e", "T_1", "h:5000/a/b-c__d.e:T_1" },
		{ "[::1]:5000/app", "[::1]:5000", "app", "latest", "[::1]:5000/app:latest" },
		{ "Host/app", "Host", "app", "latest", "Host/app:latest" },
		{ "h.x/app@sha256:" HEX, "h.x", "app", "sha256:" HEX, "h.x/app@sha256:" HEX },
		{ "app:1@sha256:" HEX, "docker.io", "library/app", "sha256:" HEX,
		  "app@sha256:" HEX },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct unr_docker_name name;

		assert_int_equal(unr_docker_name_parse(cases[i].text, &name, NULL), 0);
		assert_string_equal(name.host, cases[i].host);
		assert_string_equal(name.repository, cases[i].repository);
		assert_string_equal(name.reference, cases[i].reference);
		assert_string_equal(name.familiar, cases[i].familiar);
		assert_int_equal(name.is_digest, strchr(cases[i].text, '@') != NULL);
	}
}

static void parse__refuses(void **state)
{
	static const char *const cases[] = {
		"",           "/",         "App",
		"a//b",       "a/",        "/a",
		"a:",         "a@",        "a@sha256:12",
		"a:b:c",      "a_-b",      "a..b",
		"-a",         "a-",        "a b",
		"h.x/",       "h:x/app",   "h:99999/app",
		"a/../b",     "h.x/a?b",   "h.x/a#b",
		"u@h.x/app",  "h.x/a%2e",  "a\nb",
		"[::1/app",   "[x]/app",   "h.x:1:2/app",
		".h/app",     "a:.x",      "a:\xc3\xbc",
		"[::1]x/app", "h.x/a:b/c", "a@sha256:" HEX "@sha256:" HEX,
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct unr_error err = { 0 };
		struct unr_docker_name name;

		if (unr_docker_name_parse(cases[i], &name, &err) == 0)
			fail_msg("'%s' is taken", cases[i]);
		assert_int_equal(err.kind, UNR_ERROR_USAGE);
		assert_int_equal(err.code, -EINVAL);
	}
}

static void parse__bounds_lengths(void **state)
{
	struct unr_docker_name name;
	char text[1000];

	(void) state;
	memset(text, 'a', sizeof(text));
	for (size_t length = 200; length < sizeof(text); length++) {
		text[length] = '\0';
		assert_int_equal(unr_docker_name_parse(text, &name, NULL) == 0, length <= 240);
		text[length] = 'a';
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(parse__completes),
	cmocka_unit_test(parse__refuses),
	cmocka_unit_test(parse__bounds_lengths),
};

UNR_TEST_MAIN("image.docker_name", tests, NULL);
