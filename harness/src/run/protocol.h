/* SPDX-License-Identifier: MIT */
/*
 * What the child tells the parent, frame by frame, and what it asks.
 *
 *   the child:    ( ASK | KEPT )*  IMAGE  ( ASK | FAILED )*  ( RUNTIME | FAILURES CAUSE* )?  DONE | ERROR
 *   each worker:  ( ( PROGRESS | FINDING | PRIVILEGED )*  LAYER | FAILED )*
 *
 * Questions are answered on the same socket: ASK by one byte, 'F' with a
 * descriptor or 'E' followed by a struct unr_error; PRIVILEGED by a 32-bit
 * number, 0 or -errno; FAILURES by 'F' with a descriptor of a file that has a
 * FINDING frame for each, by layer, then entry, or by 'N': there are none.
 */
#ifndef UNR_RUN_PROTOCOL_H
#define UNR_RUN_PROTOCOL_H

#include <stdint.h>

#include "finding/frame.h"
#include "unpack/unpack.h"
#include "userns/broker.h"
#include "usernsrepro/image.h"
#include "usernsrepro/result.h"

enum unr_frame {
	UNR_FRAME_ASK = 1,  /* name of a file */
	UNR_FRAME_IMAGE,    /* the description */
	UNR_FRAME_PROGRESS, /* layer, bytes, entries */
	UNR_FRAME_FINDING,
	UNR_FRAME_LAYER,  /* how a layer went */
	UNR_FRAME_FAILED, /* layer; then as ERROR: it could not be extracted */
	UNR_FRAME_ERROR,  /* kind, code, message: the work could not be done */
	UNR_FRAME_DONE,
	UNR_FRAME_PRIVILEGED, /* something to be done by the host's root */
	UNR_FRAME_RUNTIME,    /* what became of the container's start */
	UNR_FRAME_FAILURES,   /* nothing: the child wants to read all failures */
	UNR_FRAME_CAUSE,      /* of the next failure of a layer */
	UNR_FRAME_KEPT,       /* bytes of the image in the temporary file */
};

/* How one layer went, as the child knows it. */
struct unr_layer_end {
	uint32_t layer;
	struct unr_layer_result result;
	uint64_t stand_ins, skipped_xattrs, skipped_owners;
	struct unr_stop stop; /* owned */
	char *log;            /* owned; see struct unr_unpack_result */
	char *output;         /* owned */
	bool differs; /* its diffID is not the config's, and the engine says so at the end */
};

void unr_layer_end_done(struct unr_layer_end *end);

/* Layers that a description may have; image/ has its own, lower bound. */
#define UNR_PROTOCOL_MAX_LAYERS 100000

/* Variables of its environment; image/ has its own bound for a config. */
#define UNR_PROTOCOL_MAX_ENV 1000000
#define UNR_PROTOCOL_MAX_TAGS 1000000

/* Groups that a process may be asked to have; the kernel takes 65536. */
#define UNR_PROTOCOL_MAX_GROUPS 1000000

void unr_protocol_put_image(struct unr_text *frame, const struct unr_image *image);
UNR_MUST_CHECK int unr_protocol_get_image(struct unr_wire_reader *reader, struct unr_image *ret);

void unr_protocol_put_layer(struct unr_text *frame, const struct unr_layer_end *end);
UNR_MUST_CHECK int unr_protocol_get_layer(struct unr_wire_reader *reader,
					  struct unr_layer_end *ret);

void unr_protocol_put_runtime(struct unr_text *frame, const struct unr_runtime *runtime);
UNR_MUST_CHECK int unr_protocol_get_runtime(struct unr_wire_reader *reader,
					    struct unr_runtime *ret);

void unr_protocol_put_request(struct unr_text *frame, const struct unr_broker_request *request);

/** unr_protocol_get_request() - its texts are owned: unr_protocol_request_done(). */
UNR_MUST_CHECK int unr_protocol_get_request(struct unr_wire_reader *reader,
					    struct unr_broker_request *ret);
void unr_protocol_request_done(struct unr_broker_request *request);

void unr_protocol_put_error(struct unr_text *frame, const struct unr_error *err);

/** unr_protocol_get_error() - the child's error becomes ours; returns its code. */
int unr_protocol_get_error(struct unr_wire_reader *reader, struct unr_error *ret);

#endif
