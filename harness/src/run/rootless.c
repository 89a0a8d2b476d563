/* SPDX-License-Identifier: MIT */
/* The map of a rootless engine: see rootless.h. */
#include "run/rootless.h"

#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "usernsrepro/subid.h"

DEFINE_UNR_CLEANUP(struct unr_idmap, unr_idmap_done);

/* Has @map none of these outside ids yet?  A range that is found by name and by number counts once. */
static bool is_new(const struct unr_idmap *map, const struct unr_id_range *range)
{
	for (size_t i = 1; i < map->n_ranges; i++) {
		const struct unr_id_range *old = &map->ranges[i];

		if ((uint64_t) range->outside < (uint64_t) old->outside + old->count &&
		    (uint64_t) old->outside < (uint64_t) range->outside + range->count)
			return false;
	}
	return true;
}

/* The ranges of the caller by one of its names, behind those that are there. */
static int add_ranges(const char *owner, enum unr_id_kind kind, struct unr_idmap *map,
		      struct unr_error *err)
{
	unr_auto(unr_idmap_done) struct unr_idmap found = { 0 };
	int r = unr_subid_ranges(owner, kind, 0, &found, err);

	for (size_t i = 0; i < found.n_ranges && r == 0; i++) {
		struct unr_id_range range = found.ranges[i];

		range.inside = (uint32_t) unr_idmap_total(map);
		if (is_new(map, &range) && unr_idmap_add(map, range) < 0)
			r = unr_fail_memory(err);
	}
	return r;
}

static int fail_no_ranges(const char *owner, enum unr_id_kind kind, struct unr_error *err)
{
	struct unr_obstacle obstacle;

	if (geteuid() == 0)
		unr_obstacle_set(&obstacle, UNR_REMEDY_ROOT_IS_NO_USER, "",
				 "--profile rootless is the map of an ordinary user, and root has "
				 "no subordinate %ss",
				 unr_id_kind_name(kind));
	else
		unr_subid_obstacle_none(&obstacle, owner, kind);
	return unr_obstacle_fail(&obstacle, -ENOENT, err);
}

/*
 * As rootlesskit and podman lay it: inside 0 is the caller, and from 1 on the caller's subordinate
 * ranges, those by name first.
 */
int unr_rootless_maps(struct unr_idmaps *ret, struct unr_error *err)
{
	const uint32_t own[UNR_ID_KIND_COUNT_] = { geteuid(), getegid() };
	const struct passwd *entry = getpwuid(own[UNR_UID]);
	char number[16], name[64];

	(void) snprintf(number, sizeof(number), "%" PRIu32, own[UNR_UID]);
	(void) snprintf(name, sizeof(name), "%s", entry == NULL ? number : entry->pw_name);
	for (int i = 0; i < UNR_ID_KIND_COUNT_; i++) {
		enum unr_id_kind kind = (enum unr_id_kind) i;
		struct unr_idmap *map = &ret->of[kind];
		int r = 0;

		if (unr_idmap_add(map, (struct unr_id_range) { 0, own[kind], 1 }) < 0)
			return unr_fail_memory(err);
		if (entry != NULL)
			r = add_ranges(name, kind, map, err);
		if (r == 0)
			r = add_ranges(number, kind, map, err);
		if (r < 0)
			return r;
		if (map->n_ranges == 1)
			return fail_no_ranges(name, kind, err);
	}
	return 0;
}
