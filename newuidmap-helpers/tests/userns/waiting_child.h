/* SPDX-License-Identifier: MIT */
/*
 * A process that waits in a new user namespace for its maps, and what a case
 * brings back from a process of its own.  Nothing here asserts: it runs in
 * children.
 */
#ifndef UNR_TEST_WAITING_CHILD_H
#define UNR_TEST_WAITING_CHILD_H

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "idmap_auto.h"
#include "map_write_proc.h"
#include "usernsrepro/map_writer.h"

/* Shared between the process that tries and the one that asserts. */
struct attempt {
	/* in */
	struct unr_idmaps wanted; /* borrowed */
	bool forced;              /* @method with the wanted maps, without a choice */
	enum unr_map_method method;
	const char *path; /* PATH; NULL leaves it */
	uid_t uid;        /* who tries; 0 stays what it is */
	gid_t gid;

	/* out */
	int choose_code, write_code;
	struct unr_error err;
	enum unr_map_method chosen;
	char why[UNR_MAP_WHY_SIZE];
	char uid_map[4096], gid_map[4096], setgroups[16]; /* as /proc has them afterwards */
};

static inline struct attempt *attempt_new(void)
{
	void *room = mmap(NULL, sizeof(struct attempt), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (room == MAP_FAILED)
		abort();
	return room;
}

static inline void attempt_free(struct attempt *attempt)
{
	(void) munmap(attempt, sizeof(*attempt));
}

/* Ends when the other end of @wait_fd is closed. */
static inline void wait_in_namespace(int ready_fd, int wait_fd)
{
	char byte = 0;
	bool made = prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && unshare(CLONE_NEWUSER) == 0;

	(void) prctl(PR_SET_DUMPABLE, 1); /* /proc/PID is the user's only then */
	if (!made || unr_write_full(ready_fd, &byte, 1) < 0)
		_exit(1);
	_exit(unr_read_full(wait_fd, &byte, 1) == 0 ? 0 : 1);
}

/* Return: its pid, once it is there; -errno. */
static inline pid_t start_waiting(int *ret_stop_fd)
{
	int ready[2], stop[2];
	char byte;
	ssize_t n;
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC) < 0 || pipe2(stop, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0) {
		(void) close(stop[1]);
		wait_in_namespace(ready[1], stop[0]);
	}
	(void) close(ready[1]);
	(void) close(stop[0]);
	n = pid < 0 ? -1 : unr_read_full(ready[0], &byte, 1);
	(void) close(ready[0]);
	if (n != 1) {
		(void) close(stop[1]);
		if (pid > 0)
			(void) waitpid(pid, NULL, 0);
		return -EPERM;
	}
	*ret_stop_fd = stop[1];
	return pid;
}

static inline void read_proc(pid_t pid, const char *name, size_t size, char *ret)
{
	unr_autoclose int fd = -EBADF;
	char path[64];

	(void) snprintf(path, sizeof(path), "/proc/%d/%s", (int) pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	ret[0] = '\0';
	if (fd >= 0 && unr_read_full(fd, ret, size - 1) < 0)
		ret[0] = '\0';
}

/* Becomes another user for good. */
static inline int drop_to(uid_t uid, gid_t gid)
{
	if (setgid(gid) < 0 || setuid(uid) < 0)
		return -errno;
	return prctl(PR_SET_DUMPABLE, 1) < 0 ? -errno : 0;
}

static inline int try_write(struct attempt *attempt, const struct unr_map_choice *choice)
{
	int stop_fd = -EBADF;
	pid_t pid = start_waiting(&stop_fd);

	if (pid < 0)
		return 2;
	attempt->write_code = unr_map_write(pid, choice, &attempt->err);
	read_proc(pid, "uid_map", sizeof(attempt->uid_map), attempt->uid_map);
	read_proc(pid, "gid_map", sizeof(attempt->gid_map), attempt->gid_map);
	read_proc(pid, "setgroups", sizeof(attempt->setgroups), attempt->setgroups);
	(void) close(stop_fd);
	return waitpid(pid, NULL, 0) == pid ? 0 : 3;
}

/* For unr_run_in_child(): the whole way.  0 when the answers are in the attempt. */
static inline int attempt_run(void *arg)
{
	struct attempt *attempt = arg;
	unr_auto(unr_map_choice_done) struct unr_map_choice choice = { 0 };

	if (attempt->uid != 0 && drop_to(attempt->uid, attempt->gid) < 0)
		return 1;
	if (attempt->path != NULL && setenv("PATH", attempt->path, 1) < 0)
		return 1;
	if (attempt->forced) {
		choice.method = attempt->method;
		if (unr_idmap_copy(&attempt->wanted.of[UNR_UID], &choice.maps.of[UNR_UID]) < 0 ||
		    unr_idmap_copy(&attempt->wanted.of[UNR_GID], &choice.maps.of[UNR_GID]) < 0)
			return 1;
	} else {
		attempt->choose_code = unr_map_choose(&attempt->wanted, &choice, &attempt->err);
		if (attempt->choose_code < 0)
			return 0;
	}
	attempt->chosen = choice.method;
	(void) snprintf(attempt->why, sizeof(attempt->why), "%s", choice.why);
	return try_write(attempt, &choice);
}

/* Root of the first namespace, or of one that maps everything. */
static inline bool is_root_of_all_ids(void)
{
	unr_auto(unr_idmap_done) struct unr_idmap map = { 0 };

	return geteuid() == 0 && unr_map_proc_read(UNR_PID_SELF, UNR_UID, &map, NULL) == 0 &&
	       unr_idmap_total(&map) == UNR_ID_NONE;
}

/* For unr_run_in_child(): can there be a namespace at all? */
static inline int probe_child(void *arg)
{
	int stop_fd = -EBADF;
	pid_t pid = start_waiting(&stop_fd);

	(void) arg;
	if (pid < 0)
		return 1;
	(void) close(stop_fd);
	return waitpid(pid, NULL, 0) == pid ? 0 : 1;
}

#endif
