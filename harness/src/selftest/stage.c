/* SPDX-License-Identifier: MIT */
/* Who the caller is, and the way from there to where a case runs: see stage.h. */
#include "selftest/stage.h"

#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

/* The inode of the first user namespace's file: PROC_USER_INIT_INO of the kernel. */
#define INITIAL_NAMESPACE 0xEFFFFFFDU

/* Where dockerd's remapped root commonly begins, and how many ids it has. */
#define BASE_FIRST 100000
#define BASE_COUNT 65536

/* What ST_STAGE_ROOT takes for granted; CAP_SETFCAP for maps of id 0. */
static const int ROOT_CAPABILITIES[] = {
	CAP_CHOWN,  CAP_DAC_OVERRIDE, CAP_FOWNER,    CAP_FSETID,  CAP_KILL,       CAP_SETGID,
	CAP_SETUID, CAP_SYS_CHROOT,   CAP_SYS_ADMIN, CAP_SETFCAP, CAP_SYS_PTRACE,
};

static bool is_root(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[2] = { 0 };

	if (geteuid() != 0 || syscall(SYS_capget, &header, sets) < 0)
		return false;
	for (size_t i = 0; i < UNR_COUNT(ROOT_CAPABILITIES); i++) {
		int capability = ROOT_CAPABILITIES[i];

		if ((sets[capability / 32].effective & 1U << (capability % 32)) == 0)
			return false;
	}
	return true;
}

static int choose_base(struct st_host *ret, struct unr_error *err)
{
	const struct unr_id_range range = { .outside = BASE_FIRST, .count = BASE_COUNT };
	struct unr_idmaps wanted = { 0 };
	int r = 0;

	for (size_t kind = 0; r == 0 && kind < UNR_ID_KIND_COUNT_; kind++)
		r = unr_idmap_add(&wanted.of[kind], range);
	if (r == 0) {
		r = unr_map_choose(&wanted, &ret->choice, &ret->no_choice);
		/* Cases that need it are skipped for that reason. */
		r = r == -ENOMEM ? r : 0;
	}
	if (ret->no_choice.kind == UNR_ERROR_NONE && ret->choice.method == UNR_MAP_SELF)
		(void) unr_fail(&ret->no_choice, UNR_ERROR_CANNOT_RUN, -EPERM, "%s",
				ret->choice.why);
	unr_idmaps_done(&wanted);
	return r < 0 ? unr_fail_memory(err) : 0;
}

int st_host_look(struct st_host *ret, struct unr_error *err)
{
	unsigned int major = 0, minor = 0;
	struct utsname uts;
	struct stat st;

	if (uname(&uts) < 0 || sscanf(uts.release, "%u.%u", &major, &minor) != 2)
		return unr_fail(err, UNR_ERROR_FAILED, -EINVAL, "the kernel's version is unknown");
	*ret = (struct st_host) {
		.version = ST_LINUX(major, minor),
		.is_root = is_root(),
	};
	ret->user_namespace = stat("/proc/self/ns/user", &st) == 0 ? st.st_ino : 0;
	ret->is_initial = ret->user_namespace == INITIAL_NAMESPACE;
	ret->mount_namespace = stat("/proc/self/ns/mnt", &st) == 0 ? st.st_ino : 0;
	(void) snprintf(ret->release, sizeof(ret->release), "%s", uts.release);
	return choose_base(ret, err);
}

void st_host_done(struct st_host *host)
{
	unr_map_choice_done(&host->choice);
}

static bool needs_base(const struct st_case *of, const struct st_host *host)
{
	return of->stage == ST_STAGE_INSIDE || (of->stage == ST_STAGE_ROOT && !host->is_root);
}

const char *st_stage_obstacle(const struct st_test *test, const struct st_host *host)
{
	const struct st_case *of = test->of;

	if (!host->is_root &&
	    ((of->needs & ST_NEEDS_ROOT) != 0 || (test->filesystem & ST_ON_DISKS) != 0))
		return "needs root with its capabilities";
	if ((of->needs & ST_NEEDS_INITIAL) != 0 && !host->is_initial)
		return "needs the host's first user namespace";
	if (needs_base(of, host) && host->no_choice.kind != UNR_ERROR_NONE)
		return host->no_choice.message;
	return NULL;
}

static void run_function(struct st *t)
{
	if (t->test->filesystem != 0)
		st_filesystem_enter(t, t->test->filesystem);
	t->test->of->run(t);
}

static void run_in_tmpfs(struct st *t)
{
	st_tmpfs(t);
	run_function(t);
}

/* A namespace 0..65535; by newuidmap where the caller is no root. */
static void run_in_base(struct st *t)
{
	struct unr_error err = { 0 };
	struct st_child child;

	t->inner = run_in_tmpfs;
	st_child_start(t, CLONE_NEWUSER | CLONE_NEWNS, st_run_as_root, &child);
	if (unr_map_write(child.pid, &t->host->choice, &err) < 0 &&
	    err.kind == UNR_ERROR_CANNOT_RUN)
		st_skip(t, "%s", err.message);
	if (err.kind != UNR_ERROR_NONE)
		st_fail(t, "%s", err.message);
	st_child_end(t, &child);
}

static void run_as_caller(struct st *t)
{
	run_function(t);
}

static void run_as_ordinary(struct st *t)
{
	if (t->host->is_root)
		st_nobody(t);
	/* The directory that one is in may be closed to it. */
	st_want(t, 0, chdir("/"));
	run_function(t);
}

static void run_as_root(struct st *t)
{
	if (!t->host->is_root) {
		run_in_base(t);
		return;
	}
	st_unshare(t, CLONE_NEWNS);
	run_in_tmpfs(t);
}

void st_stage_run(struct st *t)
{
	static const st_fn stages[ST_STAGE_COUNT_] = {
		[ST_STAGE_CALLER] = run_as_caller,
		[ST_STAGE_ORDINARY] = run_as_ordinary,
		[ST_STAGE_ROOT] = run_as_root,
		[ST_STAGE_INSIDE] = run_in_base,
	};

	stages[t->test->of->stage](t);
}
