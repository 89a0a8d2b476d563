/* SPDX-License-Identifier: MIT */
/* The log in the form of App Service: spacing, units, clock, where it ends. */
#include "report_fixture.h"

/* A log in memory, as long as its result. */
struct written {
	struct unr_result result;
	struct unr_report_log log;
};

static struct written begin(struct unr_result result)
{
	struct written w = { .result = result };

	unr_report_log_begin(&w.log, memfd_create("log", MFD_CLOEXEC));
	assert_true(w.log.fd >= 0);
	assert_true(w.log.started.tv_sec > 0);
	w.log.started = result.started;
	return w;
}

static void tell(struct written *w, enum unr_layer_state state, uint32_t layer, uint64_t bytes,
		 int64_t milliseconds)
{
	const struct unr_progress event = {
		.image = &w->result.image,
		.layer = layer,
		.state = state,
		.bytes = bytes,
		.message = state == UNR_LAYER_REFUSED ? w->result.verdict.message : NULL,
		.when = { FIXTURE_NOW + milliseconds / 1000, milliseconds % 1000 * 1000000 },
	};

	unr_report_log_progress(&w->log, &event);
}

/* What has been written so far; the caller frees it. */
static char *read_log(const struct written *w)
{
	off_t size = lseek(w->log.fd, 0, SEEK_END);
	char *text = calloc(1, (size_t) size + 1);

	assert_non_null(text);
	assert_int_equal(pread(w->log.fd, text, (size_t) size, 0), size);
	return text;
}

static void expect_part(const struct written *w, const char *expected)
{
	char *text = read_log(w);

	if (strstr(text, expected) == NULL)
		fail_msg("not in the log:\n%s\nthe log:\n%s", expected, text);
	free(text);
}

/* Ends it, compares it whole where @expected is not NULL, and gives all back. */
static void end(struct written *w, const char *expected)
{
	struct unr_error err = { 0 };
	char *text;

	assert_int_equal(unr_report_log_end(&w->log, &w->result, &err), 0);
	text = read_log(w);
	if (expected != NULL)
		assert_string_equal(text, expected);
	free(text);
	(void) close(w->log.fd);
	unr_result_done(&w->result);
}

static void refused__has_the_form_of_a_real_log(void **state)
{
	struct written w = begin(fixture_high_uid());

	(void) state;
	tell(&w, UNR_LAYER_KNOWN, 0, 0, 10);
	tell(&w, UNR_LAYER_DOWNLOADING, 0, 17, 20);
	tell(&w, UNR_LAYER_EXTRACTING, 0, 32768, 30);
	expect_part(&w, "2022-07-01T00:02:29.030Z INFO  - 6f199d2c4d2f Extracting 32KB / 308KB\n");
	tell(&w, UNR_LAYER_EXTRACTING, 0, 196608 + 1023, 930);
	tell(&w, UNR_LAYER_EXTRACTING, 0, 315392, 6021);
	tell(&w, UNR_LAYER_COMPLETE, 0, 315392, 6022);
	tell(&w, UNR_LAYER_EXTRACTING, 1, 202, 20019);
	tell(&w, UNR_LAYER_REFUSED, 1, 202, 55124);
	expect_part(&w, " - Pull Image failed");
	end(&w, "2022-07-01T00:02:29.030Z INFO  - 6f199d2c4d2f Extracting 32KB / 308KB\n"
		"2022-07-01T00:02:29.930Z INFO  - 6f199d2c4d2f Extracting 192KB / 308KB\n"
		"2022-07-01T00:02:35.021Z INFO  - 6f199d2c4d2f Extracting 308KB / 308KB\n"
		"2022-07-01T00:02:35.022Z INFO  - 6f199d2c4d2f Pull complete\n"
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
	struct written w = begin(fixture_result());

	(void) state;
	w.result.ended = (struct timespec) { FIXTURE_NOW + 125, 29000000 };
	tell(&w, UNR_LAYER_EXTRACTING, 0, 315392, 500);
	tell(&w, UNR_LAYER_COMPLETE, 0, 315392, 501);
	tell(&w, UNR_LAYER_EXTRACTING, 1, 202, 600);
	tell(&w, UNR_LAYER_COMPLETE, 1, 202, 601);
	/* A millisecond short of 2:05. */
	end(&w, "2022-07-01T00:02:29.500Z INFO  - 6f199d2c4d2f Extracting 308KB / 308KB\n"
		"2022-07-01T00:02:29.501Z INFO  - 6f199d2c4d2f Pull complete\n"
		"2022-07-01T00:02:29.600Z INFO  - fe1c00ff3ffe Extracting 202B / 202B\n"
		"2022-07-01T00:02:29.601Z INFO  - fe1c00ff3ffe Pull complete\n"
		"2022-07-01T00:04:34.029Z INFO  - Pull Image successful, Time taken: 2 Minutes and "
		"4 Seconds\n");
}

static void refused__ends_at_the_layer_where_the_engine_stops(void **state)
{
	struct written w = begin(fixture_result());
	const struct unr_finding *finding = fixture_failure(&w.result, 0, "a", 70000, 0);

	(void) state;
	fixture_verdict(&w.result, finding, "no");
	tell(&w, UNR_LAYER_EXTRACTING, 0, 1024, 1030);
	tell(&w, UNR_LAYER_REFUSED, 0, 1024, 1031);
	tell(&w, UNR_LAYER_EXTRACTING, 1, 202, 50000);
	tell(&w, UNR_LAYER_COMPLETE, 1, 202, 50000);
	end(&w, "2022-07-01T00:02:30.030Z INFO  - 6f199d2c4d2f Extracting 1KB / 308KB\n"
		"2022-07-01T00:02:30.031Z INFO  -  \n"
		"2022-07-01T00:02:30.031Z ERROR - noErr: 0, Message: no\n"
		"2022-07-01T00:02:30.031Z INFO  - Pull Image failed, Time taken: 0 Minutes and 1 "
		"Seconds\n");
}

/* What shows only when all layers are there: distribution/pull_v2.go. */
static void refused__at_the_end(void **state)
{
	struct written w = begin(fixture_result());

	(void) state;
	fixture_damage(&w.result, 0, NULL, "layers differ");
	w.result.ended = (struct timespec) { FIXTURE_NOW + 2, 29000000 };
	tell(&w, UNR_LAYER_COMPLETE, 0, 202, 1000);
	end(&w, "2022-07-01T00:02:30.000Z INFO  - 6f199d2c4d2f Pull complete\n"
		"2022-07-01T00:02:31.029Z INFO  -  \n"
		"2022-07-01T00:02:31.029Z ERROR - layers differErr: 0, Message: layers differ\n"
		"2022-07-01T00:02:31.029Z INFO  - Pull Image failed, Time taken: 0 Minutes and 1 "
		"Seconds\n");
}

static void layer_id__falls_back_to_the_diff_id_and_to_zeros(void **state)
{
	struct written w = begin(fixture_result());

	(void) state;
	free(w.result.image.layers[0].digest);
	w.result.image.layers[0].digest = NULL;
	free(w.result.image.layers[1].digest);
	w.result.image.layers[1].digest = NULL;
	free(w.result.image.layers[1].diff_id);
	w.result.image.layers[1].diff_id = NULL;
	tell(&w, UNR_LAYER_COMPLETE, 0, 0, 0);
	tell(&w, UNR_LAYER_COMPLETE, 1, 0, 0);
	expect_part(&w, " INFO  - d1ffd1ffd1ff Pull complete\n");
	expect_part(&w, " INFO  - 000000000000 Pull complete\n");
	end(&w, NULL);
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
		struct written w = begin(fixture_result());

		w.result.image.layers[0].size = cases[i].size;
		tell(&w, UNR_LAYER_EXTRACTING, 0, cases[i].bytes, 0);
		expect_part(&w, cases[i].expected);
		end(&w, NULL);
	}
}

static void clock__set_back_gives_no_negative_time(void **state)
{
	struct written w = begin(fixture_result());

	(void) state;
	w.result.ended.tv_sec = w.result.started.tv_sec - 3600;
	end(&w, "2022-06-30T23:02:29.124Z INFO  - Pull Image successful, Time taken: 0 Minutes and "
		"0 Seconds\n");
}

static void message__control_bytes_are_escaped(void **state)
{
	struct written w = begin(fixture_result());

	(void) state;
	fixture_damage(&w.result, 0, NULL, "open /a\033[31m: no\nsecond line");
	tell(&w, UNR_LAYER_REFUSED, 0, 0, 0);
	expect_part(&w, " ERROR - open /a\\033[31m: no\nsecond lineErr: 0, Message: open /a");
	end(&w, NULL);
}

static void write__that_fails_is_told_at_the_end(void **state)
{
	struct unr_result result = fixture_result();
	struct unr_report_log log;
	struct unr_error err = { 0 };
	const struct unr_progress event = { .image = &result.image, .state = UNR_LAYER_COMPLETE };
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void) state;
	assert_true(fd >= 0);
	unr_report_log_begin(&log, fd);
	unr_report_log_progress(&log, &event);
	assert_int_equal(unr_report_log_end(&log, &result, &err), -ENOSPC);
	assert_string_equal(err.message,
			    "cannot write the appservice report: No space left on device");
	(void) close(fd);
	unr_result_done(&result);
}

/* The container is started when the pull is over: a line of its own. */
static void start__fails_after_a_pull_that_succeeded(void **state)
{
	struct written w = begin(fixture_result());

	(void) state;
	w.result.verdict = (struct unr_verdict) { .stage = UNR_STAGE_RUNTIME };
	w.result.runtime.message = strdup("cannot start");
	end(&w, "2022-07-01T00:03:24.124Z INFO  - Pull Image successful, Time taken: 0 Minutes and "
		"55 Seconds\n2022-07-01T00:03:24.124Z ERROR - cannot start\n");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(refused__has_the_form_of_a_real_log),
	cmocka_unit_test(loads__ends_with_success),
	cmocka_unit_test(refused__ends_at_the_layer_where_the_engine_stops),
	cmocka_unit_test(refused__at_the_end),
	cmocka_unit_test(layer_id__falls_back_to_the_diff_id_and_to_zeros),
	cmocka_unit_test(size__uses_whole_units_and_never_passes_the_total),
	cmocka_unit_test(clock__set_back_gives_no_negative_time),
	cmocka_unit_test(message__control_bytes_are_escaped),
	cmocka_unit_test(write__that_fails_is_told_at_the_end),
	cmocka_unit_test(start__fails_after_a_pull_that_succeeded),
};

UNR_TEST_MAIN("report.appservice", tests, NULL);
