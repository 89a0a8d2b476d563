/* SPDX-License-Identifier: MIT */
/* Overlay mounts: see overlay.h. */
#include "userns/overlay.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

/* OVL_MAX_STACK, fs/overlayfs/ovl_entry.h. */
#define LAYERS_MAX 500

/* mount(2) takes a page of options, which 500 such names do not fill. */
#define OPTIONS_SIZE 4096

int unr_overlay_mount(const struct unr_overlay *overlay, const char *target)
{
	char options[OPTIONS_SIZE] = "userxattr,lowerdir=";
	unsigned long flags = overlay->upper == NULL ? MS_RDONLY : 0;
	size_t used;

	if (overlay->n_layers > LAYERS_MAX)
		return -E2BIG;
	/* Names relative to the working directory: with long ones the page would be too short. */
	used = strlen(options);
	for (uint32_t i = overlay->n_layers; i-- > 0;)
		used += (size_t) snprintf(options + used, sizeof(options) - used, "%u%s", i,
					  i == 0 ? "" : ":");
	/* Volatile: else the whole file system below would be synced when the mount goes. */
	if (overlay->upper != NULL)
		(void) snprintf(options + used, sizeof(options) - used,
				",upperdir=%s,workdir=%s,volatile", overlay->upper, overlay->work);
	return mount("overlay", target, "overlay", flags, options) < 0 ? -errno : 0;
}

/* What a volatile mount leaves there, so that nobody takes what is above it for whole. */
static void clear_work(void)
{
	static const char *const left[] = { "work/work/incompat/volatile/dirty",
					    "work/work/incompat/volatile", "work/work/incompat",
					    "work/work" };

	for (size_t i = 0; i < UNR_COUNT(left); i++)
		(void) remove(left[i]);
}

/* The marks that an extraction leaves for overlayfs. */
static int try_marks(void)
{
	if (setxattr("0", "user.overlay.opaque", "y", 1, 0) < 0 ||
	    mknod("0/gone", S_IFCHR, 0) < 0 || unlink("0/gone") < 0)
		return -errno;
	return 0;
}

int unr_overlay_try(void)
{
	static const char *const directories[] = { "0", "upper", "work", "merged" };
	const struct unr_overlay overlay = { .n_layers = 1, .upper = "upper", .work = "work" };
	int r = 0;

	for (size_t i = 0; i < UNR_COUNT(directories) && r == 0; i++)
		if (mkdir(directories[i], 0755) < 0)
			r = -errno;
	if (r == 0)
		r = try_marks();
	if (r == 0)
		r = unr_overlay_mount(&overlay, "merged");
	if (r == 0 && umount2("merged", 0) < 0)
		r = -errno;
	clear_work();
	for (size_t i = 0; i < UNR_COUNT(directories); i++)
		if (rmdir(directories[i]) < 0 && r == 0)
			r = -errno;
	return r;
}
