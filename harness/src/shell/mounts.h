/* SPDX-License-Identifier: MIT */
/*
 * The root directory of the command: the extracted layers as one tree, with what
 * every program expects in /proc and /dev, and nothing of the host.  Runs inside,
 * as root of the namespace; inside shell/ only.
 */
#ifndef UNR_SHELL_MOUNTS_H
#define UNR_SHELL_MOUNTS_H

#include <stdint.h>

#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"

/**
 * unr_shell_mount() - make it, and make it the root directory
 * @n_layers: in the working directory, see struct unr_overlay; 0: "rootfs" is all of it
 *
 * Return: 0, or a negative errno with @err.
 */
UNR_MUST_CHECK int unr_shell_mount(uint32_t n_layers, struct unr_error *err);

#endif
