/* SPDX-License-Identifier: MIT */
/*
 * Removing what an entry replaces.  Trees may be deeper than there are
 * descriptors, so it walks down and up with one descriptor instead of
 * recursing; "..": the tree is ours alone and nothing moves in it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "sys/sys.h"
#include "unpack/internal.h"

static bool is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Removes one name; 1 when it is a directory that still holds something. */
static int remove_one(int dir_fd, const char *name)
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
	struct dirent *item;
	DIR *dir;
	int r = 0;

	*ret_below = -EBADF;
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (dir == NULL) {
		r = -errno;
		unr_close(&fd);
		return r;
	}
	rewinddir(dir);
	while (r == 0 && (item = readdir(dir)) != NULL)
		if (!is_dot(item->d_name)) {
			r = remove_one(dir_fd, item->d_name);
			if (r == 1)
				*ret_below = unr_sys_open_dir(dir_fd, item->d_name);
		}
	(void) closedir(dir);
	if (r == 1)
		return *ret_below < 0 ? *ret_below : 0;
	return r;
}

/* Empties a directory whole; takes @fd. */
static int empty_tree(int fd)
{
	size_t depth = 0;
	int r = 0;

	for (;;) {
		int next = -EBADF;

		r = empty_until(fd, &next);
		if (r < 0)
			break;
		if (next >= 0) {
			depth++;
		} else if (depth == 0) {
			break;
		} else {
			depth--;
			next = unr_sys_open_dir(fd, "..");
			r = next < 0 ? next : 0;
		}
		unr_close(&fd);
		if (r < 0)
			return r;
		fd = next;
	}
	unr_close(&fd);
	return r;
}

/*
 * Go then opens the parent, whose own trouble comes first: a missing one is fine,
 * a loop of links is not.
 */
static int check_parent(struct unpack *u, const char *path)
{
	unr_autofree char *parent = strdup(path);
	unr_autoclose int fd = -EBADF;
	char *slash;

	if (parent == NULL)
		return unr_fail_memory(u->err);
	slash = strrchr(parent, '/');
	slash[slash == parent ? 1 : 0] = '\0';
	fd = open(parent, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0 || errno == ENOENT)
		return 0;
	return fail_op(u, "open", parent, -errno);
}

int remove_all(struct unpack *u, const char *path)
{
	bool is_root = strcmp(path, "/") == 0;
	int fd, r = remove_one(AT_FDCWD, path);

	if (r == 0)
		return 0;
	if (r < 0 && !is_root) {
		int parent = check_parent(u, path);

		return parent != 0 ? parent : fail_op(u, "unlinkat", path, r);
	}
	fd = unr_sys_open_dir(AT_FDCWD, path);
	if (fd < 0)
		return fail_op(u, "open", path, fd);
	r = empty_tree(fd);
	if (r < 0)
		return fail_op(u, "unlinkat", path, r);
	r = unr_sys_unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
	/* Go opens the root's "parent" as "." and says so. */
	if (r < 0 && r != -ENOENT)
		return fail_op(u, "unlinkat", is_root ? ".//" : path, r);
	return 0;
}
