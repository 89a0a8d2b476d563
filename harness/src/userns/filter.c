/* SPDX-License-Identifier: MIT */
/* The list of calls, and the filter that is made of it: see filter.h. */
#include "userns/filter.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>

#include "usernsrepro/obstacle.h"

/*
 * Every flag of clone(2) for a namespace, CLONE_NEWTIME left out: there its bit
 * belongs to the exit signal (clone(2)).
 */
#define NAMESPACE_FLAGS                                                                            \
	(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET | \
	 CLONE_NEWCGROUP)

static const char *const reading[] = { "read",  "readv", "pread64", "lseek", "close",
				       "fcntl", "poll",  "ppoll",   "pipe2", NULL };
static const char *const writing[] = { "write",     "writev",       "pwrite64",
				       "ftruncate", "memfd_create", NULL };
static const char *const looking[] = { "stat",       "lstat",      "fstat",      "newfstatat",
				       "statx",      "readlink",   "readlinkat", "getdents64",
				       "getxattr",   "lgetxattr",  "fgetxattr",  "listxattr",
				       "llistxattr", "flistxattr", "statfs",     "fstatfs",
				       NULL };
static const char *const making[] = { "open",      "openat",  "openat2",  "mkdir",  "mkdirat",
				      "mknod",     "mknodat", "link",     "linkat", "symlink",
				      "symlinkat", "unlink",  "unlinkat", "rmdir",  "rename",
				      "renameat",  "umask",   "chdir",    "fchdir", "chroot",
				      NULL };
static const char *const owning[] = { "chown",       "lchown",       "fchown",       "fchownat",
				      "chmod",       "fchmod",       "fchmodat",     "fchmodat2",
				      "utimensat",   "setxattr",     "lsetxattr",    "fsetxattr",
				      "removexattr", "lremovexattr", "fremovexattr", NULL };
static const char *const telling[] = { "sendmsg",  "recvmsg",    "sendto",
				       "recvfrom", "socketpair", NULL };
static const char *const processes[] = { "fork",
					 "vfork",
					 "wait4",
					 "exit",
					 "exit_group",
					 "kill",
					 "tgkill",
					 "tkill",
					 "getpid",
					 "getppid",
					 "gettid",
					 "set_robust_list",
					 "rseq",
					 "futex",
					 "membarrier",
					 "sched_yield",
					 "sched_getaffinity",
					 "getuid",
					 "geteuid",
					 "getgid",
					 "getegid",
					 "prlimit64",
					 "sysinfo",
					 "uname",
					 "rt_sigaction",
					 "rt_sigprocmask",
					 "rt_sigreturn",
					 "sigaltstack",
					 "restart_syscall",
					 NULL };
static const char *const memory[] = {
	"brk",       "mmap",          "munmap",       "mremap",       "mprotect", "madvise",
	"getrandom", "clock_gettime", "clock_getres", "gettimeofday", "time",     "arch_prctl",
	NULL
};

/* Where numbers of 32 bits became too small: syscalls(2). */
static const char *const narrow[] = { "_llseek",
				      "mmap2",
				      "fcntl64",
				      "stat64",
				      "lstat64",
				      "fstat64",
				      "fstatat64",
				      "ftruncate64",
				      "chown32",
				      "lchown32",
				      "fchown32",
				      "getuid32",
				      "geteuid32",
				      "getgid32",
				      "getegid32",
				      "ugetrlimit",
				      "sigreturn",
				      "clock_gettime64",
				      "clock_getres_time64",
				      "futex_time64",
				      "ppoll_time64",
				      "utimensat_time64",
				      NULL };

static const struct unr_filter_group groups[] = {
	{ "reading the image", reading },
	{ "writing contents", writing },
	{ "looking at the tree", looking },
	{ "making and removing entries", making },
	{ "owners, modes, times, attributes", owning },
	{ "talking to the parent", telling },
	{ "processes, threads, signals", processes },
	{ "memory, time, random numbers", memory },
	{ "the same on machines of 32 bits", narrow },
};

/* What libcurl, a TLS library and libc's resolver do besides. */
static const char *const network[] = {
	"socket",      "connect",         "bind",           "getsockname",
	"getpeername", "getsockopt",      "setsockopt",     "shutdown",
	"sendmmsg",    "recvmmsg",        "epoll_create1",  "epoll_ctl",
	"epoll_wait",  "epoll_pwait",     "eventfd2",       "select",
	"pselect6",    "access",          "faccessat",      "faccessat2",
	"dup",         "clock_nanosleep", "nanosleep",      "getrusage",
	"getresuid",   "getresgid",       "sched_getparam", "sched_getscheduler",
	NULL
};

static const struct unr_filter_group network_groups[] = {
	{ "the fetcher alone: the network", network },
};

const struct unr_filter_group *unr_filter_groups(size_t *ret_n)
{
	*ret_n = UNR_COUNT(groups);
	return groups;
}

static int allow_groups(scmp_filter_ctx filter, const struct unr_filter_group *allowed, size_t n)
{
	int r = 0;

	for (size_t i = 0; i < n; i++)
		for (const char *const *name = allowed[i].names; *name != NULL && r == 0; name++) {
			int number = seccomp_syscall_resolve_name(*name);

			if (number != __NR_SCMP_ERROR)
				r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
		}
	return r;
}

/* The flags are the first argument on x86, arm and riscv. */
static int allow_clone(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp no_namespaces =
		SCMP_A0(SCMP_CMP_MASKED_EQ, (scmp_datum_t) NAMESPACE_FLAGS, 0);
	int r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, no_namespaces);

	return r < 0 ? r : seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
}

static int fail_filter(int code, struct unr_error *err)
{
	struct unr_obstacle obstacle;

	/* libseccomp(3) hides what the kernel said. */
	if (code == -ECANCELED || code == -EINVAL || code == -ENOSYS) {
		unr_obstacle_set(&obstacle, UNR_REMEDY_KERNEL, "CONFIG_SECCOMP_FILTER",
				 "cannot load a seccomp filter: %s", strerror(-code));
		return unr_obstacle_fail(&obstacle, code, err);
	}
	return unr_fail(err, UNR_ERROR_FAILED, code, "cannot load a seccomp filter: %s",
			strerror(-code));
}

/* Two of the many that ioctl(2) has: none that types on a terminal. */
static int allow_network(scmp_filter_ctx filter)
{
	static const unsigned long requests[] = { FIONBIO, FIONREAD };
	int r = allow_groups(filter, network_groups, UNR_COUNT(network_groups));

	for (size_t i = 0; i < UNR_COUNT(requests) && r == 0; i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
				     SCMP_A1(SCMP_CMP_EQ, requests[i]));
	return r;
}

static int enter(uint32_t otherwise, int (*allow_more)(scmp_filter_ctx), struct unr_error *err)
{
	scmp_filter_ctx filter = seccomp_init(otherwise);
	int r;

	if (filter == NULL)
		return unr_fail_memory(err);
	/* As a tree: kernels before 5.11 go through it at each call.  Without it they do it slowly. */
	(void) seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	r = allow_groups(filter, groups, UNR_COUNT(groups));
	if (r == 0)
		r = allow_clone(filter);
	if (r == 0 && allow_more != NULL)
		r = allow_more(filter);
	if (r == 0)
		r = seccomp_load(filter);
	seccomp_release(filter);
	return r < 0 ? fail_filter(r, err) : 0;
}

int unr_filter_enter(struct unr_error *err)
{
	/* The whole process, not the thread alone: Linux 4.14. */
	return enter(seccomp_api_get() >= 3 ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_KILL_THREAD, NULL,
		     err);
}

int unr_filter_enter_network(struct unr_error *err)
{
	return enter(SCMP_ACT_ERRNO(EPERM), allow_network, err);
}
