/* SPDX-License-Identifier: MIT */
/*
 * Becoming somebody else, really: a process of its own in the namespace that
 * makes setgroups(2), setgid(2) and setuid(2) once and says what the kernel
 * answered.  It is made before the sandbox gives its privileges up, keeps these
 * two, and reads nothing but numbers.
 */
#ifndef UNR_USERNS_SWITCHER_H
#define UNR_USERNS_SWITCHER_H

#include <stddef.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "usernsrepro/error.h"

struct unr_switcher {
	int socket; /* owned; -EBADF: there is none */
};

#define UNR_SWITCHER_NONE ((struct unr_switcher) { -EBADF })

struct unr_switch {
	uid_t uid;
	gid_t gid;
	const gid_t *groups; /* borrowed */
	size_t n_groups;
};

/* Positive errnos; 0: the kernel did it.  One that fails does not keep the next from being made. */
struct unr_switched {
	int setgroups, setgid, setuid;
};

/** unr_switcher_start() - make the process; it waits, and ends with its socket; 0 or -errno. */
UNR_MUST_CHECK int unr_switcher_start(struct unr_switcher *ret, struct unr_error *err);
void unr_switcher_done(struct unr_switcher *switcher);

/** unr_switcher_try() - let it make the calls; once.  0 or -errno with @err. */
UNR_MUST_CHECK int unr_switcher_try(const struct unr_switcher *switcher,
				    const struct unr_switch *wanted, struct unr_switched *ret,
				    struct unr_error *err);

#endif
