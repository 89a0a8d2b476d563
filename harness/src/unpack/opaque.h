/* SPDX-License-Identifier: MIT */
/*
 * Which directories hide what lies below them.  The attribute that says so is
 * one that no user namespace may set or see, so it is noted beside the tree, by
 * inode: one process a layer, all into the same file without a name.
 */
#ifndef UNR_UNPACK_OPAQUE_H
#define UNR_UNPACK_OPAQUE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "usernsrepro/attr.h"

/** unr_opaque_open() - an empty list; its descriptor or -errno. */
UNR_MUST_CHECK int unr_opaque_open(void);

/* In the place of an inode: some directory has no mark that overlayfs sees in the namespace. */
#define UNR_OPAQUE_UNMARKED ((ino_t) 0)

/** unr_opaque_note() - one more; 0 or -errno. */
UNR_MUST_CHECK int unr_opaque_note(int fd, ino_t inode);

/**
 * unr_opaque_read() - all of them
 * @ret: owned by the caller
 *
 * Return: how many, or -errno.
 */
UNR_MUST_CHECK ssize_t unr_opaque_read(int fd, uint64_t **ret);

#endif
