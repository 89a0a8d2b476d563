/* SPDX-License-Identifier: MIT */
/* Maps for looking at an image: see wide.h. */
#include "shell/wide.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "run/rootless.h"
#include "usernsrepro/map_writer.h"

/* What is added: the kernel takes a page of text, which is that many lines at least. */
#define RANGES_MAX ((size_t) 80)

/*
 * Outside ids for them.  In this half nobody has accounts; an ordinary user's map is laid onto its
 * own ranges anyway.
 */
#define FIRST_OUTSIDE ((uint32_t) 1 << 31)
#define ROOM_OUTSIDE ((uint64_t) UNR_ID_NONE - FIRST_OUTSIDE)

DEFINE_UNR_CLEANUP(struct unr_idmaps, unr_idmaps_done);

/* How many ids an ordinary user has; as many as one likes where any can be mapped. */
static int count_room(const struct unr_idmaps *maps, uint64_t ret[UNR_ID_KIND_COUNT_],
		      struct unr_error *err)
{
	unr_auto(unr_idmaps_done) struct unr_idmaps own = { 0 };
	struct unr_map_choice choice = { 0 };
	int r = unr_map_choose(maps, &choice, err);
	const enum unr_map_method method = choice.method;

	unr_map_choice_done(&choice);
	if (r < 0)
		return r;
	if (method == UNR_MAP_NEWUIDMAP)
		r = unr_rootless_maps(&own, err);
	for (size_t kind = 0; kind < UNR_ID_KIND_COUNT_; kind++)
		if (method == UNR_MAP_DIRECT)
			ret[kind] = ROOM_OUTSIDE;
		else /* its own id has a place only where that is asked for */
			ret[kind] = method == UNR_MAP_SELF ? 0 : unr_idmap_total(&own.of[kind]) - 1;
	return r;
}

int unr_wide_begin(struct unr_idmaps *maps, struct unr_error *err)
{
	uint64_t room[UNR_ID_KIND_COUNT_];
	int r = count_room(maps, room, err);

	for (size_t kind = 0; kind < UNR_ID_KIND_COUNT_ && r == 0; kind++) {
		struct unr_id_range low = { .outside = 100000,
					    .count = (uint32_t) (room[kind] / 2) };

		if (room[kind] == ROOM_OUTSIDE || low.count == 0)
			continue;
		unr_idmap_done(&maps->of[kind]);
		if (low.count > 65536)
			low.count = 65536;
		if (unr_idmap_add(&maps->of[kind], low) < 0)
			r = unr_fail_memory(err);
	}
	return r;
}

static int compare(const void *a, const void *b)
{
	const uint32_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* How many ranges they make if gaps up to @gap are mapped as well. */
static size_t count_ranges(const uint32_t *ids, size_t n, uint32_t gap)
{
	size_t ranges = n > 0;

	for (size_t i = 1; i < n; i++)
		ranges += ids[i] - ids[i - 1] > gap;
	return ranges;
}

/* Is part of it mapped already? */
static bool is_free(const struct unr_idmap *map, const struct unr_id_range *range)
{
	for (size_t i = 0; i < map->n_ranges; i++) {
		const struct unr_id_range *old = &map->ranges[i];

		if ((uint64_t) range->inside < (uint64_t) old->inside + old->count &&
		    (uint64_t) old->inside < (uint64_t) range->inside + range->count)
			return false;
	}
	return true;
}

int unr_wide_add_ids(uint32_t *ids, size_t n_ids, uint64_t room, struct unr_idmap *map)
{
	const size_t before = map->n_ranges;
	uint32_t gap = 1, outside = FIRST_OUTSIDE;

	if (n_ids > 0) /* without any there is no array */
		qsort(ids, n_ids, sizeof(*ids), compare);
	while (count_ranges(ids, n_ids, gap) > RANGES_MAX)
		gap *= 2;
	for (size_t i = 0, end; i < n_ids; i = end) {
		struct unr_id_range range = { .inside = ids[i], .outside = outside };

		for (end = i + 1; end < n_ids && ids[end] - ids[end - 1] <= gap; end++)
			;
		range.count = ids[end - 1] - ids[i] + 1;
		if (range.count > room || !is_free(map, &range))
			continue;
		if (unr_idmap_add(map, range) < 0)
			return -ENOMEM;
		room -= range.count;
		outside += range.count;
	}
	return map->n_ranges > before;
}

/* Ids that are to be mapped. */
struct ids {
	uint32_t *of; /* owned */
	size_t n, room;
};

static void ids_done(struct ids *ids)
{
	free(ids->of);
}
DEFINE_UNR_CLEANUP(struct ids, ids_done);

/* One more, unless it is mapped, or never can be. */
static int want(struct ids *ids, const struct unr_idmap *map, int64_t id)
{
	uint32_t outside;

	if (id < 0 || id >= UNR_ID_NONE || unr_idmap_to_outside(map, id, &outside))
		return 0;
	if (ids->n == ids->room) {
		const size_t room = ids->room == 0 ? 64 : ids->room * 2;
		uint32_t *more = reallocarray(ids->of, room, sizeof(*more));

		if (more == NULL)
			return -ENOMEM;
		ids->of = more;
		ids->room = room;
	}
	ids->of[ids->n++] = (uint32_t) id;
	return 0;
}

/* Owners that engine or kernel refused. */
static int want_owners(const struct unr_result *result, const struct unr_idmaps *maps,
		       enum unr_id_kind kind, struct ids *ret, struct unr_error *err)
{
	struct unr_finding_cursor *cursor = unr_finding_cursor_new(result->findings);
	const struct unr_finding *finding;
	int r = cursor == NULL ? unr_fail_memory(err) : 1;

	while (r > 0) {
		r = unr_finding_cursor_next(cursor, &finding, err);
		if (r > 0 &&
		    want(ret, &maps->of[kind], kind == UNR_UID ? finding->uid : finding->gid) < 0)
			r = unr_fail_memory(err);
	}
	unr_finding_cursor_free(cursor);
	return r;
}

/* Who the command is to run as. */
static int want_process(const struct unr_runtime *runtime, const struct unr_idmaps *maps,
			enum unr_id_kind kind, struct ids *ret)
{
	const struct unr_idmap *map = &maps->of[kind];
	int r;

	if (!runtime->resolved)
		return 0;
	r = want(ret, map, kind == UNR_UID ? runtime->uid : runtime->gid);
	for (size_t i = 0; kind == UNR_GID && i < runtime->n_groups && r == 0; i++)
		r = want(ret, map, runtime->groups[i]);
	return r;
}

int unr_wide_add(const struct unr_result *result, struct unr_idmaps *maps, struct unr_error *err)
{
	uint64_t room[UNR_ID_KIND_COUNT_];
	bool added = false;
	int r = count_room(maps, room, err);

	for (unsigned int i = 0; i < UNR_ID_KIND_COUNT_ && r >= 0; i++) {
		const enum unr_id_kind kind = (enum unr_id_kind) i;
		unr_auto(ids_done) struct ids ids = { 0 };
		uint64_t used = unr_idmap_total(&maps->of[kind]);

		if (room[kind] < ROOM_OUTSIDE)
			room[kind] = room[kind] > used ? room[kind] - used : 0;
		r = want_owners(result, maps, kind, &ids, err);
		if (r == 0 && want_process(&result->runtime, maps, kind, &ids) < 0)
			r = unr_fail_memory(err);
		if (r == 0)
			r = unr_wide_add_ids(ids.of, ids.n, room[kind], &maps->of[kind]);
		if (r == -ENOMEM)
			return unr_fail_memory(err);
		added = added || r > 0;
	}
	return r < 0 ? r : added;
}
