/* SPDX-License-Identifier: MIT */
/*
 * The child's side of a run: what it is told, and its main function.  Inside
 * run/ only.
 */
#ifndef UNR_RUN_JOB_H
#define UNR_RUN_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"
#include "image/blob.h"
#include "image/input.h"
#include "run/lines.h"
#include "tar/tar.h"
#include "unpack/ledger.h"
#include "userns/mounter.h"
#include "userns/switcher.h"
#include "usernsrepro/image.h"
#include "usernsrepro/limits.h"

/* What is told of progress comes at most this often, as docker's (moby pkg/progress). */
#define UNR_PROGRESS_MS 100

/* Processes that keep what the child has given up. */
struct unr_helpers {
	struct unr_switcher switcher; /* owned */
	struct unr_mounter mounter;   /* owned; none where the tree has the engine's own marks */
};

struct unr_job {
	struct unr_image_input *input; /* borrowed; opened by the parent */
	const struct unr_engine *engine;
	enum unr_driver driver;
	const struct unr_idmaps *maps; /* what the engine computes with */
	enum unr_way way;
	bool way_given;            /* else it follows from the image's transport */
	bool verify;               /* compare diffIDs */
	bool keep;                 /* the tree goes into the working directory, with contents */
	bool for_shell;            /* see struct unr_plan */
	bool privileged;           /* the parent does what only the host's root can */
	struct unr_limits limits;  /* of this process and its workers */
	struct unr_ledger ledger;  /* owned; of a kept tree of vfs */
	const char *user;          /* in place of the image's; NULL: that */
	const char *const *groups; /* borrowed; more of them for the container's process */
	size_t n_groups;
	struct unr_helpers helpers; /* owned; whom workers do not reach */
	int opaque_fd;              /* owned; see unpack/opaque.h */
	int alive_fd;               /* held open as long as anything writes; -EBADF: no need */
	const struct unr_line_ends *ends; /* borrowed; of the workers' lines */
	bool stop_at_first;
};

/** unr_job_is_mountable() - is the tree for overlayfs in this namespace, not the engine's own? */
static inline bool unr_job_is_mountable(const struct unr_job *job)
{
	return !job->keep || job->for_shell;
}

/** unr_job_main() - unr_child_fn over a struct unr_job: load, extract each layer, tell the parent. */
int unr_job_main(void *argument, int socket);

/**
 * unr_job_causes() - once all layers are extracted: tell the causes of their failures
 * @blobs: of all layers; without a descriptor where a layer was not reached
 */
UNR_MUST_CHECK int unr_job_causes(const struct unr_job *job, const struct unr_image *image,
				  const struct unr_blob *blobs, int socket, struct unr_error *err);

/** unr_job_tar() - a reader with the engine's rules over @source; 0 or -ENOMEM */
UNR_MUST_CHECK int unr_job_tar(const struct unr_job *job, const struct unr_tar_source *source,
			       struct unr_tar **ret);

/* How the process of a layer ends. */
enum unr_layer_status {
	UNR_LAYER_WHOLE,
	UNR_LAYER_STOPPED, /* the engine stops in it */
	UNR_LAYER_FAILED,  /* the work could not be done; it has told why */
};

/** unr_layer_prepare() - make the directory for a layer's tree; 0, or a negative errno with @err. */
UNR_MUST_CHECK int unr_layer_prepare(const struct unr_job *job, uint32_t index,
				     struct unr_error *err);

/**
 * unr_layer_main() - all that a layer's own process does
 * @index:  of the layer; its tree is the directory of that name in the root, for vfs "rootfs"
 * @socket: frames go there, the last says how it went
 *
 * Return: the exit status, enum unr_layer_status.
 */
int unr_layer_main(const struct unr_job *job, const struct unr_image *image,
		   const struct unr_blob *blob, uint32_t index, int socket);

/**
 * unr_job_start() - the start of the container, behind all layers
 * @helpers: mount the tree to look at, and try what is found out
 *
 * One frame goes to @socket.  Return: 0, or a negative errno with @err.
 */
UNR_MUST_CHECK int unr_job_start(const struct unr_job *job, const struct unr_image *image,
				 const struct unr_helpers *helpers, int socket,
				 struct unr_error *err);

#endif
