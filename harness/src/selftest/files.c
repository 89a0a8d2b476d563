/* SPDX-License-Identifier: MIT */
/* Files of a case, and the tmpfs that they lie in: see kit.h. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "selftest/kit.h"

/* Directories of which every system has one; the mount is seen by the case alone. */
static const char *const PLACES[] = { "/tmp", "/mnt", "/var/tmp", "/run", "/sys" };

void st_tmpfs(struct st *t)
{
	/* A kernel that is not to be trusted must not make us cover a directory of the host. */
	if (st_namespace(t, 0, "mnt") == t->host->mount_namespace)
		st_fail(t, "the mount namespace is the caller's: nothing is mounted there");
	/* What the host shares would come back to it. */
	st_want(t, 0, mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	for (size_t i = 0; i < UNR_COUNT(PLACES); i++) {
		if (mount("selftest", PLACES[i], "tmpfs", 0, "mode=0755") == 0) {
			st_want(t, 0, chdir(PLACES[i]));
			return;
		}
		if (errno != ENOENT && errno != ENOTDIR)
			break;
	}
	if (errno == EPERM || errno == EACCES)
		st_skip(t, "a tmpfs may not be mounted here: %s", unr_errno_name(errno));
	st_fail(t, "cannot mount a tmpfs: %s", unr_errno_name(errno));
}

void st_file(struct st *t, const char *path, mode_t mode, uid_t uid, gid_t gid)
{
	unr_autoclose int fd =
		(int) st_want(t, 0, open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));

	st_want(t, 0, fchown(fd, uid, gid));
	/* Behind the change of owner, which takes some bits away. */
	st_want(t, 0, fchmod(fd, mode));
}

void st_owned(struct st *t, const char *path, long uid, long gid)
{
	struct stat st;

	st_want(t, 0, lstat(path, &st));
	if (st.st_uid != uid || st.st_gid != gid)
		st_fail(t, "%s: promised is the owner %ld:%ld, it is %u:%u", path, uid, gid,
			st.st_uid, st.st_gid);
}

void st_mode(struct st *t, const char *path, mode_t mode)
{
	struct stat st;

	st_want(t, 0, lstat(path, &st));
	if ((st.st_mode & 07777) != mode)
		st_fail(t, "%s: promised is the mode %04o, it is %04o", path, mode,
			st.st_mode & 07777);
}

bool st_exists(const char *path)
{
	return faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* As the kernel writes it for version 2: cap_net_raw=p, on whatever file that is. */
#define FILE_CAPABILITIES                                                                          \
	"\x00\x00\x00\x02\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
#define FILE_CAPABILITIES_SIZE ((size_t) 20)

int st_give_capability(const char *path)
{
	return setxattr(path, "security.capability", FILE_CAPABILITIES, FILE_CAPABILITIES_SIZE, 0);
}

void st_enter_directory(struct st *t, const struct st_child *child)
{
	char path[40];

	(void) snprintf(path, sizeof(path), "/proc/%d/cwd", (int) child->pid);
	st_want(t, 0, chdir(path));
}
