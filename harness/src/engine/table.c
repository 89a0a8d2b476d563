/* SPDX-License-Identifier: MIT */
/*
 * The engine table: one row a line of versions.  A version that differs gets a
 * row or a field here, not an `if` in the extractor.
 */
#include <errno.h>
#include <string.h>

#include "engine/engine.h"

/*
 * docker-20.10 is 20.10.14 and later (runc 1.1), docker-20.10.9 the earlier ones
 * (runc 1.0); they extract alike and differ in the words at the container's start.
 * Wrappers: pkg/chrootarchive/archive_unix.go and diff_unix.go (up to 23.0, where the extractor is
 * a process of its own); id text: pkg/idtools/idtools.go.
 */
#define CHILD_WRAPPERS                                                                             \
	{                                                                                          \
		[UNR_DRIVER_OVERLAY2] = "Error processing tar file(%s): %s%s",                     \
		[UNR_DRIVER_VFS] = "ApplyLayer %s stdout: %s stderr: %s",                          \
	}

static const struct unr_engine ENGINES[] = {
	{ .name = "docker-20.10",
	  .id_message = "Container ID %lld cannot be mapped to a host ID",
	  .wrapper = CHILD_WRAPPERS },
	{ .name = "docker-20.10.9",
	  .id_message = "Container ID %lld cannot be mapped to a host ID",
	  .wrapper = CHILD_WRAPPERS },
};

static const char *const DRIVERS[UNR_DRIVER_COUNT_] = {
	[UNR_DRIVER_OVERLAY2] = "overlay2",
	[UNR_DRIVER_VFS] = "vfs",
};

int unr_driver_from_name(const char *name)
{
	for (int i = 0; i < UNR_DRIVER_COUNT_; i++)
		if (strcmp(DRIVERS[i], name) == 0)
			return i;
	return -ENOENT;
}

const char *unr_driver_name(enum unr_driver driver)
{
	return DRIVERS[driver];
}

void unr_driver_list(struct unr_text *text)
{
	for (int i = 0; i < UNR_DRIVER_COUNT_; i++)
		unr_text_printf(text, "%s%s", i == 0 ? "" : ", ", DRIVERS[i]);
}

const struct unr_engine *unr_engine_find(const char *name)
{
	for (size_t i = 0; i < UNR_COUNT(ENGINES); i++)
		if (strcmp(ENGINES[i].name, name) == 0)
			return &ENGINES[i];
	return NULL;
}

void unr_engine_list(struct unr_text *text)
{
	for (size_t i = 0; i < UNR_COUNT(ENGINES); i++)
		unr_text_printf(text, "%s%s", i == 0 ? "" : ", ", ENGINES[i].name);
}
