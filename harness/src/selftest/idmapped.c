/* SPDX-License-Identifier: MIT */
/* Idmapped mounts, on tmpfs: owners that are seen are others than those that are kept. */
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "selftest/groups.h"
#include "selftest/kit.h"

#define MAN "mount_setattr(2)"

/* tmpfs, on which all of these cases are: commit 7a80e5b8c6fa. */
#define SINCE ST_LINUX(6, 3)

#define SAME ((uid_t) -1)

/* What is 0 in the file system is seen as 1000. */
#define MAP "0 1000 100"

static int clone_tree(struct st *t, const char *path)
{
	return (int) st_want(
		t, 0, syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
}

/* A directory with two files: seen through the mount one has an owner, one has none. */
static void prepare(struct st *t)
{
	unr_autoclose int tree = -EBADF;

	st_want(t, 0, mkdir("place", 0777));
	st_want(t, 0, chmod("place", 0777));
	st_file(t, "place/file", 0600, 5, 6);
	st_file(t, "place/beyond", 0600, 100, 100);
	/* The file system once more, as it is: to look at what is kept. */
	st_want(t, 0, mkdir("kept", 0755));
	tree = clone_tree(t, "place");
	st_want(t, 0, syscall(SYS_move_mount, tree, "", AT_FDCWD, "kept", MOVE_MOUNT_F_EMPTY_PATH));
	st_want(t, 0, st_idmap(t, "place", MAP));
}

static void seen(struct st *t)
{
	prepare(t);
	st_owned(t, "place/file", 1005, 1006);
	st_owned(t, "kept/file", 5, 6);
	st_owned(t, "place/beyond", st_overflow_uid(t), st_overflow_gid(t));
	st_owned(t, "kept/beyond", 100, 100);
}

static void changed(struct st *t)
{
	prepare(t);
	st_want(t, 0, chown("place/file", 1007, 1008));
	st_owned(t, "kept/file", 7, 8);
	st_want(t, 0, chown("kept/file", 9, 9));
	st_owned(t, "place/file", 1009, 1009);
}

static void beyond(struct st *t)
{
	prepare(t);
	st_want(t, EOVERFLOW, chown("place/file", 0, SAME));
	st_want(t, EOVERFLOW, chown("place/file", SAME, 1100));
	st_want(t, EOVERFLOW, chown("place/file", 1100, 1100));
	st_owned(t, "place/file", 1005, 1006);
	/* What nobody owns here gets an owner from whoever has the file system. */
	st_want(t, 0, chown("place/beyond", 1005, 1005));
}

static void make_as_five(struct st *t)
{
	st_become(t, 1005, 1005);
	st_want(t, 0, mkdir("place/new", 0700));
}

static void created(struct st *t)
{
	prepare(t);
	st_run(t, make_as_five);
	st_owned(t, "place/new", 1005, 1005);
	st_owned(t, "kept/new", 5, 5);
	/* Root has no place on it. */
	st_want(t, EOVERFLOW, mkdir("place/root", 0700));
}

static void open_as_seen(struct st *t)
{
	st_become(t, 1005, 1005);
	st_want(t, 0, open("place/file", O_RDONLY | O_CLOEXEC));
	st_want(t, EACCES, open("kept/file", O_RDONLY | O_CLOEXEC));
}

static void permitted(struct st *t)
{
	prepare(t);
	st_run(t, open_as_seen);
}

static void see_through(struct st *t)
{
	st_owned(t, "place/file", 5, 6);
	st_want(t, 0, chown("place/file", 0, 0));
	st_want(t, EINVAL, chown("place/file", 1000, 0));
	st_want(t, EPERM, chown("kept/file", 0, 0));
}

static void in_namespace(struct st *t)
{
	prepare(t);
	st_inside(t, "0 1000 1000", see_through);
	st_owned(t, "kept/file", 0, 0);
	st_owned(t, "place/file", 1000, 1000);
}

/* ---- who may, and what ---- */

static int set_idmap(int tree, int namespace)
{
	struct mount_attr attributes = { .attr_set = MOUNT_ATTR_IDMAP,
					 .userns_fd = (unsigned int) namespace };

	return (int) syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attributes,
			     sizeof(attributes));
}

/* A namespace with a map, as a descriptor. */
static int map_descriptor(struct st *t)
{
	struct st_child child;
	int fd;

	st_child_start(t, CLONE_NEWUSER, st_idle, &child);
	st_map(t, &child, MAP);
	fd = st_open_namespace(t, child.pid, "user");
	st_child_end(t, &child);
	return fd;
}

static void wrong_descriptors(struct st *t)
{
	unr_autoclose int tree = -EBADF, uts = -EBADF, file = -EBADF;

	prepare(t);
	tree = clone_tree(t, "kept");
	uts = st_open_namespace(t, 0, "uts");
	file = (int) st_want(t, 0, open(".", O_RDONLY | O_CLOEXEC));
	st_want(t, EBADF, set_idmap(tree, 999999));
	st_want(t, EINVAL, set_idmap(tree, uts));
	st_want(t, EINVAL, set_idmap(tree, file));
}

static void initial(struct st *t)
{
	unr_autoclose int tree = -EBADF, user = -EBADF;

	prepare(t);
	tree = clone_tree(t, "kept");
	user = st_open_namespace(t, 0, "user");
	/* The first namespace of all is told by another errno than that of the file system. */
	st_want(t, t->host->is_root && t->host->is_initial ? EPERM : EINVAL, set_idmap(tree, user));
}

static void twice(struct st *t)
{
	unr_autoclose int tree = -EBADF, user = map_descriptor(t);

	prepare(t);
	tree = clone_tree(t, "place");
	st_want(t, EPERM, set_idmap(tree, user));
}

static void attached(struct st *t)
{
	unr_autoclose int tree = -EBADF, user = map_descriptor(t);

	prepare(t);
	tree = (int) st_want(t, 0,
			     syscall(SYS_open_tree, AT_FDCWD, "kept", (unsigned int) O_CLOEXEC));
	st_want(t, EINVAL, set_idmap(tree, user));
}

static void not_idmappable(struct st *t)
{
	unr_autoclose int tree = -EBADF, user = map_descriptor(t);

	tree = (int) st_want(t, 0,
			     syscall(SYS_open_tree, AT_FDCWD, "/proc",
				     OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE));
	st_want(t, EINVAL, set_idmap(tree, user));
}

static void try_foreign(struct st *t)
{
	unr_autoclose int tree = -EBADF, user = map_descriptor(t);

	tree = (int) st_want(t, 0,
			     syscall(SYS_open_tree, AT_FDCWD, ".",
				     OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE));
	st_want(t, EPERM, set_idmap(tree, user));
}

static void foreign(struct st *t)
{
	st_inside(t, "0 1000 2000", try_foreign);
}

static void own(struct st *t)
{
	/* Of a file system that one has mounted: see prepare(). */
	prepare(t);
	st_owned(t, "place/file", 1005, 1006);
}

#define ROOT(case_name, sentence, where, function)                                                 \
	{                                                                                          \
		case_name, sentence, where, .since = SINCE, .stage = ST_STAGE_ROOT,                \
					    .run = function                                        \
	}

static const struct st_case CASES[] = {
	ROOT("seen", "Owners are seen as the mount maps them; without a place, as overflow ids.",
	     MAN, seen),
	ROOT("changed", "A new owner is kept as the mount maps it back.", MAN, changed),
	ROOT("beyond", "An owner that the mount does not map is EOVERFLOW.",
	     MAN ", commit 0bd23d09b874", beyond),
	ROOT("created", "What is made belongs to the maker as the mount maps it back.", MAN,
	     created),
	ROOT("permitted", "Permissions go by the owner that is seen.", MAN, permitted),
	ROOT("in-namespace", "A namespace's ids and those of the mount go together.", MAN,
	     in_namespace),
	ROOT("wrong-descriptors", "What is no user namespace cannot map a mount.", MAN,
	     wrong_descriptors),
	ROOT("initial", "The caller's own namespace cannot map a mount.", MAN, initial),
	ROOT("twice", "A mount that is mapped cannot be mapped again.", MAN, twice),
	ROOT("attached", "A mount that others may use already cannot be mapped.", MAN, attached),
	ROOT("not-idmappable", "A file system that does not know of it cannot be mapped.", MAN,
	     not_idmappable),
	ROOT("foreign", "A file system that is not the caller's cannot be mapped.", MAN, foreign),
	{ "own", "Root of a namespace maps mounts of its own file systems.", MAN, .since = SINCE,
	  .stage = ST_STAGE_INSIDE, .run = own },
};

const struct st_group st_group_idmapped = ST_GROUP("idmapped", "idmapped mounts", CASES);
