/* SPDX-License-Identifier: MIT */
/*
 * What the kernel promises about user namespaces, ids and owners, tried case by
 * case: all else here rests on it.  Each case works in a process of its own and
 * leaves nothing behind.
 */
#ifndef USERNSREPRO_SELFTEST_H
#define USERNSREPRO_SELFTEST_H

#include <stdbool.h>
#include <stddef.h>

#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"

/* Seconds that a case may take unless the caller says otherwise. */
#define UNR_SELFTEST_SECONDS 30

struct unr_selftest_options {
	/* Globs (fnmatch(3)); a case takes part when one matches its name or its group's. */
	const char *const *filters;
	size_t n_filters;     /* 0: every case */
	unsigned int seconds; /* 0: UNR_SELFTEST_SECONDS */
	bool json;            /* one JSON object in place of KTAP, or of the list */
};

struct unr_selftest_tally {
	size_t n_ok, n_failed, n_skipped;
};

/**
 * unr_selftest_list() - write what there is, without trying any of it
 * @fd: borrowed; gets a paragraph a case, or JSON
 *
 * Return: 0, -ENOENT with @err of kind USAGE when no case matches, -ENOMEM, or -errno of @fd.
 */
UNR_EXPORT UNR_MUST_CHECK int unr_selftest_list(const struct unr_selftest_options *options, int fd,
						struct unr_error *err);

/**
 * unr_selftest_run() - try the cases and write what came of each
 * @fd:  borrowed; gets KTAP version 1 as the cases end, or JSON after the last one
 * @ret: how many of which outcome
 *
 * The caller must have one thread.  While it runs, the caller is a child subreaper (prctl(2)), so
 * that no process of a case can get away; it must have no other children.
 *
 * Return: 0, also where cases fail; -ENOENT as above, -ENOMEM, or -errno of @fd or of what a case
 * is started with.
 */
UNR_EXPORT UNR_MUST_CHECK int unr_selftest_run(const struct unr_selftest_options *options, int fd,
					       struct unr_selftest_tally *ret,
					       struct unr_error *err);

#endif
