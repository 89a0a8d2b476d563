/* SPDX-License-Identifier: MIT */
/*
 * Making the child: clone3(2) or clone(2), the hand-shake, becoming root inside.
 *
 *   parent                       child
 *   clone ---------------------> (no ids yet)
 *   write uid_map, gid_map
 *   'M' -----------------------> become 0:0, in a session of its own,
 *                                ask to die with the parent
 *        <---------------------- 'R' (or 'E' and an error)
 *   'G' -----------------------> main()
 *
 * PR_SET_PDEATHSIG is cleared by a change of ids (prctl(2)), so it is asked for
 * after them; 'G' proves that the parent was still there then.
 */
#include "userns/namespace.h"

#include <errno.h>
#include <grp.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "userns/refused.h"

#define NAMESPACES                                                                                 \
	((unsigned long) (CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC |              \
			  CLONE_NEWUTS | CLONE_NEWNET | CLONE_NEWCGROUP))

#ifdef UNR_COVERAGE
void __gcov_dump(void); /* libgcov's: _exit() would lose the child's counters */
#endif

void unr_child_exit(int status)
{
#ifdef UNR_COVERAGE
	__gcov_dump();
#endif
	_exit(status);
}

/* fork() into new namespaces; 0 in the child. */
static pid_t clone_into_namespaces(unsigned long namespaces)
{
	struct clone_args arguments = { .flags = namespaces, .exit_signal = SIGCHLD };
	long pid = syscall(SYS_clone3, &arguments, sizeof(arguments));

	/* Containers' seccomp filters answer ENOSYS, as they cannot look into the struct. */
	if (pid < 0 && errno == ENOSYS)
		pid = syscall(SYS_clone, namespaces | SIGCHLD, NULL, NULL, NULL, NULL);
	return (pid_t) pid;
}

/* A child and what becomes of it. */
struct start {
	const struct unr_map_choice *choice; /* NULL: no namespace of its own */
	unsigned long namespaces;
	bool outlives_caller;
	unr_child_fn main;
	void *argument;
};

/* Ids first (they need the capabilities), then the session and the death signal. */
static int become_root(const struct start *start, struct unr_error *err)
{
	/* Where setgroups is denied there are no groups to drop but the caller's own. */
	if (setgroups(0, NULL) < 0 && errno != EPERM)
		return unr_userns_refused(err, "drop groups");
	if (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		return unr_userns_refused(err, "become root");
	if (start->outlives_caller)
		return 0;
	/* No pid namespace keeps kill(2) from the process group that one is in. */
	if (setsid() < 0)
		return unr_fail_errno(err, "setsid");
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return unr_fail_errno(err, "prctl(PR_SET_PDEATHSIG)");
	return 0;
}

/* The next byte of the hand-shake; 0 when the other side is gone. */
static uint8_t await(int fd)
{
	uint8_t byte = 0;

	return unr_read_full(fd, &byte, 1) == 1 ? byte : 0;
}

static bool tell(int fd, uint8_t byte)
{
	return unr_write_full(fd, &byte, 1) == 0;
}

UNR_NORETURN static void run_child(int fd, const struct start *start)
{
	struct unr_error err = { 0 };

	/* A parent that is gone must end this process by an answer, not by a signal. */
	(void) signal(SIGPIPE, SIG_IGN);
	if (start->choice == NULL)
		unr_child_exit(start->main(start->argument, fd));
	if (await(fd) != 'M')
		unr_child_exit(1);
	if (become_root(start, &err) < 0) {
		if (tell(fd, 'E'))
			(void) !unr_write_full(fd, &err, sizeof(err));
		unr_child_exit(1);
	}
	if (!tell(fd, 'R') || await(fd) != 'G')
		unr_child_exit(1);
	unr_child_exit(start->main(start->argument, fd));
}

static int ended_too_soon(struct unr_error *err)
{
	return unr_fail(err, UNR_ERROR_FAILED, -EIO,
			"the child ended before it could begin its work");
}

/*
 * A refused map is the host's word only of a child that lives: of one that was killed meanwhile the
 * kernel says EACCES to an ordinary user, as its memory is gone (proc(5)).  One that lives ends by
 * itself when nothing more can come.
 */
static int map_not_written(struct unr_child *child, int r, struct unr_error *err)
{
	int status;

	(void) shutdown(child->socket, SHUT_RDWR);
	if (unr_child_wait(child, &status) == 0 && WIFSIGNALED(status))
		return ended_too_soon(err);
	return r;
}

/* The parent's half. */
static int shake_hands(struct unr_child *child, const struct unr_map_choice *choice,
		       struct unr_error *err)
{
	struct unr_error theirs;
	uint8_t answer;
	int r = unr_map_write(child->pid, choice, err);

	if (r < 0)
		return map_not_written(child, r, err);
	answer = tell(child->socket, 'M') ? await(child->socket) : 0;
	if (answer == 'E' &&
	    unr_read_full(child->socket, &theirs, sizeof(theirs)) == (ssize_t) sizeof(theirs)) {
		if (err != NULL)
			*err = theirs; /* it has read nothing hostile yet */
		return theirs.code;
	}
	if (answer != 'R' || !tell(child->socket, 'G'))
		return ended_too_soon(err);
	return 0;
}

static int start_child(const struct start *start, struct unr_child *ret, struct unr_error *err)
{
	struct unr_child child = { .socket = -EBADF };
	int pair[2];
	int r;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return unr_fail_errno(err, "socketpair");
	(void) fflush(NULL); /* or the child would own a copy of what is still to be written */
	child.pid = clone_into_namespaces(start->namespaces);
	if (child.pid == 0) {
		(void) close(pair[0]);
		run_child(pair[1], start);
	}
	r = errno;
	(void) close(pair[1]);
	child.socket = pair[0];
	if (child.pid < 0) {
		unr_close(&child.socket);
		return unr_userns_clone_refused(r, err);
	}
	r = start->choice == NULL ? 0 : shake_hands(&child, start->choice, err);
	if (r < 0) {
		unr_child_stop(&child);
		return r;
	}
	*ret = child;
	return 0;
}

int unr_child_start(const struct unr_map_choice *choice, unr_child_fn main, void *argument,
		    struct unr_child *ret, struct unr_error *err)
{
	const struct start start = {
		.choice = choice, .namespaces = NAMESPACES, .main = main, .argument = argument
	};

	return start_child(&start, ret, err);
}

int unr_child_start_survivor(const struct unr_map_choice *choice, unr_child_fn main, void *argument,
			     struct unr_child *ret, struct unr_error *err)
{
	const struct start start = { .choice = choice,
				     .namespaces = choice == NULL ? 0 : CLONE_NEWUSER,
				     .outlives_caller = true,
				     .main = main,
				     .argument = argument };

	return start_child(&start, ret, err);
}

int unr_child_try_namespaces(void)
{
	struct unr_child child = { .socket = -EBADF };
	int status;

	child.pid = clone_into_namespaces(NAMESPACES);
	if (child.pid == 0)
		_exit(0);
	if (child.pid < 0)
		return -errno;
	return unr_child_wait(&child, &status);
}

int unr_child_wait(struct unr_child *child, int *ret_status)
{
	pid_t pid;

	unr_close(&child->socket);
	do {
		pid = waitpid(child->pid, ret_status, 0);
	} while (pid < 0 && errno == EINTR);
	child->pid = 0;
	return pid < 0 ? -errno : 0;
}

void unr_child_stop(struct unr_child *child)
{
	int status;

	if (child->pid > 0) {
		(void) kill(child->pid, SIGKILL);
		(void) !unr_child_wait(child, &status);
	}
	unr_close(&child->socket);
}
