/* SPDX-License-Identifier: MIT */
/* The paragraphs about entries on which engine and kernel disagree. */
#include "report_fixture.h"

#define GOES_BY "; the target host goes by the engine.\n"

static void expect_part(struct unr_result *result, const char *expected)
{
	fixture_expect_part(result, UNR_REPORT_TEXT, NULL, expected);
}

static void agreement__needs_no_paragraph(void **state)
{
	struct unr_result result = fixture_high_uid();
	char *text = fixture_render(&result, UNR_REPORT_TEXT, NULL);

	(void) state;
	assert_null(strstr(text, "disagree"));
	free(text);
	fixture_done(&result);
}

static void host_root__loads_with_an_explanation(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	(void) fixture_kernel_only(&result, 1, "hostroot", 100000, 100000);
	fixture_expect(
		&result, UNR_REPORT_TEXT, NULL,
		"app:latest loads: 2 layers, 60,122 entries, 60,122 real chowns, 1 of them\n"
		"refused; USER not checked\n"
		"map 0..65535 -> 100000..165535, docker-20.10.9 on overlay2 (profile appservice)\n"
		"\n"
		"Engine and kernel disagree on 1 entry" GOES_BY "\n"
		"1 entry, uid 100000, gid 100000: mapped by the engine, refused by the kernel\n"
		"(lchown: EINVAL). The id equals the outside id of the map's root: the engine\n"
		"takes it as mapped already and gives the file to root (inside 0), the kernel has\n"
		"no such inside id.\n"
		"-rw-r--r-- 1 100000 100000 0 Jun 30 21:24 hostroot\n");
}

static void minus_one__is_a_failure_and_a_disagreement(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	fixture_failure(&result, 1, "neg", 4294967295, 0)->error = 0;
	result.layers[1].refused = 0;
	fixture_verdict(&result, &fixture_findings[0], "no");
	expect_part(&result,
		    "\n1 entry, uid outside the map, lchown: ok\n"
		    "-rw-r--r-- 1 4294967295 0 0 Jun 30 21:24 neg\n"
		    "\n"
		    "needs   other ids: no map can hold 4294967295 or a number above it.\n"
		    "\n"
		    "Engine and kernel disagree on 1 entry" GOES_BY "\n"
		    "1 entry, uid 4294967295, gid 0: refused by the engine, taken by the kernel\n"
		    "(lchown: ok). To the kernel 4294967295 is -1, 'leave unchanged': it took the\n"
		    "call and set nothing, while the engine looks for that id in the map.\n"
		    "-rw-r--r-- 1 4294967295 0 0 Jun 30 21:24 neg\n");
}

static void narrower_map__is_one_paragraph_for_all(void **state)
{
	static const struct unr_report_options verbose = { .verbose = true };
	struct unr_result result = fixture_result();
	char *text;

	(void) state;
	unr_idmaps_done(&result.map);
	fixture_map(&result.map, 0, 1000, 1);
	for (int i = 1; i <= 5; i++)
		(void) fixture_kernel_only(&result, 0, i == 5 ? "last" : "a", i * 10,
					   i == 3 ? 42 : 0);
	text = fixture_render(&result, UNR_REPORT_TEXT, &verbose);
	assert_non_null(strstr(text, " last\n"));
	assert_null(strstr(text, " more;"));
	free(text);
	expect_part(&result,
		    "Engine and kernel disagree on 5 entries" GOES_BY "\n"
		    "5 entries, uids 10 to 50, gids 0 to 42: mapped by the engine, refused by the\n"
		    "kernel (lchown: EINVAL). The profile's map has the id, the narrower map that\n"
		    "this host could write has not.\n"
		    "-rw-r--r-- 1 10  0 0 Jun 30 21:24 a\n"
		    "-rw-r--r-- 1 20  0 0 Jun 30 21:24 a\n"
		    "-rw-r--r-- 1 30 42 0 Jun 30 21:24 a\n"
		    "(2 more; --verbose lists them, --format json has all)\n");
}

/* As many entries of this kind as an ordinary user's run has: they are no news. */
static struct unr_result make_own_id_alone(int n)
{
	struct unr_result result = fixture_result();

	unr_idmaps_done(&result.map);
	fixture_map(&result.map, 0, 1000, 1);
	result.map_method = UNR_MAP_SELF;
	for (int i = 1; i <= n; i++)
		(void) fixture_kernel_only(&result, 0, "a", 0, i);
	return result;
}

static void own_id_alone__is_one_sentence(void **state)
{
	static const struct unr_report_options verbose = { .verbose = true };
	struct unr_result result = make_own_id_alone(2000);
	char *text = fixture_render(&result, UNR_REPORT_TEXT, NULL);

	(void) state;
	assert_non_null(strstr(
		text, "\n\n"
		      "This host could map id 0 only: what its kernel refused of other ids "
		      "(2,000\n"
		      "entries; --verbose lists them) says nothing about the target host.\n"));
	assert_null(strstr(text, "disagree"));
	assert_null(strstr(text, "-rw-"));
	free(text);
	text = fixture_render(&result, UNR_REPORT_TEXT, &verbose);
	assert_non_null(strstr(text, "(2,000\nentries) says nothing about the target host.\n-rw-"));
	assert_non_null(strstr(text, " 2000 0 Jun 30 21:24 a\n"));
	free(text);
	fixture_done(&result);
	result = make_own_id_alone(1);
	expect_part(&result, "(1 entry;\n--verbose lists it) says");
}

static void own_id_alone__leaves_the_other_causes(void **state)
{
	struct unr_result result = make_own_id_alone(2);
	char *text;

	(void) state;
	(void) fixture_kernel_only(&result, 1, "hostroot", 100000, 1);
	fixture_failure(&result, 1, "neg", 4294967295, 0)->error = 0;
	text = fixture_render(&result, UNR_REPORT_TEXT, NULL);
	assert_non_null(strstr(text, "(2 entries;\n"));
	assert_non_null(strstr(text,
			       "target host.\n\nEngine and kernel disagree on 2 entries" GOES_BY
			       "\n1 entry, uid 100000, gid 1: "));
	assert_non_null(strstr(text, "\n\n1 entry, uid 4294967295, gid 0: "));
	free(text);
	fixture_done(&result);
}

static void causes__have_a_paragraph_each(void **state)
{
	struct unr_result result = fixture_result();
	char *text;
	const char *root, *whiteout, *other;

	(void) state;
	(void) fixture_kernel_only(&result, 0, "a", 100000, 0);
	fixture_kernel_only(&result, 0, ".wh.b", 900000, 0)->type = UNR_ENTRY_WHITEOUT;
	(void) fixture_kernel_only(&result, 0, "c", 0, 100000);
	fixture_kernel_only(&result, 0, "d", 0, 0)->error = EPERM;
	text = fixture_render(&result, UNR_REPORT_TEXT, NULL);
	assert_non_null(strstr(text, "disagree on 4 entries;"));
	root = strstr(text, "\n\n2 entries, uids 0 to 100000, gids 0 to 100000: mapped");
	whiteout = strstr(text, "\n\n1 entry, uid 900000, gid 0: mapped");
	other = strstr(text, "\n\n1 entry, uid 0, gid 0: mapped by the engine, refused by the "
			     "kernel (lchown:\nEPERM). The ");
	assert_non_null(root);
	assert_non_null(whiteout);
	assert_non_null(other);
	assert_true(root < whiteout && whiteout < other);
	assert_non_null(strstr(text, "\nwhiteout   1 900000 0 - Jun 30 21:24 b\n"));
	free(text);
	fixture_done(&result);
}

static void errnos__have_a_paragraph_each(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	fixture_kernel_only(&result, 0, "a", 0, 0)->error = EPERM;
	fixture_kernel_only(&result, 0, "b", 0, 0)->error = EROFS;
	expect_part(&result, " a\n"
			     "\n1 entry, uid 0, gid 0: mapped by the engine, refused by the kernel "
			     "(lchown:\nEROFS). The ");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(agreement__needs_no_paragraph),
	cmocka_unit_test(host_root__loads_with_an_explanation),
	cmocka_unit_test(minus_one__is_a_failure_and_a_disagreement),
	cmocka_unit_test(narrower_map__is_one_paragraph_for_all),
	cmocka_unit_test(own_id_alone__is_one_sentence),
	cmocka_unit_test(own_id_alone__leaves_the_other_causes),
	cmocka_unit_test(causes__have_a_paragraph_each),
	cmocka_unit_test(errnos__have_a_paragraph_each),
};

UNR_TEST_MAIN("report.text_disagree", tests, NULL);
