/* SPDX-License-Identifier: MIT */
/* Names of scenarios and paths in them: what is taken, and what must not be. */
#include "scenario/folder.h"

#include <errno.h>
#include <unistd.h>

#include "fixture.h"

static void name__only_letters_digits_and_hyphens(void **state)
{
	static const struct {
		const char *name;
		bool good;
	} names[] = {
		{ "npm9", true },
		{ "a", true },
		{ "boundary-65535-65536", true },
		{ "-", true },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", true },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false },
		{ "", false },
		{ ".", false },
		{ "..", false },
		{ "../s", false },
		{ "s/", false },
		{ "s/../s", false },
		{ "/etc", false },
		{ "S", false },
		{ "s s", false },
		{ "s\n", false },
		{ "s_s", false },
		{ "s.json", false },
		{ "\xc3\xa4", false },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(names); i++)
		if (unr_scenario_has_name_form(names[i].name) != names[i].good)
			fail_msg("\"%s\"", names[i].name);
}

static void open__refuses_what_is_no_name(void **state)
{
	static const char *const names[] = { "../s", "", ".", "s/", "S" };
	int fd = -1;

	put_good(*state);
	for (size_t i = 0; i < UNR_COUNT(names); i++) {
		struct unr_error err = { 0 };

		assert_int_equal(unr_scenario_open(names[i], &fd, &err), -EINVAL);
		assert_int_equal(err.kind, UNR_ERROR_USAGE);
		assert_int_equal(fd, -1);
	}
}

static void open__takes_a_folder_only(void **state)
{
	const struct unr_tmp *tmp = *state;
	struct unr_error err = { 0 };
	int fd = -1;

	put_good(tmp);
	assert_int_equal(unr_tmp_write(tmp, "file", ""), 0);
	assert_int_equal(symlinkat("s", tmp->fd, "link"), 0);
	assert_int_equal(unr_scenario_open("none", &fd, &err), -ENOENT);
	assert_int_equal(err.kind, UNR_ERROR_USAGE);
	assert_non_null(strstr(err.message, "no scenario 'none'"));
	assert_int_equal(unr_scenario_open("file", &fd, &err), -ENOENT);
	assert_int_equal(unr_scenario_open("link", &fd, &err), -ENOENT);
	assert_int_equal(fd, -1);
	assert_int_equal(unr_scenario_open("s", &fd, &err), 0);
	assert_int_equal(close(fd), 0);
}

static void root__that_was_named_is_the_only_one(void **state)
{
	const struct unr_tmp *tmp = *state;
	struct unr_text path = { 0 };
	struct unr_error err = { 0 };
	int fd = -1;

	assert_int_equal(unr_scenario_open_root(&fd, &path, &err), 0);
	assert_string_equal(unr_text_string(&path), tmp->path);
	unr_text_done(&path);
	assert_int_equal(close(fd), 0);
	fd = -1;
	assert_int_equal(setenv("USERNS_REPRO_SCENARIOS", "/nonexistent/scenarios", 1), 0);
	assert_int_equal(unr_scenario_open_root(&fd, NULL, &err), -ENOENT);
	assert_int_equal(err.kind, UNR_ERROR_FAILED);
	assert_non_null(strstr(err.message, "(looked at: /nonexistent/scenarios)"));
	assert_int_equal(setenv("USERNS_REPRO_SCENARIOS", "", 1), 0);
	assert_int_equal(unr_scenario_open_root(&fd, NULL, &err), -ENOENT);
	assert_int_equal(fd, -1);
}

static void read__stays_in_the_folder(void **state)
{
	static const char *const paths[] = { "../secret",          "/etc/passwd", "",      "a//b",
					     "files/../../secret", "..",          "files/" };
	const struct unr_tmp *tmp = *state;
	struct unr_error err = { 0 };
	struct unr_text text = { 0 };
	int fd = -1;

	put_good(tmp);
	assert_int_equal(unr_tmp_write(tmp, "secret", "x"), 0);
	assert_int_equal(mkdirat(tmp->fd, "s/files", 0755), 0);
	assert_int_equal(symlinkat("../secret", tmp->fd, "s/link"), 0);
	assert_int_equal(unr_scenario_open("s", &fd, &err), 0);
	for (size_t i = 0; i < UNR_COUNT(paths); i++)
		if (unr_scenario_read(fd, paths[i], &text, &err) != -EINVAL)
			fail_msg("\"%s\"", paths[i]);
	assert_int_equal(unr_scenario_read(fd, "link", &text, &err), -ELOOP);
	assert_int_equal(unr_scenario_read(fd, "none", &text, &err), -ENOENT);
	assert_int_equal(text.length, 0);
	assert_int_equal(unr_scenario_read(fd, "expect.json", &text, &err), 0);
	assert_string_equal(unr_text_string(&text), "{\"exit\":0}");
	unr_text_done(&text);
	assert_int_equal(close(fd), 0);
}

static void read__has_a_limit(void **state)
{
	const struct unr_tmp *tmp = *state;
	struct unr_error err = { 0 };
	struct unr_text text = { 0 };
	int fd = -1, big;

	put_good(tmp);
	put(tmp, "s", "big", "");
	big = openat(tmp->fd, "s/big", O_WRONLY | O_CLOEXEC);
	assert_true(big >= 0);
	assert_int_equal(unr_scenario_open("s", &fd, &err), 0);
	assert_int_equal(ftruncate(big, (1 << 20) + 1), 0);
	assert_int_equal(unr_scenario_read(fd, "big", &text, &err), -EFBIG);
	assert_int_equal(ftruncate(big, 1 << 20), 0);
	assert_int_equal(unr_scenario_read(fd, "big", &text, &err), 0);
	assert_int_equal(text.length, 1 << 20);
	unr_text_done(&text);
	assert_int_equal(close(big), 0);
	assert_int_equal(close(fd), 0);
}

static void read_json__wants_an_object(void **state)
{
	static const char *const wrong[] = { "", "[]", "{", "1", "{\"a\":1,\"a\":2}", "{} x" };
	const struct unr_tmp *tmp = *state;
	struct unr_error err = { 0 };
	json_t *json = NULL;
	int fd = -1;

	put_good(tmp);
	assert_int_equal(unr_scenario_open("s", &fd, &err), 0);
	for (size_t i = 0; i < UNR_COUNT(wrong); i++) {
		put(tmp, "s", "x.json", wrong[i]);
		if (unr_scenario_read_json(fd, "x.json", &json, &err) != -EBADMSG)
			fail_msg("%s", wrong[i]);
		assert_null(json);
	}
	put(tmp, "s", "x.json", "{\n \"a\": 1\n \"b\": 2 }");
	assert_int_equal(unr_scenario_read_json(fd, "x.json", &json, &err), -EBADMSG);
	assert_non_null(strstr(err.message, "x.json, line 3: "));
	assert_int_equal(close(fd), 0);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(name__only_letters_digits_and_hyphens),
	SCENARIO_TEST(open__refuses_what_is_no_name),
	SCENARIO_TEST(open__takes_a_folder_only),
	SCENARIO_TEST(root__that_was_named_is_the_only_one),
	SCENARIO_TEST(read__stays_in_the_folder),
	SCENARIO_TEST(read__has_a_limit),
	SCENARIO_TEST(read_json__wants_an_object),
};

UNR_TEST_MAIN("scenario.folder", tests, NULL);
