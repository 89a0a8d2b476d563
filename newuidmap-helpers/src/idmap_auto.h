/* SPDX-License-Identifier: MIT */
/*
 * Cleaners for maps: unr_auto(unr_idmap_done) and its sisters.  Apart from the
 * public headers because those must not show how the project frees things.
 */
#ifndef UNR_IDMAP_AUTO_H
#define UNR_IDMAP_AUTO_H

#include "base/cleanup.h"
#include "usernsrepro/idmap.h"
#include "usernsrepro/map_writer.h"
#include "usernsrepro/subid.h"

DEFINE_UNR_CLEANUP(struct unr_idmap, unr_idmap_done);
DEFINE_UNR_CLEANUP(struct unr_idmaps, unr_idmaps_done);
DEFINE_UNR_CLEANUP(struct unr_map_choice, unr_map_choice_done);
DEFINE_UNR_CLEANUP(struct unr_subid_table, unr_subid_table_done);

#endif
