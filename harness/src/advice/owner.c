/* SPDX-License-Identifier: MIT */
/* Known owners: the table is data/owners.csv's, only how it is searched is here. */
#include "advice/owner.h"

#include <inttypes.h>

struct ids {
	uint32_t first, last;
};

/* A row without words is a range of subordinate ids, of either kind. */
static const struct row {
	struct ids of[UNR_ID_KIND_COUNT_];
	const char *words;
} ROWS[] = {
#include <owners.inc> /* made by the build */
};

struct unr_owner unr_owner_of(const struct unr_finding *finding)
{
	return (struct unr_owner) { .failing = { finding->uid_unmapped, finding->gid_unmapped },
				    .id = { finding->uid, finding->gid } };
}

struct unr_owner unr_owner_of_start(const struct unr_result *result)
{
	const uint32_t ids[] = { result->runtime.uid, result->runtime.gid };
	struct unr_owner owner = { .id = { ids[UNR_UID], ids[UNR_GID] } };

	for (int kind = 0; kind < UNR_ID_KIND_COUNT_; kind++)
		owner.failing[kind] =
			result->runtime.resolved &&
			!unr_result_is_mapped(result, (enum unr_id_kind) kind, ids[kind]);
	return owner;
}

static bool holds(struct ids ids, int64_t id)
{
	return id >= ids.first && id <= ids.last;
}

/* Notes the failing ids that lie on a range's outside; are there any? */
static bool note_mapped(const struct unr_owner *owner, struct unr_id_range range,
			struct unr_owner_hint *ret)
{
	const struct ids outside = { range.outside, range.outside + (range.count - 1) };
	bool any = false;

	for (int kind = 0; kind < UNR_ID_KIND_COUNT_; kind++) {
		if (ret->mapped[kind] || !owner->failing[kind] || !holds(outside, owner->id[kind]))
			continue;
		any = ret->mapped[kind] = true;
		ret->real[kind] = (uint32_t) owner->id[kind] - range.outside + range.inside;
		ret->range = range;
	}
	return any;
}

/* The ranges that this very map leads to come before those that others often have. */
static bool note_own_map(const struct unr_result *result, const struct unr_owner *owner,
			 struct unr_owner_hint *ret)
{
	bool any = false;

	for (int kind = 0; kind < UNR_ID_KIND_COUNT_; kind++) {
		const struct unr_idmap *map = &result->engine_map.of[kind];
		struct unr_owner one = *owner;

		one.failing[UNR_UID] &= kind == UNR_UID;
		one.failing[UNR_GID] &= kind == UNR_GID;
		/* A range of one is somebody's own id. */
		for (size_t i = 0; i < map->n_ranges; i++)
			any |= map->ranges[i].count > 1 && note_mapped(&one, map->ranges[i], ret);
	}
	return any;
}

/* A row of owners says something only where the id that it is about is one that fails. */
static bool fits(const struct row *row, const struct unr_owner *owner)
{
	bool about_failing = false;

	for (int kind = 0; kind < UNR_ID_KIND_COUNT_; kind++) {
		bool any = row->of[kind].first == 0 && row->of[kind].last == UNR_ID_NONE - 1;

		if (!any && !holds(row->of[kind], owner->id[kind]))
			return false;
		about_failing |= !any && owner->failing[kind];
	}
	return about_failing;
}

bool unr_owner_hint(const struct unr_result *result, const struct unr_owner *owner,
		    struct unr_owner_hint *ret)
{
	bool seen_range = false;

	*ret = (struct unr_owner_hint) { .words = NULL };
	for (size_t i = 0; i < UNR_COUNT(ROWS); i++) {
		const struct row *row = &ROWS[i];
		const struct ids *ids = &row->of[UNR_UID];

		if (row->words != NULL && fits(row, owner)) {
			ret->words = row->words;
			return true;
		}
		if (row->words != NULL)
			continue;
		if (!seen_range && note_own_map(result, owner, ret))
			return true;
		seen_range = true;
		if (note_mapped(owner,
				(struct unr_id_range) { .inside = 0,
							.outside = ids->first,
							.count = ids->last - ids->first + 1 },
				ret))
			return true;
	}
	return false;
}

/* Whom an image's files often belong to: the accounts of a distribution, the first of people, nobody. */
static bool is_usual(uint32_t id)
{
	return id < 2000 || id == 65534;
}

void unr_owner_append(struct unr_text *out, const struct unr_owner_hint *hint)
{
	const char *before = "probably ";

	if (hint->words != NULL) {
		unr_text_puts(out, hint->words);
		return;
	}
	for (int kind = 0; kind < UNR_ID_KIND_COUNT_; kind++)
		if (hint->mapped[kind] && !is_usual(hint->real[kind]))
			before = "perhaps ";
	for (int kind = 0; kind < UNR_ID_KIND_COUNT_; kind++) {
		if (!hint->mapped[kind])
			continue;
		unr_text_printf(out, "%s%s %" PRIu32, before,
				unr_id_kind_name((enum unr_id_kind) kind), hint->real[kind]);
		before = ", ";
	}
	unr_text_printf(out, " mapped twice (%" PRIu32 "..%" PRIu32 " are subordinate ids)",
			hint->range.outside, hint->range.outside + (hint->range.count - 1));
}
