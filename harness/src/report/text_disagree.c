/* SPDX-License-Identifier: MIT */
/*
 * Where engine and kernel answer differently: which ids, why, and which of the
 * two the target host will follow.  One paragraph a reason.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "report/text_part.h"
#include "report/why.h"

#define MAX_SAMPLES 3

/* Smallest and greatest id of one kind in a paragraph. */
struct span {
	int64_t low, high;
};

static struct span span_of(const struct unr_choice *choice, enum unr_id_kind kind)
{
	struct span span = { INT64_MAX, INT64_MIN };

	for (size_t i = 0; i < choice->n; i++) {
		int64_t id = kind == UNR_UID ? choice->findings[i]->uid : choice->findings[i]->gid;

		if (id < span.low)
			span.low = id;
		if (id > span.high)
			span.high = id;
	}
	return span;
}

static void put_span(struct unr_wrap *wrap, const struct unr_choice *choice, enum unr_id_kind kind,
		     const char *after)
{
	struct span span = span_of(choice, kind);

	if (span.low == span.high)
		unr_wrap_printf(wrap, "%s %" PRId64 "%s", unr_id_kind_name(kind), span.low, after);
	else
		unr_wrap_printf(wrap, "%ss %" PRId64 " to %" PRId64 "%s", unr_id_kind_name(kind),
				span.low, span.high, after);
}

static size_t count_disagreements(const struct unr_result *result)
{
	size_t n = 0;

	for (size_t i = 0; i < result->n_findings; i++)
		if (unr_finding_disagrees(&result->findings[i]))
			n++;
	return n;
}

static void put_opening(const struct unr_text_report *report, size_t n)
{
	unr_auto(unr_text_done) struct unr_text count = { 0 };
	struct unr_wrap wrap = { .out = report->out, .fresh = true };

	unr_layout_count(&count, n, "entry", "entries");
	report->out->failed |= count.failed;
	unr_wrap_printf(&wrap,
			"Engine and kernel disagree on %s; the target host goes by the engine.",
			unr_text_string(&count));
	unr_text_puts(report->out, "\n");
}

/* All findings of a paragraph have the same causes and lie on the same side. */
static void put_paragraph(const struct unr_text_report *report, const struct unr_choice *choice,
			  unsigned int causes)
{
	unr_auto(unr_text_done) struct unr_text count = { 0 };
	const struct unr_finding *first = choice->findings[0];
	struct unr_wrap wrap = { .out = report->out, .fresh = true };
	const char *sentence;

	unr_text_puts(report->out, "\n");
	unr_layout_count(&count, choice->n, "entry", "entries");
	report->out->failed |= count.failed;
	unr_wrap_printf(&wrap, "%s,", unr_text_string(&count));
	put_span(&wrap, choice, UNR_UID, ",");
	put_span(&wrap, choice, UNR_GID, ":");
	if (first->engine_refused)
		unr_wrap_printf(&wrap, "refused by the engine, taken by the kernel (%s: ok).",
				unr_call_name(first->call));
	else
		unr_wrap_printf(&wrap, "mapped by the engine, refused by the kernel (%s: %s).",
				unr_call_name(first->call), unr_errno_name(first->error));
	while ((sentence = unr_why_next(&causes)) != NULL)
		unr_wrap_words(&wrap, sentence);
	unr_text_puts(report->out, "\n");
	unr_text_put_list(report, choice, false, MAX_SAMPLES);
}

/* Causes that still wait for their paragraph, kept beside the finding that has them. */
struct waiting {
	const struct unr_finding *finding;
	unsigned int causes; /* 0: has been told */
};

/* Moves all that share the side and causes of @waiting[0..n)'s first into @choice. */
static unsigned int take_paragraph(struct waiting *waiting, size_t n, struct unr_choice *choice)
{
	const struct unr_finding *first = NULL;
	unsigned int causes = 0;

	choice->n = 0;
	for (size_t i = 0; i < n; i++) {
		const struct unr_finding *finding = waiting[i].finding;

		if (waiting[i].causes == 0)
			continue;
		if (first == NULL) {
			first = finding;
			causes = waiting[i].causes;
		}
		if (waiting[i].causes != causes || finding->error != first->error)
			continue;
		choice->findings[choice->n++] = finding;
		waiting[i].causes = 0;
	}
	return causes;
}

/*
 * With one id mapped the kernel refuses all the others, and tells nothing by
 * that.  Moves what has no other cause into @choice.
 */
static void take_own_id_alone(const struct unr_result *result, struct waiting *waiting, size_t n,
			      struct unr_choice *choice)
{
	choice->n = 0;
	for (size_t i = 0; i < n; i++) {
		if (result->map_method != UNR_MAP_SELF || waiting[i].causes != UNR_WHY_NARROWER)
			continue;
		choice->findings[choice->n++] = waiting[i].finding;
		waiting[i].causes = 0;
	}
}

static void put_own_id_alone(const struct unr_text_report *report, const struct unr_choice *choice)
{
	unr_auto(unr_text_done) struct unr_text count = { 0 };
	struct unr_wrap wrap = { .out = report->out, .fresh = true };
	const char *hint = choice->n == 1 ? "; --verbose lists it" : "; --verbose lists them";

	if (choice->n == 0)
		return;
	unr_layout_count(&count, choice->n, "entry", "entries");
	report->out->failed |= count.failed;
	unr_text_puts(report->out, "\n");
	unr_wrap_printf(
		&wrap,
		"This host could map id 0 only: what its kernel refused of other ids (%s%s) "
		"says nothing about the target host.",
		unr_text_string(&count), report->options->verbose ? "" : hint);
	unr_text_puts(report->out, "\n");
	if (report->options->verbose)
		unr_text_put_list(report, choice, false, choice->n);
}

void unr_text_put_disagreements(const struct unr_text_report *report)
{
	const struct unr_result *result = report->result;
	unr_auto(unr_choice_done) struct unr_choice choice = { 0 };
	unr_autofree struct waiting *waiting = NULL;
	size_t n = count_disagreements(result), filled = 0;
	unsigned int causes;

	if (n == 0)
		return;
	waiting = calloc(n, sizeof(*waiting));
	choice.findings = calloc(n, sizeof(*choice.findings));
	if (waiting == NULL || choice.findings == NULL) {
		report->out->failed = true;
		return;
	}
	for (size_t i = 0; i < result->n_findings; i++)
		if (unr_finding_disagrees(&result->findings[i]))
			waiting[filled++] = (struct waiting) {
				.finding = &result->findings[i],
				.causes = unr_why_causes(result, &result->findings[i]),
			};
	take_own_id_alone(result, waiting, n, &choice);
	put_own_id_alone(report, &choice);
	if (choice.n == n)
		return;
	unr_text_puts(report->out, "\n");
	put_opening(report, n - choice.n);
	while ((causes = take_paragraph(waiting, n, &choice)) != 0)
		put_paragraph(report, &choice, causes);
}
