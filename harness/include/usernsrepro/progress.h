/* SPDX-License-Identifier: MIT */
/* How far a run is, layer by layer, as it is told while the run goes on. */
#ifndef USERNSREPRO_PROGRESS_H
#define USERNSREPRO_PROGRESS_H

#include <stdint.h>
#include <time.h>

#include "usernsrepro/image.h"

/*
 * Where a layer is on its way, in the order of docker's statuses.  What is there already is not
 * downloaded, and no state but the first and the last two is sure to be told.
 */
enum unr_layer_state {
	UNR_LAYER_KNOWN, /* told of all layers, bottom up, before anything else */
	UNR_LAYER_WAITING,
	UNR_LAYER_DOWNLOADING,
	UNR_LAYER_VERIFYING,
	UNR_LAYER_DOWNLOADED,
	UNR_LAYER_EXTRACTING,
	UNR_LAYER_COMPLETE,
	UNR_LAYER_REFUSED, /* extracted as far as it goes, but the engine stops in it */
	UNR_LAYER_STATE_COUNT_
};

/*
 * One event.  Layers may be in the same state side by side, and end in any order.
 *
 * Before anything is known of the image, what can be read but once, or is compressed as a whole,
 * is copied into a temporary file; if that takes a while, bytes are those that are in it.
 */
struct unr_progress {
	const struct unr_image *image; /* borrowed; NULL: it is still being copied */
	uint32_t layer;
	enum unr_layer_state state;
	uint64_t bytes;       /* of the stored blob: downloaded, or read so far */
	uint64_t entries;     /* of the layer's tar, so far */
	uint64_t failures;    /* of them, those that the engine refuses */
	const char *message;  /* of REFUSED: what the engine's client prints; borrowed */
	struct timespec when; /* CLOCK_REALTIME */
};

#endif
