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

/* Where the container's tree is; the digits of its directory are random. */
#define CONTAINER_ROOTS                                                                            \
	{                                                                                          \
		[UNR_DRIVER_OVERLAY2] = "/var/lib/docker/100000.100000/overlay2/N/merged",         \
		[UNR_DRIVER_VFS] = "/var/lib/docker/100000.100000/vfs/dir/N",                      \
	}

#define DAEMON "docker: Error response from daemon: "

/* docker 20.10.5 and runc 1.0: libcontainer/user before it knew comments in /etc/group. */
static const struct unr_user_rules plain_groups = {
	.group_line_max = 64 << 10,
	.keeps_group_spaces = true,
	.no_group = "Unable to find group %s",
	.group_fault = "Unable to find additional groups",
};

static const struct unr_user_rules any_ids = {
	.no_group = "Unable to find group %s: no matching entries in group file",
	.group_fault = "Unable to find additional groups",
};

static const struct unr_user_rules bounded_ids = {
	.group_line_max = 1 << 20,
	.bounds_ids = true,
	.regular_files_only = true,
	.takes_twice = true,
	.no_group = "unable to find group %s: no matching entries in group file",
	.group_fault = "unable to find additional groups",
};

#define RUNC_1_0                                                                                   \
	"OCI runtime create failed: container_linux.go:380: starting container process caused: "
#define RUNC_1_1                                                                                   \
	"failed to create shim task: OCI runtime create failed: runc create failed: "              \
	"unable to start container process: "
#define TASK "failed to create task for container: "

/* The number of the line is runc 1.0.2's, with which 20.10.9 came. */
static const struct unr_start start_20_10_9 = {
	.client = DAEMON,
	.prepares_tree = true,
	.words = RUNC_1_0 "setup user: %s: unknown",
	.rules = &plain_groups,
	.looks_up = &plain_groups,
	.checks_map = true,
	.faults = { "%s", "%s", "%s" },
	.root = CONTAINER_ROOTS,
};

static const struct unr_start start_20_10 = {
	.client = DAEMON,
	.prepares_tree = true,
	.words = RUNC_1_1 "unable to setup user: %s: unknown",
	.rules = &any_ids,
	.looks_up = &any_ids,
	.adds_primary_group = true,
	.checks_map = true,
	.faults = { "setgroups: %s", "%s", "%s" },
	.root = CONTAINER_ROOTS,
};

static const struct unr_start start_24_0 = {
	.client = DAEMON,
	.prepares_tree = true,
	.words = TASK RUNC_1_1 "unable to setup user: %s: unknown",
	.rules = &any_ids,
	.looks_up = &any_ids,
	.adds_primary_group = true,
	.checks_map = true,
	.faults = { "setgroups: %s", "%s", "%s" },
	.root = CONTAINER_ROOTS,
};

/* daemon/errors.go takes it for a command that is a directory. */
static const struct unr_start start_25_0 = {
	.client = DAEMON,
	.prepares_tree = true,
	.words = TASK RUNC_1_1 "unable to setup user: %s: unknown",
	.rules = &any_ids,
	.looks_up = &any_ids,
	.adds_primary_group = true,
	.denies_directories = true,
	.checks_map = true,
	.faults = { "setgroups: %s", "%s", "%s" },
	.root = CONTAINER_ROOTS,
};

/* runc 1.3 reads no files and compares with no map: the kernel's answers are its own. */
static const struct unr_start start_29_7 = {
	.client = DAEMON,
	.prepares_tree = true,
	.words = TASK RUNC_1_1 "error during container init: unable to setup user: %s",
	.rules = &bounded_ids,
	.adds_primary_group = true,
	.faults = { "setgroups: %s", "%1$.0scannot setgid to unmapped gid %2$u in user namespace",
		    "%1$.0scannot setuid to unmapped uid %2$u in user namespace" },
	.root = CONTAINER_ROOTS,
};

/* Without a namespace of its own for the container runc has no map to compare with. */
static const struct unr_start start_rootless = {
	.client = DAEMON,
	.prepares_tree = true,
	.words = RUNC_1_1 "unable to setup user: %s: unknown",
	.rules = &any_ids,
	.looks_up = &any_ids,
	.adds_primary_group = true,
	.faults = { "setgroups: %s", "%s", "%s" },
	.root = CONTAINER_ROOTS,
};

/* ctr 1.6 with runc 1.1; names that are missing it tells in other words. */
static const struct unr_start start_containerd = {
	.client = "",
	.words = RUNC_1_1 "unable to setup user: %s: unknown",
	.rules = &any_ids,
	.looks_up = &any_ids,
	.adds_primary_group = true,
	.faults = { "setgroups: %s", "%s", "%s" },
	.root = { [UNR_DRIVER_OVERLAY2] = MOUNT, [UNR_DRIVER_VFS] = MOUNT },
};

static const struct unr_user_rules podman_ids = {
	.no_group = "looking up supplemental groups for container N: "
		    "Unable to find group %s: no matching entries in group file",
	.group_fault = "looking up supplemental groups for container N: "
		       "Unable to find additional groups",
};

/* podman 4.3 with crun 1.8. */
static const struct unr_start start_podman = {
	.client = "",
	.words = "OCI runtime error: crun: %s",
	.rules = &podman_ids,
	.adds_primary_group = true,
	.needs_a_name = true,
	.leaves_out_groups = true,
	.libc_words = true,
	.faults = { "setgroups: %s", "cannot setresgid to %2$u: %1$s",
		    "cannot setresuid to %2$u: %1$s" },
	.root = { [UNR_DRIVER_OVERLAY2] = "", [UNR_DRIVER_VFS] = "" },
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
	{ .name = "docker-20.10",
	  .id_message = ID_MESSAGE,
	  .wrapper = CHILD_WRAPPERS,
	  .system_words = unr_system_words_20_10,
	  .start = &start_20_10 },
	{ .name = "docker-20.10.9",
	  .id_message = ID_MESSAGE,
	  .wrapper = CHILD_WRAPPERS,
	  .any_header_size = true,
	  .older_times = true,
	  .system_words = unr_system_words_20_10,
	  .start = &start_20_10_9 },
	{ .name = "docker-23.0",
	  .id_message = ID_MESSAGE,
	  .wrapper = CHILD_WRAPPERS,
	  .zstd = true,
	  .maps_bare_parents = true,
	  .tells_lchown = true,
	  .system_words = unr_system_words_23_0,
	  .start = &start_20_10 },
	{ .name = "docker-24.0",
	  .id_message = ID_MESSAGE,
	  .zstd = true,
	  .maps_bare_parents = true,
	  .tells_lchown = true,
	  .system_words = unr_system_words_23_0,
	  .start = &start_24_0 },
	{ .name = "docker-25.0",
	  .id_message = ID_MESSAGE,
	  .zstd = true,
	  .checks_global = true,
	  .empty_xattrs = true,
	  .maps_bare_parents = true,
	  .tells_lchown = true,
	  .refuses_unsupported = true,
	  .xattr_words = UNR_XATTR_NAME_PATH,
	  .newer_names = true,
	  .newer_types = true,
	  .system_words = unr_system_words_23_0,
	  .start = &start_25_0 },
	{ .name = "docker-28.1",
	  .id_message = LOWER_ID_MESSAGE,
	  .zstd = true,
	  .checks_global = true,
	  .empty_xattrs = true,
	  .maps_bare_parents = true,
	  .tells_lchown = true,
	  .refuses_unsupported = true,
	  .xattr_words = UNR_XATTR_PATH_NAME,
	  .bounds_times = true,
	  .newer_names = true,
	  .newer_types = true,
	  .system_words = unr_system_words_23_0,
	  .start = &start_25_0 },
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
	  .rooted = true,
	  .newer_names = true,
	  .newer_types = true,
	  .system_words = unr_system_words_23_0,
	  .start = &start_29_7 },
	{ .name = "docker-rootless-20.10",
	  .wrapper = NAIVE_WRAPPERS,
	  .rootless = &docker_rootless,
	  .system_words = unr_system_words_20_10,
	  .start = &start_rootless },
	{ .name = "docker-rootless-23.0",
	  .wrapper = NAIVE_WRAPPERS,
	  .zstd = true,
	  .maps_bare_parents = true,
	  .rootless = &docker_rootless_23,
	  .system_words = unr_system_words_23_0,
	  .start = &start_rootless },
	{ .name = "containerd-rootless",
	  .zstd = true,
	  .rootless = &containerd_rootless,
	  .start = &start_containerd },
	{ .name = "podman-rootless",
	  .wrapper = { [UNR_DRIVER_OVERLAY2] = "processing tar file(%2$s%3$s): %1$s",
		       [UNR_DRIVER_VFS] = "ApplyLayer stdout: %2$s stderr: %3$s %1$s" },
	  .zstd = true,
	  .rootless = &podman_rootless,
	  .start = &start_podman },
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

bool unr_engine_is_dockerd(const struct unr_engine *engine)
{
	return engine->rootless == NULL || engine->rootless->around == NULL;
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
