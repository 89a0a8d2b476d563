/* SPDX-License-Identifier: MIT */
/* The compressed side of a stream: a blob read through a buffer.  For stream/ only. */
#ifndef UNR_STREAM_INPUT_H
#define UNR_STREAM_INPUT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "image/blob.h"
#include "usernsrepro/attr.h"

#define INPUT_BUFFER ((size_t) 64 << 10)

struct stream_input {
	struct unr_blob blob;
	uint64_t at; /* next byte of the blob to read from the file */
	size_t begin, end;
	unsigned char buffer[INPUT_BUFFER];
};

/** input_fill() - bytes held, more of them where there were none; 0 at the end; -errno. */
UNR_MUST_CHECK ssize_t input_fill(struct stream_input *input);

/** input_hold() - the same for @n bytes, up to half the buffer, or as many as there are left. */
UNR_MUST_CHECK ssize_t input_hold(struct stream_input *input, size_t n);

/** input_read() - bytes as they are, many of them past the buffer; 0 at the end; -errno. */
UNR_MUST_CHECK ssize_t input_read(struct stream_input *input, void *buffer, size_t size);

/** input_skip() - pass over @size bytes, or what is left. */
void input_skip(struct stream_input *input, uint64_t size);

/** input_tell() - where the next byte is in the blob. */
uint64_t input_tell(const struct stream_input *input);

/** input_seek() - to a byte that was read already, or the one behind it. */
void input_seek(struct stream_input *input, uint64_t at);

/** input_byte() - the next byte, -ENODATA at the end, or -errno. */
UNR_MUST_CHECK int input_byte(struct stream_input *input);

#endif
