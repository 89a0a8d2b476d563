/* SPDX-License-Identifier: MIT */
/* Emptying a directory, however deep it is. */
#ifndef UNR_TREE_EMPTY_H
#define UNR_TREE_EMPTY_H

#include "usernsrepro/attr.h"

/**
 * unr_tree_remove_one() - remove a name, whatever it is
 *
 * Return: 0 (also when it is not there), 1 for a directory that still holds something, -errno.
 */
UNR_MUST_CHECK int unr_tree_remove_one(int dir_fd, const char *name);

/**
 * unr_tree_empty() - remove all that is in a directory, links themselves and not their targets
 * @dir_fd: open for reading; stays the caller's
 *
 * Return: 0 or -errno of the first name that would not go; -EBUSY at a mount point, and when
 * somebody moves a directory meanwhile.
 */
UNR_MUST_CHECK int unr_tree_empty(int dir_fd);

#endif
