/* SPDX-License-Identifier: MIT */
/*
 * Reading ahead: a thread decompresses what will be asked for next, another one
 * hashes it, and the caller unpacks what came before.  Knows nothing of formats.
 * For stream/ only.
 */
#ifndef UNR_STREAM_AHEAD_H
#define UNR_STREAM_AHEAD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "usernsrepro/attr.h"

struct ahead;

/* Where the bytes come from; called from the threads alone until ahead_stop(). */
struct ahead_source {
	/* Up to @size bytes, 0 at the end, -errno. */
	ssize_t (*read)(void *context, void *buffer, size_t size);
	/* Is shown every byte once and in order, by a thread of its own; NULL: nobody watches. */
	void (*watch)(void *context, const void *bytes, size_t size);
	/* How far it is, in bytes of the blob. */
	uint64_t (*at)(const void *context);
	void *context;
};

/** ahead_start() - start the threads; -ENOMEM, -EAGAIN where there may be none. */
UNR_MUST_CHECK int ahead_start(const struct ahead_source *source, struct ahead **ret);

/** ahead_read() - as the source's own read would answer at this place. */
UNR_MUST_CHECK ssize_t ahead_read(struct ahead *ahead, void *buffer, size_t size);

/** ahead_skip() - pass over up to @size bytes, fewer at the end; 0 or the source's -errno. */
UNR_MUST_CHECK int ahead_skip(struct ahead *ahead, uint64_t size);

/** ahead_at() - where the source was when it gave what was read last. */
uint64_t ahead_at(const struct ahead *ahead);

/** ahead_finish() - after the end was read: wait until all was watched; NULL is nothing. */
void ahead_finish(struct ahead *ahead);

/** ahead_stop() - end the threads, wherever they are; NULL is nothing. */
void ahead_stop(struct ahead *ahead);

#endif
