/* SPDX-License-Identifier: MIT */
/* The failure record: its names, and what counts as a disagreement. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "unr_test.h"
#include "usernsrepro/finding.h"

static void disagrees__compares_refusals_of_both_sides(void **state)
{
	static const struct {
		bool engine_refused;
		enum unr_call call;
		int error;
		bool expected;
	} cases[] = {
		{ true, UNR_CALL_LCHOWN, EINVAL, false }, { true, UNR_CALL_LCHOWN, 0, true },
		{ false, UNR_CALL_LCHOWN, EINVAL, true }, { false, UNR_CALL_LCHOWN, EPERM, true },
		{ false, UNR_CALL_LCHOWN, 0, false },     { true, UNR_CALL_NONE, 0, false },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		const struct unr_finding finding = {
			.engine_refused = cases[i].engine_refused,
			.call = cases[i].call,
			.error = cases[i].error,
		};

		assert_int_equal(unr_finding_disagrees(&finding), cases[i].expected);
	}
}

static void done__frees_and_zeroes(void **state)
{
	struct unr_finding finding = { .path = strdup("a"), .link = strdup("b"), .uid = 7 };

	(void) state;
	unr_finding_done(&finding);
	assert_null(finding.path);
	assert_null(finding.link);
	assert_int_equal(finding.uid, 0);
	unr_finding_done(NULL);
}

static void type__has_the_word_of_the_report_and_the_letter_of_ls(void **state)
{
	static const struct {
		enum unr_entry_type type;
		const char *name;
		char letter;
	} cases[] = {
		{ UNR_ENTRY_FILE, "file", '-' },       { UNR_ENTRY_DIRECTORY, "directory", 'd' },
		{ UNR_ENTRY_SYMLINK, "symlink", 'l' }, { UNR_ENTRY_HARDLINK, "hardlink", '-' },
		{ UNR_ENTRY_CHAR, "char", 'c' },       { UNR_ENTRY_BLOCK, "block", 'b' },
		{ UNR_ENTRY_FIFO, "fifo", 'p' },       { UNR_ENTRY_WHITEOUT, "whiteout", 'w' },
		{ UNR_ENTRY_OTHER, "other", '?' },
	};

	(void) state;
	assert_int_equal(UNR_COUNT(cases), UNR_ENTRY_TYPE_COUNT_);
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		assert_string_equal(unr_entry_type_name(cases[i].type), cases[i].name);
		assert_int_equal(unr_entry_type_letter(cases[i].type), cases[i].letter);
	}
}

static void call__none_is_empty(void **state)
{
	(void) state;
	assert_string_equal(unr_call_name(UNR_CALL_NONE), "");
	assert_string_equal(unr_call_name(UNR_CALL_LCHOWN), "lchown");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(disagrees__compares_refusals_of_both_sides),
	cmocka_unit_test(done__frees_and_zeroes),
	cmocka_unit_test(type__has_the_word_of_the_report_and_the_letter_of_ls),
	cmocka_unit_test(call__none_is_empty),
};

UNR_TEST_MAIN("finding", tests, NULL);
