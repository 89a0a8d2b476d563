/* SPDX-License-Identifier: MIT */
/*
 * Where newuidmap and newgidmap are, and whether they have the privilege
 * without which they can do nothing.  Runs nothing.
 */
#ifndef UNR_HELPER_FIND_H
#define UNR_HELPER_FIND_H

#include "usernsrepro/idmap.h"

/** unr_helper_name() - "newuidmap" or "newgidmap". */
const char *unr_helper_name(enum unr_id_kind kind);

/**
 * unr_helper_find() - look for the helper in the absolute directories of PATH
 * @ret: owned; the first executable file of that name, as execvp(3) would take it
 *
 * Return: 0, -ENOENT when there is none, -ENOMEM.
 */
UNR_MUST_CHECK int unr_helper_find(enum unr_id_kind kind, char **ret);

/**
 * unr_helper_has_privilege() - would it run as root, or with file capabilities?
 * @ret_why: when not: the reason, cut at @why_size
 */
bool unr_helper_has_privilege(const char *path, size_t why_size, char *ret_why);

#endif
