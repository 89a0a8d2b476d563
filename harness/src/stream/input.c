/* SPDX-License-Identifier: MIT */
/* A blob through a buffer: see input.h. */
#include "stream/input.h"

#include <errno.h>
#include <string.h>

#include "base/fd.h"

ssize_t input_hold(struct stream_input *input, size_t n)
{
	const uint64_t left = input->blob.size - input->at;
	const size_t held = input->end - input->begin;
	size_t part = INPUT_BUFFER - held;
	ssize_t got;

	if (held >= n || left == 0)
		return (ssize_t) held;
	if (left < part)
		part = (size_t) left;
	memmove(input->buffer, input->buffer + input->begin, held);
	input->begin = 0;
	input->end = held;
	got = unr_pread_full(input->blob.fd, input->buffer + held, part,
			     input->blob.offset + input->at);
	if (got < 0)
		return got;
	input->at += (uint64_t) got;
	input->end += (size_t) got;
	return (ssize_t) input->end;
}

ssize_t input_fill(struct stream_input *input)
{
	return input_hold(input, 1);
}

ssize_t input_read(struct stream_input *input, void *buffer, size_t size)
{
	const uint64_t left = input->blob.size - input->at;
	ssize_t n;

	if (input->begin == input->end && size >= INPUT_BUFFER) {
		n = unr_pread_full(input->blob.fd, buffer, left < size ? (size_t) left : size,
				   input->blob.offset + input->at);
		if (n > 0)
			input->at += (uint64_t) n;
		return n;
	}
	n = input_fill(input);
	if (n <= 0)
		return n;
	if ((size_t) n > size)
		n = (ssize_t) size;
	memcpy(buffer, input->buffer + input->begin, (size_t) n);
	input->begin += (size_t) n;
	return n;
}

void input_skip(struct stream_input *input, uint64_t size)
{
	const size_t held = input->end - input->begin;

	if (size <= held) {
		input->begin += (size_t) size;
		return;
	}
	size -= held;
	input->begin = input->end;
	input->at = size < input->blob.size - input->at ? input->at + size : input->blob.size;
}

uint64_t input_tell(const struct stream_input *input)
{
	return input->at - (input->end - input->begin);
}

void input_seek(struct stream_input *input, uint64_t at)
{
	if (at <= input->at && input->at - at <= input->end) {
		input->begin = input->end - (size_t) (input->at - at);
		return;
	}
	input->at = at;
	input->begin = input->end = 0;
}

int input_byte(struct stream_input *input)
{
	ssize_t n = input_fill(input);

	if (n <= 0)
		return n < 0 ? (int) n : -ENODATA;
	return input->buffer[input->begin++];
}
