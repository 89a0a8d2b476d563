/* SPDX-License-Identifier: MIT */
/*
 * Maps that are written for nothing but to see that they can be: into a user
 * namespace in which one process waits, and which ends with it.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "usernsrepro/map_writer.h"

/* Says how unshare(2) went, and ends when the other side closes its end. */
static UNR_NORETURN void wait_in_namespace(int fd)
{
	int error;

	(void) prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	error = unshare(CLONE_NEWUSER) < 0 ? errno : 0;
	if (unr_write_full(fd, &error, sizeof(error)) == 0)
		(void) !unr_read_full(fd, &error, 1);
	_exit(0);
}

static int write_for(pid_t pid, int fd, const struct unr_map_choice *choice, struct unr_error *err)
{
	int error = 0;

	if (unr_read_full(fd, &error, sizeof(error)) != (ssize_t) sizeof(error))
		error = EPIPE;
	if (error != 0)
		return unr_fail(err, UNR_ERROR_CANNOT_RUN, -ENXIO,
				"cannot create a user namespace: %s", strerror(error));
	return unr_map_write(pid, choice, err);
}

int unr_map_try(const struct unr_map_choice *choice, struct unr_error *err)
{
	unr_autoclose int fd = -EBADF;
	int pair[2];
	pid_t pid;
	int r;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return unr_fail_errno(err, "socketpair");
	fd = pair[0];
	pid = fork();
	if (pid == 0) {
		(void) close(pair[0]);
		wait_in_namespace(pair[1]);
	}
	r = pid < 0 ? unr_fail_errno(err, "fork") : 0;
	(void) close(pair[1]);
	if (r < 0)
		return r;
	r = write_for(pid, fd, choice, err);
	unr_close(&fd);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return r;
}
