/* SPDX-License-Identifier: MIT */
/* The table of formats, and what becomes of a report that cannot be written. */
#include <fcntl.h>

#include "report_fixture.h"

static void name__leads_to_the_format_and_back(void **state)
{
	const char *const *names = unr_report_format_names();
	int n = 0;

	(void) state;
	assert_int_equal(unr_report_format_from_name("text"), UNR_REPORT_TEXT);
	assert_int_equal(unr_report_format_from_name("json"), UNR_REPORT_JSON);
	assert_int_equal(unr_report_format_from_name("appservice"), UNR_REPORT_APPSERVICE);
	for (; names[n] != NULL; n++)
		assert_int_equal(unr_report_format_from_name(names[n]), n);
	assert_int_equal(n, UNR_REPORT_FORMAT_COUNT_);
}

static void name__unknown_is_refused(void **state)
{
	(void) state;
	assert_int_equal(unr_report_format_from_name(""), -ENOENT);
	assert_int_equal(unr_report_format_from_name("JSON"), -ENOENT);
	assert_int_equal(unr_report_format_from_name("jsonx"), -ENOENT);
}

static void write__full_disk_is_an_error_with_its_reason(void **state)
{
	struct unr_result result = fixture_high_uid();
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void) state;
	assert_true(fd >= 0);
	fixture_store_findings(&result);
	for (int format = 0; format < UNR_REPORT_APPSERVICE; format++) {
		struct unr_error err = { 0 };

		assert_int_equal(
			unr_report_write(&result, (enum unr_report_format) format, NULL, fd, &err),
			-ENOSPC);
		assert_int_equal(err.kind, UNR_ERROR_FAILED);
		assert_int_equal(err.code, -ENOSPC);
		assert_non_null(strstr(err.message, "No space left on device"));
	}
	(void) close(fd);
	fixture_done(&result);
}

static void write__closed_descriptor_is_an_error(void **state)
{
	struct unr_result result = fixture_high_uid();
	struct unr_error err = { 0 };

	(void) state;
	assert_int_equal(unr_report_write(&result, UNR_REPORT_TEXT, NULL, -1, &err), -EBADF);
	assert_string_equal(err.message, "cannot write the text report: Bad file descriptor");
	fixture_done(&result);
}

static void result_done__leaves_an_empty_result(void **state)
{
	struct unr_result result = fixture_high_uid();

	(void) state;
	fixture_store_findings(&result);
	fixture_done(&result);
	assert_null(result.findings);
	assert_null(result.layers);
	assert_null(result.image.layers);
	assert_null(result.verdict.message);
	assert_int_equal(result.map.of[UNR_UID].n_ranges, 0);
	fixture_done(&result);
	unr_result_done(NULL);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(name__leads_to_the_format_and_back),
	cmocka_unit_test(name__unknown_is_refused),
	cmocka_unit_test(write__full_disk_is_an_error_with_its_reason),
	cmocka_unit_test(write__closed_descriptor_is_an_error),
	cmocka_unit_test(result_done__leaves_an_empty_result),
};

UNR_TEST_MAIN("report", tests, NULL);
