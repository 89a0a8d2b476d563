/* SPDX-License-Identifier: MIT */
/* Reports: a result written in one of the formats, to an open descriptor. */
#ifndef USERNSREPRO_REPORT_H
#define USERNSREPRO_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "usernsrepro/error.h"
#include "usernsrepro/result.h"

enum unr_report_format {
	UNR_REPORT_TEXT,
	UNR_REPORT_JSON,
	UNR_REPORT_APPSERVICE,
	UNR_REPORT_FORMAT_COUNT_
};

struct unr_report_options {
	bool color;   /* text: ANSI colours */
	bool verbose; /* text: list every failing entry */
};

/**
 * unr_report_format_from_name() - "text", "json", "appservice"
 *
 * Return: the format, or -ENOENT.
 */
UNR_EXPORT int unr_report_format_from_name(const char *name);

/** unr_report_format_names() - the names in order, NULL at the end; for help texts. */
UNR_EXPORT const char *const *unr_report_format_names(void);

/**
 * unr_report_step() - a line of an image's history as a step of a Dockerfile
 * @columns: at least 3; a longer step is cut and ends in "..."
 *
 * Without what the builder wrapped around it, blanks joined, control bytes escaped.
 *
 * Return: an owned string, NULL when out of memory.
 */
UNR_EXPORT char *unr_report_step(const char *created_by, size_t columns);

/**
 * unr_report_write() - write the report whole
 * @fd: where to; not closed
 *
 * Return: 0, or -errno of the write, or -ENOMEM; @err says which.
 */
UNR_EXPORT UNR_MUST_CHECK int unr_report_write(const struct unr_result *result,
					       enum unr_report_format format,
					       const struct unr_report_options *options, int fd,
					       struct unr_error *err);

#endif
