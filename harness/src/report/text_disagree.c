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
#include "usernsrepro/error.h"

#define MAX_SAMPLES 3

/* Smallest and greatest id of one kind in a paragraph. */
struct span {
	int64_t low, high;
};

/* What all findings of a paragraph share, and their sums. */
struct paragraph {
	const struct unr_result *result; /* borrowed */
	unsigned int causes;
	int error; /* 0: the kernel took what the engine refuses */
	enum unr_call call;
	uint64_t n;
	struct span uids, gids;
};

struct paragraphs {
	struct paragraph *paragraphs; /* owned; by their first findings */
	size_t n;
	uint64_t n_findings;
};

static void paragraphs_done(struct paragraphs *paragraphs)
{
	free(paragraphs->paragraphs);
}
DEFINE_UNR_CLEANUP(struct paragraphs, paragraphs_done);

static bool takes_disagreement(const void *context, const struct unr_finding *finding)
{
	(void) context;
	return unr_finding_disagrees(finding);
}

static bool takes_paragraph(const void *context, const struct unr_finding *finding)
{
	const struct paragraph *paragraph = context;

	return unr_finding_disagrees(finding) && finding->error == paragraph->error &&
	       unr_why_causes(paragraph->result, finding) == paragraph->causes;
}

static void widen(struct span *span, int64_t id)
{
	if (id < span->low)
		span->low = id;
	if (id > span->high)
		span->high = id;
}

/* The finding's paragraph, a new one if need be; NULL when out of memory. */
static struct paragraph *find_paragraph(struct paragraphs *paragraphs,
					const struct unr_result *result,
					const struct unr_finding *finding)
{
	unsigned int causes = unr_why_causes(result, finding);
	struct paragraph *grown;

	for (size_t i = 0; i < paragraphs->n; i++)
		if (paragraphs->paragraphs[i].causes == causes &&
		    paragraphs->paragraphs[i].error == finding->error)
			return &paragraphs->paragraphs[i];
	grown = reallocarray(paragraphs->paragraphs, paragraphs->n + 1, sizeof(*grown));
	if (grown == NULL)
		return NULL;
	paragraphs->paragraphs = grown;
	grown += paragraphs->n++;
	*grown = (struct paragraph) { .result = result,
				      .causes = causes,
				      .error = finding->error,
				      .call = finding->call,
				      .uids = { INT64_MAX, INT64_MIN },
				      .gids = { INT64_MAX, INT64_MIN } };
	return grown;
}

static int find_paragraphs(const struct unr_text_report *report, struct paragraphs *paragraphs)
{
	const struct unr_choice choice = { .result = report->result, .takes = takes_disagreement };
	unr_auto(unr_choice_reader_done) struct unr_choice_reader reader =
		unr_choice_start(&choice, report->sink);
	const struct unr_finding *finding;

	while ((finding = unr_choice_next(&reader)) != NULL) {
		struct paragraph *paragraph = find_paragraph(paragraphs, report->result, finding);

		if (paragraph == NULL)
			return -ENOMEM;
		paragraph->n++;
		widen(&paragraph->uids, finding->uid);
		widen(&paragraph->gids, finding->gid);
		paragraphs->n_findings++;
	}
	return 0;
}

static void put_span(struct unr_wrap *wrap, const struct span *span, enum unr_id_kind kind,
		     const char *after)
{
	if (span->low == span->high)
		unr_wrap_printf(wrap, "%s %" PRId64 "%s", unr_id_kind_name(kind), span->low, after);
	else
		unr_wrap_printf(wrap, "%ss %" PRId64 " to %" PRId64 "%s", unr_id_kind_name(kind),
				span->low, span->high, after);
}

static void put_opening(const struct unr_text_report *report, uint64_t n)
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

static struct unr_choice choose(const struct paragraph *paragraph)
{
	return (struct unr_choice) { .result = paragraph->result,
				     .takes = takes_paragraph,
				     .context = paragraph };
}

static void put_paragraph(const struct unr_text_report *report, const struct paragraph *paragraph)
{
	unr_auto(unr_text_done) struct unr_text count = { 0 };
	struct unr_choice choice = choose(paragraph);
	struct unr_wrap wrap = { .out = report->out, .fresh = true };
	unsigned int causes = paragraph->causes;
	const char *sentence;

	unr_text_puts(report->out, "\n");
	unr_layout_count(&count, paragraph->n, "entry", "entries");
	report->out->failed |= count.failed;
	unr_wrap_printf(&wrap, "%s,", unr_text_string(&count));
	put_span(&wrap, &paragraph->uids, UNR_UID, ",");
	put_span(&wrap, &paragraph->gids, UNR_GID, ":");
	if (paragraph->error == 0)
		unr_wrap_printf(&wrap, "refused by the engine, taken by the kernel (%s: ok).",
				unr_call_name(paragraph->call));
	else
		unr_wrap_printf(&wrap, "mapped by the engine, refused by the kernel (%s: %s).",
				unr_call_name(paragraph->call), unr_errno_name(paragraph->error));
	while ((sentence = unr_why_next(&causes)) != NULL)
		unr_wrap_words(&wrap, sentence);
	unr_text_puts(report->out, "\n");
	unr_text_put_list(report, &choice, paragraph->n, false, MAX_SAMPLES);
}

/*
 * With one id mapped the kernel refuses all the others, and tells nothing by
 * that: what has no other cause is no disagreement to tell one by one.
 */
static bool is_own_id_alone(const struct paragraph *paragraph)
{
	return paragraph->result->map_method == UNR_MAP_SELF &&
	       paragraph->causes == UNR_WHY_NARROWER;
}

static void put_own_id_alone(const struct unr_text_report *report,
			     const struct paragraph *paragraph)
{
	unr_auto(unr_text_done) struct unr_text count = { 0 };
	struct unr_choice choice = choose(paragraph);
	struct unr_wrap wrap = { .out = report->out, .fresh = true };
	const char *hint = paragraph->n == 1 ? "; --verbose lists it" : "; --verbose lists them";

	unr_layout_count(&count, paragraph->n, "entry", "entries");
	report->out->failed |= count.failed;
	unr_text_puts(report->out, "\n");
	unr_wrap_printf(
		&wrap,
		"This host could map id 0 only: what its kernel refused of other ids (%s%s) "
		"says nothing about the target host.",
		unr_text_string(&count), report->options->verbose ? "" : hint);
	unr_text_puts(report->out, "\n");
	if (report->options->verbose)
		unr_text_put_list(report, &choice, paragraph->n, false, MAX_SAMPLES);
}

void unr_text_put_disagreements(const struct unr_text_report *report)
{
	unr_auto(paragraphs_done) struct paragraphs paragraphs = { 0 };
	uint64_t left;

	if (find_paragraphs(report, &paragraphs) < 0) {
		report->out->failed = true;
		return;
	}
	left = paragraphs.n_findings;
	/* It has one errno, EINVAL, so there is one at most. */
	for (size_t i = 0; i < paragraphs.n; i++) {
		if (!is_own_id_alone(&paragraphs.paragraphs[i]))
			continue;
		put_own_id_alone(report, &paragraphs.paragraphs[i]);
		left -= paragraphs.paragraphs[i].n;
	}
	if (left == 0)
		return;
	unr_text_puts(report->out, "\n");
	put_opening(report, left);
	for (size_t i = 0; i < paragraphs.n; i++)
		if (!is_own_id_alone(&paragraphs.paragraphs[i]))
			put_paragraph(report, &paragraphs.paragraphs[i]);
}
