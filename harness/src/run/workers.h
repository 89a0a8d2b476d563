/* SPDX-License-Identifier: MIT */
/*
 * The child's workers: processes that extract a layer each, as many at a time as
 * there are lines to the parent.  Inside run/ only; does not look into a layer.
 */
#ifndef UNR_RUN_WORKERS_H
#define UNR_RUN_WORKERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "run/job.h"

struct unr_worker {
	pid_t pid; /* 0: its line is free */
	uint32_t layer;
};

struct unr_workers {
	const struct unr_job *job;     /* borrowed */
	const struct unr_image *image; /* borrowed */
	int socket;                    /* borrowed; the child's own line */
	struct unr_worker of[UNR_LINES_MAX];
	size_t n_running;
	bool stopped; /* the engine stops in a layer that has ended */
};

/**
 * unr_workers_start() - extract one layer in a process of its own, once a line is free
 * @index: of the layer; see unr_layer_main()
 *
 * Return: 0, or a negative errno with @err, also of a layer that ended meanwhile.
 */
UNR_MUST_CHECK int unr_workers_start(struct unr_workers *workers, const struct unr_blob *blob,
				     uint32_t index, struct unr_error *err);

/** unr_workers_wait() - until at most @n are at work; 0, or the error of one that ended. */
UNR_MUST_CHECK int unr_workers_wait(struct unr_workers *workers, size_t n, struct unr_error *err);

#endif
