/* SPDX-License-Identifier: MIT */
/* The child's surroundings: see sandbox.h. */
#include "userns/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "userns/refused.h"

/* Directories that every system has, one of which the new root is mounted over. */
static const char *const PLACES[] = { "/tmp", "/proc", "/dev", "/sys" };

#define MOUNT_FLAGS (MS_NODEV | MS_NOSUID | MS_NOEXEC)

/*
 * By default a tmpfs has as many inodes as half of the memory has pages, which is
 * too few for a large image on a small machine.  0 is none at all: no limit.
 */
static int mount_tmpfs(const char *place, uint64_t inodes)
{
	char options[64];

	(void) snprintf(options, sizeof(options), "mode=0755,nr_inodes=%" PRIu64,
			inodes > INT32_MAX ? 0 : inodes);
	return mount("tmpfs", place, "tmpfs", MOUNT_FLAGS, options);
}

/*
 * The flags that a mount has must be named again, as a namespace may not take
 * one away (mount_namespaces(7)); MS_* and ST_* are the same bits, but relatime.
 */
static unsigned long flags_of(const struct statvfs *vfs)
{
	const unsigned long same =
		ST_RDONLY | ST_NOSUID | ST_NODEV | ST_NOEXEC | ST_NOATIME | ST_NODIRATIME;

	return (vfs->f_flag & same) | ((vfs->f_flag & ST_RELATIME) != 0 ? MS_RELATIME : 0);
}

/* Recursive: what is mounted further down may not be uncovered in a namespace. */
static int mount_cwd(const char *place, uint64_t inodes)
{
	struct statvfs vfs;

	(void) inodes; /* the host's file system: unpack/ counts */

	if (mount(".", place, NULL, MS_BIND | MS_REC, NULL) < 0)
		return -1;
	if (statvfs(place, &vfs) < 0)
		return -1;
	return mount(NULL, place, NULL, MS_REMOUNT | MS_BIND | MOUNT_FLAGS | flags_of(&vfs), NULL);
}

static int mount_root(enum unr_sandbox_root root, uint64_t inodes, struct unr_error *err)
{
	static const struct {
		const char *what;
		int (*mount)(const char *place, uint64_t inodes);
	} roots[] = {
		[UNR_SANDBOX_TMPFS] = { "mount a tmpfs", mount_tmpfs },
		[UNR_SANDBOX_CWD] = { "mount the directory of the kept tree", mount_cwd },
	};

	for (size_t i = 0; i < UNR_COUNT(PLACES); i++) {
		if (roots[root].mount(PLACES[i], inodes) == 0)
			return chdir(PLACES[i]) < 0 ? unr_fail_errno(err, "chdir to the new root") :
						      0;
		if (errno != ENOENT && errno != ENOTDIR)
			break;
	}
	return unr_userns_refused(err, roots[root].what);
}

int unr_sandbox_leave_terminal(struct unr_error *err)
{
	unr_autoclose int fd = -EBADF;

	if (isatty(STDERR_FILENO) == 0)
		return 0;
	fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || dup2(fd, STDERR_FILENO) < 0)
		return unr_fail_errno(err, "leave the terminal");
	return 0;
}

int unr_sandbox_change_root(struct unr_error *err)
{
	/* The old root lands on top of the new one and is let go at once: pivot_root(2). */
	if (syscall(SYS_pivot_root, ".", ".") < 0)
		return unr_userns_refused(err, "change the root directory");
	if (umount2(".", MNT_DETACH) < 0)
		return unr_userns_refused(err, "let go of the host's root directory");
	return chdir("/") < 0 ? unr_fail_errno(err, "chdir to the new root") : 0;
}

int unr_sandbox_enter(enum unr_sandbox_root root, uint64_t inodes, struct unr_error *err)
{
	int r;

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return unr_userns_refused(err, "make mounts private");
	r = mount_root(root, inodes, err);
	if (r < 0)
		return r;
	r = unr_sandbox_change_root(err);
	if (r == 0)
		(void) umask(0022);
	return r;
}

static const cap_value_t KEPT[] = { CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER,    CAP_FSETID,
				    CAP_MKNOD, CAP_SETFCAP,      CAP_SYS_CHROOT };

static bool is_among(cap_value_t value, const cap_value_t *kept, int n)
{
	for (int i = 0; i < n; i++)
		if (kept[i] == value)
			return true;
	return false;
}

static void cap_cleaner(cap_t *caps)
{
	if (*caps != NULL)
		(void) cap_free(*caps);
}

static int no_new_privileges(struct unr_error *err)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return unr_fail_errno(err, "prctl(PR_SET_NO_NEW_PRIVS)");
	return 0;
}

static int keep_only(const cap_value_t *kept, int n, struct unr_error *err)
{
	__attribute__((cleanup(cap_cleaner))) cap_t caps = cap_init();

	if (caps == NULL)
		return unr_fail_memory(err);
	for (cap_value_t value = 0; value < cap_max_bits(); value++)
		if (!is_among(value, kept, n) && cap_drop_bound(value) < 0)
			return unr_fail_errno(err, "drop a capability from the bounding set");
	if (cap_reset_ambient() < 0 && errno != EINVAL && errno != ENOSYS)
		return unr_fail_errno(err, "clear the ambient capabilities");
	if (cap_set_flag(caps, CAP_PERMITTED, n, kept, CAP_SET) < 0 ||
	    cap_set_flag(caps, CAP_EFFECTIVE, n, kept, CAP_SET) < 0 || cap_set_proc(caps) < 0)
		return unr_fail_errno(err, "give up capabilities");
	return 0;
}

int unr_sandbox_restrict(struct unr_error *err)
{
	int r = keep_only(KEPT, UNR_COUNT(KEPT), err);

	return r < 0 ? r : no_new_privileges(err);
}

int unr_sandbox_keep_ids(struct unr_error *err)
{
	static const cap_value_t ids[] = { CAP_SETUID, CAP_SETGID };
	int r = keep_only(ids, UNR_COUNT(ids), err);

	return r < 0 ? r : no_new_privileges(err);
}

int unr_sandbox_keep_mounts(struct unr_error *err)
{
	static const cap_value_t mounts[] = { CAP_SYS_ADMIN, CAP_DAC_OVERRIDE };
	int r = keep_only(mounts, UNR_COUNT(mounts), err);

	return r < 0 ? r : no_new_privileges(err);
}

int unr_sandbox_contain(struct unr_error *err)
{
	/* oci/caps/defaults.go, v20.10 */
	static const cap_value_t dockers[] = { CAP_CHOWN,       CAP_DAC_OVERRIDE,    CAP_FSETID,
					       CAP_FOWNER,      CAP_MKNOD,           CAP_NET_RAW,
					       CAP_SETGID,      CAP_SETUID,          CAP_SETFCAP,
					       CAP_SETPCAP,     CAP_SYS_CHROOT,      CAP_KILL,
					       CAP_AUDIT_WRITE, CAP_NET_BIND_SERVICE };

	return keep_only(dockers, UNR_COUNT(dockers), err);
}

enum { NOBODY = 65534 };

static int compare_ints(const void *a, const void *b)
{
	const int *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* One by one where close_range(2) (Linux 5.9) is missing. */
static int close_between(unsigned int first, unsigned int last)
{
	if (first > last || syscall(SYS_close_range, first, last, 0) == 0)
		return 0;
	if (errno != ENOSYS && errno != EPERM)
		return -errno;
	for (long fd = first; fd <= (long) last && fd < sysconf(_SC_OPEN_MAX); fd++)
		(void) close((int) fd);
	return 0;
}

int unr_sandbox_close_others(const int *keep, size_t n_keep, struct unr_error *err)
{
	unr_autofree int *sorted = calloc(n_keep + 1, sizeof(*sorted));
	unsigned int next = 0;
	int r = 0;

	if (sorted == NULL)
		return unr_fail_memory(err);
	if (n_keep > 0)
		memcpy(sorted, keep, n_keep * sizeof(*sorted));
	sorted[n_keep] = STDERR_FILENO;
	qsort(sorted, n_keep + 1, sizeof(*sorted), compare_ints);
	for (size_t i = 0; i < n_keep + 1 && r == 0; i++) {
		if (sorted[i] < 0 || (unsigned int) sorted[i] < next)
			continue;
		if (sorted[i] > 0)
			r = close_between(next, (unsigned int) sorted[i] - 1);
		next = (unsigned int) sorted[i] + 1;
	}
	if (r == 0)
		r = close_between(next, UINT32_MAX);
	if (r < 0)
		return unr_fail(err, UNR_ERROR_FAILED, r, "close_range: %s", strerror(-r));
	return 0;
}

/*
 * 65534 is who owns nothing, by convention (kernel.overflowuid).  Before the
 * capabilities go: they are what setgroups(2) and setresuid(2) take.
 */
int unr_sandbox_become_nobody(struct unr_error *err)
{
	if (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
	    setresuid(NOBODY, NOBODY, NOBODY) < 0)
		return unr_fail_errno(err, "become nobody");
	return 0;
}

int unr_sandbox_seem_nobody(bool on)
{
	int r;

	if (on)
		r = setegid(NOBODY) < 0 || seteuid(NOBODY) < 0 ? -errno : 0;
	else
		r = seteuid(getuid()) < 0 || setegid(getgid()) < 0 ? -errno : 0;
	return r;
}

int unr_sandbox_give_up(struct unr_error *err)
{
	__attribute__((cleanup(cap_cleaner))) cap_t caps = cap_init();

	if (caps == NULL)
		return unr_fail_memory(err);
	/* So that no program that is run gets them back: capabilities(7). */
	if (no_new_privileges(err) < 0)
		return err->code;
	if (cap_reset_ambient() < 0 && errno != EINVAL && errno != ENOSYS)
		return unr_fail_errno(err, "clear the ambient capabilities");
	if (cap_set_proc(caps) < 0)
		return unr_fail_errno(err, "give up capabilities");
	return 0;
}
