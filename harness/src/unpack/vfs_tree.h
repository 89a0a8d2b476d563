/* SPDX-License-Identifier: MIT */
/*
 * What happens to the one tree of vfs between and after the layers, where it is
 * kept.  Works in the process's own root directory, as unr_unpack() does.
 */
#ifndef UNR_UNPACK_VFS_TREE_H
#define UNR_UNPACK_VFS_TREE_H

#include "unpack/ledger.h"
#include "unpack/unpack.h"

/**
 * unr_vfs_copy() - make the tree what the engine's copy of it would be
 *
 * For each layer the engine copies the tree of the one below (daemon/graphdriver/copy, DirCopy,
 * v20.10.24), which loses every attribute but security.capability, and keeps names of one
 * inode together only where it is a regular file.
 *
 * Return: 0, or a negative errno with @err.
 */
UNR_MUST_CHECK int unr_vfs_copy(const struct unr_ledger *ledger,
				const struct unr_privileged *privileged, struct unr_error *err);

/**
 * unr_vfs_settle() - give the host's root what is its own, after the last layer
 *
 * Return: 0, or a negative errno with @err.
 */
UNR_MUST_CHECK int unr_vfs_settle(const struct unr_ledger *ledger,
				  const struct unr_privileged *privileged, struct unr_error *err);

#endif
