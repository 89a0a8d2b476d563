/* SPDX-License-Identifier: MIT */
/* Trees that unr_run() has kept. */
#ifndef USERNSREPRO_TREE_H
#define USERNSREPRO_TREE_H

#include "usernsrepro/error.h"

/**
 * unr_tree_remove() - remove a directory in which a tree was kept
 * @path: of the directory; not a symlink
 *
 * As an ordinary user in a user namespace with all of the caller's ids, as the files belong to
 * those.  Nothing is removed where the directory holds what no kept tree has.  Must be called while
 * the process has one thread.
 *
 * Return: 0, or a negative errno with @err of kind FAILED or, where no namespace is to be had,
 * CANNOT_RUN.
 */
UNR_EXPORT UNR_MUST_CHECK int unr_tree_remove(const char *path, struct unr_error *err);

#endif
