/* SPDX-License-Identifier: MIT */
/* File systems in a namespace: what may be mounted, and what is locked. */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "selftest/groups.h"
#include "selftest/kit.h"

#define MAN "mount_namespaces(7)"
#define USERNS "user_namespaces(7)"
#define OVERLAY "Documentation/filesystems/overlayfs.rst"

#define MAP "0 1000 1000"

static void make_directories(struct st *t, const char *const *names)
{
	for (; *names != NULL; names++)
		st_want(t, 0, mkdir(*names, 0755));
}

/* ---- kinds ---- */

struct kind {
	const char *type;
	int namespace; /* that has to be one's own, too; 0: none */
};

/* Is anything mounted below it?  A new mount that shows more than there was is refused. */
static bool is_covered(struct st *t, const char *path)
{
	char table[16384], word[64];

	st_want(t, 0, st_get(0, "mountinfo", sizeof(table), table));
	(void) snprintf(word, sizeof(word), " %s/", path);
	return strstr(table, word) != NULL;
}

/* What is no promise of the kernel, but of how it was built and what the host covers. */
static void want_mount(struct st *t, int expected, const char *type)
{
	long answer = ST_ANSWER(mount("selftest", "place", type, 0, NULL));

	if (answer == -ENODEV)
		st_skip(t, "this kernel has no %s", type);
	if (answer == -EPERM && expected == 0 && strcmp(type, "proc") == 0 &&
	    is_covered(t, "/proc"))
		st_skip(t, "parts of /proc are covered here");
	if (answer == -EPERM && expected == 0 && strcmp(type, "sysfs") == 0 &&
	    (is_covered(t, "/sys") || access("/sys/kernel", F_OK) < 0))
		st_skip(t, "parts of /sys are covered here, or it is not mounted");
	(void) st_judge(t, expected, answer, type, __LINE__);
}

static void foreign_kind(struct st *t)
{
	const struct kind *kind = t->test->of->data;

	st_want(t, 0, mkdir("place", 0755));
	want_mount(t, EPERM, kind->type);
}

static void own_kind(struct st *t)
{
	const struct kind *kind = t->test->of->data;

	st_want(t, 0, mkdir("place", 0755));
	if (kind->namespace != 0)
		st_unshare(t, kind->namespace);
	want_mount(t, 0, kind->type);
	st_want(t, 0, umount2("place", MNT_DETACH));
}

static void mount_proc(struct st *t)
{
	want_mount(t, 0, "proc");
	st_want(t, 0, access("place/self/status", R_OK));
}

static void own_proc(struct st *t)
{
	st_want(t, 0, mkdir("place", 0755));
	st_unshare(t, CLONE_NEWPID);
	/* Children are in it, the caller is not. */
	st_run(t, mount_proc);
}

static void block_device(struct st *t)
{
	st_want(t, 0, mkdir("place", 0755));
	want_mount(t, EPERM, "ext4");
}

/* ---- overlay ---- */

#define OVERLAY_OPTIONS "lowerdir=lower,upperdir=upper,workdir=work,userxattr"

static void mount_overlay(struct st *t)
{
	if (mount("overlay", "place", "overlay", 0, OVERLAY_OPTIONS) == 0)
		return;
	if (errno == ENODEV)
		st_skip(t, "this kernel has no overlay");
	st_fail(t, "cannot mount an overlay: %s", unr_errno_name(errno));
}

static void make_overlay(struct st *t)
{
	static const char *const names[] = { "lower", "upper", "work", "place", NULL };

	make_directories(t, names);
}

static void overlay(struct st *t)
{
	make_overlay(t);
	st_file(t, "lower/file", 0644, 5, 6);
	mount_overlay(t);
	st_owned(t, "place/file", 5, 6);
	st_want(t, 0, chown("place/file", 7, 8));
	st_owned(t, "upper/file", 7, 8);
	st_owned(t, "lower/file", 5, 6);
	st_want(t, EINVAL, chown("place/file", 65536, 0));
}

static void overlay_whiteout(struct st *t)
{
	struct stat st;

	make_overlay(t);
	st_file(t, "lower/file", 0644, 5, 6);
	mount_overlay(t);
	st_want(t, 0, unlink("place/file"));
	st_want(t, ENOENT, access("place/file", F_OK));
	st_want(t, 0, lstat("upper/file", &st));
	st_equal(t, S_IFCHR, st.st_mode & S_IFMT);
	st_equal(t, 0, st.st_rdev);
}

static void overlay_opaque(struct st *t)
{
	char value[4] = "";

	make_overlay(t);
	if (setxattr("upper", "user.selftest", "x", 1, 0) < 0)
		st_skip(t, "tmpfs has no user attributes here: Linux 6.6 is the first that may");
	st_want(t, 0, mkdir("lower/directory", 0755));
	mount_overlay(t);
	st_want(t, 0, rmdir("place/directory"));
	st_want(t, 0, mkdir("place/directory", 0755));
	st_equal(t, 1, getxattr("upper/directory", "user.overlay.opaque", value, sizeof(value)));
	st_equal(t, 'y', value[0]);
}

/* A name for @path that stays when something is mounted over the way to it. */
static void open_name(struct st *t, const char *path, size_t size, char *ret)
{
	int fd = (int) st_want(t, 0, open(path, O_PATH | O_CLOEXEC));

	(void) snprintf(ret, size, "/proc/self/fd/%d", fd);
}

static void see_foreign(struct st *t)
{
	char lower[32];

	open_name(t, ".", sizeof(lower), lower);
	st_tmpfs(t);
	make_overlay(t);
	st_want(t, 0, mount(lower, "lower", NULL, MS_BIND, NULL));
	mount_overlay(t);
	st_owned(t, "place/foreign", st_overflow_uid(t), st_overflow_gid(t));
	st_want(t, EPERM, chown("place/foreign", 0, 0));
	st_want(t, EPERM, chmod("place/foreign", 0600));
	st_want(t, 0, chown("place/file", 7, 8));
	st_owned(t, "upper/file", 7, 8);
}

static void overlay_foreign(struct st *t)
{
	st_file(t, "foreign", 0644, 0, 0);
	st_file(t, "file", 0644, 1005, 1005);
	st_inside(t, MAP, see_foreign);
}

/* ---- what is locked ---- */

static void bind(struct st *t)
{
	static const char *const names[] = { "from", "to", NULL };

	make_directories(t, names);
	st_file(t, "from/file", 0644, 0, 0);
	st_want(t, 0, mount("from", "to", NULL, MS_BIND, NULL));
	st_want(t, 0, access("to/file", F_OK));
	st_want(t, 0, mount(NULL, "to", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
	st_want(t, EROFS, chown("to/file", 5, 5));
	/* What one has set oneself one may take back. */
	st_want(t, 0, mount(NULL, "to", NULL, MS_REMOUNT | MS_BIND, NULL));
	st_want(t, 0, umount("to"));
}

struct flag {
	unsigned long flag;
};

static void take_flag_away(struct st *t)
{
	st_want(t, EPERM, mount(NULL, "locked", NULL, MS_REMOUNT | MS_BIND, NULL));
	/* More may be set. */
	st_want(t, 0,
		mount(NULL, "locked", NULL,
		      MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC |
			      MS_NOATIME,
		      NULL));
}

static void locked_flag(struct st *t)
{
	const struct flag *flag = t->test->of->data;

	st_want(t, 0, mkdir("locked", 0755));
	st_want(t, 0, mount("locked", "locked", NULL, MS_BIND, NULL));
	/* Times of access are locked as they are, too: the same ones for all. */
	st_want(t, 0,
		mount(NULL, "locked", NULL, MS_REMOUNT | MS_BIND | MS_NOATIME | flag->flag, NULL));
	st_inside(t, MAP, take_flag_away);
}

static void unmount_inherited(struct st *t)
{
	st_want(t, EINVAL, umount("inherited"));
	st_want(t, EINVAL, umount2("inherited", MNT_DETACH));
	/* One's own may be, on top of it as well. */
	st_want(t, 0, mount("selftest", "inherited", "tmpfs", 0, NULL));
	st_want(t, 0, umount("inherited"));
}

static void locked_mount(struct st *t)
{
	st_want(t, 0, mkdir("inherited", 0755));
	st_want(t, 0, mount("selftest", "inherited", "tmpfs", 0, "mode=0777"));
	st_inside(t, MAP, unmount_inherited);
	st_want(t, 0, umount2("inherited", MNT_DETACH));
}

static void uncover(struct st *t)
{
	char tree[32];

	open_name(t, "tree", sizeof(tree), tree);
	st_tmpfs(t);
	st_want(t, 0, mkdir("bind", 0755));
	/* Without MS_REC what is below the mount in it would be seen. */
	st_want(t, EINVAL, mount(tree, "bind", NULL, MS_BIND, NULL));
	st_want(t, 0, mount(tree, "bind", NULL, MS_BIND | MS_REC, NULL));
}

static void locked_children(struct st *t)
{
	st_want(t, 0, mkdir("tree", 0755));
	st_want(t, 0, mkdir("tree/covered", 0755));
	st_want(t, 0, mount("selftest", "tree/covered", "tmpfs", 0, NULL));
	st_inside(t, MAP, uncover);
}

static void mount_and_wait(struct st *t)
{
	st_want(t, 0, mount("selftest", "shared/inside", "tmpfs", 0, NULL));
	st_file(t, "shared/inside/file", 0600, 0, 0);
	st_wait(t);
	/* What was mounted outside meanwhile has come in. */
	st_want(t, 0, access("shared/outside/file", F_OK));
}

static void propagation(struct st *t)
{
	static const char *const names[] = { "shared", NULL };
	static const char *const within[] = { "shared/inside", "shared/outside", NULL };
	struct st_child child;

	make_directories(t, names);
	st_want(t, 0, mount("selftest", "shared", "tmpfs", 0, NULL));
	make_directories(t, within);
	st_want(t, 0, mount(NULL, "shared", NULL, MS_SHARED, NULL));
	st_inside_start(t, MAP, mount_and_wait, &child);
	st_child_step(t, &child);
	st_want(t, ENOENT, access("shared/inside/file", F_OK));
	st_want(t, 0, mount("selftest", "shared/outside", "tmpfs", 0, NULL));
	st_file(t, "shared/outside/file", 0600, 0, 0);
	st_child_end(t, &child);
}

/* The working directory is a mount point. */
static int remount(struct st *t)
{
	char place[256];

	st_want(t, 0, getcwd(place, sizeof(place)) == NULL ? -1 : 0);
	return mount(NULL, place, NULL, MS_REMOUNT, "size=100m");
}

static void remount_foreign(struct st *t)
{
	st_want(t, EPERM, remount(t));
}

static void foreign_superblock(struct st *t)
{
	st_want(t, 0, remount(t));
	st_inside(t, MAP, remount_foreign);
}

#define INSIDE(case_name, sentence, where, function, ...)                                          \
	{                                                                                          \
		case_name, sentence, where, .stage = ST_STAGE_INSIDE, .run = function, __VA_ARGS__ \
	}
#define ROOT(case_name, sentence, where, function, ...)                                            \
	{                                                                                          \
		case_name, sentence, where, .stage = ST_STAGE_ROOT, .run = function, __VA_ARGS__   \
	}
#define KIND(kind_name, kind_namespace) (&(const struct kind) { (kind_name), (kind_namespace) })
#define FLAG(kind_flag) (&(const struct flag) { (kind_flag) })

static const struct st_case CASES[] = {
	INSIDE("tmpfs", "A tmpfs can be mounted.", USERNS, own_kind, .data = KIND("tmpfs", 0)),
	INSIDE("ramfs", "A ramfs can be mounted.", USERNS, own_kind, .data = KIND("ramfs", 0)),
	INSIDE("devpts", "A devpts can be mounted.", USERNS, own_kind, .data = KIND("devpts", 0)),
	INSIDE("mqueue", "An mqueue can be mounted for an IPC namespace of one's own.", USERNS,
	       own_kind, .data = KIND("mqueue", CLONE_NEWIPC)),
	INSIDE("mqueue-foreign", "An mqueue of the host cannot be mounted.", USERNS, foreign_kind,
	       .data = KIND("mqueue", 0)),
	INSIDE("proc", "A proc can be mounted for a PID namespace of one's own.", USERNS,
	       own_proc, ),
	INSIDE("proc-foreign", "A proc of the host cannot be mounted.", USERNS, foreign_kind,
	       .data = KIND("proc", 0)),
	INSIDE("sysfs", "A sysfs can be mounted for a network namespace of one's own.", USERNS,
	       own_kind, .data = KIND("sysfs", CLONE_NEWNET)),
	INSIDE("sysfs-foreign", "A sysfs of the host cannot be mounted.", USERNS, foreign_kind,
	       .data = KIND("sysfs", 0)),
	INSIDE("block-device", "A file system of a block device is the host's to mount.", USERNS,
	       block_device, ),
	INSIDE("overlay", "An overlay can be mounted, and goes by the map.",
	       USERNS ", commit 459c7c565ac3", overlay, .since = ST_LINUX(5, 11)),
	INSIDE("overlay-whiteout", "What is deleted in an overlay leaves a whiteout.", OVERLAY,
	       overlay_whiteout, .since = ST_LINUX(5, 11)),
	INSIDE("overlay-opaque", "With userxattr opaque directories are marked with user.*.",
	       OVERLAY, overlay_opaque, .since = ST_LINUX(5, 11)),
	ROOT("overlay-foreign", "In an overlay a file whose owner has no place keeps it.", OVERLAY,
	     overlay_foreign, .since = ST_LINUX(5, 11)),
	INSIDE("bind", "A directory can be mounted again, with more restrictions.", MAN, bind, ),
	ROOT("locked-read-only", "Read-only from outside cannot be taken away.", MAN, locked_flag,
	     .data = FLAG(MS_RDONLY)),
	ROOT("locked-nosuid", "nosuid from outside cannot be taken away.", MAN, locked_flag,
	     .data = FLAG(MS_NOSUID)),
	ROOT("locked-nodev", "nodev from outside cannot be taken away.", MAN, locked_flag,
	     .data = FLAG(MS_NODEV)),
	ROOT("locked-noexec", "noexec from outside cannot be taken away.", MAN, locked_flag,
	     .data = FLAG(MS_NOEXEC)),
	ROOT("locked-mount", "What was mounted outside cannot be unmounted.", MAN, locked_mount, ),
	ROOT("locked-children", "What lies below a mount from outside cannot be uncovered.", MAN,
	     locked_children, ),
	ROOT("propagation", "Mounts of shared places come in, and do not go out.", MAN,
	     propagation, ),
	ROOT("foreign-superblock", "A file system from outside cannot be set up anew.", "mount(2)",
	     foreign_superblock, ),
};

const struct st_group st_group_mounts = ST_GROUP("mounts", "file systems in a namespace", CASES);
