/* SPDX-License-Identifier: MIT */
/* A step inside the namespace that the kernel refused: what it means and the remedy. */
#ifndef UNR_USERNS_REFUSED_H
#define UNR_USERNS_REFUSED_H

#include "usernsrepro/error.h"

/**
 * unr_userns_refused() - describe a call that just failed, from errno
 * @what: "mount a tmpfs"; goes behind "cannot"
 *
 * EPERM and EACCES mean that the namespace's root has been robbed of its capabilities (Ubuntu's
 * AppArmor does so): kind CANNOT_RUN.  Anything else is FAILED.
 *
 * Return: -errno.
 */
int unr_userns_refused(struct unr_error *err, const char *what);

#endif
