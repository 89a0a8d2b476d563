/* SPDX-License-Identifier: MIT */
/*
 * A run without an image: the map is chosen and written, a child becomes root
 * in its namespaces and enters its sandbox, by the functions that a run calls.
 * What each step came to is kept.
 */
#ifndef UNR_DOCTOR_TRIAL_H
#define UNR_DOCTOR_TRIAL_H

#include "usernsrepro/error.h"
#include "usernsrepro/map_writer.h"

enum unr_trial_step {
	UNR_TRIAL_START,   /* choosing and writing the map, becoming root */
	UNR_TRIAL_TMPFS,   /* a root directory of its own, on a tmpfs */
	UNR_TRIAL_CHOWN,   /* a file goes to the last id inside */
	UNR_TRIAL_OVERLAY, /* an overlay is mounted */
	UNR_TRIAL_SANDBOX, /* capabilities are given up, and most system calls */
	UNR_TRIAL_STEP_COUNT_
};

struct unr_trial {
	struct unr_map_choice choice; /* owned */
	/* In the order of the steps; kind NONE: it worked.  A step that was not reached has the
	 * error of the one that kept it from being tried. */
	struct unr_error steps[UNR_TRIAL_STEP_COUNT_];
};

void unr_trial_done(struct unr_trial *trial);

/** unr_trial_make() - try it with the maps that are wanted; what fails is in @ret->steps */
void unr_trial_make(const struct unr_idmaps *wanted, struct unr_trial *ret);

#endif
