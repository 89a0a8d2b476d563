/* SPDX-License-Identifier: MIT */
/*
 * Trees of layers as the one that a container has, by the kernel's overlayfs,
 * mounted in a user namespace: Linux 5.11 with the option userxattr.  Knows
 * nothing of how the trees came about.
 */
#ifndef UNR_USERNS_OVERLAY_H
#define UNR_USERNS_OVERLAY_H

#include <stdint.h>

#include "usernsrepro/attr.h"

struct unr_overlay {
	uint32_t n_layers; /* directories "0" (the bottom), "1", ... of the working directory */
	const char *upper, *work; /* what is written goes there; NULL: nothing is */
};

/**
 * unr_overlay_mount() - mount it at @target, which is in the working directory as well
 *
 * Opaque directories are those with user.overlay.opaque, whiteouts are character devices 0:0.
 *
 * Return: 0, or -errno; -E2BIG for more layers than the kernel takes (500), -EINVAL where it has no
 * such mounts or the file system cannot lie below one.
 */
UNR_MUST_CHECK int unr_overlay_mount(const struct unr_overlay *overlay, const char *target);

/**
 * unr_overlay_try() - can trees in the working directory, with their marks, be mounted so?
 *
 * Makes and removes directories in it.  Return: 0, or the -errno of what cannot be done.
 */
UNR_MUST_CHECK int unr_overlay_try(void);

#endif
