/* SPDX-License-Identifier: MIT */
/*
 * The processes of a test are one process group, and those that lose their
 * parent come to the caller, a subreaper: so the group can be ended whole.
 */
#include "selftest/runner.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "selftest/record.h"
#include "selftest/stage.h"
#include "userns/namespace.h"

void st_result_done(struct st_result *result)
{
	unr_text_done(&result->notes);
}

/* The first process of the case. */
UNR_NORETURN static void run_case(struct st *t, int parent)
{
	const struct st_record end = { .kind = ST_RECORD_END };

	(void) setpgid(0, 0);
	(void) prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* Too late for the signal: it was gone before. */
	if (getppid() != parent)
		unr_child_exit(ST_EXIT_TOLD);
	st_stage_run(t);
	(void) send(t->report, &end, sizeof(end), MSG_NOSIGNAL);
	unr_child_exit(0);
}

static void take_record(const struct st_record *record, struct st_result *ret)
{
	static const enum st_outcome outcomes[ST_RECORD_COUNT_] = {
		[ST_RECORD_FAIL] = ST_NOT_OK,
		[ST_RECORD_SKIP] = ST_SKIP,
	};

	if (record->kind == ST_RECORD_NOTE) {
		unr_text_printf(&ret->notes, "%s\n", record->text);
		return;
	}
	ret->outcome = outcomes[record->kind];
	(void) snprintf(ret->reason, sizeof(ret->reason), "%s", record->text);
}

/* Up to the first record that is a verdict; is there one in time? */
static bool read_records(int fd, int64_t deadline, struct st_result *ret)
{
	struct st_record record = { .kind = ST_RECORD_NOTE };

	while (record.kind == ST_RECORD_NOTE) {
		struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
		int64_t left = deadline - unr_now_ms();
		int n = poll(&poll_fd, 1, left > 0 ? (int) left : 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			ret->outcome = ST_TIMEOUT;
			return true;
		}
		if (recv(fd, &record, sizeof(record), 0) != (ssize_t) sizeof(record))
			return false;
		take_record(&record, ret);
	}
	return true;
}

/* End and reap the group; the status of its first process. */
static int end_group(pid_t leader)
{
	int status = 0, answer = 0;
	pid_t pid;

	do {
		(void) kill(-leader, SIGKILL);
		pid = waitpid(-leader, &answer, 0);
		if (pid == leader)
			status = answer;
	} while (pid > 0 || (pid < 0 && errno == EINTR));
	return status;
}

/* What a case that said nothing has died of. */
static void tell_death(int status, struct st_result *ret)
{
	ret->outcome = ST_NOT_OK;
	if (WIFSIGNALED(status))
		(void) snprintf(ret->reason, sizeof(ret->reason),
				"its process was killed by signal %d", WTERMSIG(status));
	else
		(void) snprintf(ret->reason, sizeof(ret->reason),
				"its process ended with status %d and gave no reason",
				WEXITSTATUS(status));
}

static bool is_too_old(const struct st_test *test, const struct st_host *host,
		       struct st_result *ret)
{
	if (test->of->since <= host->version)
		return false;
	ret->outcome = ST_SKIP;
	(void) snprintf(ret->reason, sizeof(ret->reason), "Linux %u.%u is the first to promise it",
			test->of->since >> 16, test->of->since & 0xffff);
	return true;
}

static bool is_out_of_reach(const struct st_test *test, const struct st_host *host,
			    struct st_result *ret)
{
	const char *obstacle = st_stage_obstacle(test, host);

	if (obstacle == NULL)
		return is_too_old(test, host, ret);
	ret->outcome = ST_SKIP;
	(void) snprintf(ret->reason, sizeof(ret->reason), "%s", obstacle);
	return true;
}

int st_run_test(const struct st_test *test, const struct st_host *host, unsigned int seconds,
		struct st_result *ret, struct unr_error *err)
{
	const int64_t begin = unr_now_ms();
	const pid_t self = getpid();
	int pair[2], status;
	bool told;
	pid_t pid;

	*ret = (struct st_result) { .outcome = ST_OK };
	if (is_out_of_reach(test, host, ret))
		return 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return unr_fail_errno(err, "socket for a case");
	pid = fork();
	if (pid == 0) {
		struct st t = { .host = host, .test = test, .report = pair[1], .socket = -EBADF };

		run_case(&t, self);
	}
	(void) close(pair[1]);
	if (pid < 0) {
		int r = unr_fail_errno(err, "process for a case");

		(void) close(pair[0]);
		return r;
	}
	(void) setpgid(pid, pid);
	told = read_records(pair[0], begin + (int64_t) seconds * 1000, ret);
	/* What is still on its way to its own end may get there; SIGKILL ends the others. */
	status = end_group(pid);
	(void) close(pair[0]);
	if (!told)
		tell_death(status, ret);
	if (ret->outcome == ST_TIMEOUT)
		(void) snprintf(ret->reason, sizeof(ret->reason), "%u seconds", seconds);
	ret->milliseconds = (unsigned int) (unr_now_ms() - begin);
	return 0;
}
