/* SPDX-License-Identifier: MIT */
/*
 * The --limit-* options, for each command that reads images: rows of its table.
 * The defaults are those of userns/limits.c.
 */
#ifndef UNR_CLI_LIMIT_OPTIONS_H
#define UNR_CLI_LIMIT_OPTIONS_H

#include "command.h"
#include "usernsrepro/limits.h"

/* A row for one limit of the struct unr_limits that is @field of @type. */
#define CLI_LIMIT(type, field, limit, kind_)                                                       \
	.kind = (kind_), .offset = offsetof(type, field) + (limit) * sizeof(uint64_t)

/* clang-format off */
#define CLI_LIMIT_OPTIONS(type, field)                                                             \
	{ "limit-file-size", "BYTES", "the largest file that an image may have", NULL, "256G",     \
	  CLI_LIMIT(type, field, UNR_LIMIT_FILE_SIZE, CLI_OPTION_SIZE) },                          \
	{ "limit-inodes", "NUMBER", "files, directories and links that an image may have", NULL,   \
	  "4194304", CLI_LIMIT(type, field, UNR_LIMIT_INODES, CLI_OPTION_COUNT) },                 \
	{ "limit-memory", "BYTES", "of each process that reads the image", NULL, "2G",             \
	  CLI_LIMIT(type, field, UNR_LIMIT_MEMORY, CLI_OPTION_SIZE) },                             \
	{ "limit-open-files", "NUMBER", "of each such process", NULL, "1024",                      \
	  CLI_LIMIT(type, field, UNR_LIMIT_OPEN_FILES, CLI_OPTION_COUNT) },                        \
	{ "limit-time", "SECONDS", "from the first byte that is looked at to the verdict", NULL,   \
	  "6h", CLI_LIMIT(type, field, UNR_LIMIT_TIME, CLI_OPTION_TIME) }
/* clang-format on */

#endif
