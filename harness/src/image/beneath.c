/* SPDX-License-Identifier: MIT */
/* Opening beneath a directory: see beneath.h. */
#include "image/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/cleanup.h"

int unr_beneath_open_steps(int dir_fd, const char *name, int *ret_fd)
{
	unr_autoclose int parent_fd = -EBADF;
	int at = dir_fd;

	for (;;) {
		const char *slash = strchr(name, '/');
		int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
		unr_autofree char *part = NULL;
		int fd;

		part = slash == NULL ? strdup(name) : strndup(name, (size_t) (slash - name));
		if (part == NULL)
			return -ENOMEM;
		if (strcmp(part, "..") == 0 || part[0] == '\0')
			return -EXDEV;
		fd = openat(at, part, slash == NULL ? flags : flags | O_DIRECTORY);
		if (fd < 0)
			return -errno;
		if (slash == NULL) {
			*ret_fd = fd;
			return 0;
		}
		unr_close(&parent_fd);
		parent_fd = at = fd;
		name = slash + 1;
	}
}

int unr_beneath_open(int dir_fd, const char *name, int *ret_fd)
{
	struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	long fd = syscall(SYS_openat2, dir_fd, name, &how, sizeof(how));

	/* Older seccomp profiles of container engines answer EPERM to a call they do not know. */
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		return unr_beneath_open_steps(dir_fd, name, ret_fd);
	if (fd < 0)
		return -errno;
	*ret_fd = (int) fd;
	return 0;
}
