/* SPDX-License-Identifier: MIT */
/* Nodes and extended attributes: what is made inside, and how it looks from elsewhere. */
#include <endian.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/xattr.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "selftest/groups.h"
#include "selftest/kit.h"

/* Not <sys/xattr.h>, which does not go together with <linux/xattr.h> everywhere. */
extern ssize_t getxattr(const char *path, const char *name, void *value, size_t size);
extern int setxattr(const char *path, const char *name, const void *value, size_t size, int flags);

#define CAPS "capabilities(7)"
#define XATTR "xattr(7)"

#define MAP "0 1000 1000"
#define OUTSIDE 1000

/* ---- mknod ---- */

static void devices(struct st *t)
{
	st_want(t, EPERM, mknod("null", S_IFCHR | 0666, makedev(1, 3)));
	st_want(t, EPERM, mknod("loop", S_IFBLK | 0600, makedev(7, 0)));
	st_want(t, EPERM, mknod("block", S_IFBLK | 0600, makedev(0, 0)));
}

static void whiteout(struct st *t)
{
	struct stat st;

	st_want_since(t, ST_LINUX(5, 8), 0, EPERM, mknod("whiteout", S_IFCHR, makedev(0, 0)));
	if (!st_exists("whiteout"))
		return;
	st_want(t, 0, lstat("whiteout", &st));
	st_equal(t, S_IFCHR, st.st_mode & S_IFMT);
	st_equal(t, 0, st.st_rdev);
}

static void whiteout_ordinary(struct st *t)
{
	st_want(t, 0, chmod(".", 0777));
	st_become(t, 5, 5);
	st_want_since(t, ST_LINUX(5, 8), 0, EPERM, mknod("whiteout", S_IFCHR, makedev(0, 0)));
}

static void others(struct st *t)
{
	st_want(t, 0, mknod("fifo", S_IFIFO | 0600, 0));
	st_want(t, 0, mknod("socket", S_IFSOCK | 0600, 0));
	st_want(t, 0, mknod("file", S_IFREG | 0600, 0));
	st_owned(t, "fifo", 0, 0);
}

static void hold_and_open(struct st *t)
{
	st_tmpfs(t);
	st_wait(t);
	st_want(t, EACCES, open("null", O_RDONLY | O_CLOEXEC));
}

/* Root of the host makes the node: it is the file system that is not trusted. */
static void no_devices(struct st *t)
{
	struct st_child child;

	st_inside_start(t, "0 0 1000", hold_and_open, &child);
	st_child_step(t, &child);
	st_enter_directory(t, &child);
	st_want(t, 0, mknod("null", S_IFCHR | 0666, makedev(1, 3)));
	st_want(t, EACCES, open("null", O_RDONLY | O_CLOEXEC));
	st_child_end(t, &child);
}

static void host_device(struct st *t)
{
	unr_autoclose int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		st_skip(t, "there is no /dev/null");
	st_want(t, 0, fd);
}

/* ---- attributes ---- */

static void prepare(struct st *t)
{
	st_want(t, 0, chown(".", OUTSIDE, OUTSIDE));
	st_file(t, "file", 0666, OUTSIDE, OUTSIDE);
	st_file(t, "foreign", 0666, 0, 0);
}

static void try_user(struct st *t)
{
	if (setxattr("file", "user.selftest", "x", 1, 0) < 0 && errno == EOPNOTSUPP &&
	    t->test->filesystem == ST_ON_TMPFS)
		st_skip(t, "tmpfs has no user attributes here: Linux 6.6 is the first that may");
	st_want(t, 0, setxattr("file", "user.selftest", "x", 1, 0));
	st_want(t, 0, getxattr("file", "user.selftest", NULL, 0));
	/* Who may write to a file may write its attributes, whoever owns it. */
	st_want(t, 0, setxattr("foreign", "user.selftest", "x", 1, 0));
}

static void user(struct st *t)
{
	prepare(t);
	st_inside(t, MAP, try_user);
}

static void try_trusted(struct st *t)
{
	st_want(t, EPERM, setxattr("file", "trusted.selftest", "x", 1, 0));
	/* To be seen it is not there. */
	st_want(t, ENODATA, getxattr("file", "trusted.selftest", NULL, 0));
}

static void trusted(struct st *t)
{
	prepare(t);
	if (t->host->is_root && t->host->is_initial)
		st_want(t, 0, setxattr("file", "trusted.selftest", "x", 1, 0));
	st_inside(t, MAP, try_trusted);
}

static void trusted_own(struct st *t)
{
	st_file(t, "file", 0600, 0, 0);
	st_want(t, EPERM, setxattr("file", "trusted.selftest", "x", 1, 0));
}

/* Where BPF was among the security modules (6.1 of Debian), it kept the kernel from asking. */
static void try_security(struct st *t)
{
	st_want_since(t, ST_LINUX(6, 11), EPERM, 0,
		      setxattr("file", "security.selftest", "x", 1, 0));
}

static void security(struct st *t)
{
	prepare(t);
	st_inside(t, MAP, try_security);
}

static void security_own(struct st *t)
{
	st_file(t, "file", 0600, 0, 0);
	st_want(t, 0, setxattr("file", "security.selftest", "x", 1, 0));
}

/* ---- capabilities of files ---- */

static void give(struct st *t)
{
	struct vfs_ns_cap_data data = { 0 };

	st_want(t, 0, st_give_capability("file"));
	/* Its maker sees it without the namespace. */
	st_equal(t, XATTR_CAPS_SZ_2, getxattr("file", XATTR_NAME_CAPS, &data, sizeof(data)));
	st_equal(t, VFS_CAP_REVISION_2, le32toh(data.magic_etc) & VFS_CAP_REVISION_MASK);
}

static void version_three(struct st *t)
{
	struct vfs_ns_cap_data data = { 0 };

	prepare(t);
	st_inside(t, MAP, give);
	st_equal(t, XATTR_CAPS_SZ_3, getxattr("file", XATTR_NAME_CAPS, &data, sizeof(data)));
	st_equal(t, VFS_CAP_REVISION_3, le32toh(data.magic_etc) & VFS_CAP_REVISION_MASK);
	st_equal(t, OUTSIDE, le32toh(data.rootid));
}

static void see_none(struct st *t)
{
	struct vfs_ns_cap_data data;

	st_want(t, EOVERFLOW, getxattr("file", XATTR_NAME_CAPS, &data, sizeof(data)));
}

static void version_three_beside(struct st *t)
{
	prepare(t);
	st_inside(t, MAP, give);
	st_inside(t, "0 3000 10", see_none);
}

static int give_version_three(const char *path, uint32_t root)
{
	struct vfs_ns_cap_data data = { .magic_etc = htole32(VFS_CAP_REVISION_3),
					.data = { { .permitted = htole32(1U << CAP_NET_RAW) } },
					.rootid = htole32(root) };

	return setxattr(path, XATTR_NAME_CAPS, &data, sizeof(data), 0);
}

static void try_give(struct st *t)
{
	st_want(t, EINVAL, give_version_three("file", 1000));
	st_want(t, 0, give_version_three("file", 5));
	/* CAP_SETFCAP over the namespace is none over a file without a place in it. */
	st_want(t, EPERM, st_give_capability("foreign"));
	st_drop(t, CAP_SETFCAP);
	st_want(t, EPERM, st_give_capability("file"));
}

static void give_limits(struct st *t)
{
	struct vfs_ns_cap_data data = { 0 };

	prepare(t);
	st_inside(t, MAP, try_give);
	st_equal(t, XATTR_CAPS_SZ_3, getxattr("file", XATTR_NAME_CAPS, &data, sizeof(data)));
	st_equal(t, OUTSIDE + 5, le32toh(data.rootid));
}

#define EACH(case_name, sentence, where, function)                                                 \
	{                                                                                          \
		case_name, sentence, where,                                                        \
			.stage = ST_STAGE_ROOT,                                                    \
			.filesystems = ST_ON_TMPFS | ST_ON_EXT4 | ST_ON_XFS | ST_ON_BTRFS,         \
			.run = function                                                            \
	}
#define INSIDE(case_name, sentence, where, function)                                               \
	{                                                                                          \
		case_name, sentence, where, .stage = ST_STAGE_INSIDE, .run = function              \
	}

static const struct st_case CASES[] = {
	INSIDE("devices", "Root of a namespace makes no device node.", "mknod(2)", devices),
	INSIDE("whiteout", "The character device 0:0 is none: an overlay's whiteout can be made.",
	       "commit a3c751a50fe6", whiteout),
	INSIDE("whiteout-ordinary", "A whiteout takes no privilege at all.", "commit a3c751a50fe6",
	       whiteout_ordinary),
	INSIDE("others", "FIFOs and sockets are made as anywhere.", "mknod(2)", others),
	{ "no-devices", "On a file system of a namespace no device node works, for nobody.",
	  "commit 67690f937c38, commit a2982cc922c3", .stage = ST_STAGE_ROOT,
	  .needs = ST_NEEDS_ROOT | ST_NEEDS_INITIAL, .run = no_devices },
	INSIDE("host-device", "Device nodes of the host work inside.", "mount(2)", host_device),
	EACH("user", "user.* takes the right to write to the file.", XATTR, user),
	EACH("trusted", "trusted.* is the host's alone.", XATTR, trusted),
	INSIDE("trusted-own", "trusted.* is not even for a file system of one's own.", XATTR,
	       trusted_own),
	EACH("security", "security.* takes privilege over the file system.",
	     XATTR ", commit 61df7b828204", security),
	INSIDE("security-own", "security.* can be set on a file system of one's own.",
	       "commit b1d749c5c341", security_own),
	EACH("version-three", "File capabilities from inside are kept with their namespace's root.",
	     CAPS ", commit 8db6c34f1dbc", version_three),
	EACH("version-three-beside", "In another namespace they cannot be read: EOVERFLOW.",
	     CAPS ", commit 8db6c34f1dbc", version_three_beside),
	EACH("give-limits", "They take CAP_SETFCAP over the file, and a root that has a place.",
	     CAPS ", commit 8db6c34f1dbc", give_limits),
};

const struct st_group st_group_nodes =
	ST_GROUP("nodes", "nodes, extended attributes and file capabilities", CASES);
