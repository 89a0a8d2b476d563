/* SPDX-License-Identifier: MIT */
/* As whom and where a case runs: made before its function is called.  Inside selftest/ only. */
#ifndef UNR_SELFTEST_STAGE_H
#define UNR_SELFTEST_STAGE_H

#include "selftest/kit.h"

/** st_host_look() - find out what all cases go by; 0 or -ENOMEM with @err */
UNR_MUST_CHECK int st_host_look(struct st_host *ret, struct unr_error *err);

void st_host_done(struct st_host *host);

/** st_stage_obstacle() - why this test cannot be tried here, or NULL; without trying anything */
const char *st_stage_obstacle(const struct st_test *test, const struct st_host *host);

/** st_stage_run() - in the case's own process: set the stage, run the function, end */
void st_stage_run(struct st *t);

/** st_filesystem_name() - "ext4", of one bit of ST_ON_... */
const char *st_filesystem_name(unsigned int filesystem);

/**
 * st_filesystem_enter() - mount one in the tmpfs that is the working directory, and go there
 *
 * Skips the case where this host has no such file system.
 */
void st_filesystem_enter(struct st *t, unsigned int filesystem);

/** st_overlay_mount() - an overlay of lower, upper and work, once more */
void st_overlay_mount(struct st *t);

#endif
