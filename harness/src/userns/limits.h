/* SPDX-License-Identifier: MIT */
/*
 * Limits of the processes that read an image: set from inside, once and for all,
 * and named in the error where one was met.
 */
#ifndef UNR_USERNS_LIMITS_H
#define UNR_USERNS_LIMITS_H

#include <stdbool.h>

#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"
#include "usernsrepro/limits.h"

/** unr_limits_fill() - the default in place of each 0 */
void unr_limits_fill(struct unr_limits *limits);

/**
 * unr_limits_enter() - let this process, and those that it makes, use no more
 *
 * Of file size, memory and open files; nothing is written when one of them dies.  A limit above the
 * one that is there already stays as it is.  A file that grows too large is an EFBIG, not a signal.
 * With the sanitizers the limit of memory is left out, as their shadow alone is above any.
 */
UNR_MUST_CHECK int unr_limits_enter(const struct unr_limits *limits, struct unr_error *err);

/**
 * unr_limits_explain() - add to an error which limit it comes from, if it does
 * @in_tmpfs: is the tree in the sandbox's own tmpfs, whose inodes are the limit?
 */
void unr_limits_explain(const struct unr_limits *limits, bool in_tmpfs, struct unr_error *err);

#endif
