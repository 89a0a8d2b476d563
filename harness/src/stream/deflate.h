/* SPDX-License-Identifier: MIT */
/*
 * Raw deflate by zlib, whose judgement counts: how many bytes come before a
 * fault, and where it is.  Knows nothing of gzip.  For stream/ only.
 */
#ifndef UNR_STREAM_DEFLATE_H
#define UNR_STREAM_DEFLATE_H

#include <stdbool.h>
#include <zlib.h>

#include "stream/input.h"

/* No distance reaches further back. */
#define DEFLATE_WINDOW ((size_t) 32 << 10)

/* What one round came to; a negative errno is the work's own trouble. */
enum deflate_end {
	DEFLATE_ON,      /* not at an end */
	DEFLATE_DONE,    /* the input stands behind the last block */
	DEFLATE_CORRUPT, /* before undeflate_offset() */
	DEFLATE_CUT,     /* no input is left */
};

struct undeflate {
	z_stream z;
	bool ready; /* z was set up */
	uint64_t
		skipped; /* bytes of the data that z does not count, because it began behind them */
};

/** undeflate_open() - at the beginning of some data; 0 or -ENOMEM. */
UNR_MUST_CHECK int undeflate_open(struct undeflate *u);

/** undeflate_start() - the same once more; 0 or -ENOMEM. */
UNR_MUST_CHECK int undeflate_start(struct undeflate *u);

/**
 * undeflate_resume() - at the beginning of a block
 * @input:  at the byte with the block's first bit
 * @bit:    of that byte, 0 to 7
 * @offset: of that byte in the data
 * @window: what came out before, the last DEFLATE_WINDOW bytes at most
 */
UNR_MUST_CHECK int undeflate_resume(struct undeflate *u, struct stream_input *input,
				    unsigned int bit, uint64_t offset, const unsigned char *window,
				    size_t length);

/**
 * undeflate_read() - one round
 * @ret_n: bytes that came out, whatever is returned
 *
 * Return: enum deflate_end or a negative errno.
 */
UNR_MUST_CHECK int undeflate_read(struct undeflate *u, struct stream_input *input, void *buffer,
				  size_t size, size_t *ret_n);

/* How a round ended that stops behind a block. */
struct deflate_stop {
	bool at_block;       /* a block has ended */
	bool last;           /* there is none behind it */
	unsigned int unused; /* bits that were read and belong to what follows */
};

/** undeflate_read_block() - one round that stops behind a block; DEFLATE_DONE is not returned. */
UNR_MUST_CHECK int undeflate_read_block(struct undeflate *u, struct stream_input *input,
					void *buffer, size_t size, size_t *ret_n,
					struct deflate_stop *ret_stop);

/** undeflate_offset() - bytes of the data that were used. */
uint64_t undeflate_offset(const struct undeflate *u);

void undeflate_done(struct undeflate *u);

#endif
