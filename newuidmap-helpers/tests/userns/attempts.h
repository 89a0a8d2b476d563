/* SPDX-License-Identifier: MIT */
/* What the tests with real namespaces assert with; waiting_child.h does the work. */
#ifndef UNR_TEST_ATTEMPTS_H
#define UNR_TEST_ATTEMPTS_H

#include "../maps.h"
#include "child.h"
#include "waiting_child.h"

/* Runs it and fails with its message when a step before the assertions went wrong. */
static inline void run_attempt(struct attempt *attempt, const char *uids, const char *gids)
{
	unr_auto(unr_idmaps_done) struct unr_idmaps wanted = { { map_of(uids), map_of(gids) } };

	attempt->wanted = wanted;
	assert_int_equal(unr_run_in_child(attempt_run, attempt), 0);
}

/* The maps of the namespace, as numbers with one space between. */
static inline void assert_proc_map(const char *text, const char *expected)
{
	char plain[4096] = "";
	size_t n = 0;

	for (const char *c = text; *c != '\0' && n < sizeof(plain) - 1; c++)
		if (*c != ' ' || (n > 0 && plain[n - 1] != ' ' && plain[n - 1] != '\n'))
			plain[n++] = *c;
	assert_string_equal(plain, expected);
}

#endif
