/* SPDX-License-Identifier: MIT */
/* Results as KTAP or JSON, and the list of what there is; no I/O.  Inside selftest/ only. */
#ifndef UNR_SELFTEST_OUTPUT_H
#define UNR_SELFTEST_OUTPUT_H

#include "base/text.h"
#include "selftest/runner.h"

/* Tests that were asked for, group by group, and what came of them. */
struct st_plan {
	struct st_test *tests;     /* owned */
	struct st_result *results; /* owned; of the tests that were run */
	size_t n_tests;
};

/** st_plan_group_size() - how many tests of the group that begins at @first */
size_t st_plan_group_size(const struct st_plan *plan, size_t first);

/** st_ktap_begin() - version, plan, and what the results depend on */
void st_ktap_begin(struct unr_text *text, const struct st_plan *plan, const struct st_host *host);

/** st_ktap_group_begin() - version and plan of the group that begins at @first */
void st_ktap_group_begin(struct unr_text *text, const struct st_plan *plan, size_t first);

/** st_ktap_test() - the result of one, the @number-th of its group */
void st_ktap_test(struct unr_text *text, const struct st_test *test, const struct st_result *result,
		  size_t number);

/** st_ktap_group_end() - what the group at @first comes to, the @number-th */
void st_ktap_group_end(struct unr_text *text, const struct st_plan *plan, size_t first,
		       size_t number);

/** st_list_text() - a paragraph a test */
void st_list_text(struct unr_text *text, const struct st_plan *plan);

/** st_list_json(), st_results_json() - the same as JSON; owned, NULL without memory */
char *st_list_json(const struct st_plan *plan);
char *st_results_json(const struct st_plan *plan, const struct st_host *host);

/** st_stage_name(), st_outcome_name() - as JSON has them */
const char *st_stage_name(enum st_stage stage);
const char *st_outcome_name(enum st_outcome outcome);

#endif
