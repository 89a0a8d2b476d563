/* SPDX-License-Identifier: MIT */
/* A run without an image: see trial.h. */
#include "doctor/trial.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "userns/filter.h"
#include "userns/namespace.h"
#include "userns/refused.h"
#include "userns/sandbox.h"

/* What the child is told. */
struct task {
	uint32_t last[UNR_ID_KIND_COUNT_]; /* the last inside id of each map */
};

static int enter_tmpfs(const struct task *task, struct unr_error *err)
{
	(void) task;
	return unr_sandbox_enter(UNR_SANDBOX_TMPFS, UINT64_MAX, err);
}

static int try_chown(const struct task *task, struct unr_error *err)
{
	unr_autoclose int fd = open("/file", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0)
		return unr_userns_refused(err, "create a file");
	if (fchown(fd, task->last[UNR_UID], task->last[UNR_GID]) < 0)
		return unr_userns_refused(err, "change an owner");
	return 0;
}

static int mount_overlay(const struct task *task, struct unr_error *err)
{
	static const char *const directories[] = { "/lower", "/upper", "/work", "/merged" };

	(void) task;
	for (size_t i = 0; i < UNR_COUNT(directories); i++)
		if (mkdir(directories[i], 0755) < 0)
			return unr_userns_refused(err, "create a directory");
	/* userxattr: trusted.* is not for a user namespace, see overlayfs.rst of the kernel. */
	if (mount("overlay", "/merged", "overlay", 0,
		  "lowerdir=/lower,upperdir=/upper,workdir=/work,userxattr") < 0)
		return unr_userns_overlay_refused(err);
	return umount2("/merged", MNT_DETACH) < 0 ? unr_fail_errno(err, "umount an overlay") : 0;
}

static int give_up_powers(const struct task *task, struct unr_error *err)
{
	(void) task;
	if (unr_sandbox_restrict(err) < 0)
		return err->code;
	return unr_filter_enter(err);
}

/* Those after START, which is the parent's; and whether the ones behind need it. */
static const struct {
	int (*act)(const struct task *task, struct unr_error *err);
	bool is_needed;
} steps[UNR_TRIAL_STEP_COUNT_] = {
	[UNR_TRIAL_TMPFS] = { enter_tmpfs, true },
	[UNR_TRIAL_CHOWN] = { try_chown, false },
	[UNR_TRIAL_OVERLAY] = { mount_overlay, false },
	[UNR_TRIAL_SANDBOX] = { give_up_powers, true },
};

/* The child: an error a step over the socket. */
static int go_through_steps(void *argument, int socket)
{
	const struct task *task = argument;
	struct unr_error err = { 0 };

	for (size_t i = UNR_TRIAL_START + 1; i < UNR_TRIAL_STEP_COUNT_; i++) {
		struct unr_error mine = { 0 };

		if (err.kind == UNR_ERROR_NONE && steps[i].act(task, &mine) < 0 &&
		    steps[i].is_needed)
			err = mine;
		if (err.kind != UNR_ERROR_NONE)
			mine = err;
		if (unr_write_full(socket, &mine, sizeof(mine)) < 0)
			return 1;
	}
	return 0;
}

static uint32_t last_inside(const struct unr_idmap *map)
{
	uint32_t last = 0;

	for (size_t i = 0; i < map->n_ranges; i++) {
		uint32_t end = map->ranges[i].inside + (map->ranges[i].count - 1);

		last = end > last ? end : last;
	}
	return last;
}

static int start(const struct unr_idmaps *wanted, struct task *task, struct unr_trial *trial,
		 struct unr_child *child)
{
	struct unr_error *err = &trial->steps[UNR_TRIAL_START];
	int r = unr_map_choose(wanted, &trial->choice, err);

	if (r < 0)
		return r;
	for (size_t kind = 0; kind < UNR_ID_KIND_COUNT_; kind++)
		task->last[kind] = last_inside(&trial->choice.maps.of[kind]);
	return unr_child_start(&trial->choice, go_through_steps, task, child, err);
}

void unr_trial_done(struct unr_trial *trial)
{
	unr_map_choice_done(&trial->choice);
}

void unr_trial_make(const struct unr_idmaps *wanted, struct unr_trial *ret)
{
	struct unr_child child = { .socket = -EBADF };
	struct task task = { 0 };
	bool started = start(wanted, &task, ret, &child) == 0;

	for (size_t i = UNR_TRIAL_START + 1; i < UNR_TRIAL_STEP_COUNT_; i++) {
		struct unr_error *err = &ret->steps[i];

		if (!started)
			*err = ret->steps[UNR_TRIAL_START];
		else if (unr_read_full(child.socket, err, sizeof(*err)) != (ssize_t) sizeof(*err))
			(void) unr_fail(err, UNR_ERROR_FAILED, -EIO,
					"the process that tries it ended early");
	}
	unr_child_stop(&child);
}
