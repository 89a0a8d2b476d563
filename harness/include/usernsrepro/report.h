/* SPDX-License-Identifier: MIT */
/* Reports: a result written in one of the formats, to an open descriptor. */
#ifndef USERNSREPRO_REPORT_H
#define USERNSREPRO_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "usernsrepro/error.h"
#include "usernsrepro/progress.h"
#include "usernsrepro/result.h"

enum unr_report_format {
	UNR_REPORT_TEXT,
	UNR_REPORT_JSON,
	UNR_REPORT_APPSERVICE, /* a log: see struct unr_report_log */
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
 * @format: not UNR_REPORT_APPSERVICE
 * @fd:     where to; not closed
 *
 * Return: 0, or -errno of the write, or -ENOMEM; @err says which.
 */
UNR_EXPORT UNR_MUST_CHECK int unr_report_write(const struct unr_result *result,
					       enum unr_report_format format,
					       const struct unr_report_options *options, int fd,
					       struct unr_error *err);

/*
 * A pull log as App Service writes it, line by line while the run goes on.  It
 * knows layers one after the other only (one_at_a_time of struct
 * unr_run_options), and ends where the engine ends.
 */
struct unr_report_log {
	int fd; /* borrowed */
	struct timespec started;
	bool ended;
	int error; /* of the first write that failed; nothing is written after it */
};

/** unr_report_log_begin() - the time that it takes counts from here */
UNR_EXPORT void unr_report_log_begin(struct unr_report_log *log, int fd);

/** unr_report_log_progress() - the line of an event, if it has one; an error is kept */
UNR_EXPORT void unr_report_log_progress(struct unr_report_log *log,
					const struct unr_progress *event);

/**
 * unr_report_log_end() - what is left to be said
 *
 * Return: as unr_report_write(), of the whole log.
 */
UNR_EXPORT UNR_MUST_CHECK int unr_report_log_end(struct unr_report_log *log,
						 const struct unr_result *result,
						 struct unr_error *err);

#endif
