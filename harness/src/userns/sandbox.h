/* SPDX-License-Identifier: MIT */
/*
 * What surrounds the extraction inside the namespace: a root directory that
 * shows nothing of the host, and no more capabilities than it needs.  Runs in
 * children only.
 */
#ifndef UNR_USERNS_SANDBOX_H
#define UNR_USERNS_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "usernsrepro/error.h"

/* What becomes the root directory. */
enum unr_sandbox_root {
	UNR_SANDBOX_TMPFS, /* an empty tmpfs of its own */
	UNR_SANDBOX_CWD,   /* the working directory, on its own file system */
};

/**
 * unr_sandbox_leave_terminal() - standard error leads nowhere where it is a terminal
 *
 * Whoever has a terminal's descriptor also reads what is typed there.  To be called while there still
 * is a /dev/null.
 *
 * Return: 0 or -errno with @err.
 */
UNR_MUST_CHECK int unr_sandbox_leave_terminal(struct unr_error *err);

/**
 * unr_sandbox_enter() - make another directory the root directory, drop the host's
 * @inodes: of the tmpfs, at most; a large number: any
 *
 * No device works in it and no program gets privileges from a file (nodev, nosuid, noexec).
 * Afterwards the working directory is "/", the umask is 0022.
 *
 * Return: 0, or -errno with @err; kind CANNOT_RUN where a security module takes the namespace's
 * capabilities away.
 */
UNR_MUST_CHECK int unr_sandbox_enter(enum unr_sandbox_root root, uint64_t inodes,
				     struct unr_error *err);

/**
 * unr_sandbox_change_root() - the working directory becomes the root directory, nothing is left
 * of the old one; of a mount namespace of one's own, where the working directory is a mount
 *
 * Return: as above.
 */
UNR_MUST_CHECK int unr_sandbox_change_root(struct unr_error *err);

/**
 * unr_sandbox_restrict() - no_new_privs, and only the capabilities of an extraction
 *
 * CHOWN, DAC_OVERRIDE, FOWNER, FSETID, MKNOD, SETFCAP, SYS_CHROOT stay; the bounding and ambient
 * sets are emptied of all others.
 */
UNR_MUST_CHECK int unr_sandbox_restrict(struct unr_error *err);

/** unr_sandbox_keep_ids() - the same, but SETUID and SETGID are what stays. */
UNR_MUST_CHECK int unr_sandbox_keep_ids(struct unr_error *err);

/**
 * unr_sandbox_keep_mounts() - the same, but SYS_ADMIN and DAC_OVERRIDE are what stays
 *
 * The second because an overlay is looked into with the capabilities of whoever mounted it.
 */
UNR_MUST_CHECK int unr_sandbox_keep_mounts(struct unr_error *err);

/** unr_sandbox_contain() - the capabilities that docker gives to a container, and no others. */
UNR_MUST_CHECK int unr_sandbox_contain(struct unr_error *err);

/** unr_sandbox_give_up() - no_new_privs, and no capability at all; in the namespace one is in. */
UNR_MUST_CHECK int unr_sandbox_give_up(struct unr_error *err);

/** unr_sandbox_seem_nobody() - the same by its effective ids alone, to try something, or back. */
UNR_MUST_CHECK int unr_sandbox_seem_nobody(bool on);

/** unr_sandbox_become_nobody() - for good, as who has SETUID and SETGID: 65534, without groups. */
UNR_MUST_CHECK int unr_sandbox_become_nobody(struct unr_error *err);

/** unr_sandbox_close_others() - close every descriptor but standard error and @keep. */
UNR_MUST_CHECK int unr_sandbox_close_others(const int *keep, size_t n_keep, struct unr_error *err);

#endif
