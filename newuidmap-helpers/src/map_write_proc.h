/* SPDX-License-Identifier: MIT */
/*
 * The map files of /proc: the only place that knows their names and how they
 * are written and read.
 */
#ifndef UNR_MAP_WRITE_PROC_H
#define UNR_MAP_WRITE_PROC_H

#include <sys/types.h>

#include "usernsrepro/idmap.h"

/* Not a process: the caller itself. */
#define UNR_PID_SELF 0

/** unr_map_proc_write() - write uid_map, then gid_map; errors as unr_map_write() has them. */
UNR_MUST_CHECK int unr_map_proc_write(pid_t pid, const struct unr_idmaps *maps,
				      struct unr_error *err);

/** unr_map_proc_write_self() - the same behind "deny" in setgroups. */
UNR_MUST_CHECK int unr_map_proc_write_self(pid_t pid, const struct unr_idmaps *maps,
					   struct unr_error *err);

/**
 * unr_map_proc_read() - the map of a process as the caller's namespace sees it
 * @pid: a process, or UNR_PID_SELF
 * @ret: ranges are appended; the kernel may have sorted them
 *
 * Return: 0, -ENOMEM, -EIO for a text that is no map, or the errno of the file.
 */
UNR_MUST_CHECK int unr_map_proc_read(pid_t pid, enum unr_id_kind kind, struct unr_idmap *ret,
				     struct unr_error *err);

#endif
