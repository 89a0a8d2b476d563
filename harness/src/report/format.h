/* SPDX-License-Identifier: MIT */
/*
 * What each format is to report.c: a function from a result to bytes.  It does
 * no I/O; the only thing that can go wrong is memory, which @out remembers.
 */
#ifndef UNR_REPORT_FORMAT_H
#define UNR_REPORT_FORMAT_H

#include "base/text.h"
#include "usernsrepro/report.h"

/** unr_report_fn - append the whole report to @out; no memory shows in @out->failed */
typedef void (*unr_report_fn)(const struct unr_result *result,
			      const struct unr_report_options *options, struct unr_text *out);

void unr_report_text(const struct unr_result *result, const struct unr_report_options *options,
		     struct unr_text *out);
void unr_report_json(const struct unr_result *result, const struct unr_report_options *options,
		     struct unr_text *out);
void unr_report_appservice(const struct unr_result *result,
			   const struct unr_report_options *options, struct unr_text *out);

#endif
