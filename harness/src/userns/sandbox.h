/* SPDX-License-Identifier: MIT */
/*
 * What surrounds the extraction inside the namespace: a root directory that
 * shows nothing of the host, and no more capabilities than it needs.  Runs in
 * the child only.
 */
#ifndef UNR_USERNS_SANDBOX_H
#define UNR_USERNS_SANDBOX_H

#include <stddef.h>

#include "usernsrepro/error.h"

/**
 * unr_sandbox_enter() - make an empty tmpfs the root directory, drop the host's
 *
 * Afterwards the working directory is "/", the umask is 0022.
 *
 * Return: 0, or -errno with @err; kind CANNOT_RUN where a security module takes the namespace's
 * capabilities away.
 */
UNR_MUST_CHECK int unr_sandbox_enter(struct unr_error *err);

/**
 * unr_sandbox_restrict() - no_new_privs, and only the capabilities of an extraction
 *
 * CHOWN, DAC_OVERRIDE, FOWNER, FSETID, MKNOD, SETFCAP, SYS_CHROOT stay; the bounding and ambient
 * sets are emptied of all others.
 */
UNR_MUST_CHECK int unr_sandbox_restrict(struct unr_error *err);

/** unr_sandbox_close_others() - close every descriptor but standard error and @keep. */
UNR_MUST_CHECK int unr_sandbox_close_others(const int *keep, size_t n_keep, struct unr_error *err);

#endif
