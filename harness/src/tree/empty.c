/* SPDX-License-Identifier: MIT */
/*
 * Emptying a directory: see empty.h.  Trees may be deeper than there are
 * descriptors, so it walks down and up with one descriptor instead of
 * recursing; "..": the tree is ours alone and nothing moves in it.
 */
#include "tree/empty.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>

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
			r = unr_tree_remove_one(dir_fd, item->d_name);
			if (r == 1)
				*ret_below = unr_sys_open_dir(dir_fd, item->d_name);
		}
	(void) closedir(dir);
	if (r == 1)
		return *ret_below < 0 ? *ret_below : 0;
	return r;
}

int unr_tree_empty(int dir_fd)
{
	int fd = unr_sys_open_dir(dir_fd, ".");
	size_t depth = 0;
	int r = fd < 0 ? fd : 0;

	while (r == 0) {
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
