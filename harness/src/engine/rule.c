/* SPDX-License-Identifier: MIT */
/*
 * dockerd's arithmetic on owners: pkg/idtools/idtools.go (ToHost, toHost,
 * GetRootUIDGID) and pkg/archive/archive.go (remapIDs) of v20.10.24.
 */
#include "engine/engine.h"

/* The host's ids of inside 0; -1 for both when either is not mapped, as GetRootUIDGID has it. */
static void root_pair(const struct unr_idmaps *maps, int64_t ret[UNR_ID_KIND_COUNT_])
{
	uint32_t uid, gid;
	bool mapped = unr_idmap_to_outside(&maps->of[UNR_UID], 0, &uid) &&
		      unr_idmap_to_outside(&maps->of[UNR_GID], 0, &gid);

	ret[UNR_UID] = mapped ? (int64_t) uid : -1;
	ret[UNR_GID] = mapped ? (int64_t) gid : -1;
}

/* One half; returns whether it has a place. */
static bool rule_half(const struct unr_idmap *map, int64_t root, int64_t id, uint32_t *ret)
{
	uint32_t outside;

	if (id == root) { /* taken as mapped already */
		*ret = 0;
		return true;
	}
	if (!unr_idmap_to_outside(map, id, &outside))
		return false;
	*ret = (uint32_t) id;
	return true;
}

struct unr_ruling unr_engine_rule(const struct unr_idmaps *maps, int64_t uid, int64_t gid)
{
	struct unr_ruling ruling = { 0 };
	int64_t root[UNR_ID_KIND_COUNT_];

	root_pair(maps, root);
	ruling.uid_unmapped = !rule_half(&maps->of[UNR_UID], root[UNR_UID], uid, &ruling.uid);
	ruling.gid_unmapped = !rule_half(&maps->of[UNR_GID], root[UNR_GID], gid, &ruling.gid);
	return ruling;
}
