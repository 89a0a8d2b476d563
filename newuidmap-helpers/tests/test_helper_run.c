/* SPDX-License-Identifier: MIT */
/* src/helper_run: a helper's end, words, surroundings and time limit. */
#include "fake_helpers.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "child.h"
#include "helper_run.h"

/* For helpers that end; long, so that a slow machine does not fail them. */
#define LONG_MS 20000
/* For the one that does not. */
#define SHORT_MS 200

static int run_fake(const struct unr_tmp *tmp, const char *mode, int limit_ms,
		    struct unr_helper_end *ret, struct unr_error *err)
{
	char path[FAKE_PATH_SIZE], pid[] = "1", inside[] = "0", outside[] = "5", count[] = "1";
	char *argv[] = { path, pid, inside, outside, count, NULL };

	fake_put(tmp, "newuidmap", mode);
	(void) snprintf(path, sizeof(path), "%s/newuidmap", tmp->path);
	return unr_helper_run(argv, limit_ms, ret, err);
}

static int run_shell(const char *script, struct unr_helper_end *ret, struct unr_error *err)
{
	char shell[] = "/bin/sh", flag[] = "-c", text[256];
	char *argv[] = { shell, flag, text, NULL };

	(void) snprintf(text, sizeof(text), "%s", script);
	return unr_helper_run(argv, LONG_MS, ret, err);
}

static void assert_no_child_is_left(void)
{
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void run__gives_status_and_words(void **state)
{
	static const struct {
		const char *mode;
		int exit_status;
		const char *said;
	} cases[] = {
		{ "nothing", 0, "" },
		{ "refuse", 1, "newuidmap: uid range [0-1) -> [5-6) not allowed" },
		{ "no-such-mode", 99, "newuidmap: no such mode: no-such-mode" },
	};

	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct unr_helper_end end = { 0 };
		struct unr_error err = { 0 };

		assert_int_equal(run_fake(*state, cases[i].mode, LONG_MS, &end, &err), 0);
		assert_true(WIFEXITED(end.status));
		assert_int_equal(WEXITSTATUS(end.status), cases[i].exit_status);
		assert_string_equal(end.said, cases[i].said);
		assert_no_child_is_left();
	}
}

static void run__gives_the_signal(void **state)
{
	struct unr_helper_end end = { 0 };
	struct unr_error err = { 0 };

	assert_int_equal(run_fake(*state, "die", LONG_MS, &end, &err), 0);
	assert_true(WIFSIGNALED(end.status));
	assert_int_equal(WTERMSIG(end.status), SIGKILL);
	assert_string_equal(end.said, "newuidmap: about to die");
}

static void run__bounds_and_cleans_the_words(void **state)
{
	struct unr_helper_end end = { 0 };
	struct unr_error err = { 0 };
	const char *start = "newuidmap: first line and ?[31mcolour line 0 of many line 1 of many ";

	assert_int_equal(run_fake(*state, "chatter", LONG_MS, &end, &err), 0);
	assert_int_equal(WEXITSTATUS(end.status), 3);
	assert_int_equal(strlen(end.said), sizeof(end.said) - 1);
	assert_int_equal(strncmp(end.said, start, strlen(start)), 0);
}

static void run__kills_what_hangs(void **state)
{
	struct unr_helper_end end = { .status = 4711 };
	struct unr_error err = { 0 };

	assert_int_equal(run_fake(*state, "hang", SHORT_MS, &end, &err), -ETIMEDOUT);
	assert_int_equal(err.kind, UNR_ERROR_FAILED);
	assert_non_null(strstr(err.message, "newuidmap did not end within 200 ms and was killed"));
	assert_int_equal(end.status, 4711);
	assert_no_child_is_left();
}

static void run__does_not_wait_for_a_grandchild(void **state)
{
	struct unr_helper_end end = { 0 };
	struct unr_error err = { 0 };
	time_t start = time(NULL);

	assert_int_equal(run_fake(*state, "linger", LONG_MS, &end, &err), 0);
	assert_int_equal(WEXITSTATUS(end.status), 4);
	assert_non_null(strstr(end.said, "newuidmap: lingering"));
	/* The grandchild stays for 20 seconds. */
	assert_in_range(time(NULL) - start, 0, 10);
}

static void take_signal(int number)
{
	(void) number;
}

/* Signals that come all the time must neither end the waiting nor stretch it. */
static void run__waits_through_signals(void **state)
{
	const struct itimerval often = { { 0, 5000 }, { 0, 5000 } }, never = { 0 };
	struct sigaction action = { .sa_handler = take_signal }, before;
	struct unr_helper_end end = { 0 };
	struct unr_error err = { 0 };
	int r;

	assert_int_equal(sigaction(SIGALRM, &action, &before), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
	r = run_fake(*state, "hang", SHORT_MS, &end, &err);
	assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
	assert_int_equal(sigaction(SIGALRM, &before, NULL), 0);
	assert_int_equal(r, -ETIMEDOUT);
	assert_no_child_is_left();
}

static void run__says_what_cannot_be_executed(void **state)
{
	char path[] = "/nonexistent/newuidmap";
	char *argv[] = { path, NULL };
	struct unr_helper_end end = { 0 };
	struct unr_error err = { 0 };

	(void) state;
	assert_int_equal(unr_helper_run(argv, LONG_MS, &end, &err), 0);
	assert_int_equal(WEXITSTATUS(end.status), 127);
	assert_string_equal(end.said, "cannot execute: No such file or directory");
}

static void run__environment_is_clean(void **state)
{
	const struct unr_tmp *tmp = *state;
	struct unr_helper_end end = { 0 };
	struct unr_error err = { 0 };
	unr_autoclose int fd = -EBADF;
	char expected[1024], got[1024] = "";

	assert_int_equal(setenv("UNR_SECRET", "yes", 1), 0);
	assert_int_equal(run_fake(tmp, "nothing", LONG_MS, &end, &err), 0);
	assert_int_equal(unsetenv("UNR_SECRET"), 0);
	fd = openat(tmp->fd, "newuidmap.argv", O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_true(unr_read_full(fd, got, sizeof(got) - 1) > 0);
	(void) snprintf(expected, sizeof(expected),
			"%s/newuidmap\n1\n0\n5\n1\n"
			"PATH=/usr/sbin:/usr/bin:/sbin:/bin\nLC_ALL=C\n",
			tmp->path);
	assert_string_equal(got, expected);
}

static void run__descriptors_stay_here(void **state)
{
	struct unr_helper_end end = { 0 };
	struct unr_error err = { 0 };
	/* Not close-on-exec, as one that some library opened. */
	unr_autoclose int fd = fcntl(STDERR_FILENO, F_DUPFD, 200);
	char script[256];

	(void) state;
	assert_true(fd >= 200);
	(void) snprintf(script, sizeof(script),
			"seen=$(readlink /proc/$$/fd/0 /proc/$$/fd/1); echo \"$seen\" >&2;"
			"test -e /proc/$$/fd/%d && echo leaked >&2; true",
			fd);
	assert_int_equal(run_shell(script, &end, &err), 0);
	assert_string_equal(end.said, "/dev/null /dev/null");
}

static void run__signals_are_not_blocked_there(void **state)
{
	struct unr_helper_end end = { 0 };
	struct unr_error err = { 0 };
	sigset_t blocked, before;
	int r;

	(void) state;
	assert_int_equal(sigemptyset(&blocked), 0);
	assert_int_equal(sigaddset(&blocked, SIGTERM), 0);
	assert_int_equal(sigprocmask(SIG_BLOCK, &blocked, &before), 0);
	r = run_shell("kill -TERM $$", &end, &err);
	assert_int_equal(sigprocmask(SIG_SETMASK, &before, NULL), 0);
	assert_int_equal(r, 0);
	assert_true(WIFSIGNALED(end.status));
	assert_int_equal(WTERMSIG(end.status), SIGTERM);
}

/* In a child: 0 when the words come through although some of 0, 1 and 2 are closed here. */
static int run_with_fds_closed(void *arg)
{
	const unsigned int *closed = arg;
	struct unr_helper_end end = { 0 };
	struct unr_error err = { 0 };

	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if ((*closed & (1U << fd)) != 0)
			(void) close(fd);
	if (run_shell("echo hidden; echo shown >&2", &end, &err) != 0)
		return 1;
	if (end.status != 0)
		return 2;
	return strcmp(end.said, "shown") == 0 ? 0 : 3;
}

static void run__works_without_standard_fds(void **state)
{
	(void) state;
	for (unsigned int closed = 0; closed < 8; closed++)
		assert_int_equal(unr_run_in_child(run_with_fds_closed, &closed), 0);
}

#define WITH_TMP(test) cmocka_unit_test_setup_teardown(test, unr_tmp_setup, unr_tmp_teardown)

static const struct CMUnitTest tests[] = {
	WITH_TMP(run__gives_status_and_words),
	WITH_TMP(run__gives_the_signal),
	WITH_TMP(run__bounds_and_cleans_the_words),
	WITH_TMP(run__kills_what_hangs),
	WITH_TMP(run__does_not_wait_for_a_grandchild),
	WITH_TMP(run__waits_through_signals),
	cmocka_unit_test(run__says_what_cannot_be_executed),
	WITH_TMP(run__environment_is_clean),
	cmocka_unit_test(run__descriptors_stay_here),
	cmocka_unit_test(run__signals_are_not_blocked_there),
	cmocka_unit_test(run__works_without_standard_fds),
};

UNR_TEST_MAIN("helper_run", tests, fake_is_built);
