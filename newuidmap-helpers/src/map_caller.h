/* SPDX-License-Identifier: MIT */
/*
 * The facts about the caller on which the choice of a method rests: the only
 * place that asks the system for them.  Decides nothing.
 */
#ifndef UNR_MAP_CALLER_H
#define UNR_MAP_CALLER_H

#include "map_choice.h"

/** unr_map_caller_look() - ids, capabilities, own namespace; 0 or a negative errno. */
UNR_MUST_CHECK int unr_map_caller_look(struct unr_map_caller *caller, struct unr_error *err);

/**
 * unr_map_caller_look_helpers() - newuidmap, newgidmap and the subordinate ranges
 *
 * Kept apart because asking for ranges may mean asking a directory server.  Ranges that cannot be
 * read are a reason in @caller->no_helpers, not an error.
 *
 * Return: 0 or -ENOMEM.
 */
UNR_MUST_CHECK int unr_map_caller_look_helpers(struct unr_map_caller *caller,
					       struct unr_error *err);

#endif
