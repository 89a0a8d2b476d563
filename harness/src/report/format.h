/* SPDX-License-Identifier: MIT */
/*
 * What each format is to report.c: a function from a result to bytes, handed on
 * piece by piece.  What goes wrong is remembered by @out.
 */
#ifndef UNR_REPORT_FORMAT_H
#define UNR_REPORT_FORMAT_H

#include "report/out.h"
#include "usernsrepro/report.h"

/** unr_report_fn - append the whole report to @out, draining it where it can be long */
typedef void (*unr_report_fn)(const struct unr_result *result,
			      const struct unr_report_options *options, struct unr_report_out *out);

void unr_report_text(const struct unr_result *result, const struct unr_report_options *options,
		     struct unr_report_out *out);
void unr_report_json(const struct unr_result *result, const struct unr_report_options *options,
		     struct unr_report_out *out);

#endif
