/* SPDX-License-Identifier: MIT */
/* Thousands of failures on one screen, by folder and by ids. */
#include <stdio.h>

#include "report_fixture.h"

/* @n files f0, f1 … in a folder ("" or with its slash). */
static void add_files(struct unr_result *result, const char *folder, int n, int64_t uid,
		      int64_t gid)
{
	for (int i = 0; i < n; i++) {
		char path[200];

		(void) snprintf(path, sizeof(path), "%sf%d", folder, i);
		(void) fixture_failure(result, 1, path, uid, gid);
	}
}

/* The lines between the layer's heading and the first sample. */
static void expect_groups(struct unr_result *result, const struct unr_report_options *options,
			  const char *expected)
{
	char *text, *start, *end;

	fixture_verdict(result, &fixture_findings[0], "no");
	text = fixture_render(result, UNR_REPORT_TEXT, options);
	start = strstr(text, "sha256:fe1c00ff3ffe\n");
	assert_non_null(start);
	start = strchr(start, '\n') + 1;
	if (*start != ' ') /* the fault that all have in common */
		start = strchr(start, '\n') + 1;
	end = strstr(start, "\n\n");
	assert_non_null(end);
	end[1] = '\0';
	assert_string_equal(start, expected);
	free(text);
	fixture_done(result);
}

static void folders__and_ids_get_a_line_each(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	add_files(&result, "app/node_modules/content-type/", 5, 1516583083, 0);
	add_files(&result, "app/node_modules/hpack.js/", 1200, 120012366, 120012366);
	add_files(&result, "app/node_modules/brorand/", 1, 33, 120012366);
	expect_groups(
		&result, NULL,
		"      5 files  uid 1516583083                app/node_modules/content-type/\n"
		"  1,200 files  uid 120012366, gid 120012366  app/node_modules/hpack.js/\n"
		"       1 file  gid 120012366                 app/node_modules/brorand/\n");
}

static void ids__that_are_mapped_make_no_groups(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	add_files(&result, "a/", 6, 70000, 0);
	add_files(&result, "a/", 6, 70000, 20);
	expect_groups(&result, NULL, "  12 files  uid 70000  a/\n");
}

static void ids__refused_though_mapped_are_shown_both(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	add_files(&result, "a/", 6, 1, 2);
	add_files(&result, "a/", 6, 1, 3);
	expect_groups(&result, NULL, "  6 files  uid 1, gid 2  a/\n  6 files  uid 1, gid 3  a/\n");
}

static void directory__lies_in_itself(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	fixture_failure(&result, 1, "a/b", 70000, 0)->type = UNR_ENTRY_DIRECTORY;
	add_files(&result, "a/b/", 11, 70000, 0);
	expect_groups(&result, NULL, "  12 entries  uid 70000  a/b/\n");
}

static void top__has_a_name(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	add_files(&result, "", 11, 70000, 0);
	expect_groups(&result, NULL, "  11 files  uid 70000  ./\n");
}

static void folders__too_many_are_joined_upwards_for_their_owner_alone(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	add_files(&result, "app/one/", 2, 80000, 0);
	for (int i = 0; i < 50; i++) {
		char folder[64];

		(void) snprintf(folder, sizeof(folder), "app/m/p%d/lib/", i);
		add_files(&result, folder, 2, 70000, 0);
	}
	add_files(&result, "app/two/x/", 2, 80000, 0);
	expect_groups(&result, NULL,
		      "    2 files  uid 80000  app/one/\n"
		      "  100 files  uid 70000  app/m/\n"
		      "    2 files  uid 80000  app/two/x/\n");
}

static void folders__are_joined_no_further_than_needed(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	for (int i = 0; i < 20; i++) {
		char folder[64];

		(void) snprintf(folder, sizeof(folder), "app/m%d/p%d/", i % 2, i);
		add_files(&result, folder, 1, 70000, 0);
	}
	expect_groups(&result, NULL,
		      "  10 files  uid 70000  app/m0/\n"
		      "  10 files  uid 70000  app/m1/\n");
}

static void groups__stand_in_the_order_of_the_tar(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	add_files(&result, "z/1/", 1, 70000, 0);
	add_files(&result, "b/", 11, 80000, 0);
	for (char c = 'k'; c >= 'a'; c--) {
		const char folder[] = { 'z', '/', c, '/', '\0' };

		add_files(&result, folder, 1, 70000, 0);
	}
	expect_groups(&result, NULL,
		      "  12 files  uid 70000  z/\n"
		      "  11 files  uid 80000  b/\n");
}

static void folders__ten_stay_apart(void **state)
{
	struct unr_result result = fixture_result();
	char expected[1000] = "";

	(void) state;
	/* "a-b" sorts before "a/b" by bytes; the folders must stay together all the same. */
	for (int i = 0; i < 10; i++) {
		char folder[64];

		(void) snprintf(folder, sizeof(folder), "a%s%d/", i % 2 == 0 ? "-" : "/", i);
		add_files(&result, folder, 2, 70000, 0);
		(void) snprintf(expected + strlen(expected), sizeof(expected) - strlen(expected),
				"  2 files  uid 70000  %s\n", folder);
	}
	expect_groups(&result, NULL, expected);
}

static void folders__join_whole_components(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	for (int i = 0; i < 11; i++) {
		char folder[64];

		(void) snprintf(folder, sizeof(folder), "usr/lib%d/", i);
		add_files(&result, folder, 1, 70000, 0);
	}
	expect_groups(&result, NULL, "  11 files  uid 70000  usr/\n");
}

static void folders__of_absurd_depth_are_no_burden(void **state)
{
	struct unr_result result = fixture_result();
	char folder[20001];

	(void) state;
	for (size_t i = 0; i + 1 < sizeof(folder); i += 2)
		memcpy(folder + i, "a/", 3);
	for (int i = 0; i < 11; i++)
		(void) fixture_failure(&result, 1, folder, 70000, 0);
	fixture_verdict(&result, &fixture_findings[0], "no");
	fixture_expect_part(&result, UNR_REPORT_TEXT, NULL, "  11 files  uid 70000  a/a/");
}

static void owners__too_many_are_counted_unless_verbose(void **state)
{
	static const struct unr_report_options verbose = { .verbose = true };
	struct unr_result result = fixture_result();
	char *text;

	(void) state;
	for (int i = 0; i < 13; i++) {
		add_files(&result, "a/", 1, 70000 + i, 0);
		add_files(&result, "b/", 1, 70000 + i, 0);
	}
	fixture_verdict(&result, &fixture_findings[0], "no");
	text = fixture_render(&result, UNR_REPORT_TEXT, NULL);
	assert_non_null(strstr(text, "  2 files  uid 70009  ./\n"
				     "  and 6 entries more with 3 other owners\n\n-rw"));
	free(text);
	fixture_expect_part(&result, UNR_REPORT_TEXT, &verbose, "  2 files  uid 70012  ./\n\n-rw");
	result = fixture_result();
	for (int i = 0; i < 300; i++)
		add_files(&result, "a/", 1 + i % 2, 70000 + i, 0);
	fixture_verdict(&result, &fixture_findings[0], "no");
	fixture_expect_part(&result, UNR_REPORT_TEXT, &verbose,
			    "  2 files  uid 70255  a/\n"
			    "  and 66 entries more with 44 other owners\n\n-rw");
}

static void many__take_a_moment_only(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	for (int i = 0; i < 400; i++) {
		char folder[64];

		(void) snprintf(folder, sizeof(folder), "app/node_modules/p%d/", i);
		add_files(&result, folder, 50, 70000 + i % 7, 0);
	}
	fixture_verdict(&result, &fixture_findings[0], "no");
	fixture_expect_part(&result, UNR_REPORT_TEXT, NULL,
			    "  2,900 files  uid 70000  app/node_modules/\n");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(folders__and_ids_get_a_line_each),
	cmocka_unit_test(ids__that_are_mapped_make_no_groups),
	cmocka_unit_test(ids__refused_though_mapped_are_shown_both),
	cmocka_unit_test(directory__lies_in_itself),
	cmocka_unit_test(top__has_a_name),
	cmocka_unit_test(folders__too_many_are_joined_upwards_for_their_owner_alone),
	cmocka_unit_test(folders__are_joined_no_further_than_needed),
	cmocka_unit_test(groups__stand_in_the_order_of_the_tar),
	cmocka_unit_test(folders__ten_stay_apart),
	cmocka_unit_test(folders__join_whole_components),
	cmocka_unit_test(folders__of_absurd_depth_are_no_burden),
	cmocka_unit_test(owners__too_many_are_counted_unless_verbose),
	cmocka_unit_test(many__take_a_moment_only),
};

UNR_TEST_MAIN("report.text_group", tests, NULL);
