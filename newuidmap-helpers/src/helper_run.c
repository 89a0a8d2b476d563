/* SPDX-License-Identifier: MIT */
/* fork, exec, listen, wait: see helper_run.h. */
#include "helper_run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/clock.h"

/* Descriptors 0, 1 and 2 of the helper; the caller may have closed its own. */
static int set_standard_fds(int say_fd)
{
	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC); /* ends with the exec */
	int say_high_fd = fcntl(say_fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	int null_high_fd = fcntl(null_fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

	if (say_high_fd < 0 || dup2(say_high_fd, STDERR_FILENO) < 0)
		return -errno;
	if (null_high_fd < 0 || dup2(null_high_fd, STDIN_FILENO) < 0 ||
	    dup2(null_high_fd, STDOUT_FILENO) < 0)
		return -errno;
	return 0;
}

static UNR_NORETURN void become_helper(char *const argv[], int say_fd, pid_t parent)
{
	char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	char locale[] = "LC_ALL=C";
	char *environment[] = { path, locale, NULL };
	sigset_t none;

	(void) sigemptyset(&none);
	(void) sigprocmask(SIG_SETMASK, &none, NULL);
	(void) prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent) /* died before the line above took effect */
		_exit(127);
	if (set_standard_fds(say_fd) == 0) {
		(void) syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0);
		(void) execve(argv[0], argv, environment);
	}
	(void) dprintf(STDERR_FILENO, "cannot execute: %s", strerror(errno));
	_exit(127);
}

/* What is heard of the helper. */
struct ear {
	int fd; /* owned; -EBADF behind the end */
	size_t length;
	char *said; /* borrowed: of struct unr_helper_end */
	size_t size;
};

/* One read: what does not fit is read and dropped, so that the helper does not block on it. */
static bool listen_once(struct ear *ear)
{
	char bytes[512];
	ssize_t n = read(ear->fd, bytes, sizeof(bytes));
	size_t room = ear->size - 1 - ear->length;
	size_t kept;

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return false;
	if (n <= 0) {
		unr_close(&ear->fd);
		return false;
	}
	kept = (size_t) n < room ? (size_t) n : room;
	memcpy(ear->said + ear->length, bytes, kept);
	ear->length += kept;
	return ear->length < ear->size - 1;
}

static int listen_until_end(struct ear *ear, int pid_fd, int64_t deadline)
{
	for (;;) {
		struct pollfd polled[] = { { .fd = ear->fd, .events = POLLIN },
					   { .fd = pid_fd, .events = POLLIN } };
		int64_t left = deadline - unr_now_ms();
		int n;

		if (left <= 0)
			return -ETIMEDOUT;
		n = poll(polled, UNR_COUNT(polled), (int) left);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n <= 0)
			continue;
		if (polled[0].revents != 0)
			(void) listen_once(ear);
		if (polled[1].revents == 0)
			continue;
		while (ear->fd >= 0 && listen_once(ear))
			;
		return 0;
	}
}

/* One line of plain text: it goes into a message, and from there to a terminal. */
static void make_printable(struct ear *ear)
{
	while (ear->length > 0 && ear->said[ear->length - 1] == '\n')
		ear->length--;
	ear->said[ear->length] = '\0';
	for (size_t i = 0; i < ear->length; i++) {
		unsigned char byte = (unsigned char) ear->said[i];

		if (byte == '\n' || byte == '\t')
			ear->said[i] = ' ';
		else if (byte < 0x20 || byte >= 0x7f)
			ear->said[i] = '?';
	}
}

static int reap(pid_t pid, int *ret_status)
{
	pid_t reaped;

	do {
		reaped = waitpid(pid, ret_status, 0);
	} while (reaped < 0 && errno == EINTR);
	return reaped < 0 ? -errno : 0;
}

/* Waits for a helper that was started, and is rid of it whatever happens. */
static int attend(pid_t pid, int limit_ms, struct ear *ear, int *ret_status)
{
	unr_autoclose int pid_fd = (int) syscall(SYS_pidfd_open, pid, 0);
	int r = pid_fd < 0 ? -errno : listen_until_end(ear, pid_fd, unr_now_ms() + limit_ms);
	int reaped;

	if (r < 0 && kill(pid, SIGKILL) < 0)
		return r; /* waiting for what cannot be killed would hang */
	reaped = reap(pid, ret_status);
	return r < 0 ? r : reaped;
}

static int fail_run(const char *path, int code, int limit_ms, const struct ear *ear,
		    struct unr_error *err)
{
	const char *colon = ear->length == 0 ? "" : ": ";

	if (code == -ETIMEDOUT)
		return unr_fail(err, UNR_ERROR_FAILED, code,
				"%s did not end within %d ms and was killed%s%s", path, limit_ms,
				colon, ear->said);
	return unr_fail(err, UNR_ERROR_FAILED, code, "cannot wait for %s: %s%s%s", path,
			strerror(-code), colon, ear->said);
}

int unr_helper_run(char *const argv[], int limit_ms, struct unr_helper_end *ret,
		   struct unr_error *err)
{
	unr_autoclose int read_fd = -EBADF;
	unr_autoclose int write_fd = -EBADF;
	struct unr_helper_end end = { 0 };
	struct ear ear = { .said = end.said, .size = sizeof(end.said) };
	int fds[2];
	pid_t parent = getpid(), pid;
	int r;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return unr_fail_errno(err, "pipe for %s", argv[0]);
	read_fd = fds[0];
	write_fd = fds[1];
	/* Something that outlives the helper may hold the other end: never block on it. */
	if (fcntl(read_fd, F_SETFL, O_NONBLOCK) < 0)
		return unr_fail_errno(err, "pipe for %s", argv[0]);
	pid = fork();
	if (pid < 0)
		return unr_fail_errno(err, "fork for %s", argv[0]);
	if (pid == 0)
		become_helper(argv, write_fd, parent);
	unr_close(&write_fd);
	ear.fd = unr_take_fd(&read_fd);
	r = attend(pid, limit_ms, &ear, &end.status);
	unr_close(&ear.fd);
	make_printable(&ear);
	if (r < 0)
		return fail_run(argv[0], r, limit_ms, &ear, err);
	*ret = end;
	return 0;
}
