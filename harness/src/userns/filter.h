/* SPDX-License-Identifier: MIT */
/*
 * The system calls that a child may make that reads hostile bytes.  Whatever
 * else it tries ends it.  The only place that knows libseccomp.
 */
#ifndef UNR_USERNS_FILTER_H
#define UNR_USERNS_FILTER_H

#include <stddef.h>

#include "usernsrepro/error.h"

/* Calls for one purpose. */
struct unr_filter_group {
	const char *purpose;
	const char *const *names; /* as libseccomp has them; NULL at the end */
};

/** unr_filter_groups() - the list; a name that an architecture has not is passed over */
const struct unr_filter_group *unr_filter_groups(size_t *ret_n);

/**
 * unr_filter_enter() - kill this process, and those that it makes, at any other call
 *
 * clone(2) makes processes and threads, but no namespaces.  clone3(2), whose flags no filter can
 * see, answers ENOSYS, and libc takes clone(2).  Needs no_new_privs.
 *
 * Return: 0, or a negative errno with @err, of kind CANNOT_RUN where the kernel has no filters.
 */
UNR_MUST_CHECK int unr_filter_enter(struct unr_error *err);

/**
 * unr_filter_enter_network() - the same for who speaks to the network
 *
 * Those calls are allowed too, and all others answer EPERM: what a resolver's plug-ins call is not
 * for this program to know, and most go on without.
 */
UNR_MUST_CHECK int unr_filter_enter_network(struct unr_error *err);

#endif
