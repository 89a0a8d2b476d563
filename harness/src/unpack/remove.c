/* SPDX-License-Identifier: MIT */
/* Removing what an entry replaces, with Go's words for what would not go (os.RemoveAll). */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "sys/sys.h"
#include "tree/empty.h"
#include "unpack/internal.h"

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
	unr_autoclose int fd = -EBADF;
	int r = unr_tree_remove_one(AT_FDCWD, path);

	forget_parent(u);
	if (r == 0)
		return 0;
	if (r < 0 && !is_root) {
		int parent = check_parent(u, path);

		return parent != 0 ? parent : fail_op(u, "unlinkat", path, r);
	}
	fd = unr_sys_open_dir(AT_FDCWD, path);
	if (fd < 0)
		return fail_op(u, "open", path, fd);
	r = unr_tree_empty(fd);
	if (r < 0)
		return fail_op(u, "unlinkat", path, r);
	r = unr_sys_unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
	/* Go opens the root's "parent" as "." and says so. */
	if (r < 0 && r != -ENOENT)
		return fail_op(u, "unlinkat", is_root ? ".//" : path, r);
	return 0;
}
