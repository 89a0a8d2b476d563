/* SPDX-License-Identifier: MIT */
/*
 * An ordinary user who exists only inside a test: in a mount namespace of its
 * own a process sees another /etc, with that user and the wanted subordinate
 * ranges, and a folder of helpers that are set-user-ID root.  Nothing here
 * asserts: it runs in children.
 */
#ifndef UNR_TEST_PRIVATE_ETC_H
#define UNR_TEST_PRIVATE_ETC_H

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"

#define PRIVATE_USER "unr-test"
#define PRIVATE_UID 1234
#define PRIVATE_GID 1234

struct private_etc {
	const char *directory; /* an empty one, on which all of it is mounted */
	const char *subuid;    /* content of /etc/subuid; NULL: there is no such file */
	const char *subgid;
	const char *nsswitch; /* content of /etc/nsswitch.conf; NULL: empty, which means files */
	const char *program;  /* what becomes the helpers of the test; NULL: there are none */
	const char *modes[2]; /* of newuidmap and newgidmap, see ../helpers/fake-newuidmap.c */
};

static inline int put_file(int dir_fd, const char *name, const char *text, mode_t mode)
{
	unr_autoclose int fd = -EBADF;

	if (text == NULL)
		return 0;
	fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0 || fchmod(fd, mode) < 0)
		return -errno;
	return unr_write_full(fd, text, strlen(text));
}

static inline int put_copy(int dir_fd, const char *name, const char *source, mode_t mode)
{
	unr_autoclose int from_fd = open(source, O_RDONLY | O_CLOEXEC);
	unr_autoclose int to_fd = -EBADF;
	struct stat st;

	if (from_fd < 0 || fstat(from_fd, &st) < 0)
		return -errno;
	to_fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (to_fd < 0)
		return -errno;
	for (off_t done = 0; done < st.st_size;)
		if (sendfile(to_fd, from_fd, &done, (size_t) (st.st_size - done)) <= 0)
			return -EIO;
	return fchmod(to_fd, mode) < 0 ? -errno : 0;
}

/* The loader needs its cache on systems whose libraries lie elsewhere. */
static inline int put_loader_cache(int dir_fd)
{
	int r = put_copy(dir_fd, "etc/ld.so.cache", "/etc/ld.so.cache", 0644);

	return r == -ENOENT ? 0 : r;
}

static inline int put_etc(int dir_fd, const struct private_etc *etc)
{
	const struct {
		const char *name, *text;
	} files[] = {
		{ "etc/passwd",
		  "root:x:0:0::/:/bin/sh\n" PRIVATE_USER ":x:1234:1234::/:/bin/sh\n" },
		{ "etc/group", "root:x:0:\n"
			       "unr-group:x:1234:\n" },
		{ "etc/nsswitch.conf", etc->nsswitch == NULL ? "" : etc->nsswitch },
		{ "etc/login.defs", "" },
		{ "etc/subuid", etc->subuid },
		{ "etc/subgid", etc->subgid },
	};
	int r = mkdirat(dir_fd, "etc", 0755) < 0 ? -errno : put_loader_cache(dir_fd);

	for (size_t i = 0; i < UNR_COUNT(files) && r == 0; i++)
		r = put_file(dir_fd, files[i].name, files[i].text, 0644);
	return r;
}

static inline int put_helpers(int dir_fd, const struct private_etc *etc)
{
	static const char *const names[] = { "newuidmap", "newgidmap" };
	int r = 0;

	for (size_t i = 0; i < UNR_COUNT(names) && r == 0 && etc->program != NULL; i++) {
		char mode_name[32];

		(void) snprintf(mode_name, sizeof(mode_name), "%s.mode", names[i]);
		r = put_copy(dir_fd, names[i], etc->program, 04755);
		if (r == 0)
			r = put_file(dir_fd, mode_name, etc->modes[i], 0644);
	}
	return r;
}

/* Enters it for good.  0 or -errno. */
static inline int private_etc_enter(const struct private_etc *etc)
{
	unr_autoclose int dir_fd = -EBADF;
	char path[512];
	int r;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", etc->directory, "tmpfs", 0, "mode=755") < 0)
		return -errno;
	dir_fd = open(etc->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = dir_fd < 0 ? -errno : put_etc(dir_fd, etc);
	if (r == 0)
		r = put_helpers(dir_fd, etc);
	if (r < 0)
		return r;
	(void) snprintf(path, sizeof(path), "%s/etc", etc->directory);
	return mount(path, "/etc", NULL, MS_BIND, NULL) < 0 ? -errno : 0;
}

#endif
