/* SPDX-License-Identifier: MIT */
/*
 * The pull log as App Service writes it, while the extraction goes on.  It ends
 * where the engine ends, even when the harness goes on.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/fd.h"
#include "report/facts.h"
#include "report/layout.h"
#include "usernsrepro/report.h"

#define SHORT_ID_DIGITS 12

/* What every line starts with: "2022-07-01T00:02:29.030Z INFO  - ". */
static void put_start(struct unr_text *out, const struct timespec *now, const char *level)
{
	struct tm tm = { 0 };

	(void) gmtime_r(&now->tv_sec, &tm);
	unr_text_printf(out, "%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ %-5s - ", tm.tm_year + 1900,
			tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
			now->tv_nsec / 1000000, level);
}

/* The digits that docker shows for a layer: of the blob, as far as the source has blobs. */
static void put_layer_id(struct unr_text *out, const struct unr_layer *layer)
{
	const char *digest = unr_facts_layer_digest(layer);
	const char *digits = digest == NULL ? "" : unr_facts_digest_digits(digest);
	size_t n;

	n = strnlen(digits, SHORT_ID_DIGITS);
	unr_text_append(out, digits, n);
	for (; n < SHORT_ID_DIGITS; n++)
		unr_text_puts(out, "0");
}

/* Whole units of 1024, rounded down: "193B", "308KB", "12MB". */
static void put_size(struct unr_text *out, uint64_t bytes)
{
	static const char *const units[] = { "B", "KB", "MB" };
	size_t unit = 0;

	for (; bytes >= 1024 && unit + 1 < UNR_COUNT(units); unit++)
		bytes /= 1024;
	unr_text_printf(out, "%" PRIu64 "%s", bytes, units[unit]);
}

static void put_extracting(struct unr_text *out, const struct unr_progress *event)
{
	const struct unr_layer *layer = &event->image->layers[event->layer];

	put_start(out, &event->when, "INFO");
	put_layer_id(out, layer);
	unr_text_puts(out, " Extracting ");
	put_size(out, event->bytes < layer->size ? event->bytes : layer->size);
	unr_text_puts(out, " / ");
	put_size(out, layer->size);
	unr_text_puts(out, "\n");
}

static void put_complete(struct unr_text *out, const struct unr_progress *event)
{
	put_start(out, &event->when, "INFO");
	put_layer_id(out, &event->image->layers[event->layer]);
	unr_text_puts(out, " Pull complete\n");
}

/* The same message twice with "Err: 0, Message: " between them, and no space before it. */
static void put_error(struct unr_text *out, const struct timespec *now, const char *message)
{
	/* An empty layer id and an empty text. */
	put_start(out, now, "INFO");
	unr_text_puts(out, " \n");
	put_start(out, now, "ERROR");
	unr_layout_prose(out, message, true);
	unr_text_puts(out, "Err: 0, Message: ");
	unr_layout_prose(out, message, true);
	unr_text_puts(out, "\n");
}

static void put_outcome(struct unr_text *out, const struct timespec *started,
			const struct timespec *now, const char *outcome)
{
	int64_t seconds = (int64_t) now->tv_sec - started->tv_sec;

	if (now->tv_nsec < started->tv_nsec)
		seconds--;
	if (seconds < 0) /* the clock was set back meanwhile */
		seconds = 0;
	put_start(out, now, "INFO");
	unr_text_printf(out,
			"Pull Image %s, Time taken: %" PRId64 " Minutes and %" PRId64 " Seconds\n",
			outcome, seconds / 60, seconds % 60);
}

/* The container is started when the pull is over; what the engine says of it stands alone. */
static void put_start_error(struct unr_text *out, const struct timespec *now, const char *message)
{
	put_start(out, now, "ERROR");
	unr_layout_prose(out, message == NULL ? "" : message, true);
	unr_text_puts(out, "\n");
}

static void put_failure(struct unr_text *out, const struct timespec *started,
			const struct timespec *now, const char *message)
{
	put_error(out, now, message == NULL ? "" : message);
	put_outcome(out, started, now, "failed");
}

static void write_lines(struct unr_report_log *log, const struct unr_text *out)
{
	if (log->error == 0)
		log->error =
			out->failed ? -ENOMEM : unr_write_full(log->fd, out->bytes, out->length);
}

void unr_report_log_begin(struct unr_report_log *log, int fd)
{
	*log = (struct unr_report_log) { .fd = fd };
	(void) clock_gettime(CLOCK_REALTIME, &log->started);
}

void unr_report_log_progress(struct unr_report_log *log, const struct unr_progress *event)
{
	unr_auto(unr_text_done) struct unr_text out = { 0 };

	if (log->ended)
		return;
	if (event->state == UNR_LAYER_EXTRACTING)
		put_extracting(&out, event);
	else if (event->state == UNR_LAYER_COMPLETE)
		put_complete(&out, event);
	else if (event->state == UNR_LAYER_REFUSED)
		put_failure(&out, &log->started, &event->when, event->message);
	log->ended = event->state == UNR_LAYER_REFUSED;
	write_lines(log, &out);
}

int unr_report_log_end(struct unr_report_log *log, const struct unr_result *result,
		       struct unr_error *err)
{
	unr_auto(unr_text_done) struct unr_text out = { 0 };
	bool loads = result->verdict.ok || result->verdict.stage == UNR_STAGE_RUNTIME;

	if (!log->ended && loads)
		put_outcome(&out, &log->started, &result->ended, "successful");
	else if (!log->ended)
		put_failure(&out, &log->started, &result->ended, result->verdict.message);
	if (result->verdict.stage == UNR_STAGE_RUNTIME)
		put_start_error(&out, &result->ended, result->runtime.message);
	log->ended = true;
	write_lines(log, &out);
	if (log->error == -ENOMEM)
		return unr_fail_memory(err);
	if (log->error < 0)
		return unr_fail(err, UNR_ERROR_FAILED, log->error,
				"cannot write the appservice report: %s", strerror(-log->error));
	return 0;
}
