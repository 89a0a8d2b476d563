/* SPDX-License-Identifier: MIT */
/* What would mend the image, as the array "advice" of the JSON report. */
#ifndef UNR_REPORT_JSON_ADVICE_H
#define UNR_REPORT_JSON_ADVICE_H

#include "report/json_stream.h"
#include "usernsrepro/result.h"

void unr_json_put_advice(struct unr_json_stream *stream, const struct unr_result *result);

#endif
