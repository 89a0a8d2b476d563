/* SPDX-License-Identifier: MIT */
/* tests/support/unr_test: what a skip, a failure and a pass are worth to ctest. */
#include "unr_test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "child.h"

static void passes(void **state)
{
	(void) state;
}

static void fails(void **state)
{
	(void) state;
	assert_true(false);
}

static bool is_never_possible(const char **ret_why)
{
	*ret_why = "a reason for the test's sake";
	return false;
}

static bool is_always_possible(const char **ret_why)
{
	(void) ret_why;
	return true;
}

struct group_case {
	const struct CMUnitTest *tests;
	size_t n_tests;
	unr_probe_fn need;
	const char *strict;
	int expected;
};

/* Runs in a child: cmocka cannot run a group inside a group. */
static int run_group(void *arg)
{
	const struct group_case *group = arg;
	int null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (null_fd < 0 || dup2(null_fd, STDOUT_FILENO) < 0 || dup2(null_fd, STDERR_FILENO) < 0)
		return 125;
	if (setenv("USERNS_REPRO_STRICT", group->strict, 1) < 0)
		return 125;
	return unr_test_main("inner", group->tests, group->n_tests, group->need);
}

static void main__status_tells_pass_fail_and_skip_apart(void **state)
{
	static const struct CMUnitTest good[] = { cmocka_unit_test(passes) };
	static const struct CMUnitTest bad[] = { cmocka_unit_test(passes),
						 cmocka_unit_test(fails) };
	struct group_case cases[] = {
		{ good, UNR_COUNT(good), NULL, "0", 0 },
		{ good, UNR_COUNT(good), is_always_possible, "1", 0 },
		{ bad, UNR_COUNT(bad), NULL, "0", 1 },
		{ good, UNR_COUNT(good), is_never_possible, "0", UNR_TEST_SKIPPED },
		{ good, UNR_COUNT(good), is_never_possible, "1", 1 },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++)
		assert_int_equal(unr_run_in_child(run_group, &cases[i]), cases[i].expected);
}

/* As many failures as the status that means "skipped". */
static void main__77_failures_are_a_failure(void **state)
{
	struct CMUnitTest many[77];
	struct group_case group = { many, UNR_COUNT(many), NULL, "0", 1 };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(many); i++)
		many[i] = (struct CMUnitTest) cmocka_unit_test(fails);
	assert_int_equal(unr_run_in_child(run_group, &group), group.expected);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(main__status_tells_pass_fail_and_skip_apart),
	cmocka_unit_test(main__77_failures_are_a_failure),
};

UNR_TEST_MAIN("support.unr_test", tests, NULL);
