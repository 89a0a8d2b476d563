/* SPDX-License-Identifier: MIT */
/*
 * From failing entries to their causes: which package brought them, by the files
 * of their own layer, and what the layers above do to them.  Layers are read a
 * second time, their headers mostly, and only when something failed.
 */
#ifndef UNR_CAUSE_CAUSE_H
#define UNR_CAUSE_CAUSE_H

#include <stdint.h>

#include "tar/tar.h"
#include "usernsrepro/error.h"
#include "usernsrepro/finding.h"

struct unr_cause_job {
	uint32_t n_layers;
	/* The next failure, by layer, then entry; owned.  1, 0 at the end, or -errno. */
	int (*next)(void *context, struct unr_finding *ret);
	/* Calls @read with a reader at a layer's start; what it returns, or -errno. */
	int (*read_layer)(void *context, uint32_t layer,
			  int (*read)(void *read_context, struct unr_tar *tar), void *read_context,
			  struct unr_error *err);
	/* The cause of the next failure in that order; borrowed. */
	int (*tell)(void *context, uint32_t layer, const struct unr_cause *cause);
	void *context;
};

/** unr_cause_find() - tell the cause of every failure; 0, or a negative errno with @err. */
UNR_MUST_CHECK int unr_cause_find(const struct unr_cause_job *job, struct unr_error *err);

#endif
