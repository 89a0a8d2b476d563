/* SPDX-License-Identifier: MIT */
/*
 * The layers' trees seen as the one that a container has: one that is mounted, or
 * without a mount by overlayfs' rules (Documentation/filesystems/overlayfs.rst),
 * where the few paths that are asked for are looked up layer by layer, on any
 * kernel and for any number of layers.  Links are followed as dockerd does it (moby/sys/symlink,
 * FollowSymlinkInScope) and never by the kernel, so none leads out.
 */
#ifndef UNR_USER_VIEW_H
#define UNR_USER_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "usernsrepro/error.h"

struct unr_view {
	const char *tree;  /* the one there is, without marks; NULL: layers with marks */
	uint32_t n_layers; /* directories "0" (the bottom), "1", ... of the working directory */
	bool is_prepared;  /* by dockerd, for its mounts: see prepare() in view.c */
	const char *root;  /* how messages call the container's root directory */
	const uint64_t *opaque; /* borrowed; inodes of directories that hide what is below */
	size_t n_opaque;
};

/* What a path leads to. */
struct unr_view_file {
	int fd;                /* owned; for reading; -EBADF: there is nothing that can be opened */
	struct unr_text shown; /* the path behind all links, below @root */
};

void unr_view_file_done(struct unr_view_file *file);
DEFINE_UNR_CLEANUP(struct unr_view_file, unr_view_file_done);

/* Who follows the links. */
enum unr_view_way {
	UNR_VIEW_ENGINE, /* dockerd, from outside: names that are missing do not stop it */
	UNR_VIEW_KERNEL, /* open(2) of a process inside: whatever stops it, there is no file */
};

/**
 * unr_view_open() - what @path leads to
 * @path:    absolute
 * @refusal: empty; the engine's sentence where it cannot follow the path
 *
 * Return: 0, also with a refusal or without a file, or -ENOMEM, or -ENODEV for a device or FIFO,
 * whose opening would have no end or no meaning here, with @err.
 */
UNR_MUST_CHECK int unr_view_open(const struct unr_view *view, enum unr_view_way way,
				 const char *path, struct unr_view_file *ret,
				 struct unr_text *refusal, struct unr_error *err);

#endif
