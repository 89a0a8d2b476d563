/* SPDX-License-Identifier: MIT */
/* Lines in the manner of `ls -ln`: modes, names, dates, columns, limits. */
#include <stdio.h>

#include "report_fixture.h"

/* One failure, shaped by the caller, and its line. */
static void expect_line(struct unr_result *result, const char *expected)
{
	fixture_verdict(result, &fixture_findings[0], "no");
	fixture_expect_part(result, UNR_REPORT_TEXT, NULL, expected);
}

static void mode__as_ls_shows_it(void **state)
{
	static const struct {
		enum unr_entry_type type;
		uint32_t mode;
		const char *expected;
	} cases[] = {
		{ UNR_ENTRY_FILE, 0, "\n---------- 1 " },
		{ UNR_ENTRY_FILE, 0777, "\n-rwxrwxrwx 1 " },
		{ UNR_ENTRY_FILE, 0412, "\n-r----x-w- 1 " },
		{ UNR_ENTRY_FILE, 04755, "\n-rwsr-xr-x 1 " },
		{ UNR_ENTRY_FILE, 02644, "\n-rw-r-Sr-- 1 " },
		{ UNR_ENTRY_DIRECTORY, 01777, "\ndrwxrwxrwt 1 " },
		{ UNR_ENTRY_DIRECTORY, 07666, "\ndrwSrwSrwT 1 " },
		{ UNR_ENTRY_FIFO, 0600, "\nprw------- 1 " },
		{ UNR_ENTRY_HARDLINK, 0644, "\n-rw-r--r-- 1 " },
		{ UNR_ENTRY_WHITEOUT, 0644, "\nwhiteout   1 " },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct unr_result result = fixture_result();
		struct unr_finding *finding = fixture_failure(&result, 0, "a", 70000, 0);

		finding->type = cases[i].type;
		finding->mode = cases[i].mode;
		expect_line(&result, cases[i].expected);
	}
}

static void size__of_devices_is_not_known(void **state)
{
	static const enum unr_entry_type types[] = { UNR_ENTRY_CHAR, UNR_ENTRY_BLOCK,
						     UNR_ENTRY_WHITEOUT };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(types); i++) {
		struct unr_result result = fixture_result();

		fixture_failure(&result, 0, "a", 70000, 0)->type = types[i];
		expect_line(&result, " 1 70000 0 - Jun 30 21:24 a\n");
	}
}

static void date__as_ls_shows_it(void **state)
{
	static const struct {
		int64_t mtime;
		const char *expected;
	} cases[] = {
		{ FIXTURE_NOW, " Jul  1 00:02 a\n" },
		{ FIXTURE_NOW + 1, " Jul  1  2022 a\n" }, /* the future is not recent */
		{ FIXTURE_NOW - 15778475, " Dec 30 09:07 a\n" },
		{ FIXTURE_NOW - 15778476, " Dec 30  2021 a\n" },
		{ 0, " Jan  1  1970 a\n" },
		{ -1, " Dec 31  1969 a\n" },
		{ INT64_MAX, " 9223372036854775807 a\n" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct unr_result result = fixture_result();

		fixture_failure(&result, 0, "a", 70000, 0)->mtime = cases[i].mtime;
		expect_line(&result, cases[i].expected);
	}
}

static void name__is_escaped_as_ls_b_does(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	(void) fixture_failure(&result, 0, "a b\n\033[31m\xff\xc3\xa9\\", 70000, 0);
	expect_line(&result, " a\\ b\\n\\033[31m\\377\xc3\xa9\\\\\n");
}

static void link__shows_its_target(void **state)
{
	static const struct {
		enum unr_entry_type type;
		const char *expected;
	} cases[] = {
		{ UNR_ENTRY_SYMLINK, " 1 70000 0 3 Jun 30 21:24 a -> b\\ c\n" },
		{ UNR_ENTRY_HARDLINK, " 1 70000 0 0 Jun 30 21:24 a link to b\\ c\n" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct unr_result result = fixture_result();
		struct unr_finding *finding = fixture_failure(&result, 0, "a", 70000, 0);

		finding->type = cases[i].type;
		finding->link = fixture_string("b c");
		finding->link_length = 3;
		expect_line(&result, cases[i].expected);
	}
}

static void whiteout__shows_what_it_removes(void **state)
{
	static const char *const cases[][2] = {
		{ "etc/.wh.x y", " etc/x\\ y\n" },  { ".wh.a", " a\n" },
		{ "var/.wh..wh..opq", " var/*\n" }, { ".wh..wh..opq", " ./*\n" },
		{ "etc/gone", " etc/gone\n" },      { ".wh.d/.wh.", " .wh.d/.wh.\n" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct unr_result result = fixture_result();

		fixture_failure(&result, 0, cases[i][0], 900000, 0)->type = UNR_ENTRY_WHITEOUT;
		expect_line(&result, cases[i][1]);
	}
}

static void columns__line_up(void **state)
{
	struct unr_result result = fixture_result();
	struct unr_finding *finding;

	(void) state;
	fixture_failure(&result, 0, "a", 4294967295, 0)->error = 0;
	fixture_failure(&result, 0, "caf\xc3\xa9", 70000, 120012366)->size = 107012;
	finding = fixture_failure(&result, 0, "0123456789012345678901234567890123456789012345678",
				  0, 70000);
	finding->call = UNR_CALL_NONE;
	finding->error = 0;
	expect_line(&result, "sha256:6f199d2c4d2f\n"
			     "-rw-r--r-- 1 4294967295         0      0 Jun 30 21:24 a     "
			     "uid outside the map          lchown: ok\n"
			     "-rw-r--r-- 1      70000 120012366 107012 Jun 30 21:24 caf\xc3\xa9  "
			     "uid and gid outside the map  lchown: EINVAL\n"
			     "-rw-r--r-- 1          0     70000      0 Jun 30 21:24 "
			     "0123456789012345678901234567890123456789012345678  "
			     "gid outside the map          no chown made\n");
}

/* Each of the three that make a fault keeps the lines apart. */
static void faults__that_differ_stand_on_each_line(void **state)
{
	static const struct {
		int first_error;
		int64_t gid;
		enum unr_call call;
		int error;
		const char *expected;
	} cases[] = {
		{ EINVAL, 0, UNR_CALL_LCHOWN, EINVAL,
		  "\n2 entries, uid outside the map, lchown: EINVAL\n-rw" },
		{ EINVAL, 70000, UNR_CALL_LCHOWN, EINVAL,
		  " b  uid and gid outside the map  lchown: EINVAL\n" },
		{ EINVAL, 0, UNR_CALL_LCHOWN, EPERM, " b  uid outside the map  lchown: EPERM\n" },
		{ 0, 0, UNR_CALL_NONE, 0, " b  uid outside the map  no chown made\n" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct unr_result result = fixture_result();
		struct unr_finding *finding;

		fixture_failure(&result, 0, "a", 70000, 0)->error = cases[i].first_error;
		finding = fixture_failure(&result, 0, "b", 70000, cases[i].gid);
		finding->call = cases[i].call;
		finding->error = cases[i].error;
		expect_line(&result, cases[i].expected);
	}
}

static void add_many(struct unr_result *result, int n)
{
	for (int i = 0; i < n; i++) {
		char path[32];

		(void) snprintf(path, sizeof(path), "d/f%d", i);
		(void) fixture_failure(result, 0, path, 70000, 0);
	}
}

static void ten__are_all_listed(void **state)
{
	struct unr_result result = fixture_result();
	char *text;

	(void) state;
	add_many(&result, 10);
	fixture_verdict(&result, &fixture_findings[0], "no");
	text = fixture_render(&result, UNR_REPORT_TEXT, NULL);
	assert_non_null(strstr(text, "6f199d2c4d2f\n"
				     "10 entries, uid outside the map, lchown: EINVAL\n"
				     "-rw-r--r-- 1 70000 0 0 Jun 30 21:24 d/f0\n"));
	assert_non_null(strstr(text, " d/f9\n"));
	assert_null(strstr(text, "more;"));
	free(text);
	fixture_done(&result);
}

static void eleven__are_summed_up_unless_verbose(void **state)
{
	static const struct unr_report_options verbose = { .verbose = true };
	static const struct unr_report_options color = { .color = true };
	struct unr_result result = fixture_result();
	char *text;

	(void) state;
	add_many(&result, 11);
	fixture_verdict(&result, &fixture_findings[0], "no");
	text = fixture_render(&result, UNR_REPORT_TEXT, NULL);
	assert_non_null(strstr(text, "6f199d2c4d2f\n"
				     "11 entries, uid outside the map, lchown: EINVAL\n"
				     "  11 files  uid 70000  d/\n\n-rw-r--r-- 1 "));
	assert_non_null(strstr(text, " d/f2\n"
				     "(8 more; --verbose lists them, --format json has all)\n"));
	free(text);
	text = fixture_render(&result, UNR_REPORT_TEXT, &color);
	assert_non_null(strstr(text, "\033[2m(8 more; "));
	assert_non_null(strstr(text, "all)\033[0m\n"));
	free(text);
	text = fixture_render(&result, UNR_REPORT_TEXT, &verbose);
	assert_non_null(strstr(text, " d/f10\n"));
	assert_null(strstr(text, "more;"));
	free(text);
	fixture_done(&result);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(mode__as_ls_shows_it),
	cmocka_unit_test(size__of_devices_is_not_known),
	cmocka_unit_test(date__as_ls_shows_it),
	cmocka_unit_test(name__is_escaped_as_ls_b_does),
	cmocka_unit_test(link__shows_its_target),
	cmocka_unit_test(whiteout__shows_what_it_removes),
	cmocka_unit_test(columns__line_up),
	cmocka_unit_test(faults__that_differ_stand_on_each_line),
	cmocka_unit_test(ten__are_all_listed),
	cmocka_unit_test(eleven__are_summed_up_unless_verbose),
};

UNR_TEST_MAIN("report.text_list", tests, NULL);
