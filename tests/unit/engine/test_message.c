/* SPDX-License-Identifier: MIT */
/* engine/message and engine/table: the engine's words to the letter, and whose they are. */
#include "unr_test.h"

#include <errno.h>
#include <string.h>

#include "engine/engine.h"

static void id_text__has_the_number_of_the_header(void **state)
{
	static const struct {
		int64_t id;
		const char *text;
	} cases[] = {
		{ 65536, "Container ID 65536 cannot be mapped to a host ID" },
		{ -1, "Container ID -1 cannot be mapped to a host ID" },
		{ INT64_C(4294967295), "Container ID 4294967295 cannot be mapped to a host ID" },
		{ INT64_C(1099511627781),
		  "Container ID 1099511627781 cannot be mapped to a host ID" },
		{ INT64_MAX, "Container ID 9223372036854775807 cannot be mapped to a host ID" },
		{ INT64_MIN, "Container ID -9223372036854775808 cannot be mapped to a host ID" },
	};
	static const char *const engines[] = { "docker-20.10", "docker-20.10.9" };

	(void) state;
	for (size_t e = 0; e < UNR_COUNT(engines); e++)
		for (size_t i = 0; i < UNR_COUNT(cases); i++) {
			unr_autofree char *text =
				unr_engine_id_text(unr_engine_find(engines[e]), cases[i].id);

			assert_string_equal(text, cases[i].text);
		}
}

#define WARNING "time=\"2026-11-21T20:22:36Z\" level=warning msg=\"ignored\"\n"

static void message__is_wrapped_by_way_and_kind(void **state)
{
	static const struct {
		enum unr_way way;
		enum unr_stop_kind kind;
		const char *log, *text, *message;
	} cases[] = {
		{ UNR_WAY_LOAD, UNR_STOP_CHILD, "", "unexpected EOF",
		  "Error processing tar file(exit status 1): unexpected EOF" },
		{ UNR_WAY_PULL, UNR_STOP_CHILD, "", "unexpected EOF",
		  "failed to register layer: Error processing tar file(exit status 1): "
		  "unexpected EOF" },
		{ UNR_WAY_LOAD, UNR_STOP_CHILD, WARNING WARNING, "invalid argument",
		  "Error processing tar file(exit status 1): " WARNING WARNING "invalid argument" },
		{ UNR_WAY_PULL, UNR_STOP_CHILD, WARNING, "invalid argument",
		  "failed to register layer: Error processing tar file(exit status 1): " WARNING
		  "invalid argument" },
		/* The child was content: its output is empty, and the space at the end stays. */
		{ UNR_WAY_LOAD, UNR_STOP_FEED, "", "gzip: invalid checksum",
		  "Error processing tar file(gzip: invalid checksum): " },
		{ UNR_WAY_PULL, UNR_STOP_FEED, "", "duplicates of file paths not supported",
		  "failed to register layer: Error processing tar file(duplicates of file paths "
		  "not supported): " },
		{ UNR_WAY_LOAD, UNR_STOP_FEED, WARNING, "gzip: invalid header",
		  "Error processing tar file(gzip: invalid header): " WARNING },
		{ UNR_WAY_LOAD, UNR_STOP_OPEN, "", "unexpected EOF", "unexpected EOF" },
		{ UNR_WAY_PULL, UNR_STOP_OPEN, "", "gzip: invalid header",
		  "could not get decompression stream: gzip: invalid header" },
		{ UNR_WAY_LOAD, UNR_STOP_LAYER, "", "invalid diffID for layer 0",
		  "invalid diffID for layer 0" },
		{ UNR_WAY_PULL, UNR_STOP_LAYER, "", "as it is", "as it is" },
		{ UNR_WAY_LOAD, UNR_STOP_DEPTH, "", "max depth exceeded", "max depth exceeded" },
		{ UNR_WAY_PULL, UNR_STOP_DEPTH, "", "max depth exceeded",
		  "failed to register layer: max depth exceeded" },
		/* A percent sign in a name is no format. */
		{ UNR_WAY_LOAD, UNR_STOP_CHILD, "%s", "open /%d%n: x",
		  "Error processing tar file(exit status 1): %sopen /%d%n: x" },
		{ UNR_WAY_LOAD, UNR_STOP_FEED, "", "%s%n", "Error processing tar file(%s%n): " },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		const struct unr_said said = { .kind = cases[i].kind,
					       .text = cases[i].text,
					       .output = "",
					       .log = cases[i].log };
		unr_autofree char *message = unr_engine_message(
			unr_engine_find("docker-20.10"), UNR_DRIVER_OVERLAY2, cases[i].way, &said);

		assert_string_equal(message, cases[i].message);
	}
}

/* Output and errors are apart there, and a content child prints a size. */
static void message__of_vfs_shows_both_outputs(void **state)
{
	static const struct {
		enum unr_way way;
		struct unr_said said;
		const char *message;
	} cases[] = {
		{ UNR_WAY_LOAD,
		  { .kind = UNR_STOP_CHILD, .text = "unexpected EOF", .output = "{}", .log = "" },
		  "ApplyLayer exit status 1 stdout:  stderr: unexpected EOF" },
		{ UNR_WAY_PULL,
		  { .kind = UNR_STOP_CHILD,
		    .text = "invalid argument",
		    .output = "",
		    .log = WARNING },
		  "failed to register layer: ApplyLayer exit status 1 stdout:  stderr: " WARNING
		  "invalid argument" },
		{ UNR_WAY_LOAD,
		  { .kind = UNR_STOP_FEED,
		    .text = "gzip: invalid checksum",
		    .output = "{\"layerSize\":2}\n",
		    .log = "" },
		  "ApplyLayer gzip: invalid checksum stdout: {\"layerSize\":2}\n stderr: " },
		{ UNR_WAY_PULL,
		  { .kind = UNR_STOP_OPEN, .text = "unexpected EOF", .output = "", .log = "" },
		  "could not get decompression stream: unexpected EOF" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		unr_autofree char *message =
			unr_engine_message(unr_engine_find("docker-20.10"), UNR_DRIVER_VFS,
					   cases[i].way, &cases[i].said);

		assert_string_equal(message, cases[i].message);
	}
}

/* From 24.0 the extractor's text stands alone, whatever stopped it and whatever was logged. */
static void message__of_an_engine_without_a_child(void **state)
{
	static const char *const engines[] = { "docker-24.0", "docker-25.0", "docker-28.1",
					       "docker-29.7" };
	const struct unr_said said = {
		UNR_STOP_CHILD, "unexpected EOF", "{}", WARNING, NULL, NULL
	};
	const struct unr_said feed = { UNR_STOP_FEED, "duplicates", "", WARNING, NULL, NULL };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(engines); i++)
		for (int driver = 0; driver < UNR_DRIVER_COUNT_; driver++) {
			const struct unr_engine *engine = unr_engine_find(engines[i]);
			unr_autofree char *load = unr_engine_message(
				engine, (enum unr_driver) driver, UNR_WAY_LOAD, &said);
			unr_autofree char *pull = unr_engine_message(
				engine, (enum unr_driver) driver, UNR_WAY_PULL, &feed);

			assert_true(unr_engine_in_process(engine));
			assert_string_equal(load, "unexpected EOF");
			assert_string_equal(pull, "failed to register layer: duplicates");
		}
	assert_false(unr_engine_in_process(unr_engine_find("docker-20.10")));
	assert_false(unr_engine_in_process(unr_engine_find("docker-23.0")));
}

static void id_text__is_in_lower_case_from_28_1(void **state)
{
	static const struct {
		const char *engine, *text;
	} cases[] = {
		{ "docker-23.0", "Container ID 70000 cannot be mapped to a host ID" },
		{ "docker-24.0", "Container ID 70000 cannot be mapped to a host ID" },
		{ "docker-25.0", "Container ID 70000 cannot be mapped to a host ID" },
		{ "docker-28.1", "container ID 70000 cannot be mapped to a host ID" },
		{ "docker-29.7", "container ID 70000 cannot be mapped to a host ID" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		unr_autofree char *text =
			unr_engine_id_text(unr_engine_find(cases[i].engine), 70000);

		assert_string_equal(text, cases[i].text);
	}
}

static void driver__has_a_name_both_ways(void **state)
{
	(void) state;
	for (int i = 0; i < UNR_DRIVER_COUNT_; i++)
		assert_int_equal(unr_driver_from_name(unr_driver_name((enum unr_driver) i)), i);
	assert_int_equal(unr_driver_from_name("aufs"), -ENOENT);
	assert_int_equal(unr_driver_from_name(""), -ENOENT);
}

static void way__has_a_name(void **state)
{
	(void) state;
	assert_int_equal(unr_way_from_name("load"), UNR_WAY_LOAD);
	assert_int_equal(unr_way_from_name("pull"), UNR_WAY_PULL);
}

static void way__refuses_other_names(void **state)
{
	static const char *const names[] = { "", "Load", "push", "loads", "pul", " load" };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(names); i++)
		assert_int_equal(unr_way_from_name(names[i]), -ENOENT);
}

static void table__finds_by_the_whole_name(void **state)
{
	static const char *const absent[] = { "", "docker", "docker-20.1", "docker-20.10.",
					      "podman" };

	(void) state;
	assert_string_equal(unr_engine_find("docker-20.10")->name, "docker-20.10");
	assert_string_equal(unr_engine_find("docker-20.10.9")->name, "docker-20.10.9");
	for (size_t i = 0; i < UNR_COUNT(absent); i++)
		assert_null(unr_engine_find(absent[i]));
}

/* Every name in the list can be found again. */
static void table__lists_its_names(void **state)
{
	unr_auto(unr_text_done) struct unr_text text = { 0 };
	char *rest = NULL;
	int n = 0;

	(void) state;
	unr_engine_list(&text);
	for (char *name = strtok_r(text.bytes, ",", &rest); name != NULL;
	     name = strtok_r(NULL, ",", &rest), n++)
		assert_non_null(unr_engine_find(name + (n > 0)));
	assert_true(n >= 2);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(id_text__has_the_number_of_the_header),
	cmocka_unit_test(message__is_wrapped_by_way_and_kind),
	cmocka_unit_test(message__of_vfs_shows_both_outputs),
	cmocka_unit_test(message__of_an_engine_without_a_child),
	cmocka_unit_test(id_text__is_in_lower_case_from_28_1),
	cmocka_unit_test(driver__has_a_name_both_ways),
	cmocka_unit_test(way__has_a_name),
	cmocka_unit_test(way__refuses_other_names),
	cmocka_unit_test(table__finds_by_the_whole_name),
	cmocka_unit_test(table__lists_its_names),
};

UNR_TEST_MAIN("message", tests, NULL);
