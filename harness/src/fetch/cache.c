/* SPDX-License-Identifier: MIT */
/* A directory of blobs: see cache.h. */
#include "fetch/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "image/digest.h"
#include "image/shown.h"

/* "sha256/<hex>" */
static const char *name_of(const char *digest, char name[UNR_DIGEST_SIZE])
{
	return unr_digest_to_blob(digest, name) ? name + strlen("blobs/") : "";
}

int unr_cache_open(const char *path, int *ret_fd, struct unr_error *err)
{
	struct unr_shown shown;

	*ret_fd = -EBADF;
	if (path == NULL)
		return 0;
	if (mkdir(path, 0777) < 0 && errno != EEXIST)
		return unr_fail_errno(err, "--cache %s", unr_show(&shown, path));
	*ret_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*ret_fd < 0)
		return unr_fail_errno(err, "--cache %s", unr_show(&shown, path));
	return 0;
}

int unr_cache_find(int cache_fd, const char *digest, int *ret_fd)
{
	unr_autoclose int fd = -EBADF;
	char name[UNR_DIGEST_SIZE];
	struct stat st;

	fd = openat(cache_fd, name_of(digest, name),
		    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return errno == ENOENT || errno == ELOOP || errno == ENOTDIR ? -ENOENT : -errno;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return -ENOENT;
	*ret_fd = unr_take_fd(&fd);
	return 0;
}

void unr_cache_drop(int cache_fd, const char *digest)
{
	char name[UNR_DIGEST_SIZE];

	(void) unlinkat(cache_fd, name_of(digest, name), 0);
}

int unr_cache_new(int cache_fd, const char *digest, int *ret_fd)
{
	char name[UNR_DIGEST_SIZE];

	(void) name_of(digest, name);
	*strrchr(name, '/') = '\0';
	if (mkdirat(cache_fd, name + strlen("blobs/"), 0777) < 0 && errno != EEXIST)
		return -errno;
	*ret_fd = openat(cache_fd, name + strlen("blobs/"), O_TMPFILE | O_RDWR | O_CLOEXEC, 0644);
	return *ret_fd < 0 ? -errno : 0;
}

int unr_cache_keep(int cache_fd, const char *digest, int fd)
{
	char name[UNR_DIGEST_SIZE], self[40];

	(void) snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	/* Without privilege this is the way to link a descriptor: open(2), O_TMPFILE. */
	if (linkat(AT_FDCWD, self, cache_fd, name_of(digest, name), AT_SYMLINK_FOLLOW) == 0 ||
	    errno == EEXIST)
		return 0;
	return -errno;
}
