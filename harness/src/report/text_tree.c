/* SPDX-License-Identifier: MIT */
/* The tree in the text report: where it is kept, and what it lacks for want of privilege. */
#include <string.h>

#include "report/layout.h"
#include "report/text_part.h"

/* What no owner depends on. */
static void put_skipped(const struct unr_text_report *report)
{
	const struct unr_result *result = report->result;
	const struct {
		uint64_t n;
		const char *one, *many;
	} steps[] = {
		{ result->stand_ins, "device node (a fifo stands in)",
		  "device nodes (fifos stand in)" },
		{ result->skipped_xattrs, "extended attribute", "extended attributes" },
		{ result->skipped_owners, "directory left to the host's root",
		  "directories left to the host's root" },
	};
	struct unr_wrap wrap;
	uint64_t left = 0;

	for (size_t i = 0; i < UNR_COUNT(steps); i++)
		left += steps[i].n > 0;
	if (left == 0)
		return;
	wrap = unr_text_start(report, "note");
	unr_wrap_words(&wrap, "not done, as it takes root on the host:");
	for (size_t i = 0; i < UNR_COUNT(steps); i++)
		if (steps[i].n > 0)
			unr_text_wrap_count(&wrap, steps[i].n, steps[i].one, steps[i].many,
					    --left > 0 ? "," : "");
	unr_text_puts(report->out, "\n");
}

/* An owner that has no place cannot be seen in the tree either. */
static void put_place(const struct unr_text_report *report)
{
	const struct unr_result *result = report->result;
	struct unr_wrap wrap;

	if (result->rootfs == NULL && !result->rootfs_cleared)
		return;
	wrap = unr_text_start(report, "tree");
	if (result->rootfs == NULL) {
		unr_wrap_words(&wrap, "not kept, as the engine keeps nothing of an image that "
				      "fails");
	} else {
		unr_wrap_name(&wrap, "kept in ", result->rootfs, strlen(result->rootfs), "");
		if (!result->verdict.ok)
			unr_wrap_words(&wrap, "although it fails; what has no place in the map "
					      "belongs to inside 0 there");
	}
	unr_text_puts(report->out, "\n");
}

void unr_text_put_tree(const struct unr_text_report *report)
{
	put_place(report);
	put_skipped(report);
}
