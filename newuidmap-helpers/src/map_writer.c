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

typedef int (*choose_fn)(const struct unr_map_caller *caller, const struct unr_idmaps *wanted,
			 struct unr_map_choice *ret, struct unr_obstacle *ret_why);

/* In the order in which they are tried. */
static const struct {
	const char *name;
	bool by_helpers; /* works through programs: the facts and the doubts that go with them */
	choose_fn choose;
	write_fn write;
} methods[UNR_MAP_METHOD_COUNT_] = {
	[UNR_MAP_DIRECT] = { "direct", false, unr_map_choose_direct, unr_map_proc_write },
	[UNR_MAP_NEWUIDMAP] = { "newuidmap", true, unr_map_choose_newuidmap, write_by_helpers },
	[UNR_MAP_SELF] = { "self", false, unr_map_choose_self, unr_map_proc_write_self },
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

/* One method, with the facts that it goes by; @caller has those that all need. */
static int choose_method(enum unr_map_method method, const struct unr_idmaps *wanted,
			 struct unr_map_caller *caller, struct unr_map_choice *ret,
			 struct unr_obstacle *ret_why, struct unr_error *err)
{
	int r = methods[method].by_helpers ? unr_map_caller_look_helpers(caller, err) : 0;

	if (r < 0)
		return r;
	r = methods[method].choose(caller, wanted, ret, ret_why);
	return r < 0 ? unr_fail_memory(err) : r;
}

int unr_map_choose_method(enum unr_map_method method, const struct unr_idmaps *wanted,
			  struct unr_map_choice *ret, struct unr_obstacle *ret_why,
			  struct unr_error *err)
{
	unr_auto(unr_map_caller_done) struct unr_map_caller caller = { 0 };
	int r = unr_map_caller_look(&caller, err);

	return r < 0 ? r : choose_method(method, wanted, &caller, ret, ret_why, err);
}

/*
 * A helper that looks right may still refuse, hang or lie, and a map can be
 * written only once: so it is seen first whether it does its work.
 */
static bool works(const struct unr_map_choice *choice, struct unr_error *why)
{
	int r = methods[choice->method].by_helpers ? unr_map_try(choice, why) : 0;

	/* Without any namespace there is nothing to choose: the run will say so. */
	return r == 0 || r == -ENXIO;
}

static int choose(const struct unr_idmaps *wanted, struct unr_map_caller *caller,
		  struct unr_map_choice *choice, struct unr_error *err)
{
	int r = unr_map_caller_look(caller, err);

	for (unsigned int i = 0; i < UNR_MAP_METHOD_COUNT_ && r == 0; i++) {
		struct unr_obstacle obstacle = { 0 };
		struct unr_error refusal = { 0 };
		char why[sizeof(choice->why)];

		r = choose_method((enum unr_map_method) i, wanted, caller, choice, &obstacle, err);
		if (r < 0 || (r == 1 && works(choice, &refusal)))
			break;
		unr_obstacle_text(&obstacle, caller->distribution, sizeof(why), why);
		unr_map_choice_add_why(choice, r == 1 ? refusal.message : why);
		unr_map_choice_done(choice);
		r = 0;
	}
	return r < 0 ? r : 0;
}

int unr_map_choose(const struct unr_idmaps *wanted, struct unr_map_choice *ret,
		   struct unr_error *err)
{
	unr_auto(unr_map_caller_done) struct unr_map_caller caller = { 0 };
	struct unr_map_choice choice = { .method = UNR_MAP_SELF };
	int r = choose(wanted, &caller, &choice, err);

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
