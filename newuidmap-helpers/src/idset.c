/* SPDX-License-Identifier: MIT */
/* Sets of ids, walked by runs: see idset.h. */
#include "idset.h"

struct unr_id_run unr_id_run_of(const struct unr_id_range *range)
{
	return (struct unr_id_run) {
		.first = range->outside,
		.end = (uint64_t) range->outside + range->count,
	};
}

bool unr_idset_next(const struct unr_idmap *set, struct unr_id_run *rest,
		    struct unr_id_run *ret_run, bool *ret_in_set)
{
	struct unr_id_run run = *rest;
	bool in_set = false;

	if (rest->first >= rest->end)
		return false;
	for (size_t i = 0; i < set->n_ranges && !in_set; i++) {
		struct unr_id_run member = unr_id_run_of(&set->ranges[i]);

		in_set = member.first <= rest->first && rest->first < member.end;
		if (in_set)
			run.end = member.end < rest->end ? member.end : rest->end;
		else if (member.first > rest->first && member.first < run.end)
			run.end = member.first; /* a run outside ends where a member begins */
	}
	rest->first = run.end;
	*ret_run = run;
	*ret_in_set = in_set;
	return true;
}

int unr_idset_add(struct unr_idmap *set, struct unr_id_run run)
{
	return unr_idmap_add(set, (struct unr_id_range) {
					  .outside = (uint32_t) run.first,
					  .count = (uint32_t) (run.end - run.first),
				  });
}

int unr_idset_find(const struct unr_idmap *set, struct unr_id_run stretch, bool in_set,
		   struct unr_idmap *ret)
{
	struct unr_id_run run;
	bool is_in;

	while (unr_idset_next(set, &stretch, &run, &is_in))
		if (is_in == in_set) {
			int r = unr_idset_add(ret, run);

			if (r < 0)
				return r;
		}
	return 0;
}

bool unr_idset_first_missing(const struct unr_idmap *set, struct unr_id_run stretch, uint64_t *ret)
{
	struct unr_id_run run;
	bool is_in;

	while (unr_idset_next(set, &stretch, &run, &is_in))
		if (!is_in) {
			*ret = run.first;
			return true;
		}
	return false;
}
