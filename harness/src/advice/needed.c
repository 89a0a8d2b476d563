/* SPDX-License-Identifier: MIT */
/* Maps that would do: see needed.h. */
#include "advice/needed.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Ids of one kind that the engine's map has no place for, as ranges in order. */
struct gaps {
	struct unr_id_range ranges[UNR_NEEDED_MAX_RANGES]; /* outside unused */
	size_t n;
};

void unr_needed_done(struct unr_needed *needed)
{
	for (int kind = 0; kind < UNR_ID_KIND_COUNT_; kind++)
		unr_idmap_done(&needed->of[kind].sparse);
}

static bool is_in(const struct unr_id_range *range, uint32_t id)
{
	return id >= range->inside && id - range->inside < range->count;
}

/* Does @id follow a range directly? */
static bool is_behind(const struct unr_id_range *range, uint32_t id)
{
	return id > range->inside && id - range->inside == range->count;
}

/* Joins the range at @i with the next when they touch. */
static void join_next(struct gaps *gaps, size_t i)
{
	if (i + 1 >= gaps->n || !is_behind(&gaps->ranges[i], gaps->ranges[i + 1].inside))
		return;
	gaps->ranges[i].count += gaps->ranges[i + 1].count;
	gaps->n--;
	memmove(&gaps->ranges[i + 1], &gaps->ranges[i + 2],
		(gaps->n - i - 1) * sizeof(gaps->ranges[0]));
}

/* false when there is no room. */
static bool add_id(struct gaps *gaps, uint32_t id)
{
	size_t i = 0;

	while (i < gaps->n && gaps->ranges[i].inside <= id && !is_in(&gaps->ranges[i], id) &&
	       !is_behind(&gaps->ranges[i], id))
		i++;
	if (i < gaps->n && is_in(&gaps->ranges[i], id))
		return true;
	if (i < gaps->n && is_behind(&gaps->ranges[i], id)) {
		gaps->ranges[i].count++;
		join_next(gaps, i);
		return true;
	}
	if (gaps->n == UNR_NEEDED_MAX_RANGES)
		return false;
	memmove(&gaps->ranges[i + 1], &gaps->ranges[i], (gaps->n - i) * sizeof(gaps->ranges[0]));
	gaps->ranges[i] = (struct unr_id_range) { .inside = id, .count = 1 };
	gaps->n++;
	join_next(gaps, i);
	return true;
}

struct search {
	const struct unr_result *result;
	struct unr_needed *needed;
	struct gaps gaps[UNR_ID_KIND_COUNT_];
};

static void take_id(struct search *search, enum unr_id_kind kind, int64_t id)
{
	struct unr_needed_ids *ids = &search->needed->of[kind];
	uint32_t outside;

	if (id < 0 || id >= UNR_ID_NONE) {
		ids->possible = false;
		return;
	}
	if ((uint64_t) id >= ids->count)
		ids->count = (uint64_t) id + 1;
	if (!unr_idmap_to_outside(&search->result->engine_map.of[kind], (uint32_t) id, &outside) &&
	    !ids->too_many)
		ids->too_many = !add_id(&search->gaps[kind], (uint32_t) id);
}

static int take_findings(struct search *search, struct unr_error *err)
{
	struct unr_finding_cursor *cursor = unr_finding_cursor_new(search->result->findings);
	const struct unr_finding *finding;
	int r = cursor == NULL ? unr_fail_memory(err) : 1;

	while (r > 0) {
		r = unr_finding_cursor_next(cursor, &finding, err);
		if (r <= 0 || !finding->engine_refused)
			continue;
		take_id(search, UNR_UID, finding->uid);
		take_id(search, UNR_GID, finding->gid);
	}
	unr_finding_cursor_free(cursor);
	return r;
}

static void take_start(struct search *search)
{
	const struct unr_runtime *runtime = &search->result->runtime;

	if (!runtime->resolved)
		return;
	take_id(search, UNR_UID, runtime->uid);
	take_id(search, UNR_GID, runtime->gid);
	for (size_t i = 0; i < runtime->n_groups; i++)
		take_id(search, UNR_GID, runtime->groups[i]);
}

static uint64_t outside_end(const struct unr_idmap *map)
{
	uint64_t end = 0;

	for (size_t i = 0; i < map->n_ranges; i++)
		if ((uint64_t) map->ranges[i].outside + map->ranges[i].count > end)
			end = (uint64_t) map->ranges[i].outside + map->ranges[i].count;
	return end;
}

/* The engine's map, and behind its outside ids one for each that is missing. */
static int make_sparse(const struct unr_idmap *map, const struct gaps *gaps,
		       struct unr_needed_ids *ids)
{
	uint64_t next = outside_end(map);
	int r = unr_idmap_copy(map, &ids->sparse);

	for (size_t i = 0; i < gaps->n && r == 0; i++) {
		struct unr_id_range range = gaps->ranges[i];

		if (next + range.count > UNR_ID_NONE) {
			ids->too_many = true;
			unr_idmap_done(&ids->sparse);
			return 0;
		}
		range.outside = (uint32_t) next;
		next += range.count;
		r = unr_idmap_add(&ids->sparse, range);
	}
	return r;
}

int unr_needed_find(const struct unr_result *result, struct unr_needed *ret, struct unr_error *err)
{
	struct search search = { .result = result, .needed = ret };
	int r;

	*ret = (struct unr_needed) { .known = !result->stopped_at_first || result->verdict.ok };
	for (int kind = 0; kind < UNR_ID_KIND_COUNT_; kind++)
		ret->of[kind] = (struct unr_needed_ids) { .possible = true, .count = 1 };
	for (size_t i = 0; i < result->image.n_layers; i++) {
		ret->known &= result->layers[i].done;
		for (int kind = 0; kind < UNR_ID_KIND_COUNT_; kind++)
			if (result->layers[i].highest[kind] >= ret->of[kind].count)
				ret->of[kind].count =
					(uint64_t) result->layers[i].highest[kind] + 1;
	}
	if (!ret->known)
		return 0;
	take_start(&search);
	r = take_findings(&search, err);
	for (int kind = 0; kind < UNR_ID_KIND_COUNT_ && r == 0; kind++)
		if (ret->of[kind].possible && !ret->of[kind].too_many &&
		    make_sparse(&result->engine_map.of[kind], &search.gaps[kind], &ret->of[kind]) <
			    0)
			r = unr_fail_memory(err);
	return r;
}

bool unr_needed_is_rootless(const struct unr_result *result)
{
	return strstr(result->engine, "rootless") != NULL;
}

/* The outside id of the range that a line of /etc/subuid would begin with. */
static uint32_t first_outside(const struct unr_result *result, enum unr_id_kind kind)
{
	const struct unr_idmap *map = &result->engine_map.of[kind];
	size_t first = unr_needed_is_rootless(result) && map->n_ranges > 1;

	return map->n_ranges > first ? map->ranges[first].outside : 100000;
}

void unr_needed_append_subid(struct unr_text *out, const struct unr_result *result,
			     const struct unr_needed *needed, enum unr_id_kind kind)
{
	bool rootless = unr_needed_is_rootless(result);
	uint64_t count = needed->of[kind].count - rootless;
	uint32_t first = first_outside(result, kind);

	if (!needed->of[kind].possible || count == 0 || first + count > UNR_ID_NONE)
		return;
	unr_text_printf(out, "%s:%" PRIu32 ":%" PRIu64, rootless ? "USER" : "dockremap", first,
			count);
}

static void append_map(struct unr_text *out, const char *option, const struct unr_id_range *ranges,
		       size_t n)
{
	for (size_t i = 0; i < n; i++)
		unr_text_printf(out, "%s--%smap %" PRIu32 ":%" PRIu32 ":%" PRIu32,
				out->length > 0 ? " " : "", option, ranges[i].inside,
				ranges[i].outside, ranges[i].count);
}

void unr_needed_append_options(struct unr_text *out, const struct unr_result *result,
			       const struct unr_needed *needed, bool sparse)
{
	unr_auto(unr_text_done) struct unr_text options = { 0 };

	for (int kind = 0; kind < UNR_ID_KIND_COUNT_; kind++) {
		const struct unr_needed_ids *ids = &needed->of[kind];
		const char *name = unr_id_kind_name((enum unr_id_kind) kind);
		uint32_t first = first_outside(result, (enum unr_id_kind) kind);
		const struct unr_id_range whole = { 0, first, (uint32_t) ids->count };

		if (!ids->possible || (sparse && ids->too_many) ||
		    (!sparse && first + ids->count > UNR_ID_NONE))
			return;
		append_map(&options, name, sparse ? ids->sparse.ranges : &whole,
			   sparse ? ids->sparse.n_ranges : 1);
	}
	out->failed |= options.failed;
	unr_text_puts(out, unr_text_string(&options));
}
