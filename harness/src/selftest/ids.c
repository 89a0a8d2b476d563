/* SPDX-License-Identifier: MIT */
/* The ids that a process takes on, and what becomes of its capabilities. */
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sched.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "selftest/groups.h"
#include "selftest/kit.h"

#define USERNS "user_namespaces(7)"
#define CAPS "capabilities(7)"

/* Of the namespace that every case here begins in. */
#define LAST 65535
#define BEYOND 65536
#define SAME ((uid_t) -1)

/* ---- which ids ---- */

typedef int (*set_fn)(uid_t id);

/* The calls themselves, each with one id in one of its places. */
static int set_uid(uid_t id)
{
	return (int) syscall(SYS_setuid, id);
}

static int set_gid(uid_t id)
{
	return (int) syscall(SYS_setgid, id);
}

static int set_real_uid(uid_t id)
{
	return (int) syscall(SYS_setreuid, id, SAME);
}

static int set_effective_uid(uid_t id)
{
	return (int) syscall(SYS_setreuid, SAME, id);
}

static int set_real_gid(uid_t id)
{
	return (int) syscall(SYS_setregid, id, SAME);
}

static int set_effective_gid(uid_t id)
{
	return (int) syscall(SYS_setregid, SAME, id);
}

static int set_res_ruid(uid_t id)
{
	return (int) syscall(SYS_setresuid, id, SAME, SAME);
}

static int set_res_euid(uid_t id)
{
	return (int) syscall(SYS_setresuid, SAME, id, SAME);
}

static int set_res_suid(uid_t id)
{
	return (int) syscall(SYS_setresuid, SAME, SAME, id);
}

static int set_res_rgid(uid_t id)
{
	return (int) syscall(SYS_setresgid, id, SAME, SAME);
}

static int set_res_egid(uid_t id)
{
	return (int) syscall(SYS_setresgid, SAME, id, SAME);
}

static int set_res_sgid(uid_t id)
{
	return (int) syscall(SYS_setresgid, SAME, SAME, id);
}

static int set_group(uid_t id)
{
	return (int) syscall(SYS_setgroups, (size_t) 1, &id);
}

static int set_second_group(uid_t id)
{
	const gid_t ids[] = { 5, id };

	return (int) syscall(SYS_setgroups, (size_t) 2, ids);
}

struct setter {
	set_fn set;
};

static void one_setter(struct st *t)
{
	const struct setter *setter = t->test->of->data;

	st_want(t, EINVAL, setter->set(BEYOND));
	st_want(t, EINVAL, setter->set(4294967294U));
	st_want(t, 0, setter->set(LAST));
}

/* These two have no way to say no: they answer with the id from before. */
static void setfsuid_cases(struct st *t)
{
	st_equal(t, 0, syscall(SYS_setfsuid, BEYOND));
	st_equal(t, 0, syscall(SYS_setfsuid, LAST));
	st_equal(t, LAST, syscall(SYS_setfsuid, SAME));
	st_equal(t, LAST, syscall(SYS_setfsuid, BEYOND));
	st_equal(t, LAST, syscall(SYS_setfsuid, SAME));
}

static void setfsgid_cases(struct st *t)
{
	st_equal(t, 0, syscall(SYS_setfsgid, BEYOND));
	st_equal(t, 0, syscall(SYS_setfsgid, LAST));
	st_equal(t, LAST, syscall(SYS_setfsgid, SAME));
	st_equal(t, LAST, syscall(SYS_setfsgid, BEYOND));
}

static void minus_one(struct st *t)
{
	st_want(t, EINVAL, syscall(SYS_setuid, SAME));
	st_want(t, EINVAL, syscall(SYS_setgid, SAME));
	st_want(t, 0, syscall(SYS_setresuid, SAME, SAME, SAME));
	st_want(t, 0, syscall(SYS_setreuid, SAME, SAME));
	st_equal(t, 0, geteuid());
	st_want(t, EINVAL, set_group(SAME));
}

static void without_capability(struct st *t)
{
	st_drop(t, CAP_SETUID);
	st_drop(t, CAP_SETGID);
	st_want(t, EPERM, syscall(SYS_setuid, 5));
	st_want(t, EPERM, syscall(SYS_setgid, 5));
	st_want(t, EPERM, set_group(5));
	st_want(t, EINVAL, syscall(SYS_setuid, BEYOND));
	st_want(t, 0, syscall(SYS_setuid, 0));
}

static void filesystem_follows(struct st *t)
{
	st_want(t, 0, setresuid(SAME, 5, SAME));
	st_equal(t, 5, syscall(SYS_setfsuid, SAME));
	st_want(t, 0, setresuid(SAME, 0, SAME));
	st_equal(t, 0, syscall(SYS_setfsuid, SAME));
}

/* ---- groups ---- */

static void groups_denied(struct st *t)
{
	st_unshare_own(t, 0);
	st_equal(t, st_all_capabilities(t), st_capabilities(t));
	st_want(t, EPERM, setgroups(0, NULL));
	st_want(t, EPERM, set_group(0));
	st_want(t, 0, setgid(0));
}

static void set_none(struct st *t)
{
	st_want(t, EPERM, setgroups(0, NULL));
}

static void groups_before_map(struct st *t)
{
	struct st_child child;

	st_child_start(t, CLONE_NEWUSER, set_none, &child);
	st_want(t, 0, st_put(child.pid, "uid_map", "0 0 1"));
	st_child_end(t, &child);
}

static void see_groups(struct st *t)
{
	gid_t groups[4] = { 0 };

	st_equal(t, 2, getgroups(4, groups));
	st_equal(t, 7, groups[0]);
	st_equal(t, st_overflow_gid(t), groups[1]);
}

static void groups_unmapped(struct st *t)
{
	const gid_t groups[] = { 1007, 5000 };
	struct st_child child;

	st_want(t, 0, setgroups(2, groups));
	st_child_start(t, CLONE_NEWUSER, see_groups, &child);
	st_map(t, &child, "0 1000 1000");
	st_child_end(t, &child);
}

/* ---- capabilities ---- */

static void drop_by_uid(struct st *t)
{
	st_equal(t, st_all_capabilities(t), st_capabilities(t));
	st_want(t, 0, setresuid(5, 5, 5));
	st_equal(t, 0, st_capabilities(t));
	st_equal(t, 0, st_field(t, 0, "CapPrm", 16));
	st_want(t, EPERM, setresuid(0, 0, 0));
}

static void drop_effective(struct st *t)
{
	st_want(t, 0, setresuid(SAME, 5, SAME));
	st_equal(t, 0, st_capabilities(t));
	st_equal(t, st_all_capabilities(t), st_field(t, 0, "CapPrm", 16));
	st_want(t, 0, setresuid(SAME, 0, SAME));
	st_equal(t, st_all_capabilities(t), st_capabilities(t));
}

static void keep_capabilities(struct st *t)
{
	st_want(t, 0, prctl(PR_SET_KEEPCAPS, 1));
	st_want(t, 0, setresuid(5, 5, 5));
	st_equal(t, 0, st_capabilities(t));
	st_equal(t, st_all_capabilities(t), st_field(t, 0, "CapPrm", 16));
}

static void no_setuid_fixup(struct st *t)
{
	st_want(t, 0, prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP));
	st_want(t, 0, setresuid(5, 5, 5));
	st_equal(t, st_all_capabilities(t), st_capabilities(t));
}

/* What fsuid 0 stands for: rights over files, and no others. */
static void filesystem_capabilities(struct st *t)
{
	const uint64_t files = 1ULL << CAP_CHOWN | 1ULL << CAP_DAC_OVERRIDE | 1ULL << CAP_FOWNER;
	const uint64_t before = st_capabilities(t);

	(void) setfsuid(5);
	st_equal(t, 0, st_capabilities(t) & files);
	st_equal(t, before & (1ULL << CAP_SETUID), st_capabilities(t) & (1ULL << CAP_SETUID));
	(void) setfsuid(0);
	st_equal(t, before, st_capabilities(t));
}

/* Groups are no root. */
static void group_keeps(struct st *t)
{
	st_want(t, 0, setresgid(5, 5, 5));
	st_equal(t, st_all_capabilities(t), st_capabilities(t));
}

static void bounding(struct st *t)
{
	const uint64_t all = st_all_capabilities(t);

	st_want(t, 0, prctl(PR_CAPBSET_DROP, CAP_NET_RAW));
	st_equal(t, all & ~(1ULL << CAP_NET_RAW), st_field(t, 0, "CapBnd", 16));
	/* What one has stays; and another namespace begins anew. */
	st_equal(t, all, st_capabilities(t));
	st_unshare_own(t, 0);
	st_equal(t, all, st_field(t, 0, "CapBnd", 16));
}

/* ---- whoever is named by a number ---- */

static void priorities(struct st *t)
{
	/* The call itself: what libc makes of it may be -1. */
	st_want(t, 0, syscall(SYS_getpriority, PRIO_USER, 0));
	st_want(t, ESRCH, syscall(SYS_getpriority, PRIO_USER, BEYOND));
	st_want(t, ESRCH, setpriority(PRIO_USER, BEYOND, 5));
	st_want(t, ESRCH, syscall(SYS_getpriority, PRIO_USER, 12345));
}

#define SETTER(case_name, sentence, where, function)                                               \
	{                                                                                          \
		case_name, sentence, where, .stage = ST_STAGE_INSIDE, .run = one_setter,           \
					    .data = &(const struct setter)                         \
		{                                                                                  \
			function                                                                   \
		}                                                                                  \
	}
#define INSIDE(case_name, sentence, where, function)                                               \
	{                                                                                          \
		case_name, sentence, where, .stage = ST_STAGE_INSIDE, .run = function              \
	}

static const struct st_case CASES[] = {
	SETTER("setuid", "setuid to an id without a place is EINVAL.", "setuid(2)", set_uid),
	SETTER("setgid", "setgid to an id without a place is EINVAL.", "setgid(2)", set_gid),
	SETTER("setreuid-real", "setreuid takes no real id without a place.", "setreuid(2)",
	       set_real_uid),
	SETTER("setreuid-effective", "setreuid takes no effective id without a place.",
	       "setreuid(2)", set_effective_uid),
	SETTER("setregid-real", "setregid takes no real id without a place.", "setregid(2)",
	       set_real_gid),
	SETTER("setregid-effective", "setregid takes no effective id without a place.",
	       "setregid(2)", set_effective_gid),
	SETTER("setresuid-real", "setresuid takes no real id without a place.", "setresuid(2)",
	       set_res_ruid),
	SETTER("setresuid-effective", "setresuid takes no effective id without a place.",
	       "setresuid(2)", set_res_euid),
	SETTER("setresuid-saved", "setresuid takes no saved id without a place.", "setresuid(2)",
	       set_res_suid),
	SETTER("setresgid-real", "setresgid takes no real id without a place.", "setresgid(2)",
	       set_res_rgid),
	SETTER("setresgid-effective", "setresgid takes no effective id without a place.",
	       "setresgid(2)", set_res_egid),
	SETTER("setresgid-saved", "setresgid takes no saved id without a place.", "setresgid(2)",
	       set_res_sgid),
	SETTER("setgroups", "setgroups takes no group without a place.", "setgroups(2)", set_group),
	SETTER("setgroups-second", "setgroups takes no list with such a group in it.",
	       "setgroups(2)", set_second_group),
	INSIDE("setfsuid", "setfsuid leaves things as they are for an id without a place.",
	       "setfsuid(2)", setfsuid_cases),
	INSIDE("setfsgid", "setfsgid leaves things as they are for an id without a place.",
	       "setfsgid(2)", setfsgid_cases),
	INSIDE("minus-one", "4294967295 is no id to take on, and means no change elsewhere.",
	       "setresuid(2)", minus_one),
	INSIDE("without-capability",
	       "Other ids take CAP_SETUID and CAP_SETGID; EINVAL comes first.", "setuid(2)",
	       without_capability),
	INSIDE("filesystem-follows", "The file system id follows the effective one.",
	       "credentials(7)", filesystem_follows),
	{ "groups-denied", "Where setgroups is denied, its root cannot use it either.", USERNS,
	  .stage = ST_STAGE_ORDINARY, .run = groups_denied },
	INSIDE("groups-before-map", "Without gid_map there is no setgroups.",
	       USERNS ", commit 273d2c67c3e1", groups_before_map),
	INSIDE("groups-unmapped", "Groups without a place stay, and show as the overflow id.",
	       USERNS, groups_unmapped),
	INSIDE("drop-by-uid", "Without an id 0 the capabilities are gone.", CAPS, drop_by_uid),
	INSIDE("drop-effective", "An effective id other than 0 sets them aside.", CAPS,
	       drop_effective),
	INSIDE("keep-capabilities", "PR_SET_KEEPCAPS keeps the permitted ones.", CAPS,
	       keep_capabilities),
	INSIDE("no-setuid-fixup", "With SECBIT_NO_SETUID_FIXUP ids do not concern them.", CAPS,
	       no_setuid_fixup),
	INSIDE("filesystem-capabilities", "The file system id sets those over files aside.", CAPS,
	       filesystem_capabilities),
	INSIDE("group-keeps", "A change of group takes none away.", CAPS, group_keeps),
	INSIDE("bounding", "The bounding set of a new namespace is whole.", CAPS, bounding),
	INSIDE("priorities", "A user without a place has no processes to be named.",
	       "getpriority(2)", priorities),
};

const struct st_group st_group_ids =
	ST_GROUP("ids", "the ids of a process, and its capabilities", CASES);
