/* SPDX-License-Identifier: MIT */
/*
 * The engine table: one row a line of versions.  A version that differs gets a
 * row or a field here, not an `if` in the extractor.
 */
#include <string.h>

#include "engine/engine.h"

/*
 * docker-20.10 is 20.10.14 and later (runc 1.1), docker-20.10.9 the earlier ones
 * (runc 1.0); they extract alike and differ in the words at the container's start.
 * Wrapper: pkg/chrootarchive/archive_unix.go; id text: pkg/idtools/idtools.go.
 */
static const struct unr_engine ENGINES[] = {
	{ .name = "docker-20.10",
	  .id_message = "Container ID %lld cannot be mapped to a host ID",
	  .child_wrapper = "Error processing tar file(%s): %s" },
	{ .name = "docker-20.10.9",
	  .id_message = "Container ID %lld cannot be mapped to a host ID",
	  .child_wrapper = "Error processing tar file(%s): %s" },
};

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
