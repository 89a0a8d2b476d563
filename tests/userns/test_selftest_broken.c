/* SPDX-License-Identifier: MIT */
/*
 * Every case of the self-test can fail: a system call is broken right before
 * its function begins, and the case has to notice.  A case without a row here
 * is an error.
 */
#include "unr_test.h"

#include <errno.h>
#include <fnmatch.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "broken.h"
#include "selftest/runner.h"
#include "selftest/stage.h"
#include "userns/namespace.h"

/* Far more than a case takes, and what one costs that does not notice a call that never ends. */
#define SECONDS 20

/* Maps and other settings are said to be written, and are not. */
#define NOT_WRITTEN "write=0"

/* What is broken for which cases; the first row that matches counts. */
static const struct row {
	const char *cases;  /* a glob */
	const char *broken; /* see broken.h; NULL: nothing here can break it */
	const char *reason; /* a piece of what the case then says; NULL: "promised" */
} ROWS[] = {
	{ "maps.offset", "pwrite64=0", "pwrite" },
	{ "maps.*", NOT_WRITTEN, NULL },

	/* By its length it is the first map that is to be refused. */
	{ "ranges.six-beyond", "write:2==45=0", "EPERM" },
	{ "ranges.six*", "fchown=0", "owner" },
	{ "ranges.reader-empty", "read=EIO", "st_get" },
	{ "ranges.ids-both-sides", "setresuid=0", "getuid" },
	{ "ranges.ids-unmapped", "getuid=0", "getuid" },
	{ "ranges.*", NOT_WRITTEN, NULL },

	{ "writers.not-dumpable", "prctl:0==4=0", "EACCES" },
	{ "writers.lacks-*", "capset=0", "EPERM" },
	{ "writers.setfcap-other-id", "write=EPERM", "st_put" },
	{ "writers.setfcap-of-maker", "capset=0", "EPERM" },
	{ "writers.from-sibling", "setresuid=0", "EACCES" },
	{ "writers.deny-inherited", "write:2==4=0", "gid_map" },
	{ "writers.opener*", "capset=0", "EPERM" },
	{ "writers.newuidmap", NULL, NULL },
	{ "writers.*", NOT_WRITTEN, NULL },

	{ "create.ordinary", "unshare=0", "the same as before" },
	{ "create.threads", "unshare=0", "the same as before" },
	{ "create.clone-*", "clone=0", "EINVAL" },
	{ "create.filtered", "prctl:0==22=0", "EUSERS" },
	{ "create.depth", NOT_WRITTEN, "promised are 33" },
	{ "create.limit-none", "unshare=0", "ENOSPC" },
	{ "create.limit-one", "unshare=0", "the same as before" },
	{ "create.capabilities*", "capget=0", "st_capabilities" },
	{ "create.no-map-ids", "setuid=0", "EINVAL" },
	{ "create.no-map-files", "chown=0", "EINVAL" },
	{ "create.fork-stays", "newfstatat=EACCES", "stat" },
	{ "create.others-with-user", "sethostname=EPERM", "sethostname" },
	{ "create.others-before", "sethostname=0", "EPERM" },
	{ "create.switch-*", NULL, NULL },
	{ "create.unmapped", "unshare=0", "the same as before" },
	{ "create.unmapped-group", "unshare=0", "the same as before" },
	{ "create.chrooted", "unshare=0", "EPERM" },
	{ "create.others-alone", "unshare=0", "EPERM" },
	{ "create.*", "unshare=0", "the same as before" },

	{ "join.kept", "setns=EPERM", "setns" },
	{ "join.hidden", "openat:2==0x80000=EPERM", "EACCES" },
	{ "join.type", "ioctl=0", "ioctl" },
	{ "join.*-of", "ioctl=0", NULL },
	{ "join.child-of-owner", "setns=0", NULL },
	{ "join.*-hidden", "ioctl=0", NULL },
	{ "join.*", "setns=0", NULL },

	{ "chown.setid-directory*", "chown=EPERM", "chown" },
	{ "chown.symlink*", "lchown=0", "owner" },
	{ "chown.create-in-setgid*", "chmod=0", "owner" },
	{ "chown.create@*", "setresuid=0", NULL },
	{ "chown.truncate*", "truncate=0", "mode" },
	{ "chown.sticky*", "unlink=0", "EPERM" },
	{ "chown.*", "chown=0", NULL },

	{ "calls.lchown", "lchown=0", NULL },
	{ "calls.fchown", "fchown=0", NULL },
	{ "calls.fchownat*", "fchownat=0", NULL },
	{ "calls.sixteen-bits", "newfstatat=EIO", "EIO" },
	{ "calls.no-capability", "capset=0", "EPERM" },
	{ "calls.outer-create", "mkdir=0", "EOVERFLOW" },
	{ "calls.outer-create-mapped", "openat:2&0x40=EOVERFLOW", "open" },
	{ "calls.*", "chown=0", NULL },

	{ "ids.setuid", "setuid=0", "EINVAL" },
	{ "ids.setgid", "setgid=0", "EINVAL" },
	{ "ids.setreuid-*", "setreuid=0", "EINVAL" },
	{ "ids.setregid-*", "setregid=0", "EINVAL" },
	{ "ids.setresuid-*", "setresuid=0", "EINVAL" },
	{ "ids.setresgid-*", "setresgid=0", "EINVAL" },
	{ "ids.setgroups*", "setgroups=0", "EINVAL" },
	{ "ids.setfsuid", "setfsuid=0", NULL },
	{ "ids.setfsgid", "setfsgid=0", NULL },
	{ "ids.minus-one", "setuid=0", "EINVAL" },
	{ "ids.without-capability", "capset=0", "EPERM" },
	{ "ids.groups-*", "setgroups=0", NULL },
	{ "ids.keep-capabilities", "prctl:0==8=0", NULL },
	{ "ids.no-setuid-fixup", "prctl:0==28=0", NULL },
	{ "ids.filesystem-capabilities", "setfsuid=0", NULL },
	{ "ids.group-keeps", "setresgid=EPERM", "setresgid" },
	{ "ids.bounding", "prctl:0==24=0", NULL },
	{ "ids.priorities", "getpriority=0", "ESRCH" },
	{ "ids.*", "setresuid=0", NULL },

	{ "exec.no-root", "prctl:0==28=0", "permitted" },
	{ "exec.*", "execve=0", NULL },

	{ "peers.credentials-wrong", "sendmsg=0", "EINVAL" },
	{ "peers.credentials*", "recvmsg=0", "no credentials came" },
	{ "peers.peer", "getsockopt=0", "peer_of" },
	{ "peers.proc-owner", "setresuid=0", "st_uid" },
	{ "peers.ipc-*", "shmctl=0", NULL },
	{ "peers.keyring", "keyctl=0", "the same keyring" },

	{ "signals.kill-*", "kill=0", "EPERM" },
	{ "signals.signal-*", "rt_sigtimedwait=0", "si_uid" },
	{ "signals.trace-outside", "ptrace=0", "EPERM" },
	{ "signals.trace-inside", "ptrace=EPERM", "ptrace" },
	{ "signals.priority-outside", "setpriority=0", "EPERM" },

	{ "nodes.devices", "mknod,mknodat=0", "EPERM" },
	{ "nodes.whiteout*", "mknod,mknodat=EPERM", "mknod" },
	{ "nodes.others", "mknod,mknodat=EPERM", "mknod" },
	{ "nodes.no-devices", "openat:2==0x80000=0", "EACCES" },
	{ "nodes.host-device", "openat:2&2=EACCES", "EACCES" },
	{ "nodes.user*", "setxattr=EPERM", "user.selftest" },
	{ "nodes.security-own", "setxattr=EPERM", "security.selftest" },
	{ "nodes.*", "setxattr=0", NULL },

	{ "acls.*", "setxattr,removexattr=0", NULL },

	{ "mounts.*-foreign", "mount=0", NULL },
	{ "mounts.block-device", "mount=0", "EPERM" },
	{ "mounts.overlay", "chown=0", NULL },
	{ "mounts.overlay-whiteout", "unlink=0", NULL },
	{ "mounts.overlay-opaque", "rmdir=0", "mkdir" },
	{ "mounts.locked-mount", "umount2=0", "EINVAL" },
	{ "mounts.locked-*", "mount=0", NULL },
	{ "mounts.propagation", "mount=0", NULL },
	{ "mounts.foreign-superblock", "mount=0", "EPERM" },
	{ "mounts.*", "mount=EINVAL", NULL },

	{ "idmapped.*", "mount_setattr=0", NULL },

	{ "limits.*-namespaces", "unshare=0", "ENOSPC" },
	{ "limits.inotify", "inotify_init1=0", "EMFILE" },
	{ "limits.fanotify", "fanotify_init=0", NULL },
	{ "limits.processes", "prlimit64=0", "EAGAIN" },
	{ "limits.hard-limit", "prlimit64=0", "EPERM" },
	{ "limits.priority", "setpriority=0", "EACCES" },
	{ "limits.clock", "clock_settime=0", "EPERM" },
	{ "limits.host-only", "swapon=0", "swapon" },
	{ "limits.host-name", "sethostname=0", "EPERM" },
	{ "limits.host-network", "socket=0", "EPERM" },
	{ "limits.host-settings", "openat:2==0x80001=0", "EACCES" },
	{ "limits.quota*", "quotactl_fd=0", "EPERM" },
};

/* A case whose function is another one first. */
struct broken_case {
	struct st_case of;
	st_fn run;
	const char *broken;
};

static void break_and_run(struct st *t)
{
	const struct broken_case *broken = (const struct broken_case *) t->test->of;
	bool is_privileged = (st_capabilities(t) & 1ULL << CAP_SYS_ADMIN) != 0;

	if (unr_break_calls(broken->broken, !is_privileged) < 0)
		st_skip(t, "no filter");
	broken->run(t);
}

static const struct row *find_row(const char *name)
{
	for (size_t i = 0; i < UNR_COUNT(ROWS); i++)
		if (fnmatch(ROWS[i].cases, name, 0) == 0)
			return &ROWS[i];
	return NULL;
}

static struct st_result try_test(const struct st_test *test, const struct st_host *host)
{
	struct st_result result = { 0 };

	assert_int_equal(st_run_test(test, host, SECONDS, &result, NULL), 0);
	return result;
}

/* Run it with what is broken; does it notice, and say the right thing? */
static bool is_noticed(const struct st_test *test, const struct st_host *host,
		       const struct row *row)
{
	const char *reason = row->reason == NULL ? "promised" : row->reason;
	struct broken_case broken = { *test->of, test->of->run, row->broken };
	struct st_test broken_test = *test;
	struct st_result result;
	bool ok;

	broken.of.run = break_and_run;
	broken_test.of = &broken.of;
	result = try_test(&broken_test, host);
	ok = result.outcome == ST_NOT_OK && strstr(result.reason, reason) != NULL;
	/* What cannot be tried on this host cannot be broken either. */
	if (result.outcome == ST_SKIP)
		ok = try_test(test, host).outcome == ST_SKIP;
	/* Of a kernel that promises less both answers are taken, and the case says so. */
	if (result.outcome == ST_OK)
		ok = strstr(unr_text_string(&result.notes), "before Linux ") != NULL;
	if (!ok)
		print_error("%s with %s: %d, %s\n", test->name, row->broken, result.outcome,
			    result.reason);
	st_result_done(&result);
	return ok;
}

/* A case on several file systems is tried on the first one. */
static struct st_test first_test(const struct st_group *group, const struct st_case *of)
{
	struct st_test test = { .group = group, .of = of };

	test.filesystem = of->filesystems & -of->filesystems;
	(void) snprintf(test.name, sizeof(test.name), "%s.%s%s%s", group->name, of->name,
			test.filesystem == 0 ? "" : "@",
			test.filesystem == 0 ? "" : st_filesystem_name(test.filesystem));
	return test;
}

static bool try_case(const struct st_test *test, const struct st_host *host)
{
	const struct row *row = find_row(test->name);

	if (row == NULL)
		print_error("%s: nobody has seen it fail\n", test->name);
	return row != NULL && (row->broken == NULL || is_noticed(test, host, row));
}

static void selftest__every_case_can_fail(void **state)
{
	struct st_host host = { 0 };
	size_t n_groups, n_bad = 0;
	const struct st_group *const *groups = st_groups(&n_groups);

	(void) state;
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	assert_int_equal(st_host_look(&host, NULL), 0);
	for (size_t i = 0; i < n_groups; i++)
		for (size_t j = 0; j < groups[i]->n_cases; j++) {
			struct st_test test = first_test(groups[i], &groups[i]->cases[j]);

			n_bad += !try_case(&test, &host);
		}
	st_host_done(&host);
	assert_int_equal(n_bad, 0);
}

/* A row that no case comes to says nothing. */
static void selftest__every_row_is_used(void **state)
{
	bool is_used[UNR_COUNT(ROWS)] = { false };
	size_t n_groups;
	const struct st_group *const *groups = st_groups(&n_groups);

	(void) state;
	for (size_t i = 0; i < n_groups; i++)
		for (size_t j = 0; j < groups[i]->n_cases; j++) {
			struct st_test test = first_test(groups[i], &groups[i]->cases[j]);
			const struct row *row = find_row(test.name);

			if (row != NULL)
				is_used[row - ROWS] = true;
		}
	for (size_t i = 0; i < UNR_COUNT(ROWS); i++) {
		if (!is_used[i])
			print_error("%s: no case comes to this row\n", ROWS[i].cases);
		assert_true(is_used[i]);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(selftest__every_case_can_fail),
	cmocka_unit_test(selftest__every_row_is_used),
};

UNR_TEST_MAIN("userns.selftest_broken", tests, NULL);
