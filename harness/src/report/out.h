/* SPDX-License-Identifier: MIT */
/*
 * Where a report goes while it is made: text that is written to a descriptor
 * whenever there is much of it, and the first trouble on the way.
 */
#ifndef UNR_REPORT_OUT_H
#define UNR_REPORT_OUT_H

#include <stdbool.h>

#include "base/text.h"
#include "usernsrepro/error.h"

struct unr_report_out {
	struct unr_text text; /* owned; appended to by the formats, not yet written */
	const char *format;   /* name, for messages */
	int fd;
	int error; /* sticky; 0 or -errno, with @err set */
	struct unr_error *err;
};

/**
 * unr_report_drain() - to be called between lines or values: nothing of @out->text is needed again
 *
 * Return: is it worth going on?  Not after a trouble, @out->text.failed included.
 */
bool unr_report_drain(struct unr_report_out *out);

/** unr_report_finish() - write what is left; 0, or the first trouble as a negative errno. */
UNR_MUST_CHECK int unr_report_finish(struct unr_report_out *out);

#endif
