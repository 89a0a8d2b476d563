/* SPDX-License-Identifier: MIT */
/*
 * Which way to write a map, reckoned from facts about the caller.  Pure: the
 * facts come from map_caller.h or from a test.
 */
#ifndef UNR_MAP_CHOICE_H
#define UNR_MAP_CHOICE_H

#include "base/cleanup.h"
#include "usernsrepro/map_writer.h"
#include "usernsrepro/subid.h"

/* Empty is: no capability, no id, no grant, helpers that work. */
struct unr_map_caller {
	uint32_t own[UNR_ID_KIND_COUNT_]; /* effective uid and gid */
	bool has_setuid;                  /* effective capabilities over the own namespace */
	bool has_setgid;
	bool has_setfcap;
	struct unr_idmaps here;    /* owned sets (idset.h): ids that exist in the own namespace */
	struct unr_idmaps granted; /* owned sets: subordinate ids in order; may hold an id twice */
	/* owned: what everybody has, for advice */
	struct unr_subid_table taken[UNR_ID_KIND_COUNT_];
	char name[256];                 /* login name, for messages; set with @granted */
	struct unr_obstacle no_helpers; /* why the helpers are of no use; "" if they are */
	enum unr_distribution distribution;
};

void unr_map_caller_done(struct unr_map_caller *caller);
DEFINE_UNR_CLEANUP(struct unr_map_caller, unr_map_caller_done);

/**
 * unr_map_choose_direct() - take the first method, if the caller may
 * @ret:     empty on entry; complete when the method is taken, else untouched
 * @ret_why: when it is not taken: why
 *
 * Return: 1 when it may, 0 when not, -ENOMEM.
 */
UNR_MUST_CHECK int unr_map_choose_direct(const struct unr_map_caller *caller,
					 const struct unr_idmaps *wanted,
					 struct unr_map_choice *ret, struct unr_obstacle *ret_why);

/** unr_map_choose_newuidmap() - take the second method, if the grants are enough; the same. */
UNR_MUST_CHECK int unr_map_choose_newuidmap(const struct unr_map_caller *caller,
					    const struct unr_idmaps *wanted,
					    struct unr_map_choice *ret,
					    struct unr_obstacle *ret_why);

/** unr_map_choose_self() - the last method, open to everybody; the same, but never 0. */
UNR_MUST_CHECK int unr_map_choose_self(const struct unr_map_caller *caller,
				       const struct unr_idmaps *wanted, struct unr_map_choice *ret,
				       struct unr_obstacle *ret_why);

/** unr_map_choice_add_why() - add a reason against a method to those that are there; may be cut */
void unr_map_choice_add_why(struct unr_map_choice *choice, const char *why);

#endif
