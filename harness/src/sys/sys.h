/* SPDX-License-Identifier: MIT */
/*
 * One shim for each system call that changes the extracted tree: 0 or -errno,
 * nothing else.  Paths are absolute inside the layer's own root; the caller has
 * made that the root directory.  Unit tests wrap these.  Shims do not call each
 * other.
 */
#ifndef UNR_SYS_SYS_H
#define UNR_SYS_SYS_H

#include <dirent.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

#include "usernsrepro/attr.h"

UNR_MUST_CHECK int unr_sys_lstat(const char *path, struct stat *ret);
UNR_MUST_CHECK int unr_sys_stat(const char *path, struct stat *ret);
/*
 * What is asked for each entry takes a directory, too: @at is AT_FDCWD or what
 * unr_sys_open_parent() has given, from which a name that is not absolute counts.
 */

UNR_MUST_CHECK int unr_sys_mkdirat(int at, const char *path, mode_t mode);
UNR_MUST_CHECK int unr_sys_mknodat(int at, const char *path, mode_t mode, dev_t device);

/** unr_sys_lchownat() - the call that everything is about; ids as the kernel takes them. */
UNR_MUST_CHECK int unr_sys_lchownat(int at, const char *path, uid_t uid, gid_t gid);

/** unr_sys_create_new() - a file for writing where nothing is, not even a link; -EEXIST else. */
UNR_MUST_CHECK int unr_sys_create_new(int at, const char *path, mode_t mode);

/** unr_sys_open_parent() - a directory to count names from; links to it are followed. */
UNR_MUST_CHECK int unr_sys_open_parent(const char *path);

UNR_MUST_CHECK int unr_sys_link(const char *target, const char *path);
UNR_MUST_CHECK int unr_sys_symlink(const char *target, const char *path);
UNR_MUST_CHECK int unr_sys_chmod(const char *path, mode_t mode);
UNR_MUST_CHECK int unr_sys_chown(const char *path, uid_t uid, gid_t gid);
UNR_MUST_CHECK int unr_sys_utimens(const char *path, const struct timespec times[2]);
UNR_MUST_CHECK int unr_sys_lutimens(const char *path, const struct timespec times[2]);
UNR_MUST_CHECK int unr_sys_setxattr(const char *path, const char *name, const void *value,
				    size_t size);
UNR_MUST_CHECK int unr_sys_lsetxattr(const char *path, const char *name, const void *value,
				     size_t size);

UNR_MUST_CHECK int unr_sys_lremovexattr(const char *path, const char *name);

/** unr_sys_create() - open for writing, made when absent, not cut; the descriptor or -errno. */
UNR_MUST_CHECK int unr_sys_create(const char *path, mode_t mode);

UNR_MUST_CHECK int unr_sys_fchmod(int fd, mode_t mode);
UNR_MUST_CHECK int unr_sys_futimens(int fd, const struct timespec times[2]);
UNR_MUST_CHECK int unr_sys_truncate(int fd, uint64_t size);

/** unr_sys_open_dir() - a directory for reading, not through a symlink; descriptor or -errno. */
UNR_MUST_CHECK int unr_sys_open_dir(int parent_fd, const char *name);

/** unr_sys_readdir() - the next name; 1, 0 at the end or -errno: readdir(3) tells both by NULL. */
UNR_MUST_CHECK int unr_sys_readdir(DIR *dir, const struct dirent **ret);

/** unr_sys_renameat() - a name from one directory to another. */
UNR_MUST_CHECK int unr_sys_renameat(int old_fd, int new_fd, const char *name);

/** unr_sys_unlinkat() - @flags: 0 or AT_REMOVEDIR. */
UNR_MUST_CHECK int unr_sys_unlinkat(int parent_fd, const char *name, int flags);

#endif
