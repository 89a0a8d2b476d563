/* SPDX-License-Identifier: MIT */
/*
 * Looks after the directory of a kept tree while it is made: a process that
 * hands the tree to the namespace's root, leaves it there when all went well, and
 * clears it away when not, also when its caller is killed without a word.  Without
 * privilege it lives in a user namespace in which the caller's own id and the
 * tree's owners are mapped side by side, as nobody else could do that.
 */
#ifndef UNR_TREE_STEWARD_H
#define UNR_TREE_STEWARD_H

#include "tree/target.h"
#include "userns/namespace.h"
#include "usernsrepro/map_writer.h"

struct unr_steward {
	struct unr_target target; /* owned */
	struct unr_child child;   /* owned */
	/* Open in everything that writes into the tree: its end says that they are gone. */
	int alive_fd; /* owned */
};

#define UNR_STEWARD_NONE                                                                           \
	((struct unr_steward) {                                                                    \
		.target = UNR_TARGET_NONE, .child = { .socket = -EBADF }, .alive_fd = -EBADF })

/**
 * unr_steward_start() - open the directory, still the caller's
 * @path:   of the directory
 * @choice: the maps that the extraction will have
 * @ret:    ends with unr_steward_end()
 *
 * Return: 0, or a negative errno with @err; nothing is left of it then.
 */
UNR_MUST_CHECK int unr_steward_start(const char *path, const struct unr_map_choice *choice,
				     struct unr_steward *ret, struct unr_error *err);

/**
 * unr_steward_give() - hand the tree to the namespace's root; 0 or a negative errno with @err
 *
 * From then on the caller may not be able to enter it (target.tree_fd).
 */
UNR_MUST_CHECK int unr_steward_give(struct unr_steward *steward, struct unr_error *err);

/**
 * unr_steward_end() - keep the tree, or clear it away
 * @keep: is the tree to stay?
 *
 * Waits until all that writes into it is gone; the caller has closed its own alive_fd or this
 * does.  May be called on UNR_STEWARD_NONE.
 *
 * Return: 0, or a negative errno with @err.
 */
UNR_MUST_CHECK int unr_steward_end(struct unr_steward *steward, bool keep, struct unr_error *err);

#endif
