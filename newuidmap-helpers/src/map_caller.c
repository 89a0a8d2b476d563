/* SPDX-License-Identifier: MIT */
/* Facts about the caller: see map_caller.h. */
#include "map_caller.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "helper_find.h"
#include "idmap_auto.h"
#include "idset.h"
#include "map_write_proc.h"
#include "usernsrepro/subid.h"

/* By capget(2) itself: libcap belongs to the part that makes the namespace. */
static int look_capabilities(struct unr_map_caller *caller, struct unr_error *err)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };
	const struct {
		unsigned int capability;
		bool *has;
	} wanted[] = {
		{ CAP_SETUID, &caller->has_setuid },
		{ CAP_SETGID, &caller->has_setgid },
		{ CAP_SETFCAP, &caller->has_setfcap },
	};

	if (syscall(SYS_capget, &header, data) < 0)
		return unr_fail_errno(err, "capget");
	for (size_t i = 0; i < UNR_COUNT(wanted); i++) {
		unsigned int capability = wanted[i].capability;
		uint32_t word = data[CAP_TO_INDEX(capability)].effective;

		*wanted[i].has = (word & CAP_TO_MASK(capability)) != 0;
	}
	return 0;
}

/* The inside column of the own map, as a set: those are the ids that can be mapped on. */
static int look_here(enum unr_id_kind kind, struct unr_idmap *ret, struct unr_error *err)
{
	unr_auto(unr_idmap_done) struct unr_idmap map = { 0 };
	int r = unr_map_proc_read(UNR_PID_SELF, kind, &map, err);

	for (size_t i = 0; i < map.n_ranges && r == 0; i++) {
		uint64_t first = map.ranges[i].inside;
		struct unr_id_run run = { first, first + map.ranges[i].count };

		if (unr_idset_add(ret, run) < 0)
			r = unr_fail_memory(err);
	}
	return r;
}

int unr_map_caller_look(struct unr_map_caller *caller, struct unr_error *err)
{
	int r = look_capabilities(caller, err);

	caller->own[UNR_UID] = geteuid();
	caller->own[UNR_GID] = getegid();
	caller->distribution = unr_distribution_here();
	for (unsigned int kind = 0; kind < UNR_ID_KIND_COUNT_ && r == 0; kind++)
		r = look_here((enum unr_id_kind) kind, &caller->here.of[kind], err);
	return r;
}

/* Both must be there: a namespace with one map is of no use. */
static int look_programs(struct unr_map_caller *caller)
{
	for (unsigned int kind = 0; kind < UNR_ID_KIND_COUNT_; kind++) {
		unr_auto(unr_map_helper_done) struct unr_map_helper helper = { 0 };
		int r = unr_map_helper_look((enum unr_id_kind) kind, &helper);

		if (r < 0)
			return r;
		caller->no_helpers = helper.obstacle;
		if (helper.obstacle.reason[0] != '\0')
			return 0;
	}
	return 0;
}

/*
 * By login name and by number: subuid(5) allows both, and libsubid looks for the
 * number in subuid only.  What is found twice counts once, see map_choice.c.
 */
static int look_grants(struct unr_map_caller *caller, const char *login, struct unr_error *err)
{
	char number[16];
	const char *const owners[] = { login, number };

	(void) snprintf(number, sizeof(number), "%" PRIu32, caller->own[UNR_UID]);
	for (unsigned int kind = 0; kind < UNR_ID_KIND_COUNT_; kind++)
		for (size_t i = 0; i < UNR_COUNT(owners); i++) {
			int r = unr_subid_ranges(owners[i], (enum unr_id_kind) kind, 0,
						 &caller->granted.of[kind], err);

			if (r < 0)
				return r;
		}
	return 0;
}

/* For the advice which range to grant.  Without it there is no exact command, nothing worse. */
static void look_taken(struct unr_map_caller *caller)
{
	for (unsigned int kind = 0; kind < UNR_ID_KIND_COUNT_; kind++)
		(void) !unr_subid_table_read((enum unr_id_kind) kind, &caller->taken[kind], NULL);
}

int unr_map_caller_look_helpers(struct unr_map_caller *caller, struct unr_error *err)
{
	struct unr_error why = { 0 };
	const struct passwd *entry;
	char number[16];
	int r = look_programs(caller);

	if (r < 0)
		return unr_fail_memory(err);
	look_taken(caller);
	if (caller->no_helpers.reason[0] != '\0')
		return 0;
	entry = getpwuid(caller->own[UNR_UID]);
	if (entry == NULL) {
		(void) snprintf(number, sizeof(number), "%" PRIu32, caller->own[UNR_UID]);
		unr_obstacle_set(&caller->no_helpers, UNR_REMEDY_LOGIN, number,
				 "uid %s has no login name, newuidmap needs one", number);
		return 0;
	}
	(void) snprintf(caller->name, sizeof(caller->name), "%s", entry->pw_name);
	/* The copy: who is asked looks up users too, and musl keeps one answer for all. */
	r = look_grants(caller, caller->name, &why);
	if (r == -ENOMEM)
		return unr_fail_memory(err);
	if (r < 0)
		unr_obstacle_set(&caller->no_helpers, UNR_REMEDY_NONE, "", "%.*s",
				 (int) sizeof(caller->no_helpers.reason) - 1, why.message);
	return 0;
}
