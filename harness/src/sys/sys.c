/* SPDX-License-Identifier: MIT */
/* The shims of sys.h: each makes its call and turns -1 into -errno. */
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/xattr.h>
#include <unistd.h>

static int result(int r)
{
	return r < 0 ? -errno : r;
}

int unr_sys_lstat(const char *path, struct stat *ret)
{
	return result(lstat(path, ret));
}

int unr_sys_stat(const char *path, struct stat *ret)
{
	return result(stat(path, ret));
}

int unr_sys_mkdirat(int at, const char *path, mode_t mode)
{
	return result(mkdirat(at, path, mode));
}

int unr_sys_mknodat(int at, const char *path, mode_t mode, dev_t device)
{
	return result(mknodat(at, path, mode, device));
}

int unr_sys_link(const char *target, const char *path)
{
	return result(linkat(AT_FDCWD, target, AT_FDCWD, path, 0));
}

int unr_sys_symlink(const char *target, const char *path)
{
	return result(symlink(target, path));
}

int unr_sys_chmod(const char *path, mode_t mode)
{
	return result(chmod(path, mode));
}

int unr_sys_lchownat(int at, const char *path, uid_t uid, gid_t gid)
{
	return result(fchownat(at, path, uid, gid, AT_SYMLINK_NOFOLLOW));
}

int unr_sys_chown(const char *path, uid_t uid, gid_t gid)
{
	return result(chown(path, uid, gid));
}

int unr_sys_utimens(const char *path, const struct timespec times[2])
{
	return result(utimensat(AT_FDCWD, path, times, 0));
}

int unr_sys_lutimens(const char *path, const struct timespec times[2])
{
	return result(utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW));
}

int unr_sys_setxattr(const char *path, const char *name, const void *value, size_t size)
{
	return result(setxattr(path, name, value, size, 0));
}

int unr_sys_lsetxattr(const char *path, const char *name, const void *value, size_t size)
{
	return result(lsetxattr(path, name, value, size, 0));
}

int unr_sys_lremovexattr(const char *path, const char *name)
{
	return result(lremovexattr(path, name));
}

int unr_sys_create(const char *path, mode_t mode)
{
	int fd;

	do {
		fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, mode);
	} while (fd < 0 && errno == EINTR);
	return result(fd);
}

int unr_sys_create_new(int at, const char *path, mode_t mode)
{
	int fd;

	do {
		fd = openat(at, path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, mode);
	} while (fd < 0 && errno == EINTR);
	return result(fd);
}

int unr_sys_open_parent(const char *path)
{
	return result(open(path, O_PATH | O_DIRECTORY | O_CLOEXEC));
}

int unr_sys_fchmod(int fd, mode_t mode)
{
	return result(fchmod(fd, mode));
}

int unr_sys_futimens(int fd, const struct timespec times[2])
{
	return result(futimens(fd, times));
}

int unr_sys_truncate(int fd, uint64_t size)
{
	if (size > INT64_MAX)
		return -EFBIG;
	return result(ftruncate(fd, (off_t) size));
}

int unr_sys_open_dir(int parent_fd, const char *name)
{
	return result(openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

int unr_sys_readdir(DIR *dir, const struct dirent **ret)
{
	errno = 0;
	*ret = readdir(dir);
	if (*ret != NULL)
		return 1;
	return -errno;
}

int unr_sys_renameat(int old_fd, int new_fd, const char *name)
{
	return result(renameat(old_fd, name, new_fd, name));
}

int unr_sys_unlinkat(int parent_fd, const char *name, int flags)
{
	return result(unlinkat(parent_fd, name, flags));
}
