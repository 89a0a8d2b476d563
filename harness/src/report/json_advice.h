/* SPDX-License-Identifier: MIT */
/* What would mend the image, as the array "advice" of the JSON report. */
#ifndef UNR_REPORT_JSON_ADVICE_H
#define UNR_REPORT_JSON_ADVICE_H

#include "advice/owner.h"
#include "report/json_stream.h"
#include "usernsrepro/result.h"

void unr_json_put_advice(struct unr_json_stream *stream, const struct unr_result *result);

/** unr_json_put_hint() - what the owner alone says: "hint", and "likely" where it was mapped twice */
void unr_json_put_hint(struct unr_json_maker *json, json_t *object, const struct unr_result *result,
		       const struct unr_owner *owner);

#endif
