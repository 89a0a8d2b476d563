/* SPDX-License-Identifier: MIT */
/*
 * Frames on a socket between the extracting processes and their parent: sent
 * whole, received as they come.  The senders handle hostile bytes, so a receiver
 * never waits for the rest of a frame, and believes no length.
 *
 *   frame: type (u32), length of the payload (u32), payload; little endian
 */
#ifndef UNR_FINDING_FRAME_H
#define UNR_FINDING_FRAME_H

#include <stdint.h>

#include "base/text.h"
#include "finding/wire.h"

/* A frame's payload: room for an image's whole description. */
#define UNR_FRAME_MAX ((uint32_t) 64 << 20)

/**
 * unr_frame_send() - one frame
 *
 * Return: 0, -EMSGSIZE for a payload over UNR_FRAME_MAX, -ENOMEM (also when @payload has failed),
 * or -errno.
 */
UNR_MUST_CHECK int unr_frame_send(int fd, uint32_t type, const struct unr_text *payload);

/** unr_frame_queue() - one frame behind others in @queue, which is written when there is much */
UNR_MUST_CHECK int unr_frame_queue(struct unr_text *queue, int fd, uint32_t type,
				   const struct unr_text *payload);

/** unr_frame_flush() - write what is left in @queue; 0 or -errno */
UNR_MUST_CHECK int unr_frame_flush(struct unr_text *queue, int fd);

/* What has come over a socket and is not looked at yet.  Zero-initialised is empty. */
struct unr_inbox {
	struct unr_text bytes; /* owned */
	size_t begin;          /* of the first frame that is left */
};

void unr_inbox_done(struct unr_inbox *inbox);
DEFINE_UNR_CLEANUP(struct unr_inbox, unr_inbox_done);

/**
 * unr_inbox_fill() - take what has come, once
 *
 * Waits only where nothing has.  Return: 1, 0 when the other side is gone, or -errno.
 */
UNR_MUST_CHECK int unr_inbox_fill(struct unr_inbox *inbox, int fd);

/**
 * unr_inbox_next() - the next whole frame
 * @ret_payload: borrowed until the next unr_inbox_fill()
 *
 * Return: 1, 0 when there is none, or -EPROTO for a frame that says it is too long.
 */
UNR_MUST_CHECK int unr_inbox_next(struct unr_inbox *inbox, uint32_t *ret_type,
				  struct unr_wire_reader *ret_payload);

/** unr_inbox_is_empty() - is no part of a frame left? */
bool unr_inbox_is_empty(const struct unr_inbox *inbox);

#endif
