/* SPDX-License-Identifier: MIT */
/* The main of all cmocka programs: see unr_test.h. */
#include "unr_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool unr_test_is_strict(void)
{
	const char *strict = getenv("USERNS_REPRO_STRICT");

	return strict != NULL && strcmp(strict, "1") == 0;
}

bool unr_needs_root(const char **ret_why)
{
	*ret_why = "needs root";
	return geteuid() == 0;
}

int unr_test_main(const char *group, const struct CMUnitTest *tests, size_t n_tests,
		  unr_probe_fn need)
{
	const char *why = "no reason given";

	if (need != NULL && !need(&why)) {
		(void) fprintf(stderr, "%s: not run: %s\n", group, why);
		return unr_test_is_strict() ? 1 : UNR_TEST_SKIPPED;
	}
	/* cmocka returns how many failed: 77 of them must not look like a skip, 256 like success. */
	return _cmocka_run_group_tests(group, tests, n_tests, NULL, NULL) == 0 ? 0 : 1;
}
