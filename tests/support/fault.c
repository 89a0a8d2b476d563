/* SPDX-License-Identifier: MIT */
/*
 * unr-fault CALL=ERRNO@N FILE -- COMMAND [ARGUMENT...]
 * unr-fault CALL=SIGNAL@N FILE -- COMMAND [ARGUMENT...]
 * unr-fault CALL=SIGNAL!@N FILE -- COMMAND [ARGUMENT...]
 *
 * Runs a command and lets the Nth system call CALL fail that it, or any process
 * that it makes, makes; N is counted over all of them, from 1, and none fails
 * where it is 0.  Once all of them are gone, how many such calls there were is
 * written to FILE.  The exit status is the command's, 128 + the signal for one
 * that was killed.  A test tool; it is not installed.
 *
 * A signal goes to the command, at the moment of that call; with "!" behind its
 * name, to whoever makes the call.
 *
 * By seccomp_unotify(2): the kernel asks this process at each such call.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "usernsrepro/attr.h"

/* As env(1): what is wrong with us must not look like the command's own status. */
enum { EXIT_OURS = 125, EXIT_NOT_FOUND = 127 };

/* What is to happen. */
struct fault {
	int number; /* of the call */
	int error;  /* or 0, and then */
	int signal; /* of what kind... */
	bool asker; /* ...and for whom */
	pid_t command;
	unsigned long at;
	unsigned long seen;
	struct seccomp_notif *question;
	struct seccomp_notif_resp *answer;
};

/* What the command's process tells before it becomes the command. */
struct shared {
	_Atomic int notify_fd; /* in the table of descriptors that both have; -1: not yet */
};

/* A positive errno, a signal as a negative number, 0. */
static int outcome_from_name(const char *name)
{
	static const struct {
		const char *name;
		int value;
	} names[] = {
		{ "EAGAIN", EAGAIN },    { "EINTR", EINTR },      { "EIO", EIO },
		{ "EMFILE", EMFILE },    { "ENOMEM", ENOMEM },    { "ENOSPC", ENOSPC },
		{ "ENOSYS", ENOSYS },    { "EPERM", EPERM },      { "SIGINT", -SIGINT },
		{ "SIGKILL", -SIGKILL }, { "SIGTERM", -SIGTERM },
	};

	for (size_t i = 0; i < UNR_COUNT(names); i++)
		if (strcmp(name, names[i].name) == 0)
			return names[i].value;
	return 0;
}

static bool parse_fault(char *text, struct fault *ret)
{
	char *equals = strchr(text, '=');
	char *at = equals == NULL ? NULL : strchr(equals, '@');
	int outcome;

	if (at == NULL)
		return false;
	*equals = *at = '\0';
	ret->asker = at[-1] == '!';
	if (ret->asker)
		at[-1] = '\0';
	ret->number = seccomp_syscall_resolve_name(text);
	outcome = outcome_from_name(equals + 1);
	ret->error = outcome > 0 ? outcome : 0;
	ret->signal = outcome < 0 ? -outcome : 0;
	ret->at = strtoul(at + 1, NULL, 10);
	return ret->number != __NR_SCMP_ERROR && outcome != 0;
}

static int make_filter(int number)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int r = filter == NULL ? -ENOMEM : 0;

	if (r == 0 && geteuid() == 0) /* so that no_new_privs is left to the program */
		r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0);
	if (r == 0)
		r = seccomp_rule_add(filter, SCMP_ACT_NOTIFY, number, 0);
	if (r == 0)
		r = seccomp_load(filter);
	return r < 0 ? r : seccomp_notify_fd(filter);
}

static UNR_NORETURN void run_command(const struct fault *fault, struct shared *shared,
				     char **command)
{
	int fd;

	(void) prctl(PR_SET_PDEATHSIG, SIGKILL);
	fd = make_filter(fault->number);
	/* Nothing but memory from here on: whatever call it were, it might be the one. */
	atomic_store(&shared->notify_fd, fd < 0 ? -2 : fd);
	if (fd >= 0)
		(void) execvp(command[0], command);
	_exit(EXIT_NOT_FOUND);
}

/* One call: let it pass, or let it fail.  Whoever asked may be gone meanwhile. */
static void answer(struct fault *fault, int fd)
{
	bool is_it;

	memset(fault->question, 0, sizeof(*fault->question));
	if (seccomp_notify_receive(fd, fault->question) < 0)
		return;
	*fault->answer = (struct seccomp_notif_resp) { .id = fault->question->id };
	is_it = ++fault->seen == fault->at;
	if (is_it && fault->signal != 0)
		(void) kill(fault->asker ? (pid_t) fault->question->pid : fault->command,
			    fault->signal);
	if (is_it && fault->error != 0)
		fault->answer->error = -fault->error;
	else
		fault->answer->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	(void) seccomp_notify_respond(fd, fault->answer);
}

/* Until the last process with the filter is gone. */
static void serve(struct fault *fault, int fd)
{
	for (;;) {
		struct pollfd polled = { .fd = fd, .events = POLLIN };

		if (poll(&polled, 1, -1) < 0)
			continue;
		if ((polled.revents & POLLIN) != 0)
			answer(fault, fd);
		else if (polled.revents != 0)
			return;
	}
}

static bool write_count(const struct fault *fault, const char *path)
{
	FILE *file = fopen(path, "we");

	if (file == NULL)
		return false;
	(void) fprintf(file, "%lu\n", fault->seen);
	return fclose(file) == 0;
}

static int run(struct fault *fault, const char *path, char **command)
{
	struct shared *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status = 0;
	pid_t pid;

	if (shared == MAP_FAILED || seccomp_notify_alloc(&fault->question, &fault->answer) < 0)
		return EXIT_OURS;
	atomic_store(&shared->notify_fd, -1);
	/* As fork(2), but with the same descriptors, so that the filter's is ours as well. */
	pid = (pid_t) syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL);
	if (pid == 0)
		run_command(fault, shared, command);
	fault->command = pid;
	while (pid > 0 && atomic_load(&shared->notify_fd) == -1)
		(void) sched_yield();
	if (pid > 0 && atomic_load(&shared->notify_fd) >= 0)
		serve(fault, atomic_load(&shared->notify_fd));
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || atomic_load(&shared->notify_fd) < 0 ||
	    !write_count(fault, path)) {
		(void) fprintf(stderr, "unr-fault: cannot be done here: %s\n", strerror(errno));
		return EXIT_OURS;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	struct fault fault = { 0 };

	if (argc < 5 || strcmp(argv[3], "--") != 0 || !parse_fault(argv[1], &fault)) {
		(void) fprintf(stderr,
			       "usage: unr-fault CALL=ERRNO|SIGNAL[!]@N FILE -- COMMAND...\n");
		return EXIT_OURS;
	}
	return run(&fault, argv[2], argv + 4);
}
