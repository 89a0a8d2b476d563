/* SPDX-License-Identifier: MIT */
/*
 * Profiles: named sets of map, engine and driver, and the maps that options
 * give instead.  Decides what is wanted; what this host can do is
 * unr_map_choose()'s business.
 */
#ifndef UNR_RUN_PROFILE_H
#define UNR_RUN_PROFILE_H

#include "base/text.h"
#include "usernsrepro/idmap.h"
#include "usernsrepro/run.h"

struct unr_profile {
	const char *name;
	const char *summary; /* for help texts */
	const char *engine;
	const char *driver;
	/* Appends the maps to @ret; 0 or a negative errno with @err. */
	int (*maps)(struct unr_idmaps *ret, struct unr_error *err);
	const char *change; /* how its owner makes the map larger, a sentence */
	bool fixed;         /* its owner is somebody else, and does not */
};

/** unr_profile_find() - by name, NULL: the default; NULL when there is none of that name. */
const struct unr_profile *unr_profile_find(const char *name);

/** unr_profile_list() - append the names, separated by commas. */
void unr_profile_list(struct unr_text *text);

/**
 * unr_profile_maps() - the maps that the engine works with
 *
 * Given ranges first, then the ranges of --userns-remap, then the profile's.  They pass
 * unr_idmap_check(), and inside 0 has a place in both.
 *
 * Return: 0, or a negative errno with @err of kind USAGE or CANNOT_RUN.
 */
UNR_MUST_CHECK int unr_profile_maps(const struct unr_profile *profile,
				    const struct unr_run_options *options, struct unr_idmaps *ret,
				    struct unr_error *err);

#endif
