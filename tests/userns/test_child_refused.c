/* SPDX-License-Identifier: MIT */
/* userns/: hosts and maps that give no child: which error it is, and that nothing is left. */
#include "unr_test.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "docker_map.h"
#include "userns/namespace.h"

/* Shared with the process that tries. */
struct attempt {
	int clone_error; /* what clone(2) answers; 0: it is left alone */
	struct unr_id_range uids, gids;
	int code;
	struct unr_error err;
	bool is_killed; /* while its map is written */
	bool left;      /* is there still a process? */
};

/* A kernel without clone3(2), whose clone(2) refuses user namespaces (seccomp(2)). */
static int refuse_clone(int error)
{
	const unsigned int refused = SECCOMP_RET_ERRNO | (unsigned int) error;
	/* Flags are the first argument on x86 and arm; little endian has its low half first. */
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 4, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 2),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_NEWUSER, 2, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, refused),
	};
	const struct sock_fprog program = { .len = UNR_COUNT(filter), .filter = filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0 ? -errno : 0;
}

int __wrap_unr_map_write(pid_t pid, const struct unr_map_choice *choice, struct unr_error *err);
int __real_unr_map_write(pid_t pid, const struct unr_map_choice *choice, struct unr_error *err);

/* A choice with this reason: the child is killed before its map is written. */
#define KILLED "to be killed"

int __wrap_unr_map_write(pid_t pid, const struct unr_map_choice *choice, struct unr_error *err)
{
	siginfo_t info;

	if (strcmp(choice->why, KILLED) != 0)
		return __real_unr_map_write(pid, choice, err);
	if (kill(pid, SIGKILL) < 0 || waitid(P_PID, (id_t) pid, &info, WEXITED | WNOWAIT) < 0)
		abort();
	/* What an ordinary user hears; root would be told that nothing is wrong. */
	return unr_fail(err, UNR_ERROR_CANNOT_RUN, -EACCES, "Permission denied");
}

static int try_start(void *arg)
{
	struct attempt *attempt = arg;
	/* Whoever runs this may write a map of the own id alone. */
	struct unr_map_choice choice = { .method = UNR_MAP_SELF };
	struct unr_child child = { .pid = 77, .socket = 77 };

	if (attempt->clone_error != 0 && refuse_clone(attempt->clone_error) < 0)
		return 1;
	if (attempt->is_killed)
		(void) snprintf(choice.why, sizeof(choice.why), KILLED);
	if (unr_idmap_add(&choice.maps.of[UNR_UID], attempt->uids) < 0 ||
	    unr_idmap_add(&choice.maps.of[UNR_GID], attempt->gids) < 0)
		return 2;
	attempt->code = unr_child_start(&choice, end_at_once, NULL, &child, &attempt->err);
	attempt->left = waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD;
	unr_map_choice_done(&choice);
	if (attempt->code == 0)
		unr_child_stop(&child);
	else if (child.pid != 77 || child.socket != 77)
		return 3;
	return 0;
}

static struct attempt make_attempt(const struct attempt *attempt)
{
	struct attempt *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct attempt result;

	assert_true(shared != MAP_FAILED);
	*shared = *attempt;
	assert_int_equal(unr_run_in_child(try_start, shared), 0);
	result = *shared;
	(void) munmap(shared, sizeof(*shared));
	return result;
}

static struct attempt run_attempt(int clone_error, struct unr_id_range uids,
				  struct unr_id_range gids)
{
	return make_attempt(
		&(const struct attempt) { .clone_error = clone_error, .uids = uids, .gids = gids });
}

static struct unr_id_range own_uid(uint32_t inside)
{
	return (struct unr_id_range) { inside, geteuid(), 1 };
}

static struct unr_id_range own_gid(uint32_t inside)
{
	return (struct unr_id_range) { inside, getegid(), 1 };
}

/* What is the host's refusal has a remedy; what is not, is a failure. */
static void clone__refused(void **state)
{
	static const struct {
		int error;
		enum unr_error_kind kind;
		const char *text, *remedy;
	} cases[] = {
		{ EPERM, UNR_ERROR_CANNOT_RUN,
		  "cannot create a user namespace: Operation not permitted",
		  "a seccomp filter is in force" },
		{ EACCES, UNR_ERROR_CANNOT_RUN, "cannot create a user namespace: Permission denied",
		  "--security-opt apparmor=unconfined" },
		{ ENOSPC, UNR_ERROR_CANNOT_RUN,
		  "cannot create a user namespace: No space left on device",
		  "sysctl -w user.max_user_namespaces=" },
		{ EUSERS, UNR_ERROR_CANNOT_RUN, "cannot create a user namespace: Too many users",
		  "nested too deeply" },
		{ EINVAL, UNR_ERROR_CANNOT_RUN, "cannot create a user namespace: Invalid argument",
		  "CONFIG_USER_NS" },
		{ EAGAIN, UNR_ERROR_FAILED,
		  "cannot create a user namespace: Resource temporarily unavailable", "" },
		{ ENOMEM, UNR_ERROR_FAILED,
		  "cannot create a user namespace: Cannot allocate memory", "" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct attempt a = run_attempt(cases[i].error, own_uid(0), own_gid(0));

		assert_int_equal(a.code, -cases[i].error);
		assert_int_equal(a.err.kind, cases[i].kind);
		assert_ptr_equal(strstr(a.err.message, cases[i].text), a.err.message);
		assert_non_null(strstr(a.err.message, cases[i].remedy));
		assert_int_equal(strlen(a.err.message) > strlen(cases[i].text),
				 cases[i].remedy[0] != '\0');
		assert_false(a.left);
	}
}

/* Ids past the last one: nobody may write such a map; the child is taken back. */
static void map__refused_by_the_kernel(void **state)
{
	struct attempt a = run_attempt(0, (struct unr_id_range) { 0, UINT32_MAX, 2 }, own_gid(0));

	(void) state;
	assert_true(a.code == -EINVAL || a.code == -EPERM);
	assert_int_not_equal(a.err.kind, UNR_ERROR_NONE);
	assert_non_null(strstr(a.err.message, "uid_map"));
	assert_false(a.left);
}

/* The child cannot become what has no place, and says so through the socket. */
static void map__without_a_root_inside(void **state)
{
	struct attempt a;

	(void) state;
	a = run_attempt(0, own_uid(0), own_gid(1));
	assert_int_equal(a.code, -EINVAL);
	assert_int_equal(a.err.kind, UNR_ERROR_FAILED);
	assert_string_equal(a.err.message,
			    "cannot become root inside the user namespace: Invalid argument");
	assert_false(a.left);
	a = run_attempt(0, own_uid(1), own_gid(0));
	assert_string_equal(a.err.message,
			    "cannot become root inside the user namespace: Invalid argument");
	assert_false(a.left);
}

/* Then what became of the map is no word of the host's. */
static void map__of_a_child_that_is_killed(void **state)
{
	struct attempt a = make_attempt(&(const struct attempt) {
		.is_killed = true, .uids = own_uid(0), .gids = own_gid(0) });

	(void) state;
	assert_int_equal(a.code, -EIO);
	assert_int_equal(a.err.kind, UNR_ERROR_FAILED);
	assert_string_equal(a.err.message, "the child ended before it could begin its work");
	assert_false(a.left);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(clone__refused),
	cmocka_unit_test(map__refused_by_the_kernel),
	cmocka_unit_test(map__without_a_root_inside),
	cmocka_unit_test(map__of_a_child_that_is_killed),
};

UNR_TEST_MAIN("child_refused", tests, can_make_namespaces);
