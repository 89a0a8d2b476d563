/* SPDX-License-Identifier: MIT */
/* A blob through a buffer: see input.h. */
#include "stream/input.h"

#include <errno.h>

#include "base/fd.h"

ssize_t input_fill(struct stream_input *input)
{
	uint64_t left = input->blob.size - input->at;
	size_t part = left < INPUT_BUFFER ? (size_t) left : INPUT_BUFFER;
	ssize_t n;

	if (input->begin < input->end)
		return (ssize_t) (input->end - input->begin);
	if (part == 0)
		return 0;
	n = unr_pread_full(input->blob.fd, input->buffer, part, input->blob.offset + input->at);
	if (n < 0)
		return n;
	input->at += (uint64_t) n;
	input->begin = 0;
	input->end = (size_t) n;
	return n;
}

int input_byte(struct stream_input *input)
{
	ssize_t n = input_fill(input);

	if (n <= 0)
		return n < 0 ? (int) n : -ENODATA;
	return input->buffer[input->begin++];
}
