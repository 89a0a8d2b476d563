/* SPDX-License-Identifier: MIT */
/*
 * A kernel that breaks its promises, by a seccomp filter: system calls that are
 * refused, or that say that they were done and were not.
 */
#ifndef UNR_TEST_BROKEN_H
#define UNR_TEST_BROKEN_H

#include <stdbool.h>

#include "usernsrepro/attr.h"

/**
 * unr_break_calls() - from here on, for this process and all that it starts
 * @spec: "CALL[,CALL...][:CONDITION...][=ANSWER]", several parted by blanks.  ANSWER is an errno by
 *        name, ENOSYS when there is none, or 0: success, and nothing is done.  A CONDITION is the
 *        number of an argument, "<", ">", "==" or "&" (has one of these bits) and a number; all of
 *        them must hold.  "userns" in place of a call: user namespaces are refused with EPERM
 * @no_new_privs: gives that up for the filter, as a process without privilege must
 *
 * What is wrong with @spec is told on standard error.
 *
 * Return: 0, or -errno.
 */
UNR_MUST_CHECK int unr_break_calls(const char *spec, bool no_new_privs);

#endif
