/* SPDX-License-Identifier: MIT */
/* What a process of a case may do, and in which namespaces it is: see kit.h. */
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "selftest/kit.h"

#define STACK_SIZE ((size_t) 65536)

/* Both halves of the sets, as capget(2) has them. */
static void get_sets(struct st *t, struct __user_cap_data_struct ret[2])
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };

	st_want(t, 0, syscall(SYS_capget, &header, ret));
}

uint64_t st_capabilities(struct st *t)
{
	struct __user_cap_data_struct sets[2] = { 0 };

	get_sets(t, sets);
	return (uint64_t) sets[1].effective << 32 | sets[0].effective;
}

void st_drop(struct st *t, int capability)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[2] = { 0 };
	const uint32_t bit = 1U << (capability % 32);

	get_sets(t, sets);
	sets[capability / 32].effective &= ~bit;
	sets[capability / 32].permitted &= ~bit;
	st_want(t, 0, syscall(SYS_capset, &header, sets));
	/* Fewer capabilities count as a change of ids: PR_SET_DUMPABLE in prctl(2). */
	st_want(t, 0, prctl(PR_SET_DUMPABLE, 1));
}

void st_set_aside(struct st *t, int capability, bool aside)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[2] = { 0 };
	const uint32_t bit = 1U << (capability % 32);

	get_sets(t, sets);
	if (aside)
		sets[capability / 32].effective &= ~bit;
	else
		sets[capability / 32].effective |= bit;
	st_want(t, 0, syscall(SYS_capset, &header, sets));
}

void st_inherit(struct st *t, int capability)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[2] = { 0 };

	get_sets(t, sets);
	sets[capability / 32].inheritable |= 1U << (capability % 32);
	st_want(t, 0, syscall(SYS_capset, &header, sets));
}

uint64_t st_all_capabilities(struct st *t)
{
	return (2ULL << st_number(t, "/proc/sys/kernel/cap_last_cap")) - 1;
}

/* Only system calls: the thread has no memory of its own for libc. */
static int sleep_for_ever(void *argument)
{
	(void) argument;
	for (;;)
		(void) syscall(SYS_ppoll, NULL, 0, NULL, NULL, 0);
	return 0;
}

void st_thread(struct st *t)
{
	const int flags =
		CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
	char *stack =
		mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	st_want(t, 0, stack == MAP_FAILED ? -1 : 0);
	st_want(t, 0, clone(sleep_for_ever, stack + STACK_SIZE, flags, NULL));
}

static void namespace_path(pid_t pid, const char *name, size_t size, char *ret)
{
	if (pid == 0)
		(void) snprintf(ret, size, "/proc/self/ns/%s", name);
	else
		(void) snprintf(ret, size, "/proc/%d/ns/%s", (int) pid, name);
}

ino_t st_namespace(struct st *t, pid_t pid, const char *name)
{
	struct stat st;
	char path[40];

	namespace_path(pid, name, sizeof(path), path);
	st_want(t, 0, stat(path, &st));
	return st.st_ino;
}

int st_open_namespace(struct st *t, pid_t pid, const char *name)
{
	char path[40];

	namespace_path(pid, name, sizeof(path), path);
	return (int) st_want(t, 0, open(path, O_RDONLY | O_CLOEXEC));
}
