/* SPDX-License-Identifier: MIT */
/*
 * The layers' trees as one, mounted for those who may mount nothing any more: a
 * process of its own in the same mount namespace, which makes one overlay mount
 * when it is told to.  It is made before the sandbox gives its privileges up, as
 * the switcher is, and reads nothing but a number.
 */
#ifndef UNR_USERNS_MOUNTER_H
#define UNR_USERNS_MOUNTER_H

#include <stdint.h>

#include "base/cleanup.h"
#include "usernsrepro/error.h"

struct unr_mounter {
	int socket; /* owned; -EBADF: there is none */
};

#define UNR_MOUNTER_NONE ((struct unr_mounter) { -EBADF })

/* Where the tree is seen: over the bottom layer, so that no name of its own is left anywhere. */
#define UNR_MOUNTER_TREE "0"

/** unr_mounter_start() - make the process; it waits, and ends with its socket; 0 or -errno. */
UNR_MUST_CHECK int unr_mounter_start(struct unr_mounter *ret, struct unr_error *err);
void unr_mounter_done(struct unr_mounter *mounter);

/**
 * unr_mounter_mount() - directories "0" to @n_layers - 1 of the root, two at least, read-only
 *
 * Once.  Return: 0, or -errno where they cannot be mounted: see unr_overlay_mount().
 */
UNR_MUST_CHECK int unr_mounter_mount(const struct unr_mounter *mounter, uint32_t n_layers);

#endif
