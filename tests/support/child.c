/* SPDX-License-Identifier: MIT */
/* A function in a process of its own: see child.h. */
#include "child.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef UNR_COVERAGE
void __gcov_dump(void);
#endif

void unr_test_child_exit(int status)
{
	(void) fflush(NULL);
#ifdef UNR_COVERAGE
	__gcov_dump();
#endif
	_exit(status);
}

static UNR_NORETURN void be_child(pid_t parent, int (*fn)(void *), void *arg)
{
	/* The parent may have died before prctl(2): then no signal will come any more. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(126);
	unr_test_child_exit(fn(arg));
}

int unr_run_in_child(int (*fn)(void *), void *arg)
{
	pid_t parent = getpid();
	pid_t pid, waited;
	int status = 0;

	/* What is buffered now would be written twice. */
	(void) fflush(NULL);
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		be_child(parent, fn, arg);
	do {
		waited = waitpid(pid, &status, 0);
	} while (waited < 0 && errno == EINTR);
	if (waited < 0)
		return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
