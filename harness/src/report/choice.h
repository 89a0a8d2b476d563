/* SPDX-License-Identifier: MIT */
/*
 * Findings chosen for one part of a report, in the order of the image.  They are
 * read from the store again for every pass and never kept.
 */
#ifndef UNR_REPORT_CHOICE_H
#define UNR_REPORT_CHOICE_H

#include "base/cleanup.h"
#include "report/out.h"
#include "usernsrepro/result.h"

struct unr_choice {
	const struct unr_result *result; /* borrowed */
	const uint32_t *layer;           /* borrowed; NULL: all of them */
	bool (*takes)(const void *context, const struct unr_finding *finding);
	const void *context; /* borrowed */
};

/* One pass. */
struct unr_choice_reader {
	const struct unr_choice *choice;
	struct unr_report_out *out;        /* learns what goes wrong */
	struct unr_finding_cursor *cursor; /* owned */
};

struct unr_choice_reader unr_choice_start(const struct unr_choice *choice,
					  struct unr_report_out *out);
void unr_choice_reader_done(struct unr_choice_reader *reader);
DEFINE_UNR_CLEANUP(struct unr_choice_reader, unr_choice_reader_done);

/** unr_choice_next() - borrowed, until the next call; NULL at the end, and after a trouble */
const struct unr_finding *unr_choice_next(struct unr_choice_reader *reader);

#endif
