/* SPDX-License-Identifier: MIT */
/* Who the caller is, and what this host lets him do: found out before the first case. */
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "selftest/stage.h"
#include "userns/namespace.h"
#include "userns/refused.h"

/* The inode of the first user namespace's file: PROC_USER_INIT_INO of the kernel. */
#define INITIAL_NAMESPACE 0xEFFFFFFDU

/* Where dockerd's remapped root commonly begins, and how many ids it has. */
#define BASE_FIRST 100000
#define BASE_COUNT 65536

/* Ids from 0 that ST_STAGE_ROOT takes for granted, and so its nobody. */
#define ROOT_COUNT 65536

/* What ST_STAGE_ROOT takes for granted; CAP_SETFCAP for maps of id 0. */
static const int ROOT_CAPABILITIES[] = {
	CAP_CHOWN,  CAP_DAC_OVERRIDE, CAP_FOWNER,    CAP_FSETID,  CAP_KILL,       CAP_SETGID,
	CAP_SETUID, CAP_SYS_CHROOT,   CAP_SYS_ADMIN, CAP_SETFCAP, CAP_SYS_PTRACE,
};

/* Of the nobody that root becomes for ST_STAGE_ORDINARY. */
static const int NOBODY_CAPABILITIES[] = { CAP_SETGID, CAP_SETUID };

static bool has_capabilities(const int *wanted, size_t n)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[2] = { 0 };

	if (syscall(SYS_capget, &header, sets) < 0)
		return false;
	for (size_t i = 0; i < n; i++)
		if ((sets[wanted[i] / 32].effective & 1U << (wanted[i] % 32)) == 0)
			return false;
	return true;
}

/* The first id that this map does not have, if it is looked for from @first on. */
static unsigned long long end_of_ids(const char *map, unsigned long long first)
{
	unsigned long long end = first, inside, outside, count;

	for (const char *line = map; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (sscanf(line, "%llu %llu %llu", &inside, &outside, &count) == 3 &&
		    inside <= first && inside + count > end)
			end = inside + count;
	}
	return end;
}

/* Is 0..65535 there?  Root of a container may have fewer ids, or one. */
static bool has_ids(const char *file)
{
	unsigned long long end = 0, before;
	char map[16384];

	if (st_get(0, file, sizeof(map), map) < 0)
		return false;
	do {
		before = end;
		end = end_of_ids(map, before);
	} while (end > before && end < ROOT_COUNT);
	return end >= ROOT_COUNT;
}

static void look_at_caller(struct st_host *ret)
{
	bool has_all = has_ids("uid_map") && has_ids("gid_map");
	bool is_zero = geteuid() == 0;

	ret->is_root = is_zero && has_all &&
		       has_capabilities(ROOT_CAPABILITIES, UNR_COUNT(ROOT_CAPABILITIES));
	ret->is_ordinary = !is_zero;
	ret->has_nobody = is_zero && has_all &&
			  has_capabilities(NOBODY_CAPABILITIES, UNR_COUNT(NOBODY_CAPABILITIES));
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

/* Of whoever has no privilege, in a child: does the namespace that he makes have capabilities? */
UNR_NORETURN static void try_restriction(const struct st_host *host)
{
	bool is_nobody = host->is_ordinary ||
			 (setgroups(0, NULL) == 0 &&
			  setresgid(ROOT_COUNT - 1, ROOT_COUNT - 1, ROOT_COUNT - 1) == 0 &&
			  setresuid(ROOT_COUNT - 1, ROOT_COUNT - 1, ROOT_COUNT - 1) == 0);

	if (!is_nobody || unshare(CLONE_NEWUSER) < 0)
		unr_child_exit(0);
	unr_child_exit(unshare(CLONE_NEWUTS) < 0 ? errno : 0);
}

/*
 * Ubuntu's AppArmor makes a namespace and takes its capabilities away: no promise of the kernel is
 * broken then.  Only looked at where the switch is on; elsewhere the cases have to tell.
 */
static int look_at_restriction(struct st_host *ret, struct unr_error *err)
{
	struct unr_userns_facts facts = { 0 };
	int status = 0;
	pid_t pid;

	unr_userns_facts_look(&facts);
	if (facts.apparmor_restrict <= 0)
		return 0;
	pid = fork();
	if (pid == 0)
		try_restriction(ret);
	if (pid < 0)
		return unr_fail_errno(err, "process to look at the host");
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (!WIFEXITED(status) || WEXITSTATUS(status) == 0)
		return 0;
	errno = WEXITSTATUS(status);
	(void) unr_userns_refused(&ret->restriction, "use a capability in a user namespace");
	return 0;
}

int st_host_look(struct st_host *ret, struct unr_error *err)
{
	unsigned int major = 0, minor = 0;
	struct utsname uts;
	struct stat st;
	int r;

	if (uname(&uts) < 0 || sscanf(uts.release, "%u.%u", &major, &minor) != 2)
		return unr_fail(err, UNR_ERROR_FAILED, -EINVAL, "the kernel's version is unknown");
	*ret = (struct st_host) {
		.version = ST_LINUX(major, minor),
	};
	look_at_caller(ret);
	ret->user_namespace = stat("/proc/self/ns/user", &st) == 0 ? st.st_ino : 0;
	ret->is_initial = ret->user_namespace == INITIAL_NAMESPACE;
	ret->mount_namespace = stat("/proc/self/ns/mnt", &st) == 0 ? st.st_ino : 0;
	(void) snprintf(ret->release, sizeof(ret->release), "%s", uts.release);
	r = look_at_restriction(ret, err);
	return r < 0 ? r : choose_base(ret, err);
}

void st_host_done(struct st_host *host)
{
	unr_map_choice_done(&host->choice);
}
