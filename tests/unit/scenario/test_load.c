/* SPDX-License-Identifier: MIT */
/* A scenario as a value for people, and the list of all. */
#include "usernsrepro/scenario.h"

#include <errno.h>
#include <unistd.h>

#include "fixture.h"

static void load__takes_every_part(void **state)
{
	const struct unr_tmp *tmp = *state;
	struct unr_scenario scenario = { 0 };
	struct unr_error err = { 0 };

	put_good(tmp);
	put(tmp, "s", "scenario.json",
	    "{\"image\":\"app:2\",\"layers\":[{\"mtree\":\"0.mtree\"},{\"mtree\":\"0.mtree\"}],"
	    "\"run\":{\"profile\":\"p\",\"engine\":\"e\",\"driver\":\"d\",\"as\":\"pull\","
	    "\"uidmap\":[\"0:1:2\",\"5:6:7\"]}}");
	put(tmp, "s", "config.json",
	    "{\"history\":[{\"created_by\":\"FROM\"},{\"created_by\":\"ENV\",\"empty_layer\":true},"
	    "{\"created_by\":\"RUN\",\"empty_layer\":false}]}");
	put(tmp, "s", "expect.json",
	    "{\"exit\":1,\"report\":{\"verdict\":{\"ok\":false,\"message\":\"no\"}}}");
	assert_int_equal(unr_scenario_load("s", &scenario, &err), 0);
	assert_string_equal(scenario.name, "s");
	assert_string_equal(scenario.title, "A title");
	assert_string_equal(scenario.text, "# A title\n\nText.\n");
	assert_string_equal(scenario.image, "app:2");
	assert_int_equal(scenario.n_steps, 3);
	assert_string_equal(scenario.steps[1].created_by, "ENV");
	assert_int_equal(scenario.steps[0].layer, 0);
	assert_int_equal(scenario.steps[1].layer, -1);
	assert_int_equal(scenario.steps[2].layer, 1);
	assert_string_equal(scenario.runs[0].profile, "p");
	assert_string_equal(scenario.runs[0].engine, "e");
	assert_string_equal(scenario.runs[0].driver, "d");
	assert_string_equal(scenario.runs[0].as, "pull");
	assert_int_equal(scenario.runs[0].maps.of[UNR_UID].n_ranges, 2);
	assert_int_equal(scenario.runs[0].maps.of[UNR_UID].ranges[1].outside, 6);
	/* As on the command line: one map given is both. */
	assert_true(unr_idmap_equal(&scenario.runs[0].maps.of[UNR_UID],
				    &scenario.runs[0].maps.of[UNR_GID]));
	assert_int_equal(scenario.runs[0].expected_exit, 1);
	assert_string_equal(scenario.runs[0].expected_message, "no");
	unr_scenario_done(&scenario);
	assert_null(scenario.name);
	unr_scenario_done(&scenario);
}

static void load__gid_map_of_its_own(void **state)
{
	struct unr_scenario scenario = { 0 };
	struct unr_error err = { 0 };

	put_good(*state);
	put(*state, "s", "scenario.json",
	    "{\"image\":\"s\",\"layers\":[{\"mtree\":\"0.mtree\"}],"
	    "\"run\":{\"uidmap\":[\"0:1:2\"],\"gidmap\":[\"0:9:1\"]}}");
	assert_int_equal(unr_scenario_load("s", &scenario, &err), 0);
	assert_null(scenario.runs[0].profile);
	assert_null(scenario.runs[0].expected_message);
	assert_int_equal(scenario.runs[0].maps.of[UNR_UID].ranges[0].outside, 1);
	assert_int_equal(scenario.runs[0].maps.of[UNR_GID].n_ranges, 1);
	assert_int_equal(scenario.runs[0].maps.of[UNR_GID].ranges[0].outside, 9);
	unr_scenario_done(&scenario);
}

/* Several engines, each with a file of its own. */
static void load__several_runs(void **state)
{
	struct unr_scenario scenario = { 0 };
	struct unr_error err = { 0 };

	put_good(*state);
	put(*state, "s", "loads.json", "{\"exit\":0}");
	put(*state, "s", "scenario.json",
	    "{\"image\":\"s\",\"layers\":[{\"mtree\":\"0.mtree\"}],"
	    "\"run\":[{\"engine\":\"a\"},{\"engine\":\"b\",\"expect\":\"loads.json\"}]}");
	assert_int_equal(unr_scenario_load("s", &scenario, &err), 0);
	assert_int_equal(scenario.n_runs, 2);
	assert_string_equal(scenario.runs[0].engine, "a");
	assert_string_equal(scenario.runs[0].expect, "expect.json");
	assert_string_equal(scenario.runs[1].engine, "b");
	assert_string_equal(scenario.runs[1].expect, "loads.json");
	assert_int_equal(scenario.runs[1].expected_exit, 0);
	unr_scenario_done(&scenario);
}

static void load__refuses_a_bad_folder(void **state)
{
#define RUN(run) "{\"image\":\"s\",\"layers\":[{\"mtree\":\"0.mtree\"}],\"run\":" run "}"
	static const struct {
		const char *file, *text, *message;
	} faults[] = {
		{ "README.md", "No heading\n", "heading" },
		{ "README.md", "", "heading" },
		{ "scenario.json", RUN("1"), "run" },
		{ "scenario.json", RUN("{\"profil\":\"x\"}"), "profil" },
		{ "scenario.json", RUN("{\"profile\":1}"), "Expected string" },
		{ "scenario.json", RUN("{\"uidmap\":\"0:1:2\"}"), "array" },
		{ "scenario.json", RUN("[]"), "nothing in it" },
		{ "scenario.json", RUN("[{},1]"), "run" },
		{ "scenario.json", RUN("{\"uidmap\":[1]}"), "INSIDE:OUTSIDE:COUNT" },
		{ "scenario.json", RUN("{\"gidmap\":[\"0:1\"]}"), "'0:1'" },
		{ "expect.json", "{}", "exit" },
		{ "expect.json", "", "expect.json" },
	};
#undef RUN

	for (size_t i = 0; i < UNR_COUNT(faults); i++) {
		struct unr_scenario scenario = { 0 };
		struct unr_error err = { 0 };

		put_good(*state);
		put(*state, "s", faults[i].file, faults[i].text);
		if (unr_scenario_load("s", &scenario, &err) != -EBADMSG ||
		    err.kind != UNR_ERROR_FAILED || strncmp(err.message, "scenario s: ", 12) != 0 ||
		    strstr(err.message, faults[i].message) == NULL)
			fail_msg("fault %zu: \"%s\"", i, err.message);
		assert_null(scenario.name);
	}
}

static void list__has_scenarios_only_and_in_order(void **state)
{
	const struct unr_tmp *tmp = *state;
	struct unr_scenario_list list = { 0 };
	struct unr_error err = { 0 };

	put(tmp, "b2", "scenario.json", "{}");
	put(tmp, "b2", "README.md", "# Second\n");
	put(tmp, "a1", "scenario.json", "{}");
	put(tmp, "a1", "README.md", "# First\nmore");
	put(tmp, "b10", "scenario.json", "{}");
	put(tmp, "b10", "README.md", "# Without an end");
	put(tmp, "no-scenario", "README.md", "# No\n");
	put(tmp, "Upper", "scenario.json", "{}");
	assert_int_equal(unr_tmp_write(tmp, "file", ""), 0);
	assert_int_equal(unr_scenario_list(&list, &err), 0);
	assert_int_equal(list.n_items, 3);
	assert_string_equal(list.items[0].name, "a1");
	assert_string_equal(list.items[0].title, "First");
	assert_string_equal(list.items[1].name, "b10");
	assert_string_equal(list.items[1].title, "Without an end");
	assert_string_equal(list.items[2].name, "b2");
	unr_scenario_list_done(&list);
	put(tmp, "a1", "README.md", "First\n");
	assert_int_equal(unr_scenario_list(&list, &err), -EBADMSG);
	assert_string_equal(err.message, "scenario a1: README.md does not begin with a heading");
	assert_int_equal(list.n_items, 0);
}

static void list__without_a_scenario_is_an_error(void **state)
{
	const struct unr_tmp *tmp = *state;
	struct unr_scenario_list list = { 0 };
	struct unr_error err = { 0 };

	put(tmp, "no-scenario", "README.md", "# No\n");
	assert_int_equal(unr_scenario_list(&list, &err), -ENOENT);
	assert_int_equal(err.kind, UNR_ERROR_FAILED);
	assert_non_null(strstr(err.message, "no scenario in "));
	assert_non_null(strstr(err.message, tmp->path));
	assert_non_null(strstr(err.message, "USERNS_REPRO_SCENARIOS"));
	assert_int_equal(list.n_items, 0);
}

/* The project's own: each can be read, exported, and expects what its layers make possible. */
static void list__of_the_project_is_whole(void **state)
{
	const char *sources = getenv("UNR_SOURCE_DIR");
	struct unr_scenario_list list = { 0 };
	struct unr_error err = { 0 };
	char path[512];
	int null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	(void) state;
	assert_non_null(sources);
	(void) snprintf(path, sizeof(path), "%s/scenarios", sources);
	assert_int_equal(setenv("USERNS_REPRO_SCENARIOS", path, 1), 0);
	assert_int_equal(unr_scenario_list(&list, &err), 0);
	assert_true(list.n_items >= 12);
	for (size_t i = 0; i < list.n_items; i++) {
		struct unr_scenario scenario = { 0 };

		if (unr_scenario_load(list.items[i].name, &scenario, &err) < 0 ||
		    unr_scenario_export(list.items[i].name, null_fd, &err) < 0)
			fail_msg("%s", err.message);
		/* One line of a terminal: name, two spaces, title. */
		assert_true(strlen(scenario.title) <= 80 - 26);
		for (size_t k = 0; k < scenario.n_runs; k++)
			assert_int_equal(scenario.runs[k].expected_exit == 0,
					 scenario.runs[k].expected_message == NULL);
		unr_scenario_done(&scenario);
	}
	unr_scenario_list_done(&list);
	(void) close(null_fd);
}

static const struct CMUnitTest tests[] = {
	SCENARIO_TEST(load__takes_every_part),
	SCENARIO_TEST(load__gid_map_of_its_own),
	SCENARIO_TEST(load__several_runs),
	SCENARIO_TEST(load__refuses_a_bad_folder),
	SCENARIO_TEST(list__has_scenarios_only_and_in_order),
	SCENARIO_TEST(list__without_a_scenario_is_an_error),
	SCENARIO_TEST(list__of_the_project_is_whole),
};

UNR_TEST_MAIN("scenario.load", tests, NULL);
