/* SPDX-License-Identifier: MIT */
/*
 * Which way to write a map, reckoned from facts about the caller.  Pure: the
 * facts come from map_caller.h or from a test.
 */
#ifndef UNR_MAP_CHOICE_H
#define UNR_MAP_CHOICE_H

#include "usernsrepro/map_writer.h"

/* Empty is: no capability, no id, no grant, helpers that work. */
struct unr_map_caller {
	uint32_t own[UNR_ID_KIND_COUNT_]; /* effective uid and gid */
	bool has_setuid;                  /* effective capabilities over the own namespace */
	bool has_setgid;
	bool has_setfcap;
	struct unr_idmaps here;    /* owned sets (idset.h): ids that exist in the own namespace */
	struct unr_idmaps granted; /* owned sets: subordinate ids in order; may hold an id twice */
	char name[64];             /* login name, for messages; set with @granted */
	char no_helpers[160];      /* why newuidmap and newgidmap are of no use; "" if they are */
};

void unr_map_caller_done(struct unr_map_caller *caller);

/**
 * unr_map_choose_direct() - take the first method, if the caller may
 * @ret: empty on entry; either complete, or only @ret->why is set
 *
 * Return: 1 when it may, 0 when not, -ENOMEM.
 */
UNR_MUST_CHECK int unr_map_choose_direct(const struct unr_map_caller *caller,
					 const struct unr_idmaps *wanted,
					 struct unr_map_choice *ret);

/**
 * unr_map_choose_newuidmap() - take the second method, if the grants are enough
 * @ret: as unr_map_choose_direct() left it; the reason is added to @ret->why
 *
 * Return: 1 when they are, 0 when not, -ENOMEM.
 */
UNR_MUST_CHECK int unr_map_choose_newuidmap(const struct unr_map_caller *caller,
					    const struct unr_idmaps *wanted,
					    struct unr_map_choice *ret);

/** unr_map_choose_self() - the last method, open to everybody; 0 or -ENOMEM. */
UNR_MUST_CHECK int unr_map_choose_self(const struct unr_map_caller *caller,
				       struct unr_map_choice *ret);

#endif
