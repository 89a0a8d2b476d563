/* SPDX-License-Identifier: MIT */
/* Making a user namespace: who may, how many, and what one has in it before there is a map. */
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "selftest/groups.h"
#include "selftest/kit.h"
#include "userns/namespace.h"

#define MAN "user_namespaces(7)"

/* create_user_ns(): a namespace at this depth below the first one makes no further one. */
#define DEPTH_MAX 33

/* ---- who may ---- */

static void ordinary(struct st *t)
{
	/* That it is another one is looked at in there. */
	st_unshare(t, CLONE_NEWUSER);
}

static void no_new_privs(struct st *t)
{
	st_want(t, 0, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	st_unshare_own(t, 0);
	st_equal(t, st_all_capabilities(t), st_capabilities(t));
}

static void threads(struct st *t)
{
	/* First that it is allowed at all: EINVAL then has one reason. */
	st_run(t, ordinary);
	st_thread(t);
	st_want(t, EINVAL, unshare(CLONE_NEWUSER));
}

static void clone_thread(struct st *t)
{
	const long flags = CLONE_NEWUSER | CLONE_VM | CLONE_SIGHAND | CLONE_THREAD;

	st_want(t, EINVAL, syscall(SYS_clone, flags, NULL, NULL, NULL, NULL));
}

static void clone_fs(struct st *t)
{
	st_want(t, EINVAL,
		syscall(SYS_clone, CLONE_NEWUSER | CLONE_FS | SIGCHLD, NULL, NULL, NULL, NULL));
}

static void unmapped_again(struct st *t)
{
	st_want(t, EPERM, unshare(CLONE_NEWUSER));
}

static void unmapped(struct st *t)
{
	struct st_child child;

	st_child_start(t, CLONE_NEWUSER, unmapped_again, &child);
	st_child_end(t, &child);
}

/* Only the one half has a place. */
static void unmapped_group(struct st *t)
{
	struct st_child child;

	st_child_start(t, CLONE_NEWUSER, unmapped_again, &child);
	st_want(t, 0, st_put(child.pid, "uid_map", "0 0 10"));
	st_child_end(t, &child);
}

static void chrooted(struct st *t)
{
	st_want(t, 0, mkdir("root", 0755));
	st_want(t, 0, chroot("root"));
	st_want(t, EPERM, unshare(CLONE_NEWUSER));
}

static void filtered(struct st *t)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_unshare, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EUSERS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { .len = UNR_COUNT(code), .filter = code };

	st_want(t, 0, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	st_want(t, 0, prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
	st_want(t, EUSERS, unshare(CLONE_NEWUSER));
}

static void switch_clone(struct st *t)
{
	long value = st_number(t, "/proc/sys/kernel/unprivileged_userns_clone");

	st_want(t, value == 0 ? EPERM : 0, unshare(CLONE_NEWUSER));
}

/* Ubuntu: the namespace is made, but its capabilities are worth nothing. */
static void switch_apparmor(struct st *t)
{
	long value = st_number(t, "/proc/sys/kernel/apparmor_restrict_unprivileged_userns");

	st_note(t, "apparmor_restrict_unprivileged_userns is %ld", value);
	if (value == 0) {
		st_unshare_own(t, CLONE_NEWUTS);
		st_want(t, 0, sethostname("inside", 6));
		return;
	}
	if (unshare(CLONE_NEWUSER) < 0)
		st_equal(t, EPERM, errno);
	else
		st_want(t, EPERM, unshare(CLONE_NEWUTS));
}

/* ---- how many ---- */

static void depth(struct st *t)
{
	int n = 0, error;

	st_unshare_own(t, 0);
	for (n = 1; n <= DEPTH_MAX; n++) {
		if (unshare(CLONE_NEWUSER) < 0)
			break;
		/* Its parent's 0, and so its own: the next one needs an owner that has a place. */
		st_want(t, 0, st_put(0, "uid_map", "0 0 1"));
		st_want(t, 0, st_put(0, "gid_map", "0 0 1"));
	}
	error = errno;
	st_note(t, "%d namespaces in one another", n);
	/* Where the caller is itself in one, there are fewer. */
	if (n > DEPTH_MAX || (t->host->is_initial && n != DEPTH_MAX))
		st_fail(t, "promised are %d namespaces in one another, there are %d", DEPTH_MAX, n);
	/* user_namespaces(7) of 2023 still has EUSERS, the errno up to Linux 4.8. */
	st_equal(t, ENOSPC, error);
}

static void set_limit(struct st *t, const char *limit)
{
	if (st_write_file("/proc/sys/user/max_user_namespaces", limit) < 0)
		st_skip(t, "user.max_user_namespaces cannot be set in a namespace: %s",
			unr_errno_name(errno));
}

static void limit_none(struct st *t)
{
	set_limit(t, "0");
	st_want(t, ENOSPC, unshare(CLONE_NEWUSER));
}

static void limit_one(struct st *t)
{
	struct st_child child;

	set_limit(t, "1");
	st_child_start(t, CLONE_NEWUSER, st_idle, &child);
	st_want(t, ENOSPC, unshare(CLONE_NEWUSER));
	st_child_end(t, &child);
}

static void make_another(struct st *t)
{
	st_want(t, ENOSPC, unshare(CLONE_NEWUSER));
}

/* Those further down count, too; and their own limit is no way around it. */
static void limit_below(struct st *t)
{
	set_limit(t, "1");
	st_inside(t, "0 0 10", make_another);
}

static void limit_own(struct st *t)
{
	long before = st_number(t, "/proc/sys/user/max_user_namespaces");

	st_inside(t, "0 0 10", limit_none);
	/* That was another namespace's. */
	st_equal(t, before, st_number(t, "/proc/sys/user/max_user_namespaces"));
	st_unshare(t, CLONE_NEWUSER);
}

/* ---- what one has ---- */

static void want_all_capabilities(struct st *t)
{
	const uint64_t all = st_all_capabilities(t);

	st_equal(t, all, st_capabilities(t));
	st_equal(t, all, st_field(t, 0, "CapPrm", 16));
	st_equal(t, all, st_field(t, 0, "CapBnd", 16));
	st_equal(t, 0, st_field(t, 0, "CapInh", 16));
	st_equal(t, 0, st_field(t, 0, "CapAmb", 16));
	st_equal(t, 0, prctl(PR_GET_SECUREBITS));
}

static void capabilities(struct st *t)
{
	st_unshare(t, CLONE_NEWUSER);
	want_all_capabilities(t);
}

static void capabilities_clone(struct st *t)
{
	int status = 0;
	pid_t pid;

	st_run(t, ordinary);
	pid = (pid_t) st_want(t, 0,
			      syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL));
	if (pid == 0) {
		want_all_capabilities(t);
		unr_child_exit(0);
	}
	st_want(t, 0, waitpid(pid, &status, 0));
	if (status != 0)
		unr_child_exit(1);
}

static void no_set_ids(struct st *t)
{
	st_want(t, EINVAL, setuid(0));
	st_want(t, EINVAL, setgid(0));
	st_want(t, EINVAL, setresuid(0, 0, 0));
	st_want(t, EINVAL, setresgid(0, 0, 0));
	st_want(t, EPERM, setgroups(0, NULL));
}

static void no_map_ids(struct st *t)
{
	struct st_child child;

	st_child_start(t, CLONE_NEWUSER, no_set_ids, &child);
	st_child_end(t, &child);
}

static void no_chown(struct st *t)
{
	st_want(t, EINVAL, chown("file", 0, 0));
	st_want(t, EINVAL, chown("file", 0, (gid_t) -1));
	st_want(t, 0, chown("file", (uid_t) -1, (gid_t) -1));
	st_owned(t, "file", st_overflow_uid(t), st_overflow_gid(t));
	st_want(t, 0, close((int) open("new", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)));
	st_owned(t, "new", st_overflow_uid(t), st_overflow_gid(t));
}

static void no_map_files(struct st *t)
{
	struct st_child child;

	st_file(t, "file", 0600, 0, 0);
	st_child_start(t, CLONE_NEWUSER, no_chown, &child);
	st_child_end(t, &child);
	/* The maker's ids were there all the time. */
	st_owned(t, "new", 0, 0);
}

static void want_namespace(struct st *t)
{
	const ino_t *expected = t->shared;

	st_equal(t, *expected, st_namespace(t, 0, "user"));
}

static void fork_stays(struct st *t)
{
	ino_t *mine = st_shared_memory(t);

	*mine = st_namespace(t, 0, "user");
	st_run(t, want_namespace);
	st_unshare(t, CLONE_NEWUSER);
	*mine = st_namespace(t, 0, "user");
	st_run(t, want_namespace);
}

static void others_alone(struct st *t)
{
	static const int flags[] = { CLONE_NEWNS,  CLONE_NEWUTS, CLONE_NEWIPC,
				     CLONE_NEWNET, CLONE_NEWPID, CLONE_NEWCGROUP };

	for (size_t i = 0; i < UNR_COUNT(flags); i++)
		st_want(t, EPERM, unshare(flags[i]));
}

static void others_with_user(struct st *t)
{
	st_unshare(t, CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET |
			      CLONE_NEWPID | CLONE_NEWCGROUP);
	st_want(t, 0, sethostname("inside", 6));
}

/* All capabilities are none over what belongs to the namespace above. */
static void others_before(struct st *t)
{
	st_unshare(t, CLONE_NEWUSER);
	st_equal(t, st_all_capabilities(t), st_capabilities(t));
	st_want(t, EPERM, sethostname("inside", 6));
	st_want(t, EPERM, mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
}

#define ANYONE(case_name, sentence, where, function)                                               \
	{                                                                                          \
		case_name, sentence, where, .stage = ST_STAGE_ORDINARY, .run = function            \
	}
#define ROOT(case_name, sentence, where, function)                                                 \
	{                                                                                          \
		case_name, sentence, where, .stage = ST_STAGE_ROOT, .run = function                \
	}
#define INSIDE(case_name, sentence, where, function)                                               \
	{                                                                                          \
		case_name, sentence, where, .stage = ST_STAGE_INSIDE, .run = function              \
	}

static const struct st_case CASES[] = {
	ANYONE("ordinary", "A user namespace takes no privilege.", MAN, ordinary),
	ANYONE("no-new-privs", "no_new_privs does not keep one from making a namespace.",
	       "prctl(2)", no_new_privs),
	ANYONE("threads", "A process with several threads cannot unshare its user namespace.",
	       "unshare(2)", threads),
	ANYONE("clone-thread", "A thread cannot be made in another user namespace.", "clone(2)",
	       clone_thread),
	ANYONE("clone-fs", "A namespace and its maker do not share root and working directory.",
	       "clone(2)", clone_fs),
	ROOT("unmapped", "Whoever has no id in a namespace makes no further one there.",
	     "unshare(2)", unmapped),
	ROOT("unmapped-group", "A user without a group in a namespace makes no further one there.",
	     "unshare(2)", unmapped_group),
	INSIDE("chrooted", "A process in a chroot makes no user namespace.", "unshare(2)",
	       chrooted),
	ANYONE("filtered", "What a seccomp filter answers is what the caller gets.", "seccomp(2)",
	       filtered),
	ANYONE("switch-clone", "kernel.unprivileged_userns_clone of 0 forbids it with EPERM.",
	       "a patch of Debian's kernels", switch_clone),
	{ "switch-apparmor", "Ubuntu's AppArmor switch leaves a namespace without privilege.",
	  "a patch of Ubuntu's kernels", .stage = ST_STAGE_ORDINARY, .needs = ST_MEETS_RESTRICTION,
	  .run = switch_apparmor },
	ANYONE("depth", "33 namespaces can lie in one another below the first one.",
	       MAN ", commit 8742f229b635", depth),
	INSIDE("limit-none", "user.max_user_namespaces of 0 forbids it with ENOSPC.",
	       "namespaces(7)", limit_none),
	INSIDE("limit-one", "user.max_user_namespaces counts namespaces that are there.",
	       "namespaces(7)", limit_one),
	INSIDE("limit-below", "A limit holds for namespaces further down, too.", "namespaces(7)",
	       limit_below),
	INSIDE("limit-own", "Every namespace has its own limit.", "namespaces(7)", limit_own),
	ANYONE("capabilities", "Whoever unshares a user namespace has every capability in it.", MAN,
	       capabilities),
	ANYONE("capabilities-clone", "The first process of a namespace has every capability in it.",
	       MAN, capabilities_clone),
	ROOT("no-map-ids", "Without a map no id can be taken on, and no group be set.", MAN,
	     no_map_ids),
	ROOT("no-map-files",
	     "Without a map files are made with the outer ids, and none given away.", MAN,
	     no_map_files),
	ANYONE("fork-stays", "A child is in the user namespace of its parent.", MAN, fork_stays),
	ANYONE("others-alone", "Without a user namespace other namespaces take privilege.",
	       "unshare(2)", others_alone),
	ANYONE("others-with-user",
	       "Namespaces that are made together belong to the user namespace.", MAN,
	       others_with_user),
	ANYONE("others-before", "Namespaces from before belong to the user namespace above.", MAN,
	       others_before),
};

const struct st_group st_group_create = ST_GROUP("create", "making a user namespace", CASES);
