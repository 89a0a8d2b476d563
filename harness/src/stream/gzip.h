/* SPDX-License-Identifier: MIT */
/*
 * gzip as Go reads it (go1.19 compress/gzip/gunzip.go): members one after the
 * other, each with its checksum, and nothing else behind them.  deflate.c or
 * igzip.c inflates; headers and trailers are read here, because their faults have Go's own words.
 * For stream/ only.
 */
#ifndef UNR_STREAM_GZIP_H
#define UNR_STREAM_GZIP_H

#include <stdbool.h>

#include "stream/igzip.h"

struct gunzip {
	struct undeflate exact;
	struct igzip *fast; /* owned; NULL: zlib alone */
	bool ended;         /* nothing more will come */
	uint32_t crc;
	uint32_t size;  /* of the member, as its trailer counts: modulo 2^32 */
	char fault[64]; /* Go's text for what broke it; "" */
};

/**
 * gunzip_open() - read the first member's header; a bad one sets @gz->fault
 * @fast: by ISA-L where it is there
 *
 * Return: 0 or -errno.
 */
UNR_MUST_CHECK int gunzip_open(struct gunzip *gz, struct stream_input *input, bool fast);

/** gunzip_read() - inflated bytes; 0 at the end or behind a fault; -errno. */
UNR_MUST_CHECK ssize_t gunzip_read(struct gunzip *gz, struct stream_input *input, void *buffer,
				   size_t size);

void gunzip_done(struct gunzip *gz);

#endif
