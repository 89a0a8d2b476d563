/* SPDX-License-Identifier: MIT */
/*
 * What cases are written with: expectations, children, maps, files.  All of it
 * runs in the processes of one case and ends them where a promise is broken.
 * Names begin with st_, as several stand in each line.  Helpers that may fail
 * answer as libc does, -1 and errno, so that st_want() judges both alike.
 */
#ifndef UNR_SELFTEST_KIT_H
#define UNR_SELFTEST_KIT_H

#include <errno.h>
#include <stdint.h>
#include <sys/types.h>

#include "selftest/case.h"
#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"
#include "usernsrepro/map_writer.h"

/* The host, found out once, before the first case. */
struct st_host {
	char release[65];
	unsigned int version; /* ST_LINUX() */
	bool is_root;     /* with the capabilities and ids that ST_STAGE_ROOT takes for granted */
	bool is_ordinary; /* not even the id 0: ST_STAGE_ORDINARY is as it is */
	bool has_nobody;  /* or it can become somebody else */
	bool is_initial;
	ino_t user_namespace, mount_namespace; /* the caller's: nothing may be changed there */
	struct unr_map_choice choice;          /* owned; how 65536 ids are mapped */
	struct unr_error no_choice;            /* kind NONE: there is such a way */
	struct unr_error
		restriction; /* CANNOT_RUN: an ordinary user's namespace is worth nothing */
};

/* A process of a case. */
struct st {
	const struct st_host *host;
	const struct st_test *test;
	int report; /* the socket to the runner */
	int socket; /* to the process that started this one with st_child_start() */
	st_fn inner;
	void *shared; /* from st_shared_memory() */
};

/* ---- the verdict: each of these ends the process ---- */

UNR_NORETURN void st_fail(struct st *t, const char *fmt, ...) UNR_PRINTF(2, 3);
UNR_NORETURN void st_skip(struct st *t, const char *fmt, ...) UNR_PRINTF(2, 3);

/** st_note() - a line for the reader of the result; goes on */
void st_note(struct st *t, const char *fmt, ...) UNR_PRINTF(2, 3);

/** st_is_since() - is this Linux that version or a later one? */
bool st_is_since(const struct st *t, unsigned int version);

/* What st_want() does; returns @actual where it is as promised. */
long st_judge(struct st *t, int expected, long actual, const char *call, int line);

/* -errno where a call failed, as its value. */
#define ST_ANSWER(call)                                                                            \
	__extension__({                                                                            \
		long answer_ = (long) (call);                                                      \
		answer_ == -1 ? -errno : answer_;                                                  \
	})

/** st_want() - the call fails with errno @expected; 0: it succeeds, and its value is returned */
#define st_want(t, expected, call) st_judge((t), (expected), ST_ANSWER(call), #call, __LINE__)

/* What st_want_since() does. */
long st_judge_since(struct st *t, unsigned int version, const int expected[2], long actual,
		    const char *call, int line);

/**
 * st_want_since() - the call answers @now from Linux @version on, before it @before
 *
 * Distributions put later changes into older kernels: there @now is taken, too.
 */
#define st_want_since(t, version, now, before, call)                                               \
	st_judge_since((t), (version), (const int[]) { (now), (before) }, ST_ANSWER(call), #call,  \
		       __LINE__)

/* What st_equal() does. */
void st_judge_equal(struct st *t, long long expected, long long actual, const char *what, int line);

/** st_equal() - @actual is the number that is promised */
#define st_equal(t, expected, actual)                                                              \
	st_judge_equal((t), (long long) (expected), (long long) (actual), #actual, __LINE__)

/* ---- children ---- */

struct st_child {
	pid_t pid;
	int socket; /* owned */
};

/** st_child_start() - fork, unshare(@namespaces), and wait there: st_child_step() lets it go on */
void st_child_start(struct st *t, int namespaces, st_fn run, struct st_child *ret);

/** st_idle() - nothing: for a child that is only looked at while it waits */
void st_idle(struct st *t);

/** st_child_step() - let it go on, and wait until it is in st_wait() or ends */
void st_child_step(struct st *t, const struct st_child *child);

/** st_child_end() - let it go on to its end; its verdict is that of the caller, too */
void st_child_end(struct st *t, struct st_child *child);

/** st_wait() - in a child: let the parent go on, and wait for it */
void st_wait(struct st *t);

/** st_unshare() - unshare(2); where this host forbids it the case is skipped */
void st_unshare(struct st *t, int namespaces);

/** st_unshare_own() - the same with a user namespace: one's own id becomes root, as anyone may do */
void st_unshare_own(struct st *t, int namespaces);

/** st_run() - a child without namespaces, to its end */
void st_run(struct st *t, st_fn run);

/** st_become() - these ids alone, no groups, still able to write to one's own /proc files */
void st_become(struct st *t, uid_t uid, gid_t gid);

/** st_run_as_root() - become 0:0 and run t->inner: for a child that gets its maps from its parent */
void st_run_as_root(struct st *t);

/** st_inside() - run in a child as root of a new user and mount namespace with these maps */
void st_inside(struct st *t, const char *map, st_fn run);

/** st_inside_start() - the same up to before @run; st_child_step() and so on from there */
void st_inside_start(struct st *t, const char *map, st_fn run, struct st_child *ret);

/** st_thread() - a second thread, which does nothing up to the end of the process */
void st_thread(struct st *t);

/** st_namespace() - the identity of a namespace of a process, as stat(2) has it; @pid 0: self */
ino_t st_namespace(struct st *t, pid_t pid, const char *name);

/** st_open_namespace() - /proc/PID/ns/@name; owned by the caller */
int st_open_namespace(struct st *t, pid_t pid, const char *name);

/** st_shared_memory() - t->shared: 4096 zeros that children of later on share; ends with the case */
void *st_shared_memory(struct st *t);

/** st_nobody() - give up every privilege and id: as ST_STAGE_ORDINARY does */
void st_nobody(struct st *t);

/** st_drop() - give up one capability, CAP_..., for good */
void st_drop(struct st *t, int capability);

/** st_set_aside() - make a capability that one keeps of no effect, or of effect again */
void st_set_aside(struct st *t, int capability, bool aside);

/** st_inherit() - put a capability that one has into the inheritable set, too */
void st_inherit(struct st *t, int capability);

/** st_capabilities() - the effective set of this process */
uint64_t st_capabilities(struct st *t);

/** st_all_capabilities() - every capability that this kernel has */
uint64_t st_all_capabilities(struct st *t);

/* ---- maps and other files of /proc ---- */

/** st_put() - write a text in one write(2) to /proc/PID/@file; @pid 0: self; -1 and errno */
UNR_MUST_CHECK int st_put(pid_t pid, const char *file, const char *text);

/** st_get() - read /proc/PID/@file as a string; -1 and errno, else the length */
UNR_MUST_CHECK ssize_t st_get(pid_t pid, const char *file, size_t size, char *ret);

/** st_map() - write uid_map and gid_map of a child; must succeed */
void st_map(struct st *t, const struct st_child *child, const char *map);

/** st_field() - the first number behind "Name:" in /proc/PID/status, of base @base */
unsigned long long st_field(struct st *t, pid_t pid, const char *name, int base);

/** st_number() - the number in a small file; where there is none the case is skipped */
long st_number(struct st *t, const char *path);

/* The id that stands for one without a place in one's namespace. */
#define st_overflow_uid(t) st_number((t), "/proc/sys/kernel/overflowuid")
#define st_overflow_gid(t) st_number((t), "/proc/sys/kernel/overflowgid")

/** st_write_file() - write @text to an existing file; -1 and errno */
UNR_MUST_CHECK int st_write_file(const char *path, const char *text);

/* ---- files ---- */

/** st_file() - a regular file with @mode that belongs to @uid:@gid; must succeed */
void st_file(struct st *t, const char *path, mode_t mode, uid_t uid, gid_t gid);

/** st_owned() - lstat(2) shows this owner */
void st_owned(struct st *t, const char *path, long uid, long gid);

/** st_mode() - lstat(2) shows these bits of 07777 */
void st_mode(struct st *t, const char *path, mode_t mode);

/** st_exists() - is there anything? */
bool st_exists(const char *path);

/** st_give_capability() - CAP_NET_RAW for whoever executes it, as setcap(8) does; -1 and errno */
UNR_MUST_CHECK int st_give_capability(const char *path);

/** st_tmpfs() - a tmpfs for the namespace one is in, as the working directory */
void st_tmpfs(struct st *t);

/**
 * st_idmap() - mount @path over itself, idmapped by @map
 *
 * In a line of @map the first number is an owner on the disk, the second the one that is seen.
 *
 * Return: 0, or -1 with the errno of mount_setattr(2).
 */
UNR_MUST_CHECK int st_idmap(struct st *t, const char *path, const char *map);

/** st_enter_directory() - the working directory of a child, in its mount namespace */
void st_enter_directory(struct st *t, const struct st_child *child);

#endif
