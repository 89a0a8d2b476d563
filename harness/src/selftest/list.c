/* SPDX-License-Identifier: MIT */
/* What there is to try, as text: a paragraph a test. */
#include "selftest/output.h"

const char *st_stage_name(enum st_stage stage)
{
	static const char *const names[ST_STAGE_COUNT_] = {
		[ST_STAGE_CALLER] = "caller",
		[ST_STAGE_ORDINARY] = "ordinary",
		[ST_STAGE_ROOT] = "root",
		[ST_STAGE_INSIDE] = "inside",
	};

	return names[stage];
}

const char *st_outcome_name(enum st_outcome outcome)
{
	static const char *const names[ST_OUTCOME_COUNT_] = {
		[ST_OK] = "ok",
		[ST_NOT_OK] = "not ok",
		[ST_SKIP] = "skip",
		[ST_TIMEOUT] = "timeout",
	};

	return names[outcome];
}

void st_list_text(struct unr_text *text, const struct st_plan *plan)
{
	for (size_t i = 0; i < plan->n_tests; i++) {
		const struct st_test *test = &plan->tests[i];

		unr_text_printf(text, "%s\n    %s\n    %s", test->name, test->of->promise,
				test->of->source);
		if (test->of->since != 0)
			unr_text_printf(text, "; since Linux %u.%u", test->of->since >> 16,
					test->of->since & 0xffff);
		unr_text_puts(text, "\n");
	}
}
