/* SPDX-License-Identifier: MIT */
/* userns/sandbox: of a process's descriptors only those that were asked for stay open. */
#include "unr_test.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "child.h"
#include "userns/sandbox.h"

#define FDS 40

/* What the child keeps, and what is open afterwards, as a list of numbers. */
struct keeping {
	int keep[4];
	size_t n_keep;
	int expected[6];
	size_t n_expected;
};

/* Not 0 when descriptors 0 to FDS - 1 are not open as expected: 1 + the first that is not. */
static int run_child(void *arg)
{
	const struct keeping *k = arg;

	for (int fd = 0; fd < FDS; fd++)
		if (fcntl(fd, F_GETFD) < 0 && dup2(STDERR_FILENO, fd) < 0)
			return 120;
	if (unr_sandbox_close_others(k->keep, k->n_keep, NULL) < 0)
		return 121;
	for (int fd = 0; fd < FDS + 10; fd++) {
		bool expected = false;

		for (size_t i = 0; i < k->n_expected; i++)
			expected = expected || k->expected[i] == fd;
		if ((fcntl(fd, F_GETFD) >= 0) != expected)
			return 1 + fd;
	}
	return 0;
}

static void close_others__keeps_standard_error_and_what_is_asked(void **state)
{
	static const struct keeping cases[] = {
		{ { 0 }, 0, { 2 }, 1 },
		{ { 5 }, 1, { 2, 5 }, 2 },
		{ { 9, 3, 7 }, 3, { 2, 3, 7, 9 }, 4 },
		{ { 1, 0 }, 2, { 0, 1, 2 }, 3 },
		{ { 0, 39 }, 2, { 0, 2, 39 }, 3 },
		{ { 2 }, 1, { 2 }, 1 },
		{ { 3, 3, 3 }, 3, { 2, 3 }, 2 },       /* the same one thrice */
		{ { -EBADF, 4, -1 }, 3, { 2, 4 }, 2 }, /* and none at all */
		{ { 3, 4 }, 2, { 2, 3, 4 }, 3 },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct keeping copy = cases[i];

		assert_int_equal(unr_run_in_child(run_child, &copy), 0);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(close_others__keeps_standard_error_and_what_is_asked),
};

UNR_TEST_MAIN("close_others", tests, NULL);
