/* SPDX-License-Identifier: MIT */
/* A pass over chosen findings: see choice.h. */
#include "report/choice.h"

struct unr_choice_reader unr_choice_start(const struct unr_choice *choice,
					  struct unr_report_out *out)
{
	const struct unr_finding_store *findings = choice->result->findings;
	struct unr_choice_reader reader = { .choice = choice, .out = out };

	reader.cursor = choice->layer == NULL ?
				unr_finding_cursor_new(findings) :
				unr_finding_cursor_new_layer(findings, *choice->layer);
	if (reader.cursor == NULL)
		out->text.failed = true;
	return reader;
}

void unr_choice_reader_done(struct unr_choice_reader *reader)
{
	unr_finding_cursor_free(reader->cursor);
}

const struct unr_finding *unr_choice_next(struct unr_choice_reader *reader)
{
	struct unr_report_out *out = reader->out;
	const struct unr_finding *finding = NULL;
	int r = 0;

	do {
		if (reader->cursor == NULL || out->error < 0 || out->text.failed)
			return NULL;
		r = unr_finding_cursor_next(reader->cursor, &finding, out->err);
	} while (r > 0 && !reader->choice->takes(reader->choice->context, finding));
	if (r < 0)
		out->error = r;
	return r > 0 ? finding : NULL;
}
