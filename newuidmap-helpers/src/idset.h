/* SPDX-License-Identifier: MIT */
/*
 * Sets of ids: maps of which only the outside column counts.  What the choice
 * of a map is reckoned with; nothing here knows where the ids come from.
 */
#ifndef UNR_IDSET_H
#define UNR_IDSET_H

#include "usernsrepro/idmap.h"

/* A stretch of ids, [first, end); 64 bits, so that the last id has an end. */
struct unr_id_run {
	uint64_t first;
	uint64_t end;
};

/** unr_id_run_of() - the outside ids of a range. */
struct unr_id_run unr_id_run_of(const struct unr_id_range *range);

/**
 * unr_idset_next() - walk over a stretch, run by run
 * @rest:       what is left of the stretch; its start is moved behind the run
 * @ret_run:    ids that all lie in one range of @set, or all in none
 * @ret_in_set: which of the two
 *
 * Return: was there anything left?
 */
bool unr_idset_next(const struct unr_idmap *set, struct unr_id_run *rest,
		    struct unr_id_run *ret_run, bool *ret_in_set);

/** unr_idset_add() - append a stretch of ids as one range; 0 or -ENOMEM. */
UNR_MUST_CHECK int unr_idset_add(struct unr_idmap *set, struct unr_id_run run);

/**
 * unr_idset_find() - append to @ret the runs of a stretch that are in @set, or those that are not
 *
 * Return: 0 or -ENOMEM.
 */
UNR_MUST_CHECK int unr_idset_find(const struct unr_idmap *set, struct unr_id_run stretch,
				  bool in_set, struct unr_idmap *ret);

/**
 * unr_idset_first_missing() - the first id of a stretch that is not in @set
 *
 * Return: is there one?
 */
bool unr_idset_first_missing(const struct unr_idmap *set, struct unr_id_run stretch, uint64_t *ret);

#endif
