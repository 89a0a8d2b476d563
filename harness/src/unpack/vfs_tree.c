/* SPDX-License-Identifier: MIT */
/* The kept tree of vfs between the layers: see vfs_tree.h. */
#include "unpack/vfs_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <linux/limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "sys/sys.h"

/* What a visit to a node gets; its name is relative to the working directory. */
struct walk {
	const struct unr_privileged *privileged; /* NULL: nobody has that privilege */
	struct unr_ledger_directory *foreign;    /* owned */
	size_t n_foreign;
	struct unr_ledger_attribute *hidden; /* owned; what this namespace cannot see */
	size_t n_hidden;
	char names[XATTR_LIST_MAX]; /* of a node's attributes */
};

/* What DirCopy carries over, as vfs calls it. */
static bool is_copied(const char *name)
{
	return strcmp(name, "security.capability") == 0;
}

static void walk_free(struct walk **walk)
{
	if (*walk == NULL)
		return;
	free((*walk)->foreign);
	free((*walk)->hidden);
	free(*walk);
}

/* The first record of an inode; the others follow it. */
static size_t find_hidden(const struct walk *walk, uint64_t inode)
{
	size_t low = 0, high = walk->n_hidden;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (walk->hidden[middle].inode < inode)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* One that is not there any more is as good as removed. */
static void drop_hidden(const struct walk *walk, const FTSENT *item)
{
	const struct unr_privileged *privileged = walk->privileged;
	const uint64_t inode = item->fts_statp->st_ino;

	for (size_t i = find_hidden(walk, inode);
	     i < walk->n_hidden && walk->hidden[i].inode == inode; i++)
		if (!is_copied(walk->hidden[i].name))
			(void) !privileged->set_xattr(privileged->context, item->fts_path, false,
						      walk->hidden[i].name, NULL, 0);
}

/* What a node that was made again has from the one before it: the last capability. */
static int copy_hidden(const struct walk *walk, const FTSENT *item)
{
	const struct unr_privileged *privileged = walk->privileged;
	const uint64_t inode = item->fts_statp->st_ino;
	const struct unr_ledger_attribute *last = NULL;

	for (size_t i = find_hidden(walk, inode);
	     i < walk->n_hidden && walk->hidden[i].inode == inode; i++)
		if (is_copied(walk->hidden[i].name))
			last = &walk->hidden[i];
	if (last == NULL || last->length == 0)
		return 0;
	return privileged->set_xattr(privileged->context, item->fts_path, false, last->name,
				     last->value, last->length);
}

/* Those that a namespace can see; of the others the ledger knows. */
static int drop_attributes(struct walk *walk, const FTSENT *item)
{
	ssize_t n = llistxattr(item->fts_accpath, walk->names, sizeof(walk->names));

	drop_hidden(walk, item);
	if (n < 0)
		return errno == ENOTSUP ? 0 : -errno;
	for (const char *name = walk->names; name < walk->names + n; name += strlen(name) + 1)
		if (!is_copied(name) && lremovexattr(item->fts_accpath, name) < 0 &&
		    errno != ENODATA && errno != EPERM)
			return -errno;
	return 0;
}

/* fts_path is absolute, as the walk began at "/". */
static int make_again(const struct walk *walk, const FTSENT *item)
{
	const struct stat *st = item->fts_statp;
	const mode_t type = st->st_mode & S_IFMT;
	const bool device = type == S_IFCHR || type == S_IFBLK;
	char target[PATH_MAX + 1];
	ssize_t n;

	if (type == S_IFLNK) {
		n = readlink(item->fts_accpath, target, sizeof(target) - 1);
		if (n < 0)
			return -errno;
		target[n] = '\0';
	}
	if (unlink(item->fts_accpath) < 0)
		return -errno;
	if (type == S_IFLNK)
		return unr_sys_symlink(target, item->fts_accpath);
	if (device && walk->privileged != NULL)
		return walk->privileged->make_node(walk->privileged->context, item->fts_path, type,
						   major(st->st_rdev), minor(st->st_rdev));
	return unr_sys_mknodat(AT_FDCWD, item->fts_accpath, st->st_mode, st->st_rdev);
}

/* A name of several that are one inode becomes an inode of its own, unless it is a file. */
static int split_links(const struct walk *walk, const FTSENT *item)
{
	const struct stat *st = item->fts_statp;
	const struct timespec times[2] = { st->st_atim, st->st_mtim };
	const struct stat *parent = item->fts_parent->fts_statp;
	const struct timespec parent_times[2] = { parent->st_atim, parent->st_mtim };
	struct stat now;
	int r = unr_sys_lstat(item->fts_accpath, &now);

	if (r < 0 || S_ISREG(st->st_mode) || S_ISDIR(st->st_mode) || now.st_nlink < 2)
		return r;
	r = make_again(walk, item);
	if (r == 0)
		r = unr_sys_lchownat(AT_FDCWD, item->fts_accpath, st->st_uid, st->st_gid);
	if (r == 0 && !S_ISLNK(st->st_mode))
		r = unr_sys_chmod(item->fts_accpath, st->st_mode & 07777);
	if (r == 0)
		r = copy_hidden(walk, item);
	if (r == 0)
		r = unr_sys_lutimens(item->fts_accpath, times);
	return r == 0 ? unr_sys_utimens(".", parent_times) : r;
}

static int copy_one(struct walk *walk, const FTSENT *item)
{
	int r;

	if (item->fts_info == FTS_DP)
		return 0;
	r = drop_attributes(walk, item);
	return r == 0 ? split_links(walk, item) : r;
}

static int by_inode(const void *key, const void *element)
{
	const uint64_t *inode = key;
	const struct unr_ledger_directory *directory = element;

	return *inode < directory->inode ? -1 : *inode > directory->inode;
}

/* Made for a name's parent, with mode 0600 and what a setgid directory gives? */
static bool is_bare(const struct stat *st)
{
	return st->st_uid == 0 && (st->st_mode & 07777 & ~(mode_t) (S_ISGID | 0600)) == 0 &&
	       (st->st_gid == 0 || (st->st_mode & S_ISGID) != 0);
}

/*
 * From the leaves: once it is given away nobody here can go into it.  A number
 * can have come back for a directory that the ledger knows nothing of.
 */
static int settle_one(struct walk *walk, const FTSENT *item)
{
	const uint64_t inode = item->fts_statp->st_ino;

	if (item->fts_info != FTS_DP || !is_bare(item->fts_statp) ||
	    bsearch(&inode, walk->foreign, walk->n_foreign, sizeof(*walk->foreign), by_inode) ==
		    NULL)
		return 0;
	return walk->privileged->disown(walk->privileged->context, item->fts_path);
}

/* Changes into each directory on the way, so that no path is too long. */
static int walk_tree(struct walk *walk, int (*visit)(struct walk *walk, const FTSENT *item),
		     struct unr_error *err)
{
	char root[] = "/";
	char *const paths[] = { root, NULL };
	FTS *fts = fts_open(paths, FTS_PHYSICAL, NULL);
	FTSENT *item;
	int r = 0;

	if (fts == NULL)
		return unr_fail_errno(err, "walk the tree");
	while (r == 0 && (errno = 0, item = fts_read(fts)) != NULL)
		r = item->fts_info == FTS_DNR || item->fts_info == FTS_NS ||
				    item->fts_info == FTS_ERR ?
			    -item->fts_errno :
			    visit(walk, item);
	if (r == 0 && errno != 0)
		r = -errno;
	if (r < 0)
		(void) unr_fail(err, UNR_ERROR_FAILED, r, "walk the tree: %s", strerror(-r));
	(void) fts_close(fts);
	return r;
}

static int fail_ledger(struct unr_error *err, ssize_t error)
{
	return unr_fail(err, UNR_ERROR_FAILED, (int) error, "read the ledger: %s",
			strerror((int) -error));
}

int unr_vfs_copy(const struct unr_ledger *ledger, const struct unr_privileged *privileged,
		 struct unr_error *err)
{
	__attribute__((cleanup(walk_free))) struct walk *walk = calloc(1, sizeof(*walk));
	ssize_t n;

	if (walk == NULL)
		return unr_fail_memory(err);
	n = unr_ledger_attributes(ledger, &walk->hidden);
	if (n < 0)
		return fail_ledger(err, n);
	walk->privileged = privileged;
	walk->n_hidden = (size_t) n;
	return walk_tree(walk, copy_one, err);
}

int unr_vfs_settle(const struct unr_ledger *ledger, const struct unr_privileged *privileged,
		   struct unr_error *err)
{
	__attribute__((cleanup(walk_free))) struct walk *walk = calloc(1, sizeof(*walk));
	ssize_t n;

	if (walk == NULL)
		return unr_fail_memory(err);
	n = unr_ledger_foreign(ledger, &walk->foreign);
	if (n < 0)
		return fail_ledger(err, n);
	if (n == 0 || privileged == NULL)
		return 0;
	walk->privileged = privileged;
	walk->n_foreign = (size_t) n;
	return walk_tree(walk, settle_one, err);
}
