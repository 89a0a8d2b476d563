/* SPDX-License-Identifier: MIT */
/* The first process inside: see inside.h. */
#include "shell/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "shell/command.h"
#include "shell/mounts.h"
#include "shell/order.h"
#include "userns/namespace.h"
#include "userns/overlay.h"
#include "userns/refused.h"
#include "userns/sandbox.h"

struct inside {
	int socket;   /* borrowed; to the parent */
	int leader;   /* owned; of the command's terminal; -EBADF: it has none of its own */
	int follower; /* owned */
	int ended;    /* owned; a signalfd: somebody has */
	pid_t command;
	int status;
	bool is_over;
};

/*
 * The parent's end shows on the socket, and not by a signal: this process then first ends all others,
 * so that nobody writes into the tree when it is removed.  A kill of the caller's process group
 * must not reach it either.
 */
static int settle(int socket, int alive_fd, struct unr_error *err)
{
	const int keep[] = { STDIN_FILENO, STDOUT_FILENO, socket, alive_fd };

	(void) setsid();
	if (prctl(PR_SET_PDEATHSIG, 0) < 0)
		return unr_fail_errno(err, "prctl(PR_SET_PDEATHSIG)");
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return unr_userns_refused(err, "make mounts private");
	(void) umask(0022);
	return unr_sandbox_close_others(keep, UNR_COUNT(keep), err);
}

/* In the command's own /dev/pts; it is /dev/console, too. */
static int open_terminal(struct inside *inside, const struct unr_shell_order *order,
			 struct unr_error *err)
{
	const struct winsize size = { .ws_row = order->rows, .ws_col = order->columns };
	unr_autoclose int console = -EBADF;
	char name[32];

	inside->leader = open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (inside->leader < 0 || unlockpt(inside->leader) < 0 ||
	    ptsname_r(inside->leader, name, sizeof(name)) != 0 ||
	    ioctl(inside->leader, TIOCSWINSZ, &size) < 0)
		return unr_fail_errno(err, "make a terminal");
	inside->follower = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	console = open("/dev/console", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (inside->follower < 0 || console < 0)
		return unr_fail_errno(err, "make a terminal");
	return mount(name, "/dev/console", NULL, MS_BIND, NULL) < 0 ?
		       unr_userns_refused(err, "bind the terminal to /dev/console") :
		       0;
}

static int prepare(struct inside *inside, const struct unr_shell_order *order,
		   struct unr_error *err)
{
	sigset_t child;
	int r = unr_shell_mount(order->n_layers, err);

	if (r < 0)
		return r;
	if (sethostname(UNR_SHELL_HOSTNAME, sizeof(UNR_SHELL_HOSTNAME) - 1) < 0)
		return unr_userns_refused(err, "set the host name");
	/* The caller's keys are no business of the command's; where there are no keys that is as well. */
	(void) syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	(void) sigemptyset(&child);
	(void) sigaddset(&child, SIGCHLD);
	(void) sigprocmask(SIG_BLOCK, &child, NULL);
	inside->ended = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	if (inside->ended < 0)
		return unr_fail_errno(err, "signalfd");
	return order->has_terminal ? open_terminal(inside, order, err) : 0;
}

/* In the command's process. */
UNR_NORETURN static void run_command(const struct inside *inside,
				     const struct unr_shell_order *order, int report)
{
	struct unr_error err = { 0 };
	int r = unr_shell_become(order, inside->follower, &err);

	if (r < 0)
		(void) !unr_write_full(report, &err, sizeof(err));
	unr_child_exit(r < 0 ? 1 : r);
}

/* Returns once it is a program of its own, or will not be. */
static int start_command(struct inside *inside, const struct unr_shell_order *order,
			 struct unr_error *err)
{
	struct unr_error theirs;
	int ends[2];
	ssize_t n;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return unr_fail_errno(err, "pipe");
	inside->command = fork();
	if (inside->command == 0)
		run_command(inside, order, ends[1]);
	(void) close(ends[1]);
	n = inside->command < 0 ? -errno : unr_read_full(ends[0], &theirs, sizeof(theirs));
	(void) close(ends[0]);
	if (inside->command < 0)
		return unr_fail(err, UNR_ERROR_FAILED, (int) n, "fork: %s", strerror((int) -n));
	if (n != (ssize_t) sizeof(theirs))
		return 0;
	*err = theirs;
	return err->code;
}

/* This process has nothing to say any more, and is nobody's business. */
static int withdraw(struct inside *inside)
{
	unr_autoclose int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int r = unr_send_fd(inside->socket, UNR_SHELL_RUNS, inside->leader);

	(void) prctl(PR_SET_DUMPABLE, 0);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		(void) dup2(null, fd);
	unr_close(&inside->leader);
	unr_close(&inside->follower);
	return r;
}

static void reap(struct inside *inside)
{
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	(void) !read(inside->ended, &info, sizeof(info));
	/* The kernel says it once: nobody comes back to who was not reaped now. */
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0 || (pid < 0 && errno != ECHILD))
		if (pid == inside->command) {
			inside->is_over = true;
			inside->status =
				WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
		}
}

static void take_word(struct inside *inside)
{
	uint8_t number = UNR_SHELL_END;

	if (unr_read_full(inside->socket, &number, 1) == 1 && number != UNR_SHELL_END) {
		(void) kill(inside->command, number);
		return;
	}
	inside->is_over = true;
	inside->status = 128 + SIGKILL;
}

/* Until the command ends, or the parent does.  One that is not watched any more has no status. */
static int watch(struct inside *inside, struct unr_error *err)
{
	struct pollfd fds[] = { { .fd = inside->ended, .events = POLLIN },
				{ .fd = inside->socket, .events = POLLIN } };

	while (!inside->is_over) {
		if (poll(fds, UNR_COUNT(fds), -1) < 0) {
			if (errno != EINTR)
				return unr_fail_errno(err, "wait for the command: poll");
			continue;
		}
		if (fds[0].revents != 0)
			reap(inside);
		if (!inside->is_over && fds[1].revents != 0)
			take_word(inside);
	}
	return 0;
}

/* Before the tree may go.  As first process of its namespace it alone is spared. */
static void end_others(void)
{
	(void) kill(-1, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
}

static int serve(struct inside *inside, struct unr_error *err)
{
	struct unr_shell_order order = { 0 };
	bool has_overlay = unr_overlay_try() == 0;
	int r = unr_send_fd(inside->socket, has_overlay ? UNR_SHELL_OVERLAY : UNR_SHELL_ONE_TREE,
			    -EBADF);

	if (r == 0)
		r = unr_shell_order_receive(inside->socket, &order);
	if (r < 0)
		return unr_fail(err, UNR_ERROR_FAILED, r, "the parent is gone");
	r = prepare(inside, &order, err);
	if (r == 0)
		r = start_command(inside, &order, err);
	unr_shell_order_done(&order);
	if (r == 0 && withdraw(inside) == 0)
		r = watch(inside, err);
	end_others();
	return r;
}

int unr_shell_inside(void *argument, int socket)
{
	const int *alive_fd = argument;
	struct inside inside = {
		.socket = socket, .leader = -EBADF, .follower = -EBADF, .ended = -EBADF
	};
	struct unr_error err = { 0 };
	int r = settle(socket, *alive_fd, &err);

	if (r == 0)
		r = serve(&inside, &err);
	if (r < 0)
		unr_shell_tell_error(socket, &err);
	return r < 0 ? 1 : inside.status;
}
