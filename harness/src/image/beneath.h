/* SPDX-License-Identifier: MIT */
/*
 * Opening a file of a directory for reading without ever leaving that
 * directory.  Knows nothing of images; the caller has checked the name.
 */
#ifndef UNR_IMAGE_BENEATH_H
#define UNR_IMAGE_BENEATH_H

#include "usernsrepro/attr.h"

/**
 * unr_beneath_open() - open @name, relative to @dir_fd and beneath it
 *
 * Links inside the directory are followed when the kernel can promise that
 * they stay inside (openat2(2), Linux 5.6); otherwise no link is followed.
 * Never blocks on a FIFO; what was opened may be of any type.
 *
 * Return: 0, or -errno; -EXDEV and -ELOOP mean that a link leads out or is not followed.
 */
UNR_MUST_CHECK int unr_beneath_open(int dir_fd, const char *name, int *ret_fd);

/** unr_beneath_open_steps() - the way without openat2: one component after the other, no links. */
UNR_MUST_CHECK int unr_beneath_open_steps(int dir_fd, const char *name, int *ret_fd);

#endif
