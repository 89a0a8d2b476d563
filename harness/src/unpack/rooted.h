/* SPDX-License-Identifier: MIT */
/*
 * Names as docker 29.7 resolves them (moby/go-archive v0.3.3 archive.go and
 * rootpath.go, on go1.27 os.Root): below the root directory, through symlinks
 * that stay there, an absolute one counting from it.  For unpack/ only; knows
 * names and symlinks, and makes nothing.
 */
#ifndef UNR_UNPACK_ROOTED_H
#define UNR_UNPACK_ROOTED_H

#include "unpack/internal.h"

/* A name that leaves the root: beside negative errnos. */
#define ROOT_ESCAPES 1

/**
 * root_walk() - what os.Root finds under a name
 * @name: clean and relative
 * @ret:  the path of what it is, without symlinks, from "/"; the last one is followed too
 *
 * Return: 0, ROOT_ESCAPES, or a negative errno, -ENOMEM among them.
 */
UNR_MUST_CHECK int root_walk(const char *name, struct unr_text *ret);

/**
 * root_resolve() - where a name is if its parents are looked up by chroot's rules
 *
 * Parents that are not there are kept as they are; the last element is not followed.
 *
 * Return: 0 and the path from "/"; STEP_FAILED with the engine's words, or a negative errno.
 */
UNR_MUST_CHECK int root_resolve(struct unpack *u, const char *name, struct unr_text *ret);

/** root_follow() - the same by those rules alone, and with the last element followed. */
UNR_MUST_CHECK int root_follow(struct unpack *u, const char *name, struct unr_text *ret);

#endif
