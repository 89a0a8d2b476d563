/* SPDX-License-Identifier: MIT */
/* Limits of a namespace, and what no namespace's root may do. */
#include <asm/unistd.h> /* C libraries know their newest calls alone */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/quota.h>
#include <sys/resource.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "selftest/groups.h"
#include "selftest/kit.h"
#include "userns/namespace.h"

#define LIMITS "namespaces(7)"
#define CAPS "capabilities(7)"

#define MAP "0 1000 1000"

/* ---- counts ---- */

/* user.@name of the namespace one is in. */
static void set_limit(struct st *t, const char *name, const char *limit)
{
	char path[64];

	(void) snprintf(path, sizeof(path), "/proc/sys/user/%s", name);
	if (st_write_file(path, limit) < 0)
		st_skip(t, "%s cannot be set in a namespace: %s", name, unr_errno_name(errno));
}

struct counted {
	const char *limit;
	int namespace;
};

static void one_namespace(struct st *t)
{
	const struct counted *counted = t->test->of->data;

	set_limit(t, counted->limit, "0");
	st_want(t, ENOSPC, unshare(counted->namespace));
	set_limit(t, counted->limit, "10");
	st_want(t, 0, unshare(counted->namespace));
}

static void inotify(struct st *t)
{
	unr_autoclose int first = -EBADF;

	set_limit(t, "max_inotify_instances", "1");
	first = (int) st_want(t, 0, inotify_init1(IN_CLOEXEC));
	st_want(t, EMFILE, inotify_init1(IN_CLOEXEC));
	set_limit(t, "max_inotify_watches", "1");
	st_want(t, 0, inotify_add_watch(first, "/", IN_DELETE_SELF));
	st_want(t, ENOSPC, inotify_add_watch(first, "/proc", IN_DELETE_SELF));
}

#ifndef FAN_REPORT_FID
#define FAN_REPORT_FID 0x200
#endif

static void fanotify(struct st *t)
{
	unr_autoclose int first = -EBADF;
	long answer = ST_ANSWER(fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, O_RDONLY));

	if (answer == -ENOSYS)
		st_skip(t, "this kernel has no fanotify");
	/* What may refuse access is the host's alone. */
	st_equal(t, -EPERM, answer);
	set_limit(t, "max_fanotify_groups", "1");
	first = (int) st_want(
		t, 0, fanotify_init(FAN_CLASS_NOTIF | FAN_REPORT_FID | FAN_CLOEXEC, O_RDONLY));
	st_want(t, EMFILE, fanotify_init(FAN_CLASS_NOTIF | FAN_REPORT_FID | FAN_CLOEXEC, O_RDONLY));
}

/* ---- resources ---- */

/* fork(2); a child ends at once. */
static int try_fork(void)
{
	int pid = fork();

	if (pid == 0)
		unr_child_exit(0);
	return pid;
}

static void no_process(struct st *t)
{
	const struct rlimit none = { 0, 0 };

	st_equal(t, st_all_capabilities(t), st_capabilities(t));
	st_want(t, 0, setrlimit(RLIMIT_NPROC, &none));
	st_want(t, EAGAIN, try_fork());
}

static void processes(struct st *t)
{
	st_inside(t, MAP, no_process);
}

static void hard_limit(struct st *t)
{
	struct rlimit limit;

	st_want(t, 0, getrlimit(RLIMIT_CORE, &limit));
	limit.rlim_max = 4096;
	limit.rlim_cur = 0;
	st_want(t, 0, setrlimit(RLIMIT_CORE, &limit));
	limit.rlim_max = 8192;
	st_want(t, EPERM, setrlimit(RLIMIT_CORE, &limit));
}

static void priority(struct st *t)
{
	const struct sched_param parameters = { .sched_priority = 1 };
	const struct rlimit none = { 0, 0 };

	/* Without these privilege is all that could allow it. */
	st_want(t, 0, setrlimit(RLIMIT_NICE, &none));
	st_want(t, 0, setrlimit(RLIMIT_RTPRIO, &none));
	st_want(t, 0, setpriority(PRIO_PROCESS, 0, 19));
	st_want(t, EACCES, setpriority(PRIO_PROCESS, 0, 5));
	/* The system call: musl's function never makes it. */
	st_want(t, EPERM, syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &parameters));
}

/* ---- the host's alone ---- */

static void clock_stays(struct st *t)
{
	struct timespec now;

	st_want(t, 0, clock_gettime(CLOCK_REALTIME, &now));
	st_want(t, EPERM, clock_settime(CLOCK_REALTIME, &now));
}

/* The arguments are good for nothing, whoever calls; a kernel need not have the call. */
static void host_only(struct st *t)
{
	const struct {
		const char *name;
		long answer;
	} calls[] = {
		{ "swapon", ST_ANSWER(swapon("", 0)) },
		{ "swapoff", ST_ANSWER(swapoff("")) },
		{ "delete_module", ST_ANSWER(syscall(SYS_delete_module, "", O_NONBLOCK)) },
		{ "init_module", ST_ANSWER(syscall(SYS_init_module, NULL, 0UL, NULL)) },
		{ "acct", ST_ANSWER(syscall(SYS_acct, "")) },
		{ "reboot", ST_ANSWER(syscall(SYS_reboot, 0, 0, 0, NULL)) },
	};

	for (size_t i = 0; i < UNR_COUNT(calls); i++)
		if (calls[i].answer != -ENOSYS)
			(void) st_judge(t, EPERM, calls[i].answer, calls[i].name, __LINE__);
}

static void host_name(struct st *t)
{
	st_want(t, EPERM, sethostname("inside", 6));
	st_want(t, EPERM, setdomainname("inside", 6));
	st_unshare(t, CLONE_NEWUTS);
	st_want(t, 0, sethostname("inside", 6));
}

static void host_network(struct st *t)
{
	/* A raw socket belongs to the network namespace. */
	st_want(t, EPERM, syscall(SYS_socket, 2 /* AF_INET */, 3 /* SOCK_RAW */, 1));
	st_unshare(t, CLONE_NEWNET);
	st_want(t, 0, syscall(SYS_socket, 2, 3, 1));
}

static void host_settings(struct st *t)
{
	st_want(t, EACCES, open("/proc/sys/kernel/overflowuid", O_WRONLY | O_CLOEXEC));
	st_want(t, EACCES, open("/proc/sys/kernel/core_pattern", O_WRONLY | O_CLOEXEC));
}

/* QCMD() of <sys/quota.h> shifts a signed number beyond its bits. */
#define USER_QUOTA(command) ((unsigned int) (command) << SUBCMDSHIFT | USRQUOTA)

static void ask_quota(struct st *t)
{
	char answer[512];
	unr_autoclose int here = (int) st_want(t, 0, open(".", O_RDONLY | O_CLOEXEC));

	st_want(t, EPERM, syscall(__NR_quotactl_fd, here, USER_QUOTA(Q_GETQUOTA), 5, answer));
	st_want(t, EPERM, syscall(__NR_quotactl_fd, here, USER_QUOTA(Q_QUOTAOFF), 0, NULL));
}

static void quota(struct st *t)
{
	char answer[512];
	unr_autoclose int here = (int) st_want(t, 0, open(".", O_RDONLY | O_CLOEXEC));

	if (syscall(__NR_quotactl_fd, here, USER_QUOTA(Q_GETQUOTA), 1005, answer) < 0 &&
	    errno == ENOSYS)
		st_skip(t, "this kernel has no quotas on ext4");
	st_inside(t, MAP, ask_quota);
}

#define INSIDE(case_name, sentence, where, function, ...)                                          \
	{                                                                                          \
		case_name, sentence, where, .stage = ST_STAGE_INSIDE, .run = function, __VA_ARGS__ \
	}
#define COUNTED(case_name, sentence, name, flag)                                                   \
	INSIDE(case_name, sentence, LIMITS, one_namespace,                                         \
	       .data = &(const struct counted) { name, flag })

static const struct st_case CASES[] = {
	COUNTED("mount-namespaces", "Mount namespaces are counted.", "max_mnt_namespaces",
		CLONE_NEWNS),
	COUNTED("pid-namespaces", "PID namespaces are counted.", "max_pid_namespaces",
		CLONE_NEWPID),
	COUNTED("network-namespaces", "Network namespaces are counted.", "max_net_namespaces",
		CLONE_NEWNET),
	COUNTED("ipc-namespaces", "IPC namespaces are counted.", "max_ipc_namespaces",
		CLONE_NEWIPC),
	COUNTED("uts-namespaces", "UTS namespaces are counted.", "max_uts_namespaces",
		CLONE_NEWUTS),
	COUNTED("cgroup-namespaces", "Cgroup namespaces are counted.", "max_cgroup_namespaces",
		CLONE_NEWCGROUP),
	INSIDE("inotify", "inotify is counted for each namespace.", "commit 1cce1eea0aff",
	       inotify, ),
	INSIDE("fanotify", "fanotify that only tells takes no privilege, and is counted.",
	       "fanotify_init(2), commit 7cea2a3c505e", fanotify, .since = ST_LINUX(5, 13)),
	{ "processes", "RLIMIT_NPROC counts for the root of a namespace, too.", "getrlimit(2)",
	  .stage = ST_STAGE_ROOT, .run = processes },
	INSIDE("hard-limit", "Root of a namespace raises no hard limit.", "getrlimit(2)",
	       hard_limit, ),
	INSIDE("priority", "Root of a namespace takes no better priority.", CAPS, priority, ),
	INSIDE("clock", "Root of a namespace sets no clock.", CAPS, clock_stays, ),
	INSIDE("host-only", "Swap, modules, accounts and the restart are the host's.", CAPS,
	       host_only, ),
	INSIDE("host-name", "The host's name is the host's.", CAPS, host_name, ),
	INSIDE("host-network", "The host's network is the host's.", CAPS, host_network, ),
	INSIDE("host-settings", "The kernel's settings are the host's.", CAPS, host_settings, ),
	{ "quota", "Quotas of a file system from outside are the host's.", "quotactl(2)",
	  .since = ST_LINUX(5, 14), .stage = ST_STAGE_ROOT, .filesystems = ST_ON_EXT4,
	  .run = quota },
};

const struct st_group st_group_limits =
	ST_GROUP("limits", "limits of a namespace, and what is the host's alone", CASES);
