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
#include "unpack/ledger.h"
#include "usernsrepro/image.h"

struct unr_job {
	struct unr_image_input *input; /* borrowed; opened by the parent */
	const struct unr_engine *engine;
	enum unr_driver driver;
	const struct unr_idmaps *maps; /* what the engine computes with */
	enum unr_way way;
	bool way_given;           /* else it follows from the image's transport */
	bool verify;              /* compare diffIDs */
	bool keep;                /* the tree goes into the working directory, with contents */
	bool privileged;          /* the parent does what only the host's root can */
	struct unr_ledger ledger; /* owned; of a kept tree of vfs */
	int alive_fd;             /* held open as long as anything writes; -EBADF: no need */
	bool stop_at_first;
};

/** unr_job_main() - unr_child_fn over a struct unr_job: load, extract each layer, tell the parent. */
int unr_job_main(void *argument, int socket);

/**
 * unr_job_layer() - extract one layer in a process of its own
 * @index: of the layer; its tree is the directory of that name in the root, for vfs "rootfs"
 * @ret_stopped: did the engine stop in it?
 *
 * Frames go to @socket.  Return: 0, or a negative errno with @err.
 */
UNR_MUST_CHECK int unr_job_layer(const struct unr_job *job, const struct unr_image *image,
				 const struct unr_blob *blob, uint32_t index, int socket,
				 bool *ret_stopped, struct unr_error *err);

#endif
