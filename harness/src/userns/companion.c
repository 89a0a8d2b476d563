/* SPDX-License-Identifier: MIT */
/* Making a process that keeps what its maker gives up: see companion.h. */
#include "userns/companion.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

int unr_companion_start(void (*run)(int fd), int *ret_socket, struct unr_error *err)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return unr_fail_errno(err, "socketpair");
	pid = fork();
	if (pid == 0)
		run(pair[1]);
	(void) close(pair[1]);
	if (pid < 0) {
		(void) close(pair[0]);
		return unr_fail_errno(err, "fork");
	}
	*ret_socket = pair[0];
	return 0;
}
