/* SPDX-License-Identifier: MIT */
/* The log in the form of App Service: spacing, units, clock, where it ends. */
#include "fixture.h"

static void expect(struct unr_result *result, const char *expected)
{
	fixture_expect(result, UNR_REPORT_APPSERVICE, NULL, expected);
}

static void refused__has_the_form_of_a_real_log(void **state)
{
	struct unr_result result = fixture_high_uid();

	(void) state;
	fixture_mark(&result, 0, 32768, 30);
	fixture_mark(&result, 0, 196608 + 1023, 930);
	fixture_mark(&result, 0, 315392, 6021);
	fixture_mark(&result, 1, 202, 20019);
	expect(&result,
	       "2022-07-01T00:02:29.030Z INFO  - 6f199d2c4d2f Extracting 32KB / 308KB\n"
	       "2022-07-01T00:02:29.930Z INFO  - 6f199d2c4d2f Extracting 192KB / 308KB\n"
	       "2022-07-01T00:02:35.021Z INFO  - 6f199d2c4d2f Extracting 308KB / 308KB\n"
	       "2022-07-01T00:02:35.021Z INFO  - 6f199d2c4d2f Pull complete\n"
	       "2022-07-01T00:02:49.019Z INFO  - fe1c00ff3ffe Extracting 202B / 202B\n"
	       "2022-07-01T00:03:24.124Z INFO  -  \n"
	       "2022-07-01T00:03:24.124Z ERROR - failed to register layer: Error processing tar "
	       "file(exit status 1): Container ID 1000000 cannot be mapped to a host IDErr: 0, "
	       "Message: failed to register layer: Error processing tar file(exit status 1): "
	       "Container ID 1000000 cannot be mapped to a host ID\n"
	       "2022-07-01T00:03:24.124Z INFO  - Pull Image failed, Time taken: 0 Minutes and 55 "
	       "Seconds\n");
}

static void loads__ends_with_success(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	result.ended = (struct timespec) { FIXTURE_NOW + 125, 29000000 };
	fixture_mark(&result, 0, 315392, 500);
	fixture_mark(&result, 1, 202, 600);
	/* A millisecond short of 2:05. */
	expect(&result,
	       "2022-07-01T00:02:29.500Z INFO  - 6f199d2c4d2f Extracting 308KB / 308KB\n"
	       "2022-07-01T00:02:29.500Z INFO  - 6f199d2c4d2f Pull complete\n"
	       "2022-07-01T00:02:29.600Z INFO  - fe1c00ff3ffe Extracting 202B / 202B\n"
	       "2022-07-01T00:02:29.600Z INFO  - fe1c00ff3ffe Pull complete\n"
	       "2022-07-01T00:04:34.029Z INFO  - Pull Image successful, Time taken: 2 Minutes and "
	       "4 Seconds\n");
}

static void refused__ends_at_the_layer_where_the_engine_stops(void **state)
{
	struct unr_result result = fixture_result();
	const struct unr_finding *finding = fixture_failure(&result, 0, "a", 70000, 0);

	(void) state;
	fixture_verdict(&result, finding, "no");
	fixture_mark(&result, 0, 1024, 1030);
	fixture_mark(&result, 1, 202, 50000);
	expect(&result,
	       "2022-07-01T00:02:30.030Z INFO  - 6f199d2c4d2f Extracting 1KB / 308KB\n"
	       "2022-07-01T00:02:30.030Z INFO  -  \n"
	       "2022-07-01T00:02:30.030Z ERROR - noErr: 0, Message: no\n"
	       "2022-07-01T00:02:30.030Z INFO  - Pull Image failed, Time taken: 0 Minutes and 1 "
	       "Seconds\n");
}

static void layer_id__falls_back_to_the_diff_id_and_to_zeros(void **state)
{
	struct unr_result result = fixture_result();
	char *text;

	(void) state;
	free(result.image.layers[0].digest);
	result.image.layers[0].digest = NULL;
	free(result.image.layers[1].digest);
	result.image.layers[1].digest = NULL;
	free(result.image.layers[1].diff_id);
	result.image.layers[1].diff_id = NULL;
	text = fixture_render(&result, UNR_REPORT_APPSERVICE, NULL);
	assert_non_null(strstr(text, " INFO  - d1ffd1ffd1ff Pull complete\n"));
	assert_non_null(strstr(text, " INFO  - 000000000000 Pull complete\n"));
	free(text);
	fixture_done(&result);
}

static void size__uses_whole_units_and_never_passes_the_total(void **state)
{
	static const struct {
		uint64_t bytes, size;
		const char *expected;
	} cases[] = {
		{ 0, 193, "Extracting 0B / 193B\n" },
		{ 1023, 1024, "Extracting 1023B / 1KB\n" },
		{ 1048575, 1048576, "Extracting 1023KB / 1MB\n" },
		{ 3u << 20, UINT64_C(5) << 30, "Extracting 3MB / 5120MB\n" },
		{ 4096, 2048, "Extracting 2KB / 2KB\n" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct unr_result result = fixture_result();

		result.image.layers[0].size = cases[i].size;
		fixture_mark(&result, 0, cases[i].bytes, 0);
		fixture_expect_part(&result, UNR_REPORT_APPSERVICE, NULL, cases[i].expected);
	}
}

static void clock__set_back_gives_no_negative_time(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	result.ended.tv_sec = result.started.tv_sec - 3600;
	fixture_expect_part(&result, UNR_REPORT_APPSERVICE, NULL,
			    "Time taken: 0 Minutes and 0 Seconds\n");
}

static void message__control_bytes_are_escaped(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	fixture_damage(&result, 0, NULL, "open /a\033[31m: no\nsecond line");
	fixture_expect_part(&result, UNR_REPORT_APPSERVICE, NULL,
			    " ERROR - open /a\\033[31m: no\nsecond lineErr: 0, Message: open /a");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(refused__has_the_form_of_a_real_log),
	cmocka_unit_test(loads__ends_with_success),
	cmocka_unit_test(refused__ends_at_the_layer_where_the_engine_stops),
	cmocka_unit_test(layer_id__falls_back_to_the_diff_id_and_to_zeros),
	cmocka_unit_test(size__uses_whole_units_and_never_passes_the_total),
	cmocka_unit_test(clock__set_back_gives_no_negative_time),
	cmocka_unit_test(message__control_bytes_are_escaped),
};

UNR_TEST_MAIN("report.appservice", tests, NULL);
