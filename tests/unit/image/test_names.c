/* SPDX-License-Identifier: MIT */
/* Names in images: digests, references, paths of members, and names shown in messages. */
#include "unr_test.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "image/archive_index.h"
#include "image/digest.h"
#include "image/reference.h"
#include "image/shown.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void digest__is_strict(void **state)
{
	static const char *const bad[] = {
		"",
		"sha256:",
		HEX,
		"sha256:" HEX "0",
		"sha256:0123",
		"sha256/" HEX,
		"SHA256:" HEX,
		"md5:" HEX,
		"sha512:" HEX,
		"sha256:" HEX "/../../../etc/passwd",
		"sha256:0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef",
		"sha256:../3456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0",
	};

	(void) state;
	assert_true(unr_digest_is_valid("sha256:" HEX));
	assert_true(unr_digest_is_valid("sha512:" HEX HEX));
	for (size_t i = 0; i < UNR_COUNT(bad); i++)
		assert_false(unr_digest_is_valid(bad[i]));
}

static void digest__becomes_a_blob_and_back(void **state)
{
	char text[UNR_DIGEST_SIZE];

	(void) state;
	assert_true(unr_digest_to_blob("sha512:" HEX HEX, text));
	assert_string_equal(text, "blobs/sha512/" HEX HEX);
	assert_true(unr_digest_from_blob("blobs/sha256/" HEX, text));
	assert_string_equal(text, "sha256:" HEX);
	assert_false(unr_digest_to_blob("sha256/" HEX, text));
	assert_false(unr_digest_from_blob("blobs/sha256:" HEX, text));
	assert_false(unr_digest_from_blob("blobs/sha256/" HEX "/", text));
	assert_false(unr_digest_from_blob("/blobs/sha256/" HEX, text));
}

static void digest__of_bytes_is_the_published_one(void **state)
{
	/* FIPS 180-2, appendix B.1 and C.1: "abc" */
	static const char sha256[] =
		"sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
	char text[UNR_DIGEST_SIZE];

	(void) state;
	assert_int_equal(unr_digest_sha256("abc", 3, text, NULL), 0);
	assert_string_equal(text, sha256);
	assert_int_equal(unr_digest_of("sha512:" HEX HEX, "abc", 3, text, NULL), 0);
	assert_int_equal(strlen(text), 7 + 128);
	assert_memory_equal(text, "sha512:ddaf35a193617aba", 23);
	assert_int_equal(unr_digest_of("nonsense", "abc", 3, text, NULL), -EINVAL);
}

static void digest__of_a_blob_is_that_of_its_bytes(void **state)
{
	const size_t size = 200001;
	unr_autofree char *bytes = calloc(1, size);
	unr_autoclose int fd = memfd_create("blob", MFD_CLOEXEC);
	const struct unr_blob blob = { .fd = fd, .offset = 3, .size = size - 3 };
	const struct unr_blob shorter = { .fd = fd, .offset = 0, .size = size + 10 };
	const struct unr_blob none = { .fd = -1, .size = 1 };
	char text[UNR_DIGEST_SIZE], expected[UNR_DIGEST_SIZE];

	(void) state;
	bytes[0] = bytes[size - 1] = 'x';
	assert_int_equal(unr_write_full(fd, bytes, size), 0);
	assert_int_equal(unr_digest_sha256(bytes + 3, size - 3, expected, NULL), 0);
	assert_int_equal(unr_digest_of_blob("sha256:" HEX, &blob, text, NULL), 0);
	assert_string_equal(text, expected);
	assert_int_equal(unr_digest_sha256(bytes, size, expected, NULL), 0);
	assert_int_equal(unr_digest_of_blob("sha256:" HEX, &shorter, text, NULL), 0);
	assert_string_equal(text, expected);
	assert_int_equal(unr_digest_of_blob("sha256:" HEX, &none, text, NULL), -EBADF);
	assert_int_equal(unr_digest_of_blob("nonsense", &blob, text, NULL), -EINVAL);
}

static void reference__equal_as_docker_sees_it(void **state)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} cases[] = {
		{ "app", "app:latest", true },
		{ "app:latest", "app", true },
		{ "app:1", "app:1", true },
		{ "docker.io/library/app", "app:latest", true },
		{ "docker.io/me/app:2", "me/app:2", true },
		{ "host:5000/app", "host:5000/app:latest", true },
		{ "app:1", "app", false },
		{ "app", "apple", false },
		{ "me/app", "app", false },
		{ "host:5000/app", "host/app", false },
		{ "app@sha256:" HEX, "app", false },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++)
		assert_int_equal(unr_reference_equal(cases[i].a, cases[i].b), cases[i].equal);
}

static void reference__index_is_below_the_count(void **state)
{
	static const char *const bad[] = {
		"@", "@2", "@-1", "@+0", "@1x", "@99999999999999999999"
	};
	struct unr_error err = { 0 };
	size_t index = 77;

	(void) state;
	assert_int_equal(unr_reference_index("app", "a.tar", 2, &index, NULL), -ENOENT);
	for (size_t i = 0; i < UNR_COUNT(bad); i++)
		assert_int_equal(unr_reference_index(bad[i], "a.tar", 2, &index, &err), -EINVAL);
	assert_int_equal(index, 77);
	assert_int_equal(err.kind, UNR_ERROR_USAGE);
	assert_int_equal(unr_reference_index("@2", "a.tar", 2, &index, &err), -EINVAL);
	assert_string_equal(err.message, "a.tar has 2 images, @0 and @1; there is no @2");
	assert_int_equal(unr_reference_index("@x\n", "a.tar", 1, &index, &err), -EINVAL);
	assert_string_equal(err.message, "a.tar has 1 image, @0; there is no @x\\n");
	assert_int_equal(unr_reference_index("@1200", "a.tar", 1200, &index, &err), -EINVAL);
	assert_string_equal(err.message, "a.tar has 1200 images, @0 to @1199; there is no @1200");
	assert_int_equal(unr_reference_index("@0", "a.tar", 0, &index, &err), -EINVAL);
	assert_string_equal(err.message, "a.tar has 0 images; there is no @0");
	assert_int_equal(unr_reference_index("@1", "a.tar", 2, &index, NULL), 0);
	assert_int_equal(index, 1);
}

static void reference__form_is_no_path_and_safe_in_a_shell(void **state)
{
	static const char *const good[] = { "nginx", "nginx:1.2", "host:5000/a/b_c@sha256:0",
					    "A-b" };
	static const char *const bad[] = { "",    "/a",  "./a", "-a",    "../a",     "a b",
					   "a;b", "a$b", "a\n", "a\033", "\xc3\xa4", "a'b" };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(good); i++)
		assert_true(unr_reference_has_form(good[i]));
	for (size_t i = 0; i < UNR_COUNT(bad); i++)
		assert_false(unr_reference_has_form(bad[i]));
}

static void choices__are_counted_when_there_are_many(void **state)
{
	unr_auto(unr_choices_done) struct unr_choices choices = { 0 };
	const char *text;

	(void) state;
	unr_choices_add(&choices, "app:1", 0);
	unr_choices_add(&choices, NULL, 1);
	for (size_t i = 2; i < 100; i++)
		unr_choices_add(&choices, "registry/with/a/long/name:tag", i);
	text = unr_choices_string(&choices);
	assert_memory_equal(text, "app:1, @1, registry/with/a/long/name:tag, ", 42);
	assert_string_equal(text + strlen(text) - 12, " and 92 more");
}

static void clean__stays_below_the_root(void **state)
{
	static const struct {
		const char *name, *clean;
	} cases[] = {
		{ "a/b", "a/b" },
		{ "./a//b/", "a/b" },
		{ "/etc/passwd", "etc/passwd" },
		{ "../../etc/passwd", "etc/passwd" },
		{ "a/../../b", "b" },
		{ "a/b/../c", "a/c" },
		{ "", "" },
		{ "./", "" },
		{ "..", "" },
		{ "...", "..." },
		{ ".a/..b", ".a/..b" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		unr_autofree char *clean = unr_archive_clean(cases[i].name);

		assert_string_equal(clean, cases[i].clean);
	}
}

static void show__escapes_and_cuts(void **state)
{
	struct unr_shown shown;
	char name[1000];

	(void) state;
	assert_string_equal(unr_show(&shown, "a\033[31m\nb"), "a\\033[31m\\nb");
	assert_string_equal(unr_show_words(&shown, "near '\033x' here"), "near '?x' here");
	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(strlen(unr_show(&shown, name)), 123);
	assert_string_equal(shown.text + 119, "n...");
	memset(name, '\1', sizeof(name) - 1);
	assert_int_equal(strlen(unr_show(&shown, name)), sizeof(shown.text) - 1);
	assert_string_equal(shown.text + sizeof(shown.text) - 4, "...");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(digest__is_strict),
	cmocka_unit_test(digest__becomes_a_blob_and_back),
	cmocka_unit_test(digest__of_bytes_is_the_published_one),
	cmocka_unit_test(digest__of_a_blob_is_that_of_its_bytes),
	cmocka_unit_test(reference__equal_as_docker_sees_it),
	cmocka_unit_test(reference__index_is_below_the_count),
	cmocka_unit_test(reference__form_is_no_path_and_safe_in_a_shell),
	cmocka_unit_test(choices__are_counted_when_there_are_many),
	cmocka_unit_test(clean__stays_below_the_root),
	cmocka_unit_test(show__escapes_and_cuts),
};

UNR_TEST_MAIN("image.names", tests, NULL);
