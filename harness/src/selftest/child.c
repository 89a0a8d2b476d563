/* SPDX-License-Identifier: MIT */
/*
 * Processes of a case: started, stepped and ended, so that parent and child
 * never have to guess how far the other one is.
 *
 *   parent                        child
 *   st_child_start()              unshare
 *           <-------------------- 'R'
 *   st_child_step() ------------> 'G', runs up to st_wait()
 *           <-------------------- 'R'
 *   st_child_end()  ------------> 'G', runs to its end
 */
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "selftest/kit.h"
#include "selftest/record.h"
#include "userns/namespace.h"
#include "userns/refused.h"

/* Ids of nobody, for ST_STAGE_ORDINARY when root has started it. */
#define NOBODY_UID 54321
#define NOBODY_GID 54322

/* The next byte; 0 when the other side is gone. */
static char await(int fd)
{
	char byte = 0;

	while (recv(fd, &byte, 1, 0) < 0 && errno == EINTR)
		continue;
	return byte;
}

static bool tell(int fd, char byte)
{
	return send(fd, &byte, 1, MSG_NOSIGNAL) == 1;
}

void st_wait(struct st *t)
{
	if (!tell(t->socket, 'R') || await(t->socket) != 'G')
		unr_child_exit(ST_EXIT_TOLD);
}

/* Files of /proc/PID/ns that show another namespace behind unshare(2); of PID it is the child's. */
static const struct {
	int flag;
	const char *file;
} NAMESPACES[] = {
	{ CLONE_NEWUSER, "user" }, { CLONE_NEWNS, "mnt" },  { CLONE_NEWUTS, "uts" },
	{ CLONE_NEWIPC, "ipc" },   { CLONE_NEWNET, "net" }, { CLONE_NEWCGROUP, "cgroup" },
};

/* Those that are asked for; 0 for the others. */
static void look_at(struct st *t, int namespaces, ino_t ret[UNR_COUNT(NAMESPACES)])
{
	for (size_t i = 0; i < UNR_COUNT(NAMESPACES); i++)
		ret[i] = (namespaces & NAMESPACES[i].flag) == 0 ?
				 0 :
				 st_namespace(t, 0, NAMESPACES[i].file);
}

/* A host that forbids namespaces is no kernel that breaks a promise; ENOSYS forbids nothing. */
UNR_NORETURN static void tell_refused(struct st *t, int error)
{
	struct unr_error err = { 0 };

	(void) unr_userns_clone_refused(error, &err);
	if (err.kind == UNR_ERROR_CANNOT_RUN && error != ENOSYS)
		st_skip(t, "%s", err.message);
	st_fail(t, "unshare: %s", unr_errno_name(error));
}

void st_unshare(struct st *t, int namespaces)
{
	ino_t before[UNR_COUNT(NAMESPACES)], after[UNR_COUNT(NAMESPACES)];

	look_at(t, namespaces, before);
	if (unshare(namespaces) < 0)
		tell_refused(t, errno);
	look_at(t, namespaces, after);
	/* It is not believed: what comes next would be done to the host. */
	for (size_t i = 0; i < UNR_COUNT(NAMESPACES); i++)
		if (before[i] != 0 && before[i] == after[i])
			st_fail(t, "unshare: the %s namespace is the same as before",
				NAMESPACES[i].file);
}

UNR_NORETURN static void run_child(struct st *t, int namespaces, st_fn run)
{
	(void) prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (namespaces != 0)
		st_unshare(t, namespaces);
	st_wait(t);
	run(t);
	unr_child_exit(0);
}

void st_child_start(struct st *t, int namespaces, st_fn run, struct st_child *ret)
{
	int pair[2];

	st_want(t, 0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	ret->pid = (pid_t) st_want(t, 0, fork());
	if (ret->pid == 0) {
		(void) close(pair[0]);
		t->socket = pair[1];
		run_child(t, namespaces, run);
	}
	(void) close(pair[1]);
	ret->socket = pair[0];
	if (await(ret->socket) != 'R')
		st_child_end(t, ret);
}

void st_idle(struct st *t)
{
	(void) t;
}

void st_child_step(struct st *t, const struct st_child *child)
{
	if (!tell(child->socket, 'G') || await(child->socket) != 'R') {
		struct st_child ended = *child;

		st_child_end(t, &ended);
		st_fail(t, "a child ended before it was to");
	}
}

void st_child_end(struct st *t, struct st_child *child)
{
	int status = 0;

	(void) tell(child->socket, 'G');
	while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
		continue;
	unr_close(&child->socket);
	if (WIFSIGNALED(status))
		st_fail(t, "a child was killed by signal %d", WTERMSIG(status));
	/* It has told why. */
	if (WEXITSTATUS(status) != 0)
		unr_child_exit(ST_EXIT_TOLD);
}

void st_run(struct st *t, st_fn run)
{
	struct st_child child;

	st_child_start(t, 0, run, &child);
	st_child_end(t, &child);
}

void st_become(struct st *t, uid_t uid, gid_t gid)
{
	/* Where setgroups is denied there are no groups to drop but the caller's own. */
	if (setgroups(0, NULL) < 0 && errno != EPERM)
		st_fail(t, "setgroups: %s", unr_errno_name(errno));
	st_want(t, 0, setresgid(gid, gid, gid));
	st_want(t, 0, setresuid(uid, uid, uid));
	/* Both were taken by the change of ids: prctl(2), and proc(5) on who owns /proc/PID. */
	st_want(t, 0, prctl(PR_SET_PDEATHSIG, SIGKILL));
	st_want(t, 0, prctl(PR_SET_DUMPABLE, 1));
}

void st_run_as_root(struct st *t)
{
	if (st_namespace(t, 0, "user") == t->host->user_namespace)
		st_fail(t, "the user namespace is the caller's: nothing is done as root there");
	st_become(t, 0, 0);
	t->inner(t);
}

void st_inside_start(struct st *t, const char *map, st_fn run, struct st_child *ret)
{
	t->inner = run;
	st_child_start(t, CLONE_NEWUSER | CLONE_NEWNS, st_run_as_root, ret);
	st_map(t, ret, map);
}

void st_inside(struct st *t, const char *map, st_fn run)
{
	struct st_child child;

	st_inside_start(t, map, run, &child);
	st_child_end(t, &child);
}

void *st_shared_memory(struct st *t)
{
	void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	st_want(t, 0, memory == MAP_FAILED ? -1 : 0);
	t->shared = memory;
	return memory;
}

void st_nobody(struct st *t)
{
	st_become(t, NOBODY_UID, NOBODY_GID);
}

void st_unshare_own(struct st *t, int namespaces)
{
	const unsigned int uid = geteuid(), gid = getegid();
	char map[40];

	st_unshare(t, CLONE_NEWUSER | namespaces);
	st_want(t, 0, st_put(0, "setgroups", "deny"));
	(void) snprintf(map, sizeof(map), "0 %u 1", uid);
	st_want(t, 0, st_put(0, "uid_map", map));
	(void) snprintf(map, sizeof(map), "0 %u 1", gid);
	st_want(t, 0, st_put(0, "gid_map", map));
}
