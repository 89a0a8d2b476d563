/* SPDX-License-Identifier: MIT */
/* src/map_write_helper: the arguments of newuidmap, and what its end means. */
#include "fake_helpers.h"

#include <string.h>

#include "idmap_auto.h"
#include "map_write_helper.h"
#include "maps.h"

static void argv__is_path_pid_and_numbers(void **state)
{
	unr_auto(unr_idmap_done) struct unr_idmap map = map_of("0:1000:1,1:100000:65536");
	unr_auto(unr_map_argv_done) struct unr_map_argv argv = { 0 };
	static const char *const expected[] = {
		"/usr/bin/newuidmap", "4711", "0", "1000", "1", "1", "100000", "65536",
	};

	(void) state;
	assert_int_equal(unr_map_argv_make("/usr/bin/newuidmap", 4711, &map, &argv), 0);
	for (size_t i = 0; i < UNR_COUNT(expected); i++)
		assert_string_equal(argv.items[i], expected[i]);
	assert_null(argv.items[UNR_COUNT(expected)]);
}

static void argv__holds_the_longest_map(void **state)
{
	unr_auto(unr_idmap_done) struct unr_idmap map = { 0 };
	unr_auto(unr_map_argv_done) struct unr_map_argv argv = { 0 };
	const size_t n = 2 + 3 * UNR_IDMAP_MAX_RANGES;

	(void) state;
	for (uint32_t i = 0; i < UNR_IDMAP_MAX_RANGES; i++) {
		struct unr_id_range range = { 4000000000 + i, 3000000000 + i, 1 };

		assert_int_equal(unr_idmap_add(&map, range), 0);
	}
	assert_int_equal(unr_map_argv_make("/x", 1, &map, &argv), 0);
	assert_string_equal(argv.items[2], "4000000000");
	assert_string_equal(argv.items[n - 3], "4000000339");
	assert_string_equal(argv.items[n - 2], "3000000339");
	assert_string_equal(argv.items[n - 1], "1");
	assert_null(argv.items[n]);
}

static int write_with(const char *path, int limit_ms, struct unr_error *err)
{
	unr_auto(unr_idmaps_done) struct unr_idmaps maps = { { map_of("0:100000:10,10:5:1"),
							       map_of("0:100000:10") } };
	unr_autofree char *before = strdup(getenv("PATH") == NULL ? "" : getenv("PATH"));
	int r;

	assert_non_null(before);
	assert_int_equal(setenv("PATH", path, 1), 0);
	/* Our own pid: the initial map is there already, so nothing can be written. */
	r = unr_map_helper_write(getpid(), &maps, limit_ms, err);
	assert_int_equal(setenv("PATH", before, 1), 0);
	return r;
}

static void write__says_how_the_helper_ended(void **state)
{
	static const struct {
		const char *mode;
		int limit_ms;
		int code;
		enum unr_error_kind kind;
		const char *says;
	} cases[] = {
		{ "refuse", 20000, -EPERM, UNR_ERROR_CANNOT_RUN,
		  "/newuidmap ended with exit status 1: newuidmap: uid range [0-1) -> [5-6) not "
		  "allowed" },
		{ "die", 20000, -EIO, UNR_ERROR_FAILED,
		  "/newuidmap was killed by signal 9: newuidmap: about to die" },
		{ "hang", 200, -ETIMEDOUT, UNR_ERROR_FAILED,
		  "/newuidmap did not end within 200 ms and was killed" },
		{ "chatter", 20000, -EPERM, UNR_ERROR_CANNOT_RUN,
		  "/newuidmap ended with exit status 3" },
		{ "nothing", 20000, -EIO, UNR_ERROR_FAILED,
		  "/newuidmap reported success, but wrote " },
	};
	const struct unr_tmp *tmp = *state;

	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct unr_error err = { 0 };

		fake_put(tmp, "newuidmap", cases[i].mode);
		assert_int_equal(write_with(tmp->path, cases[i].limit_ms, &err), cases[i].code);
		assert_int_equal(err.kind, cases[i].kind);
		assert_int_equal(err.code, cases[i].code);
		if (strstr(err.message, cases[i].says) == NULL)
			fail_msg("%s: %s", cases[i].mode, err.message);
	}
}

static void write__needs_a_helper(void **state)
{
	const struct unr_tmp *tmp = *state;
	struct unr_error err = { 0 };

	assert_int_equal(write_with(tmp->path, 1000, &err), -ENOENT);
	assert_int_equal(err.kind, UNR_ERROR_CANNOT_RUN);
	assert_string_equal(err.message, "newuidmap is not on PATH");
}

#define WITH_TMP(test) cmocka_unit_test_setup_teardown(test, unr_tmp_setup, unr_tmp_teardown)

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(argv__is_path_pid_and_numbers),
	cmocka_unit_test(argv__holds_the_longest_map),
	WITH_TMP(write__says_how_the_helper_ended),
	WITH_TMP(write__needs_a_helper),
};

UNR_TEST_MAIN("map_write_helper", tests, fake_is_built);
