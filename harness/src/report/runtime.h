/* SPDX-License-Identifier: MIT */
/* What reports say of the container's start; the formats' own affair is only how it looks. */
#ifndef UNR_REPORT_RUNTIME_H
#define UNR_REPORT_RUNTIME_H

#include "report/json_value.h"
#include "report/text_part.h"

/** unr_json_make_runtime() - the start; NULL where it did not come to one */
json_t *unr_json_make_runtime(struct unr_json_maker *json, const struct unr_result *result);

/** unr_text_put_runtime() - who the process is, where that comes from, what the kernel said */
void unr_text_put_runtime(const struct unr_text_report *report);

/** unr_text_wrap_unchecked() - that USER was not looked at, and why */
void unr_text_wrap_unchecked(struct unr_wrap *wrap, const struct unr_result *result);

/** unr_text_wrap_loads() - "loads and starts as ...:", or only "loads:" */
void unr_text_wrap_loads(struct unr_wrap *wrap, const struct unr_result *result);

#endif
