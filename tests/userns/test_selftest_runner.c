/* SPDX-License-Identifier: MIT */
/* selftest/runner: every way in which a case can end, and that nothing is left of it. */
#include "unr_test.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "selftest/runner.h"
#include "selftest/stage.h"
#include "userns/namespace.h"

/* Long enough for what ends by itself. */
#define ENOUGH 30

static const struct st_group GROUP = { .name = "tried", .title = "cases of this test" };

/* Run one function as the caller is; the result is the caller's. */
static struct st_result run_with(st_fn run, const struct st_host *host, unsigned int since,
				 unsigned int seconds)
{
	const struct st_case of = { .name = "one", .promise = "One.", .since = since, .run = run };
	const struct st_test test = { .group = &GROUP, .of = &of, .name = "tried.one" };
	struct st_result result;

	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	assert_int_equal(st_run_test(&test, host, seconds, &result, NULL), 0);
	/* Not one process more than before: the test has none itself. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	return result;
}

static struct st_result run(st_fn function)
{
	const struct st_host host = { .version = ST_LINUX(6, 1) };

	return run_with(function, &host, 0, ENOUGH);
}

static void hang(struct st *t)
{
	(void) t;
	for (;;)
		(void) pause();
}

static void end_well(struct st *t)
{
	st_note(t, "one line");
	st_note(t, "another");
}

static void result__ok(void **state)
{
	struct st_result result = run(end_well);

	(void) state;
	assert_int_equal(result.outcome, ST_OK);
	assert_string_equal(result.reason, "");
	assert_string_equal(unr_text_string(&result.notes), "one line\nanother\n");
	st_result_done(&result);
}

static void break_promise(struct st *t)
{
	st_want(t, EINVAL, chdir("/"));
}

static void result__not_ok(void **state)
{
	struct st_result result = run(break_promise);

	(void) state;
	assert_int_equal(result.outcome, ST_NOT_OK);
	assert_non_null(
		strstr(result.reason, "promised is EINVAL, the kernel's answer is success"));
	assert_non_null(strstr(result.reason, "chdir(\"/\")"));
}

static void break_in_child(struct st *t)
{
	st_run(t, break_promise);
	st_skip(t, "never reached");
}

static void result__of_a_child(void **state)
{
	struct st_result result = run(break_in_child);

	(void) state;
	assert_int_equal(result.outcome, ST_NOT_OK);
	assert_non_null(strstr(result.reason, "EINVAL"));
}

static void leave_out(struct st *t)
{
	st_skip(t, "for %s", "a reason");
}

static void result__skip(void **state)
{
	struct st_result result = run(leave_out);

	(void) state;
	assert_int_equal(result.outcome, ST_SKIP);
	assert_string_equal(result.reason, "for a reason");
}

static void crash(struct st *t)
{
	(void) t;
	(void) signal(SIGSEGV, SIG_DFL);
	(void) raise(SIGSEGV);
}

static void result__killed(void **state)
{
	struct st_result result = run(crash);

	(void) state;
	assert_int_equal(result.outcome, ST_NOT_OK);
	assert_non_null(strstr(result.reason, "signal 11"));
}

static void crash_in_child(struct st *t)
{
	st_run(t, crash);
}

static void result__child_killed(void **state)
{
	struct st_result result = run(crash_in_child);

	(void) state;
	assert_int_equal(result.outcome, ST_NOT_OK);
	assert_non_null(strstr(result.reason, "signal 11"));
}

static void say_nothing(struct st *t)
{
	(void) t;
	unr_child_exit(3);
}

static void result__silent(void **state)
{
	struct st_result result = run(say_nothing);

	(void) state;
	assert_int_equal(result.outcome, ST_NOT_OK);
	assert_non_null(strstr(result.reason, "status 3"));
}

/* Children that hang, one of them without a parent, one deaf to a polite signal. */
static void leave_children(struct st *t)
{
	struct st_child child;

	st_child_start(t, 0, hang, &child);
	if (fork() == 0) {
		(void) signal(SIGTERM, SIG_IGN);
		if (fork() == 0)
			hang(t);
		unr_child_exit(0);
	}
}

static void result__children_are_ended(void **state)
{
	struct st_result result = run(leave_children);

	(void) state;
	assert_int_equal(result.outcome, ST_OK);
}

static void leave_children_and_hang(struct st *t)
{
	leave_children(t);
	hang(t);
}

static void result__timeout(void **state)
{
	const struct st_host host = { .version = ST_LINUX(6, 1) };
	struct st_result result = run_with(leave_children_and_hang, &host, 0, 1);

	(void) state;
	assert_int_equal(result.outcome, ST_TIMEOUT);
	assert_string_equal(result.reason, "1 seconds");
	assert_true(result.milliseconds >= 1000);
}

static void result__too_old(void **state)
{
	const struct st_host host = { .version = ST_LINUX(5, 10) };
	struct st_result result = run_with(break_promise, &host, ST_LINUX(5, 11), ENOUGH);

	(void) state;
	assert_int_equal(result.outcome, ST_SKIP);
	assert_non_null(strstr(result.reason, "5.11"));
	result = run_with(break_promise, &host, ST_LINUX(5, 10), ENOUGH);
	assert_int_equal(result.outcome, ST_NOT_OK);
}

/* chdir() works: what is promised depends on the version. */
static void promise_success_since(struct st *t)
{
	st_want_since(t, ST_LINUX(5, 12), 0, EPERM, chdir("/"));
}

static void promise_error_since(struct st *t)
{
	st_want_since(t, ST_LINUX(5, 12), EPERM, 0, chdir("/"));
}

static void promise_other_error(struct st *t)
{
	st_want_since(t, ST_LINUX(5, 12), EPERM, EINVAL, chdir("/"));
}

static void result__depends_on_version(void **state)
{
	const struct {
		unsigned int version;
		st_fn run;
		enum st_outcome outcome;
	} tries[] = {
		{ ST_LINUX(5, 12), promise_success_since, ST_OK },
		{ ST_LINUX(5, 11), promise_success_since, ST_OK }, /* put into an older kernel */
		{ ST_LINUX(5, 12), promise_error_since, ST_NOT_OK },
		{ ST_LINUX(6, 0), promise_error_since, ST_NOT_OK },
		{ ST_LINUX(5, 11), promise_error_since, ST_OK },
		{ ST_LINUX(4, 20), promise_error_since, ST_OK },
		{ ST_LINUX(5, 11), promise_other_error, ST_NOT_OK },
		{ ST_LINUX(5, 12), promise_other_error, ST_NOT_OK },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(tries); i++) {
		const struct st_host host = { .version = tries[i].version };
		struct st_result result = run_with(tries[i].run, &host, 0, ENOUGH);

		assert_int_equal(result.outcome, tries[i].outcome);
		st_result_done(&result);
	}
}

static void result__root_is_needed(void **state)
{
	const struct st_host host = { .version = ST_LINUX(6, 1) };
	const struct st_case of = {
		.name = "one", .promise = "One.", .needs = ST_NEEDS_ROOT, .run = break_promise
	};
	const struct st_test test = { .group = &GROUP, .of = &of, .name = "tried.one" };
	struct st_result result;

	(void) state;
	assert_int_equal(st_run_test(&test, &host, ENOUGH, &result, NULL), 0);
	assert_int_equal(result.outcome, ST_SKIP);
	assert_non_null(strstr(result.reason, "root"));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(result__ok),
	cmocka_unit_test(result__not_ok),
	cmocka_unit_test(result__of_a_child),
	cmocka_unit_test(result__skip),
	cmocka_unit_test(result__killed),
	cmocka_unit_test(result__child_killed),
	cmocka_unit_test(result__silent),
	cmocka_unit_test(result__children_are_ended),
	cmocka_unit_test(result__timeout),
	cmocka_unit_test(result__too_old),
	cmocka_unit_test(result__depends_on_version),
	cmocka_unit_test(result__root_is_needed),
};

UNR_TEST_MAIN("userns.selftest_runner", tests, NULL);
