/* SPDX-License-Identifier: MIT */
/*
 * The root directory: see mounts.h.  While it is put together, the host's is
 * still the root.  So nothing of the image is walked through by name but its
 * own root's entries, which are made directories first: a link that the image
 * has in the place of /dev must lead nowhere.
 */
#include "shell/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "userns/overlay.h"
#include "userns/refused.h"
#include "userns/sandbox.h"

#define NO_PROGRAMS (MS_NOSUID | MS_NODEV | MS_NOEXEC)

/* The group that owns terminals on nearly every system; a map may have no place for it. */
#define TTY_GROUP 5

/* The tree, and the working directory in it. */
static int mount_tree(uint32_t n_layers, struct unr_error *err)
{
	const struct unr_overlay overlay = { .n_layers = n_layers,
					     .upper = "upper",
					     .work = "work" };
	const char *target = n_layers == 0 ? "rootfs" : "merged";
	int r;

	if (n_layers == 0) {
		if (mkdir(target, 0755) < 0 && errno != EEXIST) /* an image without layers */
			return unr_fail_errno(err, "make the root directory");
		r = mount(target, target, NULL, MS_BIND, NULL) < 0 ? -errno : 0;
	} else {
		if (mkdir("upper", 0755) < 0 || mkdir("work", 0755) < 0 || mkdir(target, 0755) < 0)
			return unr_fail_errno(err, "make the directories of an overlay");
		r = unr_overlay_mount(&overlay, target);
	}
	if (r < 0) {
		errno = -r;
		return unr_userns_refused(err, "mount the image's tree");
	}
	return chdir(target) < 0 ? unr_fail_errno(err, "enter the image's tree") : 0;
}

/* A directory of this name in the working directory, whatever the image has there. */
static int make_place(const char *name, struct unr_error *err)
{
	struct stat st;

	if (lstat(name, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			return 0;
		if (unlink(name) < 0)
			return unr_fail_errno(err, "remove the image's /%s", name);
	}
	return mkdir(name, 0755) < 0 ? unr_fail_errno(err, "make /%s", name) : 0;
}

/*
 * Parts of /proc that are the host's and not the namespace's.  Docker closes the same ones
 * (oci/defaults.go, v20.10): where a map has the host's root in it, they obey that one.
 */
static int close_proc(struct unr_error *err)
{
	static const struct {
		const char *path;
		bool is_hidden; /* else it can be read */
	} parts[] = {
		{ "proc/sys", false },          { "proc/sysrq-trigger", false },
		{ "proc/irq", false },          { "proc/bus", false },
		{ "proc/fs", false },           { "proc/kcore", true },
		{ "proc/keys", true },          { "proc/timer_list", true },
		{ "proc/latency_stats", true }, { "proc/sched_debug", true },
		{ "proc/acpi", true },          { "proc/asound", true },
		{ "proc/scsi", true },
	};

	for (size_t i = 0; i < UNR_COUNT(parts); i++) {
		const char *path = parts[i].path;
		struct stat st;
		int r;

		if (lstat(path, &st) < 0)
			continue;
		if (parts[i].is_hidden && S_ISDIR(st.st_mode))
			r = mount("tmpfs", path, "tmpfs", NO_PROGRAMS | MS_RDONLY, "size=0");
		else if (parts[i].is_hidden)
			r = mount("/dev/null", path, NULL, MS_BIND, NULL);
		else if ((r = mount(path, path, NULL, MS_BIND | MS_REC, NULL)) == 0)
			r = mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | NO_PROGRAMS,
				  NULL);
		if (r < 0)
			return unr_userns_refused(err, "close a part of /proc");
	}
	return 0;
}

static int mount_proc(struct unr_error *err)
{
	int r = make_place("proc", err);

	if (r < 0)
		return r;
	if (mount("proc", "proc", "proc", NO_PROGRAMS, NULL) < 0)
		return unr_userns_refused(err, "mount a /proc");
	return close_proc(err);
}

/* mknod(2) is refused in a user namespace: the host's nodes are bound into place. */
static int bind_devices(struct unr_error *err)
{
	static const char *const devices[] = { "/dev/null",   "/dev/zero",    "/dev/full",
					       "/dev/random", "/dev/urandom", "/dev/tty" };

	for (size_t i = 0; i < UNR_COUNT(devices); i++) {
		const char *place = devices[i] + 1;
		unr_autoclose int fd = open(place, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

		if (fd < 0)
			return unr_fail_errno(err, "make %s", devices[i]);
		if (mount(devices[i], place, NULL, MS_BIND, NULL) < 0)
			return unr_userns_refused(err, "bind a device of the host's");
	}
	return 0;
}

static int mount_terminals(struct unr_error *err)
{
	static const char options[] = "newinstance,ptmxmode=0666,mode=0620";
	char with_group[sizeof(options) + 16];

	if (mkdir("dev/pts", 0755) < 0)
		return unr_fail_errno(err, "make /dev/pts");
	(void) snprintf(with_group, sizeof(with_group), "%s,gid=%d", options, TTY_GROUP);
	if (mount("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, with_group) == 0)
		return 0;
	if (errno != EINVAL || /* the map has no place for the group */
	    mount("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, options) < 0)
		return unr_userns_refused(err, "mount a /dev/pts");
	return 0;
}

static int mount_dev(struct unr_error *err)
{
	static const struct {
		const char *target, *path;
	} links[] = {
		{ "pts/ptmx", "dev/ptmx" },          { "/proc/self/fd", "dev/fd" },
		{ "/proc/self/fd/0", "dev/stdin" },  { "/proc/self/fd/1", "dev/stdout" },
		{ "/proc/self/fd/2", "dev/stderr" },
	};
	int r = make_place("dev", err);

	if (r < 0)
		return r;
	if (mount("tmpfs", "dev", "tmpfs", MS_NOSUID, "mode=0755,size=64k") < 0)
		return unr_userns_refused(err, "mount a /dev");
	r = bind_devices(err);
	if (r == 0)
		r = mount_terminals(err);
	for (size_t i = 0; i < UNR_COUNT(links) && r == 0; i++)
		if (symlink(links[i].target, links[i].path) < 0)
			r = unr_fail_errno(err, "make /%s", links[i].path);
	if (r < 0)
		return r;
	if (mkdir("dev/shm", 01777) < 0 ||
	    mount("tmpfs", "dev/shm", "tmpfs", NO_PROGRAMS, "mode=1777,size=64m") < 0)
		return unr_userns_refused(err, "mount a /dev/shm");
	return 0;
}

int unr_shell_mount(uint32_t n_layers, struct unr_error *err)
{
	int r = mount_tree(n_layers, err);

	if (r == 0)
		r = mount_proc(err);
	if (r == 0)
		r = mount_dev(err);
	if (r < 0)
		return r;
	return unr_sandbox_change_root(err);
}
