/* SPDX-License-Identifier: MIT */
/*
 * The directory on the host in which a tree is kept, before and after: made or
 * found empty, and always its first owner's alone.  The tree grows in a directory
 * below it that belongs to the namespace's root: that root has a number on the
 * host, whose bearer must not get in.  What is kept is moved up in the end; the
 * rest is cleared away.  Knows nothing of layers.
 */
#ifndef UNR_TREE_TARGET_H
#define UNR_TREE_TARGET_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "usernsrepro/error.h"

struct unr_target {
	int fd;        /* owned; the directory itself */
	int tree_fd;   /* owned; below it, where the tree grows */
	int parent_fd; /* owned; where it lies, and under which name */
	char *name;    /* owned */
	bool made;     /* it was not there before */
	mode_t mode;   /* that it had before */
};

#define UNR_TARGET_NONE                                                                            \
	((struct unr_target) { .fd = -EBADF, .tree_fd = -EBADF, .parent_fd = -EBADF })

void unr_target_done(struct unr_target *target);
DEFINE_UNR_CLEANUP(struct unr_target, unr_target_done);

/**
 * unr_target_open() - make a directory, or take one that is empty
 * @path: as the user gave it; a symlink to a directory will do
 *
 * It gets mode 0700: what is extracted can hold device nodes and file capabilities, which are
 * nobody else's business.  For that it must be the caller's own, also where the caller is root.
 *
 * Return: 0, or a negative errno with @err of kind FAILED: -ENOTEMPTY, -ENOTDIR, -EPERM when it
 * belongs to somebody else, ...
 */
UNR_MUST_CHECK int unr_target_open(const char *path, struct unr_target *ret, struct unr_error *err);

/**
 * unr_target_find() - a directory in which a tree was kept
 * @path: not a symlink
 *
 * Return: 0, or a negative errno with @err of kind FAILED; -EINVAL when it holds anything but the
 * trees that a kept one has ("0", "1", ..., "rootfs"), or is given as "." or "..".
 */
UNR_MUST_CHECK int unr_target_find(const char *path, struct unr_target *ret, struct unr_error *err);

/** unr_target_give() - make @uid:@gid the owner of the tree; 0 or -errno. */
UNR_MUST_CHECK int unr_target_give(const struct unr_target *target, uid_t uid, gid_t gid);

/** unr_target_keep() - move what has grown to where it is to stay; 0 or -errno. */
UNR_MUST_CHECK int unr_target_keep(const struct unr_target *target);

/** unr_target_clear() - empty it and leave things as they were before; 0 or -errno. */
UNR_MUST_CHECK int unr_target_clear(const struct unr_target *target);

/** unr_target_remove() - empty it and remove it; 0 or -errno. */
UNR_MUST_CHECK int unr_target_remove(const struct unr_target *target);

#endif
