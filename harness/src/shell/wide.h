/* SPDX-License-Identifier: MIT */
/*
 * The map with which all owners of an image are seen under their own numbers, as
 * far as the caller may map that many.  Inside shell/ only; extracts nothing.
 */
#ifndef UNR_SHELL_WIDE_H
#define UNR_SHELL_WIDE_H

#include "usernsrepro/idmap.h"
#include "usernsrepro/result.h"

/**
 * unr_wide_begin() - the map to look for what it leaves out
 * @maps: in: as the options have them; out: for an ordinary user a narrower one, which leaves half of
 *        its subordinate ranges for other ids
 *
 * Return: 0, or a negative errno with @err.
 */
UNR_MUST_CHECK int unr_wide_begin(struct unr_idmaps *maps, struct unr_error *err);

/**
 * unr_wide_add() - the ids that were found to have no place get one
 * @result: of an extraction under @maps
 *
 * Return: 1, 0 where nothing was to be added, or a negative errno with @err.
 */
UNR_MUST_CHECK int unr_wide_add(const struct unr_result *result, struct unr_idmaps *maps,
				struct unr_error *err);

/**
 * unr_wide_add_ids() - the same for one map
 * @ids:  any, in any order; becomes sorted
 * @room: how many ids may be added
 *
 * Return: 1, 0 or -ENOMEM.
 */
UNR_MUST_CHECK int unr_wide_add_ids(uint32_t *ids, size_t n_ids, uint64_t room,
				    struct unr_idmap *map);

#endif
