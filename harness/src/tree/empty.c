/* SPDX-License-Identifier: MIT */
/*
 * Emptying a directory: see empty.h.  Trees may be deeper than there are
 * descriptors, so it walks down and up with one descriptor instead of
 * recursing.  What ".." leads to must be where it came from: a directory that
 * somebody moves meanwhile would take the walk with it, out of the tree.
 */
#include "tree/empty.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "sys/sys.h"

static bool is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

int unr_tree_remove_one(int dir_fd, const char *name)
{
	int r = unr_sys_unlinkat(dir_fd, name, 0);

	if (r == -EISDIR || r == -EPERM)
		r = unr_sys_unlinkat(dir_fd, name, AT_REMOVEDIR);
	if (r == -ENOTEMPTY || r == -EEXIST)
		return 1;
	return r == -ENOENT ? 0 : r;
}

/*
 * Empties the directory @dir_fd down to the first directory that is not empty,
 * which is opened as *@ret_below (-EBADF: there was none).
 */
static int empty_until(int dir_fd, int *ret_below)
{
	int fd = fcntl(dir_fd, F_DUPFD_CLOEXEC, 0);
	const struct dirent *item;
	DIR *dir;
	int n, r = 0;

	*ret_below = -EBADF;
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (dir == NULL) {
		r = -errno;
		unr_close(&fd);
		return r;
	}
	rewinddir(dir);
	while (r == 0 && (n = unr_sys_readdir(dir, &item)) != 0)
		if (n < 0) {
			r = n; /* what cannot be listed is not empty */
		} else if (!is_dot(item->d_name)) {
			r = unr_tree_remove_one(dir_fd, item->d_name);
			if (r == 1)
				*ret_below = unr_sys_open_dir(dir_fd, item->d_name);
		}
	(void) closedir(dir);
	if (r == 1)
		return *ret_below < 0 ? *ret_below : 0;
	return r;
}

/* The directories above the one that is being emptied, topmost first. */
struct trail {
	struct place {
		dev_t device;
		ino_t inode;
	} * places; /* owned */
	size_t n, room;
};

static int find_place(int fd, struct place *ret)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	*ret = (struct place) { st.st_dev, st.st_ino };
	return 0;
}

/* Before it goes down from @fd. */
static int remember(struct trail *trail, int fd)
{
	if (trail->n == trail->room) {
		const size_t room = trail->room == 0 ? 64 : trail->room * 2;
		void *bigger = reallocarray(trail->places, room, sizeof(*trail->places));

		if (bigger == NULL)
			return -ENOMEM;
		trail->places = bigger;
		trail->room = room;
	}
	return find_place(fd, &trail->places[trail->n++]);
}

/* The directory above @fd, if that is the one it came from; a descriptor or -errno. */
static int go_up(struct trail *trail, int fd)
{
	unr_autoclose int above = unr_sys_open_dir(fd, "..");
	const struct place *expected = &trail->places[--trail->n];
	struct place found;
	int r = above < 0 ? above : find_place(above, &found);

	if (r < 0)
		return r;
	if (found.device != expected->device || found.inode != expected->inode)
		return -EBUSY;
	return unr_take_fd(&above);
}

int unr_tree_empty(int dir_fd)
{
	unr_autoclose int fd = unr_sys_open_dir(dir_fd, ".");
	struct trail trail = { 0 };
	int r = fd < 0 ? fd : 0;

	while (r == 0) {
		int next = -EBADF;

		r = empty_until(fd, &next);
		if (r == 0 && next < 0) {
			if (trail.n == 0)
				break;
			next = go_up(&trail, fd);
			r = next < 0 ? next : 0;
		} else if (r == 0) {
			r = remember(&trail, fd);
		}
		unr_close(&fd);
		fd = next;
	}
	free(trail.places);
	return r;
}
