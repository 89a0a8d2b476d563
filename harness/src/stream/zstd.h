/* SPDX-License-Identifier: MIT */
/*
 * zstd as the engines from docker 23.0 read it (klauspost/compress zstd,
 * framedec.go and blockdec.go): frames one after the other, skippable ones
 * between them.  libzstd decodes the blocks; frames and block headers are read
 * here, because their faults have that library's own words.  What is damaged
 * inside a block is found, but its words are only near the engine's.
 * For stream/ only.
 */
#ifndef UNR_STREAM_ZSTD_H
#define UNR_STREAM_ZSTD_H

#include <stdbool.h>
#include <stddef.h>
#include <zstd.h>

#include "stream/input.h"

struct unzstd {
	ZSTD_DCtx *context;   /* owned */
	unsigned char *block; /* owned; what is fed to it */
	unsigned char *out;   /* owned; what came out */
	size_t out_begin, out_end;
	bool in_frame, checked; /* the frame has a checksum */
	bool ended;             /* nothing more will come in */
	uint64_t window;        /* of the frame */
	uint64_t content;       /* its size by its header; UINT64_MAX: unknown */
	uint64_t decoded;       /* of that */
	char fault[64];         /* the engine's words for what broke it; "" */
};

/** unzstd_detect() - do these first bytes of a blob belong to a frame of either kind? */
bool unzstd_detect(const unsigned char *bytes, size_t n);

/** unzstd_open() - reads nothing yet; 0 or -ENOMEM. */
UNR_MUST_CHECK int unzstd_open(struct unzstd *z);

/** unzstd_read() - decoded bytes; 0 at the end or behind a fault; -errno. */
UNR_MUST_CHECK ssize_t unzstd_read(struct unzstd *z, struct stream_input *input, void *buffer,
				   size_t size);

void unzstd_done(struct unzstd *z);

#endif
