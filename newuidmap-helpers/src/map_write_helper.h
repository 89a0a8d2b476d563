/* SPDX-License-Identifier: MIT */
/*
 * Writing maps through newuidmap(1) and newgidmap(1): what they are called
 * with, and what their end means.  Looks whether they did what was asked.
 */
#ifndef UNR_MAP_WRITE_HELPER_H
#define UNR_MAP_WRITE_HELPER_H

#include <sys/types.h>

#include "base/text.h"
#include "usernsrepro/idmap.h"

/* They take milliseconds; one that asks a directory server may take longer. */
#define UNR_MAP_HELPER_LIMIT_MS 10000

/* An argument vector of any length. */
struct unr_map_argv {
	struct unr_text bytes; /* the strings, one behind the other */
	char **items;          /* owned, NULL-terminated; the strings are borrowed from @bytes */
};

void unr_map_argv_done(struct unr_map_argv *argv);
DEFINE_UNR_CLEANUP(struct unr_map_argv, unr_map_argv_done);

/**
 * unr_map_argv_make() - PATH PID and three numbers a range
 * @ret: empty on entry
 *
 * Return: 0 or -ENOMEM.
 */
UNR_MUST_CHECK int unr_map_argv_make(const char *path, pid_t pid, const struct unr_idmap *map,
				     struct unr_map_argv *ret);

/**
 * unr_map_helper_write() - run newuidmap, then newgidmap; errors as unr_map_write() has them
 * @limit_ms: time for each of the two
 */
UNR_MUST_CHECK int unr_map_helper_write(pid_t pid, const struct unr_idmaps *maps, int limit_ms,
					struct unr_error *err);

#endif
