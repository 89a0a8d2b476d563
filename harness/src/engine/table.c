/* SPDX-License-Identifier: MIT */
/*
 * The engine table: one row a line of versions.  A version that differs gets a
 * row or a field here, not an `if` in the extractor.
 */
#include <errno.h>
#include <string.h>

#include "engine/engine.h"

/* Up to 23.0 the extractor is a child (pkg/chrootarchive/archive_unix.go, diff_unix.go). */
#define CHILD_WRAPPERS                                                                             \
	{                                                                                          \
		[UNR_DRIVER_OVERLAY2] = "Error processing tar file(%s): %s%s",                     \
		[UNR_DRIVER_VFS] = "ApplyLayer %s stdout: %s stderr: %s",                          \
	}

/* The driver makes no difference: see docker_rootless. */
#define NAIVE_WRAPPERS                                                                             \
	{                                                                                          \
		[UNR_DRIVER_OVERLAY2] = "ApplyLayer %s stdout: %s stderr: %s",                     \
		[UNR_DRIVER_VFS] = "ApplyLayer %s stdout: %s stderr: %s",                          \
	}

#define MORE_IDS "try increasing the number of subordinate IDs in /etc/subuid and /etc/subgid"

/* In a user namespace dockerd's overlay2 does without its own diff and extracts as vfs does. */
static const struct unr_rootless docker_rootless = {
	.owner_words = "%c %p: %e",
	.naive_diff = true,
};

static const struct unr_rootless docker_rootless_23 = {
	.owner_words = "failed to Lchown %q for UID %u, GID %g (" MORE_IDS "): lchown %p: %e",
	.naive_diff = true,
};

/* containerd extracts below a mount point of its own; the digits of its name are random. */
#define MOUNT "/tmp/containerd-mountN"

static const struct unr_rootless containerd_rootless = {
	.owner_words = "failed to Lchown %q for UID %u, GID %g: lchown %p: %e (Hint: " MORE_IDS ")",
	.root = MOUNT,
	.around = "failed to extract layer %s: mount callback failed on " MOUNT ": %s: unknown",
	.names_diff_id = true,
	.naive_diff = true,
	.keeps_root = true,
	.takes_duplicates = true,
};

static const struct unr_rootless podman_rootless = {
	.owner_words = "potentially insufficient UIDs or GIDs available in user namespace "
		       "(requested %u:%g for %p): Check /etc/subuid and /etc/subgid if configured "
		       "locally and run podman-system-migrate: %c %p: %e",
	.around = "writing blob: adding layer with blob \"%s\": %s",
	.xattr_op = "lsetxattr",
};

#define ID_MESSAGE "Container ID %lld cannot be mapped to a host ID" /* pkg/idtools/idtools.go */
#define LOWER_ID_MESSAGE "container ID %lld cannot be mapped to a host ID" /* moby/sys/user */

/*
 * docker-20.10 is 20.10.14 and later (runc 1.1), docker-20.10.9 the earlier ones
 * (runc 1.0, go1.16); but for one rule of Go's they extract alike, and differ in the words
 * at the container's start.
 * docker-25.0 is 25.0 to 27.x, docker-28.1 is 28.1 to 29.6, docker-29.7 and later have
 * go-archive 0.3.  docs/dockerd-extraction.md says how each rule is known.
 */
static const struct unr_engine ENGINES[] = {
	{ .name = "docker-20.10", .id_message = ID_MESSAGE, .wrapper = CHILD_WRAPPERS },
	{ .name = "docker-20.10.9",
	  .id_message = ID_MESSAGE,
	  .wrapper = CHILD_WRAPPERS,
	  .any_header_size = true },
	{ .name = "docker-23.0",
	  .id_message = ID_MESSAGE,
	  .wrapper = CHILD_WRAPPERS,
	  .zstd = true,
	  .maps_bare_parents = true,
	  .tells_lchown = true },
	{ .name = "docker-24.0",
	  .id_message = ID_MESSAGE,
	  .zstd = true,
	  .maps_bare_parents = true,
	  .tells_lchown = true },
	{ .name = "docker-25.0",
	  .id_message = ID_MESSAGE,
	  .zstd = true,
	  .checks_global = true,
	  .empty_xattrs = true,
	  .maps_bare_parents = true,
	  .tells_lchown = true,
	  .refuses_unsupported = true,
	  .xattr_words = UNR_XATTR_NAME_PATH },
	{ .name = "docker-28.1",
	  .id_message = LOWER_ID_MESSAGE,
	  .zstd = true,
	  .checks_global = true,
	  .empty_xattrs = true,
	  .maps_bare_parents = true,
	  .tells_lchown = true,
	  .refuses_unsupported = true,
	  .xattr_words = UNR_XATTR_PATH_NAME,
	  .bounds_times = true },
	{ .name = "docker-29.7",
	  .id_message = LOWER_ID_MESSAGE,
	  .zstd = true,
	  .checks_global = true,
	  .empty_xattrs = true,
	  .limits_sparse_maps = true,
	  .maps_bare_parents = true,
	  .tells_lchown = true,
	  .refuses_unsupported = true,
	  .xattr_words = UNR_XATTR_PATH_NAME,
	  .bounds_times = true,
	  .rooted = true },
	{ .name = "docker-rootless-20.10",
	  .wrapper = NAIVE_WRAPPERS,
	  .rootless = &docker_rootless },
	{ .name = "docker-rootless-23.0",
	  .wrapper = NAIVE_WRAPPERS,
	  .zstd = true,
	  .maps_bare_parents = true,
	  .rootless = &docker_rootless_23 },
	{ .name = "containerd-rootless", .zstd = true, .rootless = &containerd_rootless },
	{ .name = "podman-rootless",
	  .wrapper = { [UNR_DRIVER_OVERLAY2] = "processing tar file(%2$s%3$s): %1$s",
		       [UNR_DRIVER_VFS] = "ApplyLayer stdout: %2$s stderr: %3$s %1$s" },
	  .zstd = true,
	  .rootless = &podman_rootless },
};

static const char *const DRIVERS[UNR_DRIVER_COUNT_] = {
	[UNR_DRIVER_OVERLAY2] = "overlay2",
	[UNR_DRIVER_VFS] = "vfs",
};

int unr_driver_from_name(const char *name)
{
	for (int i = 0; i < UNR_DRIVER_COUNT_; i++)
		if (strcmp(DRIVERS[i], name) == 0)
			return i;
	return -ENOENT;
}

const char *unr_driver_name(enum unr_driver driver)
{
	return DRIVERS[driver];
}

void unr_driver_list(struct unr_text *text)
{
	for (int i = 0; i < UNR_DRIVER_COUNT_; i++)
		unr_text_printf(text, "%s%s", i == 0 ? "" : ", ", DRIVERS[i]);
}

bool unr_engine_in_process(const struct unr_engine *engine)
{
	return engine->wrapper[UNR_DRIVER_OVERLAY2] == NULL && engine->rootless == NULL;
}

enum unr_driver unr_engine_steps(const struct unr_engine *engine, enum unr_driver driver)
{
	if (engine->rootless != NULL && engine->rootless->naive_diff)
		return UNR_DRIVER_VFS;
	return driver;
}

const struct unr_engine *unr_engine_find(const char *name)
{
	for (size_t i = 0; i < UNR_COUNT(ENGINES); i++)
		if (strcmp(ENGINES[i].name, name) == 0)
			return &ENGINES[i];
	return NULL;
}

void unr_engine_list(struct unr_text *text)
{
	for (size_t i = 0; i < UNR_COUNT(ENGINES); i++)
		unr_text_printf(text, "%s%s", i == 0 ? "" : ", ", ENGINES[i].name);
}
