/* SPDX-License-Identifier: MIT */
/*
 * xz as `xz -d -c -q` reads it, because the engine runs that program (pkg/archive
 * xzDecompress, v20.10.24): streams one after the other, with padding between
 * them.  liblzma decodes; the words are the program's, with its exit status in
 * front as Go tells it.  For stream/ only.
 */
#ifndef UNR_STREAM_XZ_H
#define UNR_STREAM_XZ_H

#include <lzma.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stream/input.h"

struct unxz {
	lzma_stream lzma;
	bool ended;           /* nothing more will come */
	bool unchecked;       /* there is a check that liblzma does not know */
	uint8_t buffer[8192]; /* as large as the program has it (xz 5.4, IO_BUFFER_SIZE) */
	size_t begin, end;    /* of what is in it */
	char fault[96];       /* how the program ended, if not well; "" */
};

/** unxz_open() - set up the decoder; 0 or -ENOMEM. */
UNR_MUST_CHECK int unxz_open(struct unxz *xz);

/** unxz_read() - decompressed bytes; 0 at the end or behind a fault; -errno. */
UNR_MUST_CHECK ssize_t unxz_read(struct unxz *xz, struct stream_input *input, void *buffer,
				 size_t size);

void unxz_done(struct unxz *xz);

#endif
