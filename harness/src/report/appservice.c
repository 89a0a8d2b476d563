/* SPDX-License-Identifier: MIT */
/*
 * The pull log as App Service writes it, made from the moments of the real
 * extraction.  It ends where the engine ends, even when the harness went on.
 */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "report/facts.h"
#include "report/format.h"
#include "report/layout.h"

#define SHORT_ID_DIGITS 12

struct app_log {
	struct unr_text *out; /* borrowed */
	const struct unr_result *result;
	struct timespec now; /* of the last line */
	size_t n_used;       /* progress marks that became lines */
};

/* What every line starts with: "2022-07-01T00:02:29.030Z INFO  - ". */
static void put_start(struct app_log *log, const char *level)
{
	struct tm tm = { 0 };

	(void) gmtime_r(&log->now.tv_sec, &tm);
	unr_text_printf(log->out, "%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ %-5s - ", tm.tm_year + 1900,
			tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
			log->now.tv_nsec / 1000000, level);
}

/* The digits that docker shows for a layer: of the blob, as far as the source has blobs. */
static void put_layer_id(struct app_log *log, const struct unr_layer *layer)
{
	const char *digest = unr_facts_layer_digest(layer);
	const char *digits = digest == NULL ? "" : unr_facts_digest_digits(digest);
	size_t n;

	n = strnlen(digits, SHORT_ID_DIGITS);
	unr_text_append(log->out, digits, n);
	for (; n < SHORT_ID_DIGITS; n++)
		unr_text_puts(log->out, "0");
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

static void put_layer(struct app_log *log, uint32_t index, bool completed)
{
	const struct unr_result *result = log->result;
	const struct unr_layer *layer = &result->image.layers[index];

	for (size_t i = 0; i < result->n_marks; i++) {
		const struct unr_progress_mark *mark = &result->marks[i];

		if (mark->layer != index)
			continue;
		log->now = mark->when;
		log->n_used++;
		put_start(log, "INFO");
		put_layer_id(log, layer);
		unr_text_puts(log->out, " Extracting ");
		put_size(log->out, mark->bytes < layer->size ? mark->bytes : layer->size);
		unr_text_puts(log->out, " / ");
		put_size(log->out, layer->size);
		unr_text_puts(log->out, "\n");
	}
	if (!completed)
		return;
	put_start(log, "INFO");
	put_layer_id(log, layer);
	unr_text_puts(log->out, " Pull complete\n");
}

/* The engine extracts up to the layer that it refuses, and that one never completes. */
static void put_layers(struct app_log *log)
{
	const struct unr_result *result = log->result;
	const struct unr_verdict *verdict = &result->verdict;
	bool stops = !verdict->ok && verdict->stage == UNR_STAGE_LAYER;

	for (uint32_t i = 0; i < result->image.n_layers; i++) {
		if (stops && i > verdict->layer)
			break;
		put_layer(log, i, result->layers[i].done && !(stops && i == verdict->layer));
	}
}

/* The same message twice with "Err: 0, Message: " between them, and no space before it. */
static void put_error(struct app_log *log, const char *message)
{
	/* An empty layer id and an empty text. */
	put_start(log, "INFO");
	unr_text_puts(log->out, " \n");
	put_start(log, "ERROR");
	unr_layout_prose(log->out, message, true);
	unr_text_puts(log->out, "Err: 0, Message: ");
	unr_layout_prose(log->out, message, true);
	unr_text_puts(log->out, "\n");
}

static void put_outcome(struct app_log *log, const char *outcome)
{
	const struct timespec *started = &log->result->started;
	int64_t seconds = (int64_t) log->now.tv_sec - started->tv_sec;

	if (log->now.tv_nsec < started->tv_nsec)
		seconds--;
	if (seconds < 0) /* the clock was set back meanwhile */
		seconds = 0;
	put_start(log, "INFO");
	unr_text_printf(log->out,
			"Pull Image %s, Time taken: %" PRId64 " Minutes and %" PRId64 " Seconds\n",
			outcome, seconds / 60, seconds % 60);
}

void unr_report_appservice(const struct unr_result *result,
			   const struct unr_report_options *options, struct unr_report_out *out)
{
	struct app_log log = { .out = &out->text, .result = result, .now = result->started };
	const char *message = result->verdict.message;

	(void) options;
	put_layers(&log);
	/* Marks that are left belong to layers that the engine never reaches. */
	if (log.n_used == result->n_marks)
		log.now = result->ended;
	if (!result->verdict.ok)
		put_error(&log, message == NULL ? "" : message);
	put_outcome(&log, result->verdict.ok ? "successful" : "failed");
}
