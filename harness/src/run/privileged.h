/* SPDX-License-Identifier: MIT */
/* The worker's side of userns/broker.h: what it asks the parent to do.  Inside run/ only. */
#ifndef UNR_RUN_PRIVILEGED_H
#define UNR_RUN_PRIVILEGED_H

#include "unpack/unpack.h"

struct unr_asker {
	int socket;            /* borrowed; to the parent */
	const char *directory; /* borrowed; of the layer, below that of the tree */
};

/** unr_privileged_by() - @asker in the form that unpack/ asks for; @asker is borrowed. */
struct unr_privileged unr_privileged_by(struct unr_asker *asker);

#endif
