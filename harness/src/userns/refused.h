/* SPDX-License-Identifier: MIT */
/*
 * What it means when the kernel refuses a user namespace, or a step inside one,
 * and what mends it: errno and the settings of the host make an obstacle.
 */
#ifndef UNR_USERNS_REFUSED_H
#define UNR_USERNS_REFUSED_H

#include "userns/facts.h"
#include "usernsrepro/error.h"
#include "usernsrepro/obstacle.h"

/* Where the kernel said no. */
enum unr_refusal {
	UNR_REFUSAL_CLONE,   /* clone(2) of a process in new namespaces */
	UNR_REFUSAL_INSIDE,  /* something that its capabilities should allow */
	UNR_REFUSAL_OVERLAY, /* an overlay mount inside */
};

/**
 * unr_userns_explain() - find the obstacle behind a refusal; pure
 * @error: positive errno
 * @what:  "create a user namespace"; goes behind "cannot"
 *
 * Return: is it the host that does not allow it?  Else, as for want of memory, @ret is untouched.
 */
bool unr_userns_explain(enum unr_refusal refusal, int error, const struct unr_userns_facts *facts,
			const char *what, struct unr_obstacle *ret);

/** unr_userns_clone_refused() - the error for a clone(2) that failed with @error; returns -@error */
int unr_userns_clone_refused(int error, struct unr_error *err);

/**
 * unr_userns_refused() - describe a call inside the namespace that just failed, from errno
 * @what: "mount a tmpfs"; goes behind "cannot"
 *
 * EPERM and EACCES mean that the namespace's root has been robbed of its capabilities: kind
 * CANNOT_RUN, with what did it as far as that shows.  Anything else is FAILED.
 *
 * Return: -errno.
 */
int unr_userns_refused(struct unr_error *err, const char *what);

/** unr_userns_overlay_refused() - the same for the mount of an overlay */
int unr_userns_overlay_refused(struct unr_error *err);

#endif
