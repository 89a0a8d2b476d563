/* SPDX-License-Identifier: MIT */
/*
 * A function in a process of its own, for tests of what changes a process for
 * good: credentials, namespaces, filters, exits.
 */
#ifndef UNR_TEST_CHILD_H
#define UNR_TEST_CHILD_H

#include "usernsrepro/attr.h"

/**
 * unr_run_in_child() - run @fn in a child and wait for it
 * @fn: its result (0 to 125) is the child's exit status.  It must not assert: a cmocka assertion in
 *      a child would run the rest of the group a second time there
 *
 * The child dies with its parent, so that a test that ctest kills leaves nothing behind.
 *
 * Return: the exit status, 128 + the signal that ended it, or -errno.
 */
UNR_MUST_CHECK int unr_run_in_child(int (*fn)(void *), void *arg);

/** unr_test_child_exit() - _exit() that keeps the line counts of a coverage build. */
UNR_NORETURN void unr_test_child_exit(int status);

#endif
