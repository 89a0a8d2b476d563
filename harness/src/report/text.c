/* SPDX-License-Identifier: MIT */
/*
 * The text report: what a person reads first.  The engine's own message to the
 * letter, the facts around it, then the layers.  The order of the parts is
 * decided here, what is in them elsewhere.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "advice/advice.h"
#include "report/facts.h"
#include "report/format.h"
#include "report/needed.h"
#include "report/runtime.h"
#include "report/text_part.h"
#include "usernsrepro/error.h"

/* 18,446,744,073,709,551,615 and its NUL. */
#define NUMBER_SIZE 27

void unr_text_style(const struct unr_text_report *report, enum unr_text_style style)
{
	static const char *const codes[] = {
		[UNR_TEXT_BAD] = "\033[1;31m",
		[UNR_TEXT_GOOD] = "\033[1m",
		[UNR_TEXT_DIM] = "\033[2m",
	};

	if (report->options->color)
		unr_text_puts(report->out, codes[style]);
}

void unr_text_plain(const struct unr_text_report *report)
{
	if (report->options->color)
		unr_text_puts(report->out, "\033[0m");
}

struct unr_wrap unr_text_start(const struct unr_text_report *report, const char *label)
{
	size_t width = (size_t) report->label_width;

	unr_text_printf(report->out, "%-*s", report->label_width, label);
	return (struct unr_wrap) {
		.out = report->out, .indent = width, .column = width, .fresh = true
	};
}

static void end_line(const struct unr_text_report *report)
{
	unr_text_puts(report->out, "\n");
}

static const char *format_number(uint64_t n, char text[NUMBER_SIZE])
{
	unr_auto(unr_text_done) struct unr_text counted = { 0 };

	unr_text_count(&counted, n);
	(void) snprintf(text, NUMBER_SIZE, "%s", unr_text_string(&counted));
	return text;
}

void unr_text_wrap_count(struct unr_wrap *wrap, uint64_t n, const char *one, const char *many,
			 const char *after)
{
	char number[NUMBER_SIZE];

	unr_wrap_printf(wrap, "%s %s%s", format_number(n, number), n == 1 ? one : many, after);
}

/* The source with what is put directly beside it; "-" is no name to read. */
static void wrap_source(struct unr_wrap *wrap, const char *before, const struct unr_result *result,
			const char *after)
{
	if (strcmp(result->source, "-") == 0)
		unr_wrap_printf(wrap, "%sstandard input%s", before, after);
	else
		unr_wrap_name(wrap, before, result->source, strlen(result->source), after);
}

static void wrap_image(struct unr_wrap *wrap, const struct unr_result *result, const char *after)
{
	const char *reference = result->image.reference;

	if (reference != NULL)
		unr_wrap_name(wrap, "", reference, strlen(reference), after);
	else
		wrap_source(wrap, "", result, after);
}

static void put_image(const struct unr_text_report *report)
{
	const struct unr_result *result = report->result;
	struct unr_totals totals = unr_facts_totals(result);
	struct unr_wrap wrap = unr_text_start(report, "image");

	wrap_image(&wrap, result, ",");
	if (result->image.refusal != NULL) {
		unr_wrap_words(&wrap, "no layer was looked at");
	} else {
		unr_text_wrap_count(&wrap, result->image.n_layers, "layer", "layers", ",");
		unr_text_wrap_count(&wrap, totals.entries, "entry", "entries", "");
	}
	if (result->image.reference != NULL)
		wrap_source(&wrap, "(", result, ")");
	end_line(report);
}

static void put_engine(const struct unr_text_report *report)
{
	const struct unr_verdict *verdict = &report->result->verdict;
	uint64_t failures = unr_facts_totals(report->result).failures;
	char number[NUMBER_SIZE], first[NUMBER_SIZE + 16];
	struct unr_wrap wrap = unr_text_start(report, "engine");

	unr_wrap_printf(&wrap, "%s on %s", report->result->engine, report->result->driver);
	if (verdict->stage == UNR_STAGE_LAYER)
		unr_wrap_printf(&wrap, "stops in layer %" PRIu32, verdict->layer);
	else
		unr_wrap_words(&wrap, verdict->stage == UNR_STAGE_RUNTIME ? "does not start it" :
									    "does not take it");
	if (verdict->has_id)
		unr_wrap_printf(&wrap, "at %s %" PRId64, unr_id_kind_name(verdict->id_kind),
				verdict->id);
	if (verdict->path != NULL) {
		unr_wrap_words(&wrap, verdict->has_id ? "of" : "at");
		unr_wrap_name(&wrap, "", verdict->path, verdict->path_length, "");
	}
	if (verdict->has_id && failures > 1) {
		(void) snprintf(first, sizeof(first), "(the first of %s)",
				format_number(failures, number));
		unr_wrap_word(&wrap, first);
	}
	end_line(report);
}

static bool takes_refused(const void *context, const struct unr_finding *finding)
{
	(void) context;
	return finding->error != 0;
}

/* "(EINVAL)", or every errno that occurred, by number. */
static void put_errnos(const struct unr_text_report *report, struct unr_wrap *wrap)
{
	const struct unr_choice choice = { .result = report->result, .takes = takes_refused };
	unr_auto(unr_choice_reader_done) struct unr_choice_reader reader =
		unr_choice_start(&choice, report->sink);
	unr_auto(unr_text_done) struct unr_text names = { 0 };
	bool occurred[UNR_FINDING_MAX_ERROR + 1] = { 0 };
	const struct unr_finding *finding;

	while ((finding = unr_choice_next(&reader)) != NULL)
		occurred[finding->error] = true;
	for (int error = 1; error <= UNR_FINDING_MAX_ERROR; error++) {
		if (!occurred[error])
			continue;
		unr_text_puts(&names, names.length == 0 ? "" : ", ");
		unr_text_puts(&names, unr_errno_name(error));
	}
	report->out->failed |= names.failed;
	if (names.length > 0)
		unr_wrap_printf(wrap, "(%s)", unr_text_string(&names));
}

static void put_kernel(const struct unr_text_report *report)
{
	struct unr_totals totals = unr_facts_totals(report->result);
	struct unr_wrap wrap = unr_text_start(report, "kernel");
	char number[NUMBER_SIZE];

	unr_wrap_words(&wrap, report->result->kernel);
	if (totals.chowns == 0) {
		unr_wrap_words(&wrap, "was asked for no chown");
	} else if (totals.refused == 0) {
		unr_wrap_words(&wrap, "refused none of");
		unr_text_wrap_count(&wrap, totals.chowns, "chown", "chowns", "");
	} else {
		unr_wrap_printf(&wrap, "refused %s of", format_number(totals.refused, number));
		unr_text_wrap_count(&wrap, totals.chowns, "chown", "chowns", "");
	}
	unr_wrap_words(&wrap, "in a user namespace");
	if (totals.refused > 0)
		put_errnos(report, &wrap);
	end_line(report);
}

static void put_stop(const struct unr_text_report *report)
{
	struct unr_wrap wrap;

	if (!report->result->stopped_at_first)
		return;
	wrap = unr_text_start(report, "note");
	unr_wrap_words(&wrap, "stopped at the first failure as asked; the rest was not read");
	end_line(report);
}

/* Whatever file is called a layer, the engine takes it for one: its message alone misleads. */
static void put_no_tar(const struct unr_text_report *report)
{
	const struct unr_result *result = report->result;
	struct unr_wrap wrap;

	if (!unr_facts_is_bare_layer(result) || result->layers[0].done ||
	    result->layers[0].entries > 0 || result->verdict.path != NULL)
		return;
	wrap = unr_text_start(report, "note");
	unr_wrap_words(&wrap, "the file does not begin like a tar: is it a layer at all?");
	end_line(report);
}

static void put_start_advice(const struct unr_text_report *report)
{
	unr_auto(unr_advice_done) struct unr_advice advice = { .inherited = false };
	int r = unr_advice_for_start(report->result, &advice, report->sink->err);

	if (r < 0 && report->sink->error == 0)
		report->sink->error = r;
	unr_text_put_advice(report, &advice);
}

static void put_refused(const struct unr_text_report *report)
{
	const struct unr_result *result = report->result;
	const struct unr_verdict *verdict = &result->verdict;

	unr_text_style(report, UNR_TEXT_BAD);
	unr_layout_prose(report->out, verdict->message == NULL ? "" : verdict->message, true);
	unr_text_plain(report);
	unr_text_puts(report->out, "\n\n");
	put_image(report);
	unr_text_put_maps(report);
	put_engine(report);
	unr_text_put_runtime(report);
	put_kernel(report);
	put_no_tar(report);
	put_stop(report);
	unr_text_put_tree(report);
	for (uint32_t i = 0; i < result->image.n_layers; i++)
		if (result->layers[i].failures > 0 ||
		    (verdict->stage == UNR_STAGE_LAYER && verdict->layer == i))
			unr_text_put_layer(report, i);
	put_start_advice(report);
	unr_text_put_needed(report);
}

/* No word more than what was done: a bare layer has no USER to look at. */
static void put_loads(const struct unr_text_report *report)
{
	const struct unr_result *result = report->result;
	struct unr_totals totals = unr_facts_totals(result);
	struct unr_wrap wrap = { .out = report->out, .fresh = true };
	const char *after = result->runtime.checked ? "" : ";";
	char number[NUMBER_SIZE];

	unr_text_style(report, UNR_TEXT_GOOD);
	wrap_image(&wrap, result, "");
	unr_text_wrap_loads(&wrap, result);
	unr_text_plain(report);
	unr_text_wrap_count(&wrap, result->image.n_layers, "layer", "layers", ",");
	unr_text_wrap_count(&wrap, totals.entries, "entry", "entries", ",");
	unr_text_wrap_count(&wrap, totals.chowns, "real chown", "real chowns",
			    totals.refused > 0 ? "," : after);
	if (totals.refused > 0)
		unr_wrap_printf(&wrap, "%s of them refused%s",
				format_number(totals.refused, number), after);
	if (!result->runtime.checked)
		unr_text_wrap_unchecked(&wrap, result);
	end_line(report);
	wrap = (struct unr_wrap) { .out = report->out, .fresh = true };
	unr_text_put_map_words(report, &wrap);
	unr_wrap_printf(&wrap, "%s on %s (profile %s)", result->engine, result->driver,
			result->profile);
	end_line(report);
	unr_text_put_tree(report);
	if (!unr_facts_maps_differ(result))
		return;
	end_line(report);
	unr_text_put_kernel_map(report);
}

void unr_report_text(const struct unr_result *result, const struct unr_report_options *options,
		     struct unr_report_out *out)
{
	const struct unr_text_report report = {
		.sink = out,
		.out = &out->text,
		.result = result,
		.options = options,
		.label_width = unr_facts_maps_differ(result) ? 12 : 8,
	};

	if (result->verdict.ok)
		put_loads(&report);
	else
		put_refused(&report);
	unr_text_put_disagreements(&report);
}
