/* SPDX-License-Identifier: MIT */
/*
 * Where newuidmap and newgidmap are; whether they have the privilege without
 * which they can do nothing is unr_map_helper_look()'s answer.  Runs nothing.
 */
#ifndef UNR_HELPER_FIND_H
#define UNR_HELPER_FIND_H

#include "base/cleanup.h"
#include "usernsrepro/map_writer.h"

DEFINE_UNR_CLEANUP(struct unr_map_helper, unr_map_helper_done);

/** unr_helper_name() - "newuidmap" or "newgidmap". */
const char *unr_helper_name(enum unr_id_kind kind);

/**
 * unr_helper_find() - look for the helper in the absolute directories of PATH
 * @ret: owned; the first executable file of that name, as execvp(3) would take it
 *
 * Return: 0, -ENOENT when there is none, -ENOMEM.
 */
UNR_MUST_CHECK int unr_helper_find(enum unr_id_kind kind, char **ret);

#endif
