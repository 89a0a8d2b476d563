/* SPDX-License-Identifier: MIT */
/* The choice of a method, from facts alone: see map_choice.h.  Asks the system nothing. */
#include "map_choice.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "idmap_auto.h"
#include "idset.h"
#include "relocate.h"

/* Of a message that is quoted in a reason. */
#define MAX_QUOTE 200

void unr_map_caller_done(struct unr_map_caller *caller)
{
	unr_idmaps_done(&caller->here);
	unr_idmaps_done(&caller->granted);
	for (size_t kind = 0; kind < UNR_ID_KIND_COUNT_; kind++)
		unr_subid_table_done(&caller->taken[kind]);
}

void unr_map_choice_add_why(struct unr_map_choice *choice, const char *why)
{
	size_t used = strlen(choice->why);

	(void) snprintf(choice->why + used, sizeof(choice->why) - used, "%s%s",
			used == 0 ? "" : "; ", why);
}

static bool maps_outside_0(const struct unr_idmap *map)
{
	uint32_t inside;

	return unr_idmap_to_inside(map, 0, &inside);
}

/* The capabilities that the kernel asks for: new_idmap_permitted() and verify_root_map(). */
static bool has_capabilities(const struct unr_map_caller *caller, const struct unr_idmaps *wanted,
			     struct unr_obstacle *ret_why)
{
	const struct {
		bool has;
		const char *name, *flag;
	} needs[] = {
		{ caller->has_setuid, "CAP_SETUID", "--cap-add SETUID" },
		{ caller->has_setgid, "CAP_SETGID", "--cap-add SETGID" },
		{ caller->has_setfcap || !maps_outside_0(&wanted->of[UNR_UID]),
		  "CAP_SETFCAP, needed to map outside uid 0", "--cap-add SETFCAP" },
	};

	if (caller->own[UNR_UID] != 0 && !caller->has_setuid && !caller->has_setgid) {
		unr_obstacle_set(ret_why, UNR_REMEDY_NONE, "", "not root");
		return false;
	}
	for (size_t i = 0; i < UNR_COUNT(needs); i++)
		if (!needs[i].has) {
			unr_obstacle_set(ret_why, UNR_REMEDY_CONTAINER, needs[i].flag, "no %s",
					 needs[i].name);
			return false;
		}
	return true;
}

static bool all_exist_here(const struct unr_map_caller *caller, const struct unr_idmaps *wanted,
			   struct unr_obstacle *ret_why)
{
	for (unsigned int kind = 0; kind < UNR_ID_KIND_COUNT_; kind++) {
		const struct unr_idmap *map = &wanted->of[kind];

		for (size_t i = 0; i < map->n_ranges; i++) {
			uint64_t id;

			if (!unr_idset_first_missing(&caller->here.of[kind],
						     unr_id_run_of(&map->ranges[i]), &id))
				continue;
			unr_obstacle_set(ret_why, UNR_REMEDY_NONE, "",
					 "outside %s %" PRIu64 " does not exist in this namespace",
					 unr_id_kind_name((enum unr_id_kind) kind), id);
			return false;
		}
	}
	return true;
}

int unr_map_choose_direct(const struct unr_map_caller *caller, const struct unr_idmaps *wanted,
			  struct unr_map_choice *ret, struct unr_obstacle *ret_why)
{
	unr_auto(unr_idmaps_done) struct unr_idmaps maps = { 0 };

	if (!has_capabilities(caller, wanted, ret_why) || !all_exist_here(caller, wanted, ret_why))
		return 0;
	for (size_t kind = 0; kind < UNR_ID_KIND_COUNT_; kind++) {
		int r = unr_idmap_copy(&wanted->of[kind], &maps.of[kind]);

		if (r < 0)
			return r;
	}
	ret->method = UNR_MAP_DIRECT;
	ret->maps = maps;
	maps = (struct unr_idmaps) { 0 };
	return 1;
}

/* Grants are of use where they exist in this namespace, and once each. */
static int usable_grants(const struct unr_idmap *granted, const struct unr_idmap *here,
			 struct unr_idmap *ret)
{
	unr_auto(unr_idmap_done) struct unr_idmap existing = { 0 };
	int r = 0;

	for (size_t i = 0; i < granted->n_ranges && r == 0; i++)
		r = unr_idset_find(here, unr_id_run_of(&granted->ranges[i]), true, &existing);
	for (size_t i = 0; i < existing.n_ranges && r == 0; i++) {
		unr_auto(unr_idmap_done) struct unr_idmap fresh = { 0 };

		r = unr_idset_find(ret, unr_id_run_of(&existing.ranges[i]), false, &fresh);
		for (size_t k = 0; k < fresh.n_ranges && r == 0; k++)
			r = unr_idset_add(ret, unr_id_run_of(&fresh.ranges[k]));
	}
	return r;
}

static int relocate_kind(const struct unr_map_caller *caller, const struct unr_idmap *wanted,
			 enum unr_id_kind kind, struct unr_obstacle *ret_why, struct unr_idmap *ret)
{
	unr_auto(unr_idmap_done) struct unr_idmap granted = { 0 };
	struct unr_error err = { 0 };
	uint64_t can_have;
	int r = usable_grants(&caller->granted.of[kind], &caller->here.of[kind], &granted);

	if (r == 0)
		r = unr_map_relocate(wanted, caller->own[kind], &granted, ret, &can_have);
	if (r < 0)
		return r;
	if (can_have < unr_idmap_total(wanted)) {
		unr_subid_obstacle_few(ret_why, &caller->taken[kind], caller->name, kind,
				       unr_idmap_total(wanted), can_have);
		return 0;
	}
	/* Cutting at the grants can make more ranges than the kernel takes. */
	if (unr_idmap_check(ret, kind, &err) < 0) {
		unr_obstacle_set(ret_why, UNR_REMEDY_NONE, "",
				 "laid on the subordinate ranges, %.*s", MAX_QUOTE, err.message);
		return 0;
	}
	return 1;
}

int unr_map_choose_newuidmap(const struct unr_map_caller *caller, const struct unr_idmaps *wanted,
			     struct unr_map_choice *ret, struct unr_obstacle *ret_why)
{
	unr_auto(unr_idmaps_done) struct unr_idmaps maps = { 0 };

	if (caller->no_helpers.reason[0] != '\0') {
		*ret_why = caller->no_helpers;
		return 0;
	}
	for (unsigned int kind = 0; kind < UNR_ID_KIND_COUNT_; kind++) {
		int r = relocate_kind(caller, &wanted->of[kind], (enum unr_id_kind) kind, ret_why,
				      &maps.of[kind]);

		if (r <= 0)
			return r;
	}
	ret->method = UNR_MAP_NEWUIDMAP;
	ret->maps = maps;
	maps = (struct unr_idmaps) { 0 };
	return 1;
}

int unr_map_choose_self(const struct unr_map_caller *caller, const struct unr_idmaps *wanted,
			struct unr_map_choice *ret, struct unr_obstacle *ret_why)
{
	unr_auto(unr_idmaps_done) struct unr_idmaps maps = { 0 };

	(void) wanted;
	(void) ret_why;
	for (size_t kind = 0; kind < UNR_ID_KIND_COUNT_; kind++) {
		struct unr_id_range own = { .outside = caller->own[kind], .count = 1 };
		int r = unr_idmap_add(&maps.of[kind], own);

		if (r < 0)
			return r;
	}
	ret->method = UNR_MAP_SELF;
	ret->maps = maps;
	maps = (struct unr_idmaps) { 0 };
	return 1;
}
