/* SPDX-License-Identifier: MIT */
/* Owners, on every file system that the host has: which are taken, and what goes with them. */
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "selftest/groups.h"
#include "selftest/kit.h"

#define MAN "chown(2)"
#define USERNS "user_namespaces(7)"

/* Inside 0..999 is 1000..1999 outside. */
#define MAP "0 1000 1000"
#define OUTSIDE 1000
#define LAST 999
#define BEYOND 1000

/* The half that is to stay. */
#define SAME ((uid_t) -1)

/* A file of the namespace's root, in a directory where it may make others. */
static void prepare(struct st *t)
{
	st_want(t, 0, chown(".", OUTSIDE, OUTSIDE));
	st_file(t, "file", 0644, OUTSIDE, OUTSIDE);
}

static void try_boundary(struct st *t)
{
	st_want(t, 0, chown("file", LAST, LAST));
	st_owned(t, "file", LAST, LAST);
	st_want(t, EINVAL, chown("file", BEYOND, 0));
	st_want(t, EINVAL, chown("file", 0, BEYOND));
	st_want(t, EINVAL, chown("file", BEYOND, SAME));
	st_want(t, EINVAL, chown("file", SAME, BEYOND));
	st_want(t, EINVAL, chown("file", 65536, 65536));
	st_want(t, EINVAL, chown("file", 4294967294U, 0));
	/* Nothing of that is done by half. */
	st_owned(t, "file", LAST, LAST);
}

static void boundary(struct st *t)
{
	prepare(t);
	st_inside(t, MAP, try_boundary);
	st_owned(t, "file", OUTSIDE + LAST, OUTSIDE + LAST);
}

static void try_minus_one(struct st *t)
{
	st_want(t, 0, chown("file", 7, 8));
	st_want(t, 0, chown("file", SAME, SAME));
	st_owned(t, "file", 7, 8);
	st_want(t, 0, chown("file", 9, SAME));
	st_owned(t, "file", 9, 8);
	st_want(t, 0, chown("file", SAME, 10));
	st_owned(t, "file", 9, 10);
	/* What a header of a tar may hold is the same number. */
	st_want(t, 0, chown("file", (uid_t) 4294967295LL, (gid_t) 4294967295LL));
	st_owned(t, "file", 9, 10);
}

static void minus_one(struct st *t)
{
	prepare(t);
	st_inside(t, MAP, try_minus_one);
}

static void try_foreign(struct st *t)
{
	st_owned(t, "foreign", st_overflow_uid(t), st_overflow_gid(t));
	st_want(t, EPERM, chown("foreign", 0, 0));
	st_want(t, EPERM, chown("foreign", 0, SAME));
	st_want(t, EPERM, chown("foreign", SAME, 0));
	st_want(t, 0, chown("foreign", SAME, SAME));
	st_want(t, EPERM, chmod("foreign", 0600));
	st_want(t, EPERM, utimensat(AT_FDCWD, "foreign", (const struct timespec[2]) { 0 }, 0));
	/* The id itself comes first. */
	st_want(t, EINVAL, chown("foreign", BEYOND, 0));
	/* CAP_DAC_OVERRIDE is none over it either. */
	st_want(t, EACCES, open("foreign", O_WRONLY | O_CLOEXEC));
}

static void foreign(struct st *t)
{
	prepare(t);
	st_file(t, "foreign", 0644, 0, 0);
	st_inside(t, MAP, try_foreign);
	st_owned(t, "foreign", 0, 0);
}

/* The user has a place, the group has none. */
static void try_foreign_group(struct st *t)
{
	st_owned(t, "own", 0, st_overflow_gid(t));
	/* An owner may do that by himself. */
	st_want(t, 0, chown("own", SAME, 0));
	st_owned(t, "own", 0, 0);
	/* Both halves at once, as chown(1) of root:root does. */
	st_want(t, 0, chown("both", 0, 0));
	st_owned(t, "both", 0, 0);
	/* For another's file it takes CAP_CHOWN, which wants both to have a place. */
	st_want(t, EPERM, chown("another", 0, 0));
	st_want(t, EPERM, chown("another", SAME, 0));
}

static void foreign_group(struct st *t)
{
	prepare(t);
	st_file(t, "own", 0644, OUTSIDE, 0);
	st_file(t, "both", 0644, OUTSIDE, 0);
	st_file(t, "another", 0644, OUTSIDE + 5, 0);
	st_inside(t, MAP, try_foreign_group);
	st_owned(t, "own", OUTSIDE, OUTSIDE);
}

static void try_setid(struct st *t)
{
	st_want(t, 0, chmod("file", 06755));
	st_want(t, 0, chown("file", 5, 5));
	st_mode(t, "file", 0755);
	/* Even where nothing changes. */
	st_want(t, 0, chmod("file", 06755));
	st_want(t, 0, chown("file", SAME, SAME));
	st_mode(t, "file", 0755);
}

static void setid(struct st *t)
{
	prepare(t);
	st_inside(t, MAP, try_setid);
}

static void try_setid_directory(struct st *t)
{
	st_want(t, 0, mkdir("directory", 0755));
	st_want(t, 0, chmod("directory", 07775));
	st_want(t, 0, chown("directory", 5, 5));
	st_mode(t, "directory", 07775);
}

static void setid_directory(struct st *t)
{
	prepare(t);
	st_inside(t, MAP, try_setid_directory);
}

static void file_capabilities(struct st *t)
{
	st_file(t, "file", 0755, 0, 0);
	if (st_give_capability("file") < 0)
		st_skip(t, "security.capability cannot be set here: %s", unr_errno_name(errno));
	st_want(t, 0, getxattr("file", "security.capability", NULL, 0));
	st_want(t, 0, chown("file", OUTSIDE, OUTSIDE));
	st_want(t, ENODATA, getxattr("file", "security.capability", NULL, 0));
}

static void try_symlink(struct st *t)
{
	st_want(t, 0, symlink("file", "link"));
	st_want(t, 0, symlink("nothing", "dangling"));
	st_want(t, 0, lchown("link", 5, 6));
	st_owned(t, "link", 5, 6);
	st_owned(t, "file", 0, 0);
	st_want(t, 0, chown("link", 7, 8));
	st_owned(t, "link", 5, 6);
	st_owned(t, "file", 7, 8);
	st_want(t, 0, lchown("dangling", 5, 6));
	st_owned(t, "dangling", 5, 6);
	st_want(t, ENOENT, chown("dangling", 5, 6));
	st_want(t, EINVAL, lchown("dangling", BEYOND, 0));
}

static void symlinks(struct st *t)
{
	prepare(t);
	st_inside(t, MAP, try_symlink);
}

static void try_kinds(struct st *t)
{
	st_want(t, 0, mkfifo("fifo", 0600));
	st_want(t, 0, mknod("socket", S_IFSOCK | 0600, 0));
	st_want(t, 0, mkdir("directory", 0700));
	st_want(t, 0, link("file", "hard"));
	st_want(t, 0, chown("fifo", 5, 6));
	st_want(t, 0, chown("socket", 5, 6));
	st_want(t, 0, chown("directory", 5, 6));
	st_want(t, 0, chown("hard", 5, 6));
	st_owned(t, "fifo", 5, 6);
	st_owned(t, "socket", 5, 6);
	st_owned(t, "directory", 5, 6);
	/* Both names are of one file. */
	st_owned(t, "file", 5, 6);
	st_want(t, EINVAL, chown("fifo", BEYOND, 0));
	st_want(t, EINVAL, chown("directory", 0, BEYOND));
	if (!st_exists("device"))
		return;
	st_want(t, 0, chown("device", 5, 6));
	st_owned(t, "device", 5, 6);
	st_want(t, EINVAL, chown("device", BEYOND, 0));
}

/* Only the host's root makes one; to change its owner is another matter. */
static void make_device(struct st *t)
{
	if (!t->host->is_root || !t->host->is_initial)
		return;
	if (mknod("device", S_IFCHR | 0600, makedev(1, 3)) < 0)
		st_note(t, "without a device node: %s", unr_errno_name(errno));
	else
		st_want(t, 0, chown("device", OUTSIDE, OUTSIDE));
}

static void kinds(struct st *t)
{
	prepare(t);
	make_device(t);
	st_inside(t, MAP, try_kinds);
	st_owned(t, "directory", OUTSIDE + 5, OUTSIDE + 6);
}

/* A user of the namespace in two groups. */
static void try_owner(struct st *t)
{
	const gid_t more = 7;

	st_want(t, 0, chown("file", 5, 5));
	st_want(t, 0, chown(".", 5, 5));
	st_want(t, 0, setgroups(1, &more));
	st_want(t, 0, setresgid(5, 5, 5));
	st_want(t, 0, setresuid(5, 5, 5));
	st_want(t, 0, chown("file", SAME, 7));
	st_want(t, 0, chown("file", 5, 5));
	st_want(t, EPERM, chown("file", SAME, 8));
	st_want(t, EPERM, chown("file", 6, SAME));
	st_want(t, EPERM, chown("file", 0, 0));
	st_want(t, EINVAL, chown("file", BEYOND, SAME));
	st_owned(t, "file", 5, 5);
}

static void owner(struct st *t)
{
	prepare(t);
	st_inside(t, MAP, try_owner);
}

static void make_files(struct st *t)
{
	st_file(t, "new", 0600, SAME, SAME);
	st_want(t, 0, mkdir("directory", 0755));
	st_want(t, 0, symlink("x", "link"));
	st_owned(t, "new", 0, 0);
	st_owned(t, "directory", 0, 0);
	st_owned(t, "link", 0, 0);
}

static void create(struct st *t)
{
	prepare(t);
	st_inside(t, MAP, make_files);
	st_owned(t, "new", OUTSIDE, OUTSIDE);
	st_owned(t, "directory", OUTSIDE, OUTSIDE);
	st_owned(t, "link", OUTSIDE, OUTSIDE);
}

static void make_in_setgid(struct st *t)
{
	st_file(t, "setgid/new", 0600, SAME, SAME);
	st_want(t, 0, mkdir("setgid/directory", 0755));
	st_owned(t, "setgid/new", 0, 77);
	st_owned(t, "setgid/directory", 0, 77);
	st_mode(t, "setgid/directory", 02755);
}

static void create_in_setgid(struct st *t)
{
	prepare(t);
	st_want(t, 0, mkdir("setgid", 0755));
	st_want(t, 0, chown("setgid", OUTSIDE, OUTSIDE + 77));
	st_want(t, 0, chmod("setgid", 02755));
	st_inside(t, MAP, make_in_setgid);
}

static void try_truncate(struct st *t)
{
	st_want(t, 0, chmod("file", 06777));
	st_become(t, 5, 5);
	st_want(t, 0, truncate("file", 10));
	st_mode(t, "file", 0777);
}

static void truncated(struct st *t)
{
	prepare(t);
	st_inside(t, MAP, try_truncate);
}

static void try_sticky(struct st *t)
{
	st_want(t, 0, chmod(".", 01777));
	st_want(t, 0, chown("file", 6, 6));
	st_become(t, 5, 5);
	st_want(t, EPERM, unlink("file"));
	st_want(t, EPERM, rename("file", "other"));
	st_want(t, EPERM, unlink("foreign"));
}

/* In the directory of somebody else even the namespace's root may not. */
static void try_sticky_as_root(struct st *t)
{
	st_want(t, EPERM, unlink("sticky/foreign"));
	st_want(t, 0, unlink("sticky/own"));
}

static void sticky(struct st *t)
{
	prepare(t);
	st_file(t, "foreign", 0644, 0, 0);
	st_want(t, 0, mkdir("sticky", 0755));
	st_want(t, 0, chmod("sticky", 01777));
	st_file(t, "sticky/foreign", 0644, 0, 0);
	st_file(t, "sticky/own", 0644, OUTSIDE, OUTSIDE);
	st_inside(t, MAP, try_sticky_as_root);
	st_inside(t, MAP, try_sticky);
}

#define EACH(case_name, sentence, where, function)                                                 \
	{                                                                                          \
		case_name, sentence, where, .stage = ST_STAGE_ROOT, .filesystems = ST_ON_ALL,      \
					    .run = function                                        \
	}

static const struct st_case CASES[] = {
	EACH("boundary", "The last id of the map is taken, the next one is EINVAL, in each half.",
	     USERNS, boundary),
	EACH("minus-one", "An id of 4294967295 leaves that half as it is.", MAN, minus_one),
	EACH("foreign", "A file whose owner has no place is not the namespace's to change.", USERNS,
	     foreign),
	EACH("foreign-group", "Privilege over a file wants user and group to have a place.", USERNS,
	     foreign_group),
	EACH("owner", "Without privilege a file goes to groups of its owner, and to no user.", MAN,
	     owner),
	EACH("setid", "A change of owner takes set-user-ID and set-group-ID from a file.", MAN,
	     setid),
	EACH("setid-directory", "A directory keeps both bits when its owner changes.", MAN,
	     setid_directory),
	EACH("file-capabilities", "A change of owner takes the capabilities from a file.",
	     "capabilities(7)", file_capabilities),
	EACH("symlink", "chown follows a symbolic link, lchown changes the link.", MAN, symlinks),
	EACH("kinds", "Every kind of file has an owner that can be changed.", MAN, kinds),
	EACH("create", "What is made inside belongs to the outside ids.", USERNS, create),
	EACH("create-in-setgid", "What is made in a set-group-ID directory has its group.",
	     "inode(7)", create_in_setgid),
	EACH("truncate", "Whoever is not the owner and cuts a file takes both bits from it.",
	     "commit 7b82dc0e64e9", truncated),
	EACH("sticky", "In a sticky directory a file goes away by its owner or the directory's.",
	     "inode(7)", sticky),
};

const struct st_group st_group_chown =
	ST_GROUP("chown", "owners, on every file system that the host has", CASES);
