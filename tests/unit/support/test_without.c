/* SPDX-License-Identifier: MIT */
/* tests/support/without: the program under it sees a kernel that lacks the named calls. */
#include "unr_test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "child.h"

struct command {
	const char *calls;
	const char *shell; /* script for sh(1) */
};

static int run_without(void *arg)
{
	const struct command *command = arg;
	const char *program = getenv("UNR_WITHOUT");
	int null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (program == NULL || null_fd < 0 || dup2(null_fd, STDERR_FILENO) < 0)
		return 124;
	(void) execl(program, program, command->calls, "--", "sh", "-c", command->shell, NULL);
	return 124;
}

static int status_of(const char *calls, const char *shell)
{
	struct command command = { calls, shell };

	return unr_run_in_child(run_without, &command);
}

static void status__is_the_command_s(void **state)
{
	(void) state;
	assert_int_equal(status_of("fchownat", "exit 0"), 0);
	assert_int_equal(status_of("fchownat", "exit 7"), 7);
}

static void call__answers_the_errno(void **state)
{
	(void) state;
	assert_int_equal(status_of("mkdir,mkdirat", "mkdir . 2>&1 | grep -q implemented"), 0);
	assert_int_equal(status_of("mkdir,mkdirat=ENOSPC", "mkdir . 2>&1 | grep -q space"), 0);
}

static void userns__is_refused_and_fork_goes_on(void **state)
{
	(void) state;
	assert_int_equal(status_of("userns", "unshare -U true 2>&1 | grep -q 'not permitted'"), 0);
	assert_int_equal(status_of("userns", "(exit 3); test $? = 3"), 0);
}

static void mistake__is_status_125(void **state)
{
	(void) state;
	assert_int_equal(status_of("no_such_call", "exit 0"), 125);
	assert_int_equal(status_of("mkdir=ENOSUCHERRNO", "exit 0"), 125);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(status__is_the_command_s),
	cmocka_unit_test(call__answers_the_errno),
	cmocka_unit_test(userns__is_refused_and_fork_goes_on),
	cmocka_unit_test(mistake__is_status_125),
};

UNR_TEST_MAIN("support.without", tests, NULL);
