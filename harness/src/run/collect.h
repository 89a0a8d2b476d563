/* SPDX-License-Identifier: MIT */
/*
 * The parent's side of a run: frames from the child become the result.  Inside
 * run/ only.  It believes nothing that it cannot check: the child reads hostile
 * bytes.
 */
#ifndef UNR_RUN_COLLECT_H
#define UNR_RUN_COLLECT_H

#include "engine/engine.h"
#include "fetch/fetch.h"
#include "image/input.h"
#include "run/lines.h"
#include "run/protocol.h"
#include "userns/broker.h"
#include "usernsrepro/run.h"

struct unr_guest;

struct unr_collector {
	const struct unr_run_options *options;
	const struct unr_engine *engine;
	enum unr_driver driver;
	const struct unr_image_input *input; /* whose files are served */
	struct unr_broker broker;            /* for a kept tree */
	struct unr_fetcher *fetcher;         /* borrowed; who tells of downloads */
	struct unr_lines lines;              /* owned; to the child and its workers */
	int from;                            /* whose frame it is: answers go there */
	struct unr_result *result;           /* filled in */
	const struct unr_guest *guest;       /* borrowed; who stays in the tree; NULL: nobody */
	struct unr_layer_end end; /* owned; of the lowest layer in which the engine stops */
	struct unr_error failed;  /* of the lowest layer that could not be extracted... */
	uint32_t failed_layer;    /* ...which is this */
	bool differs;             /* some diffID is not the config's... */
	uint32_t differs_layer;   /* ...that of this layer, the lowest */
	bool has_image, done;
	bool has_failures; /* the child got them... */
	uint64_t causes;   /* ...and has told the causes of so many */
	uint64_t failures; /* findings that the engine refuses, so far */
	enum unr_way way;
	enum unr_layer_state *states; /* owned; what was told last of each layer */
};

/**
 * unr_collect() - take frames until the child is done
 *
 * Return: 0 when the child said DONE, its own error or that of a layer, or
 *   -EPIPE   it ended before; the caller finds out why
 *   -ETIME   it took longer than it may
 *   -EPROTO  it said something that makes no sense
 *   -ENOMEM, -errno of the socket
 */
UNR_MUST_CHECK int unr_collect(struct unr_collector *collector, struct unr_error *err);

/** unr_collect_tell() - to whoever wants to know; what the event leaves out is filled in */
void unr_collect_tell(struct unr_collector *collector, struct unr_progress *event);

/** unr_collect_verdict() - what the engine says of it all, into the result; 0 or -ENOMEM. */
UNR_MUST_CHECK int unr_collect_verdict(struct unr_collector *collector, struct unr_error *err);

void unr_collector_done(struct unr_collector *collector);

#endif
