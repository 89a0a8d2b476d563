/* SPDX-License-Identifier: MIT */
/*
 * File systems for a case: images on a loop device, an overlay, an idmapped
 * mount.  Each lives in the case's tmpfs and goes with its mount namespace.
 */
#include <fcntl.h>
#include <linux/loop.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "selftest/stage.h"
#include "userns/namespace.h"

/* mount(2) alone: <sys/mount.h> and <linux/mount.h> do not agree on one name in every libc. */
extern int mount(const char *source, const char *target, const char *type, unsigned long flags,
		 const void *data);

#define PLACE "filesystem"
#define IMAGE "image"

/* Of others that look for a free loop device at the same time. */
#define LOOP_TRIES 100

struct disk {
	unsigned int filesystem;
	const char *type;
	const char *words[8]; /* the command that makes it; the image comes behind */
	off_t size;           /* as small as the command allows; the image is sparse */
	const char *options;
};

/* Without times on access, nothing is written that the case does not write. */
static const struct disk DISKS[] = {
	{ ST_ON_EXT4, "ext4", { "mkfs.ext4", "-q", "-F" }, 32 << 20, NULL },
	{ ST_ON_XFS, "xfs", { "mkfs.xfs", "-q", "-f" }, 512 << 20, NULL },
	{ ST_ON_BTRFS, "btrfs", { "mkfs.btrfs", "-q", "-f" }, 128 << 20, NULL },
	{ ST_ON_VFAT, "vfat", { "mkfs.vfat" }, 8 << 20, NULL },
};

/* The command, silent; its exit status, 127 where there is none. */
static int run_mkfs(struct st *t, const struct disk *disk)
{
	char *words[UNR_COUNT(disk->words) + 2] = { NULL };
	char image[] = IMAGE;
	int status = 0;
	size_t n = 0;
	pid_t pid;

	for (; n < UNR_COUNT(disk->words) && disk->words[n] != NULL; n++)
		words[n] = (char *) (uintptr_t) disk->words[n];
	words[n] = image;
	pid = (pid_t) st_want(t, 0, fork());
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		for (int fd = 0; fd <= 2; fd++)
			(void) dup2(null, fd);
		(void) setenv("PATH", "/usr/sbin:/sbin:/usr/bin:/bin", 1);
		(void) execvp(words[0], words);
		unr_child_exit(127);
	}
	st_want(t, 0, waitpid(pid, &status, 0));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 126;
}

/* A loop device of its own for the image, which ends with its last user; -1 and errno. */
static int attach_loop(size_t size, char *ret_path)
{
	struct loop_config config = { .info.lo_flags = LO_FLAGS_AUTOCLEAR };
	unr_autoclose int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	unr_autoclose int image = open(IMAGE, O_RDWR | O_CLOEXEC);

	if (control < 0 || image < 0)
		return -1;
	config.fd = (unsigned int) image;
	for (int i = 0; i < LOOP_TRIES; i++) {
		int number = ioctl(control, LOOP_CTL_GET_FREE);
		int fd;

		if (number < 0)
			return -1;
		(void) snprintf(ret_path, size, "/dev/loop%d", number);
		fd = open(ret_path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			return -1;
		if (ioctl(fd, LOOP_CONFIGURE, &config) == 0)
			return fd;
		unr_close(&fd);
		if (errno != EBUSY)
			return -1;
	}
	return -1;
}

static void mount_disk(struct st *t, const struct disk *disk)
{
	unr_autoclose int loop = -EBADF;
	char device[32];
	int status;

	st_file(t, IMAGE, 0600, 0, 0);
	st_want(t, 0, truncate(IMAGE, disk->size));
	status = run_mkfs(t, disk);
	if (status == 127)
		st_skip(t, "there is no %s on this host", disk->words[0]);
	if (status != 0)
		st_skip(t, "%s fails on this host with status %d", disk->words[0], status);
	loop = attach_loop(sizeof(device), device);
	if (loop < 0)
		st_skip(t, "no loop device can be had on this host: %s", unr_errno_name(errno));
	if (mount(device, PLACE, disk->type, 0, disk->options) == 0)
		return;
	if (errno == ENODEV)
		st_skip(t, "this kernel has no %s", disk->type);
	st_skip(t, "%s cannot be mounted on this host: %s", disk->type, unr_errno_name(errno));
}

static const struct disk *find_disk(unsigned int filesystem)
{
	for (size_t i = 0; i < UNR_COUNT(DISKS); i++)
		if (DISKS[i].filesystem == filesystem)
			return &DISKS[i];
	return NULL;
}

void st_overlay_mount(struct st *t)
{
	const char *options = "lowerdir=lower,upperdir=upper,workdir=work";

	/* trusted.* is not for a user namespace: overlayfs.rst of the kernel. */
	if (!t->host->is_initial || !t->host->is_root)
		options = "lowerdir=lower,upperdir=upper,workdir=work,userxattr";
	if (mount("overlay", PLACE, "overlay", 0, options) == 0)
		return;
	if (errno == ENODEV)
		st_skip(t, "this kernel has no overlay");
	if (!st_is_since(t, ST_LINUX(5, 11)) && (errno == EPERM || errno == EINVAL))
		st_skip(t, "Linux 5.11 is the first to mount an overlay in a user namespace");
	st_fail(t, "cannot mount an overlay: %s", unr_errno_name(errno));
}

static void mount_overlay(struct st *t)
{
	st_want(t, 0, mkdir("lower", 0755));
	st_want(t, 0, mkdir("upper", 0755));
	st_want(t, 0, mkdir("work", 0755));
	st_overlay_mount(t);
}

int st_idmap(struct st *t, const char *path, const char *map)
{
	struct mount_attr attributes = { .attr_set = MOUNT_ATTR_IDMAP };
	unr_autoclose int tree = -EBADF, namespace = -EBADF;
	char file[40];
	struct st_child child;

	st_child_start(t, CLONE_NEWUSER, st_idle, &child);
	st_map(t, &child, map);
	(void) snprintf(file, sizeof(file), "/proc/%d/ns/user", (int) child.pid);
	namespace = (int) st_want(t, 0, open(file, O_RDONLY | O_CLOEXEC));
	st_child_end(t, &child);
	tree = (int) syscall(SYS_open_tree, AT_FDCWD, path,
			     OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (unsigned int) AT_RECURSIVE);
	if (tree < 0)
		return -1;
	attributes.userns_fd = (unsigned int) namespace;
	if (syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attributes, sizeof(attributes)) <
	    0)
		return -1;
	return (int) syscall(SYS_move_mount, tree, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH);
}

/* Owners on the disk are others than those that are seen, and no id is missing. */
static void mount_idmapped(struct st *t)
{
	const char *map = "0 10000 10000\n10000 0 10000\n20000 20000 40000\n";

	if (st_idmap(t, PLACE, map) == 0)
		return;
	if (errno == ENOSYS)
		st_skip(t, "Linux 5.12 is the first to have idmapped mounts");
	/* tmpfs can be idmapped since Linux 6.3; ext4 since 5.12. */
	if (errno == EINVAL && !st_is_since(t, ST_LINUX(6, 3))) {
		if (!t->host->is_root)
			st_skip(t, "Linux 6.3 is the first to have idmapped mounts of tmpfs");
		mount_disk(t, find_disk(ST_ON_EXT4));
		st_want(t, 0, st_idmap(t, PLACE, map));
		return;
	}
	st_fail(t, "cannot make an idmapped mount: %s", unr_errno_name(errno));
}

static void mount_any_disk(struct st *t)
{
	mount_disk(t, find_disk(t->test->filesystem));
}

static void mount_nothing(struct st *t)
{
	(void) t;
}

static const struct {
	unsigned int filesystem;
	const char *name;
	void (*mount)(struct st *t);
} FILESYSTEMS[] = {
	{ ST_ON_TMPFS, "tmpfs", mount_nothing },     { ST_ON_EXT4, "ext4", mount_any_disk },
	{ ST_ON_XFS, "xfs", mount_any_disk },        { ST_ON_BTRFS, "btrfs", mount_any_disk },
	{ ST_ON_OVERLAY, "overlay", mount_overlay }, { ST_ON_IDMAPPED, "idmapped", mount_idmapped },
	{ ST_ON_VFAT, "vfat", mount_any_disk },
};

const char *st_filesystem_name(unsigned int filesystem)
{
	for (size_t i = 0; i < UNR_COUNT(FILESYSTEMS); i++)
		if (FILESYSTEMS[i].filesystem == filesystem)
			return FILESYSTEMS[i].name;
	return NULL;
}

void st_filesystem_enter(struct st *t, unsigned int filesystem)
{
	st_want(t, 0, mkdir(PLACE, 0755));
	for (size_t i = 0; i < UNR_COUNT(FILESYSTEMS); i++)
		if (FILESYSTEMS[i].filesystem == filesystem)
			FILESYSTEMS[i].mount(t);
	st_want(t, 0, chdir(PLACE));
}
