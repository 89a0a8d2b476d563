/* SPDX-License-Identifier: MIT */
/* One test in a process of its own, with a limit of time.  Inside selftest/ only. */
#ifndef UNR_SELFTEST_RUNNER_H
#define UNR_SELFTEST_RUNNER_H

#include "base/text.h"
#include "selftest/kit.h"

enum st_outcome { ST_OK, ST_NOT_OK, ST_SKIP, ST_TIMEOUT, ST_OUTCOME_COUNT_ };

struct st_result {
	enum st_outcome outcome;
	char reason[500];      /* why it is not ok, or skipped; one line */
	struct unr_text notes; /* owned; a line each */
	unsigned int milliseconds;
};

void st_result_done(struct st_result *result);

/**
 * st_run_test() - try one
 *
 * All its processes are gone afterwards.
 *
 * Return: 0, or -errno with @err where no process could be started.
 */
UNR_MUST_CHECK int st_run_test(const struct st_test *test, const struct st_host *host,
			       unsigned int seconds, struct st_result *ret, struct unr_error *err);

#endif
