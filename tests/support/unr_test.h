/* SPDX-License-Identifier: MIT */
/*
 * What every cmocka program of the project includes: the headers in the order
 * that cmocka wants, and one main for all, which knows what a skip is worth.
 */
#ifndef UNR_TEST_H
#define UNR_TEST_H

/* cmocka.h relies on this order. */
/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
/* clang-format on */

#include <stdbool.h>

#include "usernsrepro/attr.h"

/* cmocka counts a group in which everything was skipped as passed: there is a probe instead. */
#undef skip

/* Exit status that ctest shows as "Skipped". */
#define UNR_TEST_SKIPPED 77

/**
 * typedef unr_probe_fn - can the group run here?
 * @ret_why: set to a sentence for people when the answer is no
 */
typedef bool (*unr_probe_fn)(const char **ret_why);

/**
 * unr_test_main() - run a group of tests; the body of main()
 * @need: looked at before the group; NULL when the tests need nothing special
 *
 * Return: exit status: 0, 1 when a test failed, 77 when @need said no; with USERNS_REPRO_STRICT=1
 * that is a failure too.
 */
int unr_test_main(const char *group, const struct CMUnitTest *tests, size_t n_tests,
		  unr_probe_fn need);

/** UNR_TEST_MAIN() - main() for an array of tests: UNR_TEST_MAIN("idmap", tests, NULL). */
#define UNR_TEST_MAIN(group, tests, need)                                                          \
	int main(void)                                                                             \
	{                                                                                          \
		return unr_test_main(group, tests, UNR_COUNT(tests), need);                        \
	}                                                                                          \
	struct unr_needs_a_semicolon_

/**
 * unr_needs_root() - a probe, or the beginning of one, for groups that need root
 *
 * A file that names it is a ctest with the label "privileged" (cmake/UnrTest.cmake).
 */
bool unr_needs_root(const char **ret_why);

/** unr_test_is_strict() - is a skip a failure (USERNS_REPRO_STRICT=1)? */
bool unr_test_is_strict(void);

#endif
