/* SPDX-License-Identifier: MIT */
/* The choice of a method, from facts alone: see map_choice.h.  Asks the system nothing. */
#include "map_choice.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "idmap_auto.h"
#include "idset.h"
#include "relocate.h"

void unr_map_caller_done(struct unr_map_caller *caller)
{
	unr_idmaps_done(&caller->here);
	unr_idmaps_done(&caller->granted);
}

/* Adds a reason to those that are there. */
static void UNR_PRINTF(2, 3) add_why(struct unr_map_choice *choice, const char *fmt, ...)
{
	size_t used = strlen(choice->why);
	va_list args;

	if (used > 0 && used < sizeof(choice->why) - 2) {
		memcpy(choice->why + used, "; ", sizeof("; "));
		used += 2;
	}
	va_start(args, fmt);
	(void) vsnprintf(choice->why + used, sizeof(choice->why) - used, fmt, args);
	va_end(args);
}

static bool maps_outside_0(const struct unr_idmap *map)
{
	uint32_t inside;

	return unr_idmap_to_inside(map, 0, &inside);
}

/* The capabilities that the kernel asks for: new_idmap_permitted() and verify_root_map(). */
static bool has_capabilities(const struct unr_map_caller *caller, const struct unr_idmaps *wanted,
			     struct unr_map_choice *ret)
{
	const struct {
		bool has;
		const char *name;
	} needs[] = {
		{ caller->has_setuid, "CAP_SETUID" },
		{ caller->has_setgid, "CAP_SETGID" },
		{ caller->has_setfcap || !maps_outside_0(&wanted->of[UNR_UID]),
		  "CAP_SETFCAP, needed to map outside uid 0" },
	};

	if (caller->own[UNR_UID] != 0 && !caller->has_setuid && !caller->has_setgid) {
		add_why(ret, "not root");
		return false;
	}
	for (size_t i = 0; i < UNR_COUNT(needs); i++)
		if (!needs[i].has) {
			add_why(ret, "no %s", needs[i].name);
			return false;
		}
	return true;
}

static bool all_exist_here(const struct unr_map_caller *caller, const struct unr_idmaps *wanted,
			   struct unr_map_choice *ret)
{
	for (unsigned int kind = 0; kind < UNR_ID_KIND_COUNT_; kind++) {
		const struct unr_idmap *map = &wanted->of[kind];

		for (size_t i = 0; i < map->n_ranges; i++) {
			uint64_t id;

			if (!unr_idset_first_missing(&caller->here.of[kind],
						     unr_id_run_of(&map->ranges[i]), &id))
				continue;
			add_why(ret, "outside %s %" PRIu64 " does not exist in this namespace",
				unr_id_kind_name((enum unr_id_kind) kind), id);
			return false;
		}
	}
	return true;
}

int unr_map_choose_direct(const struct unr_map_caller *caller, const struct unr_idmaps *wanted,
			  struct unr_map_choice *ret)
{
	unr_auto(unr_idmaps_done) struct unr_idmaps maps = { 0 };

	if (!has_capabilities(caller, wanted, ret) || !all_exist_here(caller, wanted, ret))
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

static void add_too_few(const struct unr_map_caller *caller, enum unr_id_kind kind, uint64_t needed,
			uint64_t can_have, struct unr_map_choice *choice)
{
	unr_auto(unr_text_done) struct unr_text text = { 0 };
	const char *name = unr_id_kind_name(kind);

	unr_text_printf(&text, "%s may map ", caller->name);
	unr_text_count(&text, can_have);
	unr_text_puts(&text, " of the ");
	unr_text_count(&text, needed);
	unr_text_printf(&text, " %ss that are needed; grant ", name);
	unr_text_count(&text, needed - can_have);
	unr_text_printf(&text, " free ones: usermod --add-sub%ss FIRST-LAST %s", name,
			caller->name);
	add_why(choice, "%s", unr_text_string(&text));
}

static int relocate_kind(const struct unr_map_caller *caller, const struct unr_idmap *wanted,
			 enum unr_id_kind kind, struct unr_map_choice *choice,
			 struct unr_idmap *ret)
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
		add_too_few(caller, kind, unr_idmap_total(wanted), can_have, choice);
		return 0;
	}
	/* Cutting at the grants can make more ranges than the kernel takes. */
	if (unr_idmap_check(ret, kind, &err) < 0) {
		add_why(choice, "laid on the subordinate ranges, %s", err.message);
		return 0;
	}
	return 1;
}

int unr_map_choose_newuidmap(const struct unr_map_caller *caller, const struct unr_idmaps *wanted,
			     struct unr_map_choice *ret)
{
	unr_auto(unr_idmaps_done) struct unr_idmaps maps = { 0 };

	if (caller->no_helpers[0] != '\0') {
		add_why(ret, "%s", caller->no_helpers);
		return 0;
	}
	for (unsigned int kind = 0; kind < UNR_ID_KIND_COUNT_; kind++) {
		int r = relocate_kind(caller, &wanted->of[kind], (enum unr_id_kind) kind, ret,
				      &maps.of[kind]);

		if (r <= 0)
			return r;
	}
	ret->method = UNR_MAP_NEWUIDMAP;
	ret->maps = maps;
	maps = (struct unr_idmaps) { 0 };
	return 1;
}

int unr_map_choose_self(const struct unr_map_caller *caller, struct unr_map_choice *ret)
{
	unr_auto(unr_idmaps_done) struct unr_idmaps maps = { 0 };

	for (size_t kind = 0; kind < UNR_ID_KIND_COUNT_; kind++) {
		struct unr_id_range own = { .outside = caller->own[kind], .count = 1 };
		int r = unr_idmap_add(&maps.of[kind], own);

		if (r < 0)
			return r;
	}
	ret->method = UNR_MAP_SELF;
	ret->maps = maps;
	maps = (struct unr_idmaps) { 0 };
	return 0;
}
