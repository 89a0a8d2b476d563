/* SPDX-License-Identifier: MIT */
/*
 * Ways to write maps: asks for the facts, has the choice made, hands the
 * writing to the method's own file.
 */
#include "usernsrepro/map_writer.h"

#include "idmap_auto.h"
#include "map_caller.h"
#include "map_choice.h"
#include "map_write_helper.h"
#include "map_write_proc.h"

typedef int (*write_fn)(pid_t pid, const struct unr_idmaps *maps, struct unr_error *err);

static int write_by_helpers(pid_t pid, const struct unr_idmaps *maps, struct unr_error *err)
{
	return unr_map_helper_write(pid, maps, UNR_MAP_HELPER_LIMIT_MS, err);
}

static const struct {
	const char *name;
	write_fn write;
} methods[] = {
	[UNR_MAP_DIRECT] = { "direct", unr_map_proc_write },
	[UNR_MAP_NEWUIDMAP] = { "newuidmap", write_by_helpers },
	[UNR_MAP_SELF] = { "self", unr_map_proc_write_self },
};

const char *unr_map_method_name(enum unr_map_method method)
{
	return methods[method].name;
}

void unr_map_choice_done(struct unr_map_choice *choice)
{
	if (choice != NULL)
		unr_idmaps_done(&choice->maps);
}

/* Each method in turn; the facts for a later one are asked for only when it comes to that. */
static int choose(const struct unr_idmaps *wanted, struct unr_map_caller *caller,
		  struct unr_map_choice *choice, struct unr_error *err)
{
	int r = unr_map_caller_look(caller, err);

	if (r < 0)
		return r;
	r = unr_map_choose_direct(caller, wanted, choice);
	if (r == 0) {
		r = unr_map_caller_look_helpers(caller, err);
		if (r == 0)
			r = unr_map_choose_newuidmap(caller, wanted, choice);
	}
	if (r == 0)
		r = unr_map_choose_self(caller, choice);
	return r < 0 ? unr_fail_memory(err) : 0;
}

int unr_map_choose(const struct unr_idmaps *wanted, struct unr_map_choice *ret,
		   struct unr_error *err)
{
	struct unr_map_caller caller = { 0 };
	struct unr_map_choice choice = { .method = UNR_MAP_SELF };
	int r = choose(wanted, &caller, &choice, err);

	unr_map_caller_done(&caller);
	if (r < 0) {
		unr_map_choice_done(&choice);
		return r;
	}
	*ret = choice;
	return 0;
}

int unr_map_write(pid_t pid, const struct unr_map_choice *choice, struct unr_error *err)
{
	return methods[choice->method].write(pid, &choice->maps, err);
}
