/* SPDX-License-Identifier: MIT */
/* One layer that fails, in the text report: which step made it, what is wrong in it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/facts.h"
#include "report/text_part.h"

#define DIGEST_DIGITS 12
/* A layer with more failures than this is summed up, and a few lines stand for the rest. */
#define MAX_SINGLE 10
#define MAX_SAMPLES 3

static bool takes_failure(const void *context, const struct unr_finding *finding)
{
	(void) context;
	return finding->engine_refused;
}

static bool takes_unpackaged(const void *context, const struct unr_finding *finding)
{
	return takes_failure(context, finding) && finding->cause.package == NULL;
}

/* "layer 1  RUN npm i                    sha256:fe1c00ff3ffe", the digest at the right edge. */
static void put_heading(const struct unr_text_report *report, uint32_t index)
{
	const struct unr_layer *layer = &report->result->image.layers[index];
	const char *digest = unr_facts_layer_digest(layer);
	struct unr_text *out = report->out;
	char short_digest[7 + DIGEST_DIGITS + 1] = "";
	size_t start = out->length;
	size_t right;

	if (digest != NULL)
		(void) snprintf(short_digest, sizeof(short_digest), "sha256:%.*s", DIGEST_DIGITS,
				unr_facts_digest_digits(digest));
	right = UNR_LAYOUT_COLUMNS - strlen(short_digest);
	unr_text_printf(out, "layer %" PRIu32 "  ", index);
	if (layer->created_by == NULL || *layer->created_by == '\0')
		unr_text_puts(out, unr_facts_is_bare_layer(report->result) ?
					   "(a bare layer has no history)" :
					   "(no step in the history)");
	else
		unr_text_put_step(out, layer->created_by, right - (out->length - start) - 2);
	if (digest != NULL && !out->failed) {
		size_t width = unr_layout_width(out->bytes + start, out->length - start);

		unr_layout_spaces(out, width + 2 > right ? 2 : right - width);
		unr_text_style(report, UNR_TEXT_DIM);
		unr_text_puts(out, short_digest);
		unr_text_plain(report);
	}
	unr_text_puts(out, "\n");
}

void unr_text_put_layer(const struct unr_text_report *report, uint32_t layer)
{
	const struct unr_choice failures = { .result = report->result,
					     .layer = &layer,
					     .takes = takes_failure };
	const struct unr_choice others = { .result = report->result,
					   .layer = &layer,
					   .takes = takes_unpackaged };
	struct unr_survey survey = unr_text_survey(report, &failures);
	uint64_t limit = MAX_SINGLE;
	bool grouped;

	unr_text_puts(report->out, "\n");
	put_heading(report, layer);
	if (survey.common)
		unr_text_put_common_fault(report, &survey);
	grouped = unr_text_put_packages(report, &failures);
	if (survey.n > MAX_SINGLE) {
		unr_text_put_groups(report, &others);
		limit = MAX_SAMPLES;
		grouped = true;
	}
	if (grouped)
		unr_text_puts(report->out, "\n");
	unr_text_put_list(report, &failures, survey.n, !survey.common, limit);
	unr_text_put_why(report, &failures, layer);
}
