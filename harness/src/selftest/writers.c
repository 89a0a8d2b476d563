/* SPDX-License-Identifier: MIT */
/* Who may write which map: with privilege, without, and from where. */
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "selftest/groups.h"
#include "selftest/kit.h"

#define MAN "user_namespaces(7)"

/* ---- without privilege ---- */

/* A map of the caller's own namespace in which %u is one of its own ids. */
static int put_own(const char *file, const char *format, unsigned int id)
{
	char map[80];

	/* Formats are those of the cases below: one number each. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	(void) snprintf(map, sizeof(map), format, id);
#pragma GCC diagnostic pop
	return st_put(0, file, map);
}

static void own_id(struct st *t)
{
	const uid_t uid = geteuid();
	const gid_t gid = getegid();

	st_unshare(t, CLONE_NEWUSER);
	st_want(t, 0, put_own("uid_map", "7 %u 1", uid));
	st_want(t, 0, st_put(0, "setgroups", "deny"));
	st_want(t, 0, put_own("gid_map", "8 %u 1", gid));
	st_equal(t, 7, getuid());
	st_equal(t, 8, getgid());
}

static void own_two_lines(struct st *t)
{
	const uid_t uid = geteuid();

	st_unshare(t, CLONE_NEWUSER);
	st_want(t, EPERM, put_own("uid_map", "0 %u 1\n1 1 1\n", uid));
}

static void own_two_ids(struct st *t)
{
	const uid_t uid = geteuid();

	st_unshare(t, CLONE_NEWUSER);
	st_want(t, EPERM, put_own("uid_map", "0 %u 2", uid));
}

static void other_id(struct st *t)
{
	const uid_t uid = geteuid();
	const gid_t gid = getegid();

	st_unshare(t, CLONE_NEWUSER);
	st_want(t, EPERM, put_own("uid_map", "0 %u 1", uid + 1));
	st_want(t, 0, st_put(0, "setgroups", "deny"));
	st_want(t, EPERM, put_own("gid_map", "0 %u 1", gid + 1));
}

static void gid_before_deny(struct st *t)
{
	const gid_t gid = getegid();

	st_unshare(t, CLONE_NEWUSER);
	st_want(t, EPERM, put_own("gid_map", "0 %u 1", gid));
	st_want(t, 0, st_put(0, "setgroups", "deny"));
	st_want(t, 0, put_own("gid_map", "0 %u 1", gid));
}

static void deny_after_gid(struct st *t)
{
	struct st_child child;

	st_child_start(t, CLONE_NEWUSER, st_idle, &child);
	st_map(t, &child, "0 1000 10");
	st_want(t, EPERM, st_put(child.pid, "setgroups", "deny"));
	/* What is so already may be said. */
	st_want(t, 0, st_put(child.pid, "setgroups", "allow"));
	st_child_end(t, &child);
}

static void allow_after_deny(struct st *t)
{
	st_unshare(t, CLONE_NEWUSER);
	st_want(t, 0, st_put(0, "setgroups", "deny"));
	st_want(t, 0, st_put(0, "setgroups", "deny"));
	st_want(t, EPERM, st_put(0, "setgroups", "allow"));
}

static void read_inherited(struct st *t)
{
	char text[16];

	st_want(t, 0, st_get(0, "setgroups", sizeof(text), text));
	st_equal(t, 0, strcmp(text, "deny\n"));
	st_want(t, EPERM, st_put(0, "setgroups", "allow"));
}

static void deny_inherited(struct st *t)
{
	struct st_child child;

	st_unshare_own(t, 0);
	st_child_start(t, CLONE_NEWUSER, read_inherited, &child);
	st_child_end(t, &child);
}

static void not_dumpable(struct st *t)
{
	const uid_t uid = geteuid();

	st_unshare(t, CLONE_NEWUSER);
	/* Files below /proc/PID then belong to root: here nobody has root's id. */
	st_want(t, 0, prctl(PR_SET_DUMPABLE, 0));
	st_want(t, EACCES, put_own("uid_map", "0 %u 1", uid));
	st_want(t, 0, prctl(PR_SET_DUMPABLE, 1));
	st_want(t, 0, put_own("uid_map", "0 %u 1", uid));
}

static void helpers(struct st *t)
{
	struct unr_error err = { 0 };

	if (t->host->no_choice.kind != UNR_ERROR_NONE)
		st_skip(t, "%s", t->host->no_choice.message);
	if (t->host->choice.method != UNR_MAP_NEWUIDMAP)
		st_skip(t, "the caller needs no newuidmap");
	if (unr_map_try(&t->host->choice, &err) < 0)
		st_fail(t, "%s", err.message);
}

/* ---- with privilege ---- */

static void lacks_setuid(struct st *t)
{
	struct st_child child;

	st_child_start(t, CLONE_NEWUSER, st_idle, &child);
	st_drop(t, CAP_SETUID);
	st_want(t, EPERM, st_put(child.pid, "uid_map", "0 1000 10"));
	st_want(t, 0, st_put(child.pid, "gid_map", "0 1000 10"));
	st_child_end(t, &child);
}

static void lacks_setgid(struct st *t)
{
	struct st_child child;

	st_child_start(t, CLONE_NEWUSER, st_idle, &child);
	st_drop(t, CAP_SETGID);
	st_want(t, 0, st_put(child.pid, "uid_map", "0 1000 10"));
	st_want(t, EPERM, st_put(child.pid, "gid_map", "0 1000 10"));
	st_child_end(t, &child);
}

/* The child was made by a process that has it: what counts is who writes. */
static void lacks_setfcap(struct st *t)
{
	struct st_child child;

	st_child_start(t, CLONE_NEWUSER, st_idle, &child);
	st_drop(t, CAP_SETFCAP);
	st_want_since(t, ST_LINUX(5, 12), EPERM, 0, st_put(child.pid, "uid_map", "0 0 10"));
	st_child_end(t, &child);
}

static void setfcap_other_id(struct st *t)
{
	struct st_child child;

	st_child_start(t, CLONE_NEWUSER, st_idle, &child);
	st_drop(t, CAP_SETFCAP);
	st_want(t, 0, st_put(child.pid, "uid_map", "0 1 10"));
	st_want(t, 0, st_put(child.pid, "gid_map", "0 0 10"));
	st_child_end(t, &child);
}

static void map_zero_itself(struct st *t)
{
	st_want_since(t, ST_LINUX(5, 12), EPERM, 0, st_put(0, "uid_map", "0 0 1"));
}

/* The namespace remembers whether its maker had it. */
static void setfcap_of_maker(struct st *t)
{
	struct st_child child;

	st_drop(t, CAP_SETFCAP);
	st_child_start(t, CLONE_NEWUSER, map_zero_itself, &child);
	st_child_end(t, &child);
}

static void map_itself(struct st *t)
{
	/* All capabilities inside are none over the parent, whose ids would be given away. */
	st_want(t, EPERM, st_put(0, "uid_map", "0 1000 10"));
	st_want(t, EPERM, st_put(0, "gid_map", "0 1000 10"));
	st_want(t, 0, st_put(0, "uid_map", "5 0 1"));
}

static void from_inside(struct st *t)
{
	struct st_child child;

	st_child_start(t, CLONE_NEWUSER, map_itself, &child);
	st_child_end(t, &child);
}

static void nest(struct st *t)
{
	struct st_child child;

	st_child_start(t, CLONE_NEWUSER, st_idle, &child);
	*(pid_t *) t->shared = child.pid;
	st_wait(t);
	/* The parent's own word still counts. */
	st_map(t, &child, "0 1 5");
	st_child_end(t, &child);
}

static void from_grandparent(struct st *t)
{
	pid_t *grandchild = st_shared_memory(t);
	struct st_child child;

	st_inside_start(t, "0 1000 10", nest, &child);
	st_child_step(t, &child);
	st_want(t, EPERM, st_put(*grandchild, "uid_map", "0 1000 5"));
	st_want(t, EPERM, st_put(*grandchild, "gid_map", "0 1000 5"));
	st_child_end(t, &child);
}

static void write_to_sibling(struct st *t)
{
	/* To be seen is not to be written: EACCES already at open(2), where owners differ. */
	st_want(t, EACCES, st_put(*(pid_t *) t->shared, "uid_map", "0 0 1"));
}

static void from_sibling(struct st *t)
{
	pid_t *sibling = st_shared_memory(t);
	struct st_child child;

	st_child_start(t, CLONE_NEWUSER, st_idle, &child);
	*sibling = child.pid;
	st_inside(t, "0 2000 10", write_to_sibling);
	st_map(t, &child, "0 1000 10");
	st_child_end(t, &child);
}

/* Write with @fd as it was opened by somebody else. */
static void opener(struct st *t)
{
	struct st_child child;
	char path[40];
	int fd;

	st_child_start(t, CLONE_NEWUSER, st_idle, &child);
	(void) snprintf(path, sizeof(path), "/proc/%d/uid_map", (int) child.pid);
	fd = (int) st_want(t, 0, open(path, O_WRONLY | O_CLOEXEC));
	/* The one who opens and the one who writes must both be allowed to. */
	st_drop(t, CAP_SETUID);
	st_want(t, EPERM, write(fd, "0 1000 10", 9));
	(void) close(fd);
	st_child_end(t, &child);
}

/* The other way round: opened without privilege, as somebody else's standard output may be. */
static void opener_without(struct st *t)
{
	struct st_child child;
	char path[40];
	int fd;

	st_child_start(t, CLONE_NEWUSER, st_idle, &child);
	(void) snprintf(path, sizeof(path), "/proc/%d/uid_map", (int) child.pid);
	st_set_aside(t, CAP_SETUID, true);
	fd = (int) st_want(t, 0, open(path, O_WRONLY | O_CLOEXEC));
	st_set_aside(t, CAP_SETUID, false);
	st_want(t, EPERM, write(fd, "0 1000 10", 9));
	(void) close(fd);
	st_want(t, 0, st_put(child.pid, "uid_map", "0 1000 10"));
	st_child_end(t, &child);
}

static void write_unmapped(struct st *t)
{
	struct st_child child;

	st_child_start(t, CLONE_NEWUSER, st_idle, &child);
	st_want(t, EPERM, st_put(child.pid, "uid_map", "0 10 1"));
	st_want(t, EPERM, st_put(child.pid, "uid_map", "0 9 2"));
	st_want(t, EPERM, st_put(child.pid, "gid_map", "0 5 10"));
	st_want(t, 0, st_put(child.pid, "uid_map", "0 9 1"));
	st_child_end(t, &child);
}

static void parent_unmapped(struct st *t)
{
	st_inside(t, "0 1000 10", write_unmapped);
}

#define ROOT(case_name, sentence, where, function)                                                 \
	{                                                                                          \
		case_name, sentence, where, .stage = ST_STAGE_ROOT, .run = function                \
	}
#define ANYONE(case_name, sentence, where, function)                                               \
	{                                                                                          \
		case_name, sentence, where, .stage = ST_STAGE_ORDINARY, .run = function            \
	}

static const struct st_case CASES[] = {
	ANYONE("own-id", "Without privilege one's own id can be mapped, to any number.", MAN,
	       own_id),
	ANYONE("own-two-lines", "Without privilege a map has one line.", MAN, own_two_lines),
	ANYONE("own-two-ids", "Without privilege a map has one id.", MAN, own_two_ids),
	ANYONE("other-id", "Without privilege another's id cannot be mapped.", MAN, other_id),
	ANYONE("gid-before-deny", "Without privilege gid_map takes a denial of setgroups first.",
	       MAN ", commit 66d2f338ee4c", gid_before_deny),
	ANYONE("allow-after-deny", "What was denied to setgroups stays denied.",
	       MAN ", commit 9cc46516ddf4", allow_after_deny),
	ANYONE("deny-inherited", "A namespace below one without setgroups has none either.",
	       MAN ", commit 9cc46516ddf4", deny_inherited),
	ANYONE("not-dumpable", "A process that is not dumpable cannot write its own map.",
	       "proc(5), PR_SET_DUMPABLE in prctl(2)", not_dumpable),
	{ "newuidmap", "newuidmap and newgidmap write what subuid and subgid grant.",
	  "newuidmap(1)", .stage = ST_STAGE_CALLER, .run = helpers },
	ROOT("deny-after-gid", "setgroups cannot be denied once there is a gid_map.",
	     MAN ", commit 9cc46516ddf4", deny_after_gid),
	ROOT("lacks-setuid", "uid_map of more than one's own id takes CAP_SETUID.", MAN,
	     lacks_setuid),
	ROOT("lacks-setgid", "gid_map of more than one's own id takes CAP_SETGID.", MAN,
	     lacks_setgid),
	ROOT("lacks-setfcap", "Whoever maps the parent's user 0 must have CAP_SETFCAP.",
	     "capabilities(7), commit db2e718a4798", lacks_setfcap),
	ROOT("setfcap-other-id", "No other id takes CAP_SETFCAP, and no group does.",
	     "capabilities(7), commit db2e718a4798", setfcap_other_id),
	ROOT("setfcap-of-maker", "A namespace made without CAP_SETFCAP cannot map user 0 itself.",
	     "capabilities(7), commit db2e718a4798", setfcap_of_maker),
	ROOT("from-inside", "From inside, one's own id is all that can be mapped.", MAN,
	     from_inside),
	ROOT("from-grandparent", "Maps are written from the namespace itself or its parent.", MAN,
	     from_grandparent),
	ROOT("from-sibling", "A namespace beside another one cannot write its maps.", MAN,
	     from_sibling),
	ROOT("opener", "Privilege at open(2) is worth nothing without privilege at write(2).",
	     MAN ", commit 6708075f104c", opener),
	ROOT("opener-without", "Privilege at write(2) is worth nothing without it at open(2).",
	     MAN ", commit 6708075f104c", opener_without),
	ROOT("parent-unmapped", "Ids that the parent does not have cannot be mapped.", MAN,
	     parent_unmapped),
};

const struct st_group st_group_writers = ST_GROUP("writers", "who may write which map", CASES);
