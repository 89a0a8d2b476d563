/* SPDX-License-Identifier: MIT */
/*
 * The map that rootless docker, podman and containerd give themselves, for the
 * caller.  Reads the user database and the subordinate ranges; writes no map.
 */
#ifndef UNR_RUN_ROOTLESS_H
#define UNR_RUN_ROOTLESS_H

#include "usernsrepro/error.h"
#include "usernsrepro/idmap.h"

/**
 * unr_rootless_maps() - inside 0 is the caller, from inside 1 on its ranges one after the other
 * @ret: ranges are appended to both maps
 *
 * A usual user with one range of 65536 gets 65537 ids.  Every outside id is one that the caller may
 * map.  Root has such a map only where ranges are granted to root itself.
 *
 * Return: 0, or a negative errno with @err: -ENOENT (kind CANNOT_RUN) when the caller has no
 * ranges, or as unr_subid_ranges().
 */
UNR_MUST_CHECK int unr_rootless_maps(struct unr_idmaps *ret, struct unr_error *err);

#endif
