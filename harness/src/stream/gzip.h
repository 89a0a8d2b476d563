/* SPDX-License-Identifier: MIT */
/*
 * gzip as Go reads it (go1.19 compress/gzip/gunzip.go): members one after the
 * other, each with its checksum, and nothing else behind them.  zlib inflates;
 * headers and trailers are read here, because their faults have Go's own words.
 * For stream/ only.
 */
#ifndef UNR_STREAM_GZIP_H
#define UNR_STREAM_GZIP_H

#include <stdbool.h>
#include <zlib.h>

#include "stream/input.h"

struct gunzip {
	z_stream z;
	bool ready; /* z was set up */
	bool ended; /* nothing more will come */
	unsigned long crc;
	uint32_t size;  /* of the member, as its trailer counts: modulo 2^32 */
	char fault[64]; /* Go's text for what broke it; "" */
};

/** gunzip_open() - read the first member's header; 0, or -errno.  A bad one sets @gz->fault. */
UNR_MUST_CHECK int gunzip_open(struct gunzip *gz, struct stream_input *input);

/** gunzip_read() - inflated bytes; 0 at the end or behind a fault; -errno. */
UNR_MUST_CHECK ssize_t gunzip_read(struct gunzip *gz, struct stream_input *input, void *buffer,
				   size_t size);

void gunzip_done(struct gunzip *gz);

#endif
