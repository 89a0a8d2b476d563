/* SPDX-License-Identifier: MIT */
/* The smallest maps under which every id of an image has a place. */
#ifndef UNR_ADVICE_NEEDED_H
#define UNR_ADVICE_NEEDED_H

#include "base/cleanup.h"
#include "base/text.h"
#include "usernsrepro/result.h"

/* Ranges beside the engine's own; the kernel takes 340 in all, of one page as text. */
enum { UNR_NEEDED_MAX_RANGES = 64 };

struct unr_needed_ids {
	bool possible;           /* false: an id is among them that no map can hold */
	uint64_t count;          /* from inside 0 */
	bool too_many;           /* ranges: then @sparse has none */
	struct unr_idmap sparse; /* owned; the engine's map, and a range for what it lacks */
};

struct unr_needed {
	bool known; /* false: not all layers were read */
	struct unr_needed_ids of[UNR_ID_KIND_COUNT_];
};

void unr_needed_done(struct unr_needed *needed);
DEFINE_UNR_CLEANUP(struct unr_needed, unr_needed_done);

/** unr_needed_find() - 0, or a negative errno with @err, as unr_finding_cursor_next(). */
UNR_MUST_CHECK int unr_needed_find(const struct unr_result *result, struct unr_needed *ret,
				   struct unr_error *err);

/** unr_needed_is_rootless() - does inside 0 go to the caller, and the ranges begin at 1? */
bool unr_needed_is_rootless(const struct unr_result *result);

/**
 * unr_needed_append_subid() - a line of /etc/subuid or /etc/subgid that gives one range of ids
 *
 * "dockremap:100000:1000001"; of a rootless engine "USER:100000:1000000".  Nothing where the ids
 * would not fit behind the range's first.
 */
void unr_needed_append_subid(struct unr_text *out, const struct unr_result *result,
			     const struct unr_needed *needed, enum unr_id_kind kind);

/** unr_needed_append_options() - podman's and this program's "--uidmap I:O:N … --gidmap I:O:N …" */
void unr_needed_append_options(struct unr_text *out, const struct unr_result *result,
			       const struct unr_needed *needed, bool sparse);

#endif
