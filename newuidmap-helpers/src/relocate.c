/* SPDX-License-Identifier: MIT */
/* Wanted ranges onto granted ids: see relocate.h. */
#include "relocate.h"

#include "idmap_auto.h"
#include "idset.h"

/* The two sides of a relocation, and what is used of the grants. */
struct relocation {
	const struct unr_idmap *mine; /* borrowed set: granted ids and the own one */
	struct unr_idmap kept;        /* owned set: granted outside ids that were asked for */
	struct unr_idmap free;        /* owned set: granted ids that nobody asked for */
	size_t free_index;            /* the first range of @free that is not used up */
	uint32_t free_used;           /* ids of that range that are */
	size_t lent;                  /* the wanted range that gets the own id; SIZE_MAX: none */
};

static void relocation_done(struct relocation *plan)
{
	unr_idmap_done(&plan->kept);
	unr_idmap_done(&plan->free);
}

DEFINE_UNR_CLEANUP(struct relocation, relocation_done);

/* A range keeps its place only when all of it may be there: half of it would be two owners. */
static bool is_mine(const struct relocation *plan, const struct unr_id_range *range)
{
	uint64_t missing;

	return !unr_idset_first_missing(plan->mine, unr_id_run_of(range), &missing);
}

static int plan_use(const struct unr_idmap *wanted, const struct unr_idmap *granted,
		    struct relocation *plan)
{
	int r = 0;

	for (size_t i = 0; i < wanted->n_ranges && r == 0; i++)
		if (i != plan->lent && is_mine(plan, &wanted->ranges[i]))
			r = unr_idmap_add(&plan->kept, wanted->ranges[i]);
	for (size_t i = 0; i < granted->n_ranges && r == 0; i++)
		r = unr_idset_find(&plan->kept, unr_id_run_of(&granted->ranges[i]), false,
				   &plan->free);
	return r;
}

/* In place, but cut at the borders of the grants: newuidmap looks each range up in one line. */
static int lay_in_place(const struct relocation *plan, const struct unr_id_range *range,
			struct unr_idmap *ret)
{
	struct unr_id_run rest = unr_id_run_of(range), run;
	bool in_set;
	int r = 0;

	while (r == 0 && unr_idset_next(plan->mine, &rest, &run, &in_set))
		r = unr_idmap_add(ret, (struct unr_id_range) {
					       .inside = range->inside +
							 (uint32_t) (run.first - range->outside),
					       .outside = (uint32_t) run.first,
					       .count = (uint32_t) (run.end - run.first),
				       });
	return r;
}

/* Onto the free ids, one grant after the other; there are enough of them. */
static int lay_on_free(struct relocation *plan, struct unr_id_range range, struct unr_idmap *ret)
{
	while (range.count > 0) {
		const struct unr_id_range *from = &plan->free.ranges[plan->free_index];
		uint32_t left = from->count - plan->free_used;
		struct unr_id_range piece = {
			.inside = range.inside,
			.outside = from->outside + plan->free_used,
			.count = range.count < left ? range.count : left,
		};
		int r = unr_idmap_add(ret, piece);

		if (r < 0)
			return r;
		plan->free_used += piece.count;
		if (plan->free_used == from->count) {
			plan->free_index++;
			plan->free_used = 0;
		}
		range.inside += piece.count;
		range.count -= piece.count;
	}
	return 0;
}

/* The own id is beside the grants: one more id that may stay where it is. */
static int collect_mine(const struct unr_idmap *granted, uint32_t own, struct unr_idmap *ret)
{
	struct unr_id_run own_run = { own, (uint64_t) own + 1 };
	int r = unr_idmap_copy(granted, ret);

	return r < 0 ? r : unr_idset_find(granted, own_run, false, ret);
}

static bool has_id(const struct unr_idmap *set, uint32_t id)
{
	uint64_t missing;

	return !unr_idset_first_missing(set, (struct unr_id_run) { id, (uint64_t) id + 1 },
					&missing);
}

/* The first range of a single id that has not the own one already; SIZE_MAX: none. */
static size_t find_single(const struct unr_idmap *wanted, uint32_t own)
{
	for (size_t i = 0; i < wanted->n_ranges; i++)
		if (wanted->ranges[i].count == 1 && wanted->ranges[i].outside != own)
			return i;
	return SIZE_MAX;
}

/*
 * Counts what can be had.  The map of a rootless engine is one id longer than the usual grant: where
 * that one is missing, and a range is a single id, it gets the own one, which newuidmap maps
 * without a grant.
 */
static int make_plan(const struct unr_idmap *wanted, uint32_t own, const struct unr_idmap *granted,
		     struct relocation *plan, uint64_t *ret_can_have)
{
	uint64_t total = unr_idmap_total(wanted);
	int r = plan_use(wanted, granted, plan);

	*ret_can_have = unr_idmap_total(&plan->kept) + unr_idmap_total(&plan->free);
	if (r < 0 || total == 1 || *ret_can_have + 1 != total || has_id(granted, own) ||
	    has_id(&plan->kept, own))
		return r;
	plan->lent = find_single(wanted, own);
	if (plan->lent == SIZE_MAX)
		return 0;
	relocation_done(plan);
	plan->kept = plan->free = (struct unr_idmap) { 0 };
	r = plan_use(wanted, granted, plan);
	*ret_can_have = unr_idmap_total(&plan->kept) + unr_idmap_total(&plan->free) + 1;
	return r;
}

static int lay_one(struct relocation *plan, const struct unr_idmap *wanted, size_t i, uint32_t own,
		   struct unr_idmap *ret)
{
	struct unr_id_range range = wanted->ranges[i];

	if (i == plan->lent) {
		range.outside = own;
		return unr_idmap_add(ret, range);
	}
	return is_mine(plan, &range) ? lay_in_place(plan, &range, ret) :
				       lay_on_free(plan, range, ret);
}

int unr_map_relocate(const struct unr_idmap *wanted, uint32_t own, const struct unr_idmap *granted,
		     struct unr_idmap *ret, uint64_t *ret_can_have)
{
	unr_auto(unr_idmap_done) struct unr_idmap mine = { 0 };
	unr_auto(unr_idmap_done) struct unr_idmap laid = { 0 };
	unr_auto(relocation_done) struct relocation plan = { .mine = &mine, .lent = SIZE_MAX };
	uint64_t total = unr_idmap_total(wanted);
	uint64_t can_have = 0;
	int r = collect_mine(granted, own, &mine);

	if (r == 0)
		r = make_plan(wanted, own, granted, &plan, &can_have);
	for (size_t i = 0; i < wanted->n_ranges && r == 0 && can_have >= total; i++)
		r = lay_one(&plan, wanted, i, own, &laid);
	if (r < 0)
		return r;
	*ret = laid;
	laid = (struct unr_idmap) { 0 };
	*ret_can_have = can_have;
	return 0;
}
