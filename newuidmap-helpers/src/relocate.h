/* SPDX-License-Identifier: MIT */
/*
 * Relocation: inside numbers stay, outside ones become ids that the caller may
 * use.  Pure arithmetic on sets (idset.h).
 */
#ifndef UNR_RELOCATE_H
#define UNR_RELOCATE_H

#include "usernsrepro/idmap.h"

/**
 * unr_map_relocate() - lay wanted ranges onto the ids that the caller may use
 * @own:     the caller's own id, which it may always map; for a range that asks for it, or, where
 *           the grants are one id short, for a range of a single id
 * @granted: set; the order is the order of use; no id twice
 * @ret:     empty on entry; the ranges, in the order of @wanted, none across the border of a grant
 * @ret_can_have: how many of the wanted ids can be had; when fewer than wanted, @ret stays empty
 *
 * Return: 0 or -ENOMEM.
 */
UNR_MUST_CHECK int unr_map_relocate(const struct unr_idmap *wanted, uint32_t own,
				    const struct unr_idmap *granted, struct unr_idmap *ret,
				    uint64_t *ret_can_have);

#endif
