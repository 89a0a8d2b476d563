/* SPDX-License-Identifier: MIT */
/* tests/support/child: how a child ends is what the parent sees. */
#include "unr_test.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"

static int give_back(void *arg)
{
	return *(int *) arg;
}

static int kill_self(void *arg)
{
	(void) arg;
	return kill(getpid(), SIGKILL);
}

static int change_name(void *arg)
{
	return prctl(PR_SET_NAME, arg) < 0 ? 1 : 0;
}

static int has_death_signal(void *arg)
{
	int signal_number = 0;

	(void) arg;
	if (prctl(PR_GET_PDEATHSIG, &signal_number) < 0)
		return 1;
	return signal_number == SIGKILL ? 0 : 2;
}

static void child__status_comes_back(void **state)
{
	int codes[] = { 0, 1, 77, 125 };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(codes); i++)
		assert_int_equal(unr_run_in_child(give_back, &codes[i]), codes[i]);
}

static void child__signal_is_128_and_its_number(void **state)
{
	(void) state;
	assert_int_equal(unr_run_in_child(kill_self, NULL), 128 + SIGKILL);
}

static void child__is_another_process(void **state)
{
	char name[16] = "";
	char other[16] = "unr-other";

	(void) state;
	assert_int_equal(unr_run_in_child(change_name, other), 0);
	assert_int_equal(prctl(PR_GET_NAME, name), 0);
	assert_string_not_equal(name, other);
}

static void child__dies_with_its_parent(void **state)
{
	(void) state;
	assert_int_equal(unr_run_in_child(has_death_signal, NULL), 0);
}

static void child__leaves_nothing_to_wait_for(void **state)
{
	int code = 0;

	(void) state;
	assert_int_equal(unr_run_in_child(give_back, &code), 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(child__status_comes_back),
	cmocka_unit_test(child__signal_is_128_and_its_number),
	cmocka_unit_test(child__is_another_process),
	cmocka_unit_test(child__dies_with_its_parent),
	cmocka_unit_test(child__leaves_nothing_to_wait_for),
};

UNR_TEST_MAIN("support.child", tests, NULL);
