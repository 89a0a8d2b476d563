/* SPDX-License-Identifier: MIT */
/* userns/filter: what a child may still call, tried from inside, and what ends it. */
#include "unr_test.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "userns/filter.h"

#define KILLED (128 + SIGSYS)

/* A system call by number with arguments that would do. */
struct call {
	const char *name;
	long number;
	long arguments[3];
};

static int make_call(void *arg)
{
	const struct call *call = arg;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || unr_filter_enter(NULL) < 0)
		return 1;
	(void) syscall(call->number, call->arguments[0], call->arguments[1], call->arguments[2], 0,
		       0, 0);
	return 0;
}

static void filter__kills(void **state)
{
	static const struct call calls[] = {
		{ "execve", SYS_execve, { 0 } },
		{ "execveat", SYS_execveat, { -1 } },
		{ "socket", SYS_socket, { AF_INET, SOCK_STREAM } },
		{ "socket, local", SYS_socket, { AF_UNIX, SOCK_STREAM } },
		{ "connect", SYS_connect, { -1 } },
		{ "bind", SYS_bind, { -1 } },
		{ "ioctl, which can type on a terminal", SYS_ioctl, { STDERR_FILENO } },
		{ "ptrace", SYS_ptrace, { 0 } },
		{ "process_vm_readv", SYS_process_vm_readv, { 0 } },
		{ "mount", SYS_mount, { 0 } },
		{ "umount2", SYS_umount2, { 0 } },
		{ "pivot_root", SYS_pivot_root, { 0 } },
		{ "move_mount", SYS_move_mount, { -1 } },
		{ "open_tree", SYS_open_tree, { -1 } },
		{ "fsopen", SYS_fsopen, { 0 } },
		{ "unshare", SYS_unshare, { 0 } },
		{ "setns", SYS_setns, { -1 } },
		{ "clone with a namespace", SYS_clone, { CLONE_NEWUSER | SIGCHLD } },
		{ "clone with another", SYS_clone, { CLONE_NEWNET | SIGCHLD } },
		{ "setuid", SYS_setuid, { 0 } },
		{ "setresuid", SYS_setresuid, { 0 } },
		{ "setgroups", SYS_setgroups, { 0 } },
		{ "capset", SYS_capset, { 0 } },
		{ "bpf", SYS_bpf, { 0 } },
		{ "perf_event_open", SYS_perf_event_open, { 0 } },
		{ "userfaultfd", SYS_userfaultfd, { 0 } },
		{ "io_uring_setup", SYS_io_uring_setup, { 0 } },
		{ "keyctl", SYS_keyctl, { 0 } },
		{ "add_key", SYS_add_key, { 0 } },
		{ "open_by_handle_at", SYS_open_by_handle_at, { -1 } },
		{ "name_to_handle_at", SYS_name_to_handle_at, { -1 } },
		{ "pidfd_getfd", SYS_pidfd_getfd, { -1 } },
		{ "init_module", SYS_init_module, { 0 } },
		{ "kexec_load", SYS_kexec_load, { 0 } },
		{ "reboot", SYS_reboot, { 0 } },
		{ "sethostname", SYS_sethostname, { 0 } },
		{ "settimeofday", SYS_settimeofday, { 0 } },
		{ "personality", SYS_personality, { 0 } },
		{ "outlive the parent", SYS_prctl, { PR_SET_PDEATHSIG, 0 } },
		{ "one that does not exist", 4000, { 0 } },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(calls); i++) {
		struct call call = calls[i];
		int status = unr_run_in_child(make_call, &call);

		if (status != KILLED)
			fail_msg("%s: %d", call.name, status);
	}
}

static void *touch(void *arg)
{
	*(int *) arg = 7;
	return NULL;
}

/* What a program does without thinking: memory, a child, a thread, a file. */
static int live(void *arg)
{
	const char *folder = arg;
	int touched = 0, status = 0;
	pthread_t thread;
	void *block;
	pid_t pid;

	if (chdir(folder) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    unr_filter_enter(NULL) < 0)
		return 1;
	block = malloc((size_t) 32 << 20);
	if (block == NULL)
		return 2;
	memset(block, 1, (size_t) 32 << 20);
	free(block);
	pid = fork();
	if (pid == 0)
		_exit(5);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || WEXITSTATUS(status) != 5)
		return 3;
	if (pthread_create(&thread, NULL, touch, &touched) != 0 ||
	    pthread_join(thread, NULL) != 0 || touched != 7)
		return 4;
	if (syscall(SYS_clone3, NULL, 0) != -1 || errno != ENOSYS)
		return 5;
	return mkdir("made", 0700) < 0 || rmdir("made") < 0 ? 6 : 0;
}

static void filter__lets_a_program_live(void **state)
{
	char folder[] = "/tmp/unr-test-XXXXXX";

	(void) state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(unr_run_in_child(live, folder), 0);
	assert_int_equal(rmdir(folder), 0);
}

/* An assertion of ours still ends a process as it should. */
static int die(void *arg)
{
	(void) arg;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || unr_filter_enter(NULL) < 0)
		return 1;
	abort();
}

static void filter__lets_a_program_abort(void **state)
{
	(void) state;
	assert_int_equal(unr_run_in_child(die, NULL), 128 + SIGABRT);
}

/* Who speaks to the network: what is not allowed answers, and the socket is there. */
static int call_on_the_network(void *arg)
{
	int fd;

	(void) arg;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || unr_filter_enter_network(NULL) < 0)
		return 1;
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		return 2;
	if (syscall(SYS_execve, NULL, NULL, NULL) != -1 || errno != EPERM)
		return 3;
	if (unshare(CLONE_NEWUSER) != -1 || errno != EPERM)
		return 4;
	if (setuid(0) != -1 || errno != EPERM)
		return 5;
	/* TIOCSTI types on a terminal. */
	if (ioctl(STDERR_FILENO, TIOCSTI, "x") != -1 || errno != EPERM)
		return 6;
	if (syscall(SYS_ptrace, 0, 0, 0, 0) != -1 || errno != EPERM)
		return 7;
	/* Or it would outlive the parent. */
	return prctl(PR_SET_PDEATHSIG, 0) != -1 || errno != EPERM ? 8 : 0;
}

static void filter__of_the_network_refuses(void **state)
{
	(void) state;
	assert_int_equal(unr_run_in_child(call_on_the_network, NULL), 0);
}

/* It stays for what the process makes. */
static int call_in_grandchild(void *arg)
{
	int status = 0;
	pid_t pid;

	(void) arg;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || unr_filter_enter(NULL) < 0)
		return 1;
	pid = fork();
	if (pid == 0)
		_exit(unshare(CLONE_NEWNS) == 0 ? 2 : 3);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 4;
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS ? 0 : 5;
}

static void filter__is_inherited(void **state)
{
	(void) state;
	assert_int_equal(unr_run_in_child(call_in_grandchild, NULL), 0);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(filter__kills),
	cmocka_unit_test(filter__lets_a_program_live),
	cmocka_unit_test(filter__lets_a_program_abort),
	cmocka_unit_test(filter__of_the_network_refuses),
	cmocka_unit_test(filter__is_inherited),
};

UNR_TEST_MAIN("filter", tests, NULL);
