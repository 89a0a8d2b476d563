/* SPDX-License-Identifier: MIT */
/* What map would do, in the reports. */
#ifndef UNR_REPORT_NEEDED_H
#define UNR_REPORT_NEEDED_H

#include "report/json_stream.h"
#include "report/text_part.h"

/** unr_json_put_needed() - the member "needed_map", where it is known */
void unr_json_put_needed(struct unr_json_stream *stream, const struct unr_result *result);

/** unr_text_put_needed() - the paragraph about it */
void unr_text_put_needed(const struct unr_text_report *report);

#endif
