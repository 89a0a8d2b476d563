/* SPDX-License-Identifier: MIT */
/* zstd by the engine's rules: see zstd.h. */
#include "stream/zstd.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd_errors.h>

#define FRAME_MAGIC 0xfd2fb528U
#define SKIPPABLE_MAGIC 0x184d2a50U
#define SKIPPABLE_MASK 0xfffffff0U

/* RFC 8878 3.1.1.2: what a block may hold, in either form. */
#define BLOCK_MAX ((size_t) 128 << 10)
#define BLOCK_HEADER 3

#define WINDOW_MIN ((uint64_t) 1 << 10)
#define WINDOW_LOG_MAX 29
#define WINDOW_MAX ((uint64_t) 1 << WINDOW_LOG_MAX)
#define DECODED_MAX ((uint64_t) 64 << 30)

enum block_type { BLOCK_RAW, BLOCK_RLE, BLOCK_COMPRESSED, BLOCK_RESERVED };

static uint32_t word_of(const unsigned char *bytes)
{
	uint32_t word;

	memcpy(&word, bytes, sizeof(word));
	return le32toh(word);
}

bool unzstd_detect(const unsigned char *bytes, size_t n)
{
	if (n >= 4 && word_of(bytes) == FRAME_MAGIC)
		return true;
	return n >= 8 && (word_of(bytes) & SKIPPABLE_MASK) == SKIPPABLE_MAGIC;
}

int unzstd_open(struct unzstd *z)
{
	*z = (struct unzstd) { 0 };
	z->context = ZSTD_createDCtx();
	z->block = malloc(BLOCK_HEADER + BLOCK_MAX);
	z->out = malloc(BLOCK_MAX);
	if (z->context == NULL || z->block == NULL || z->out == NULL ||
	    ZSTD_isError(ZSTD_DCtx_setParameter(z->context, ZSTD_d_windowLogMax, WINDOW_LOG_MAX)))
		return -ENOMEM;
	return 0;
}

void unzstd_done(struct unzstd *z)
{
	(void) ZSTD_freeDCtx(z->context);
	free(z->block);
	free(z->out);
}

/* The stream ends here for a reason; what is decoded is still delivered. */
static int fault(struct unzstd *z, const char *text)
{
	(void) snprintf(z->fault, sizeof(z->fault), "%s", text);
	z->ended = true;
	return -ENODATA;
}

/* Reads @n bytes; -ENODATA and a fault where there are fewer. */
static int take(struct unzstd *z, struct stream_input *input, unsigned char *ret, size_t n)
{
	while (n > 0) {
		ssize_t held = input_fill(input);
		size_t part;

		if (held <= 0)
			return held < 0 ? (int) held : fault(z, "unexpected EOF");
		part = (size_t) held < n ? (size_t) held : n;
		memcpy(ret, input->buffer + input->begin, part);
		input->begin += part;
		ret += part;
		n -= part;
	}
	return 0;
}

static int drop(struct unzstd *z, struct stream_input *input, uint64_t n)
{
	while (n > 0) {
		ssize_t held = input_fill(input);

		if (held <= 0)
			return held < 0 ? (int) held : fault(z, "unexpected EOF");
		if ((uint64_t) held > n)
			held = (ssize_t) n;
		input->begin += (size_t) held;
		n -= (uint64_t) held;
	}
	return 0;
}

/* Gives @n bytes to the library; what comes out is at most a block. */
static int feed(struct unzstd *z, const unsigned char *bytes, size_t n)
{
	ZSTD_inBuffer in = { .src = bytes, .size = n };
	ZSTD_outBuffer out = { .dst = z->out, .size = BLOCK_MAX, .pos = z->out_end };
	size_t before, result;

	do {
		before = in.pos + out.pos;
		result = ZSTD_decompressStream(z->context, &out, &in);
		z->out_end = out.pos;
		if (!ZSTD_isError(result))
			continue;
		if (ZSTD_getErrorCode(result) == ZSTD_error_memory_allocation)
			return -ENOMEM;
		return fault(z, ZSTD_getErrorCode(result) == ZSTD_error_checksum_wrong ?
					"CRC check failed" :
					"corruption detected");
	} while (in.pos + out.pos > before);
	return 0;
}

/* The content's size; @flags: of the frame header. */
static int take_content_size(struct unzstd *z, struct stream_input *input, unsigned char flags)
{
	const size_t size = flags >> 6 > 0 ? (size_t) 1 << (flags >> 6) : (flags >> 5) & 1;
	unsigned char raw[8] = { 0 };
	uint64_t number;
	int r = take(z, input, raw, size);

	if (r < 0)
		return r;
	memcpy(&number, raw, sizeof(number));
	number = le64toh(number);
	z->content = size == 0 ? UINT64_MAX : size == 2 ? number + 256 : number;
	return 0;
}

static int check_window(struct unzstd *z, bool single)
{
	if (!single)
		return z->window > WINDOW_MAX ? fault(z, "window size exceeded") : 0;
	z->window = z->content < WINDOW_MIN ? WINDOW_MIN : z->content;
	return z->window > DECODED_MAX ? fault(z, "decompressed size exceeds configured limit") : 0;
}

/*
 * The library gets a header of ours with as large a window: it has limits of its
 * own for the sizes that a header may claim, and they are checked here.
 */
static int begin_decoding(struct unzstd *z)
{
	unsigned char header[6] = { 0x28, 0xb5, 0x2f, 0xfd, z->checked ? 0x04 : 0, 0 };
	unsigned int log = 10;

	while (log < WINDOW_LOG_MAX && (uint64_t) 1 << log < z->window)
		log++;
	header[5] = (unsigned char) ((log - 10) << 3);
	(void) ZSTD_DCtx_reset(z->context, ZSTD_reset_session_only);
	return feed(z, header, sizeof(header));
}

/* What stands behind a frame's magic. */
static int take_frame_header(struct unzstd *z, struct stream_input *input)
{
	static const unsigned char dictionary_sizes[] = { 0, 1, 2, 4 };
	unsigned char flags, window, dictionary[4] = { 0 };
	bool single;
	int r = take(z, input, &flags, 1);

	if (r < 0)
		return r;
	if ((flags & 0x08) != 0)
		return fault(z, "reserved bit set on frame header");
	single = (flags & 0x20) != 0;
	z->checked = (flags & 0x04) != 0;
	if (!single) {
		r = take(z, input, &window, 1);
		if (r < 0)
			return r;
		z->window = (uint64_t) 1 << (10 + (window >> 3));
		z->window += z->window / 8 * (window & 7);
	}
	r = take(z, input, dictionary, dictionary_sizes[flags & 3]);
	if (r == 0)
		r = take_content_size(z, input, flags);
	if (r == 0)
		r = check_window(z, single);
	if (r < 0)
		return r;
	if (word_of(dictionary) != 0)
		return fault(z, "unknown dictionary");
	z->decoded = 0;
	z->in_frame = true;
	return begin_decoding(z);
}

/* Finds the next frame with content; the end of the stream is no fault before one begins. */
static int take_frame(struct unzstd *z, struct stream_input *input)
{
	unsigned char magic[4], size[4];

	for (;;) {
		ssize_t held = input_fill(input);
		int r;

		if (held <= 0) {
			z->ended = held == 0;
			return (int) held;
		}
		r = take(z, input, magic, sizeof(magic));
		if (r < 0)
			return r;
		if ((word_of(magic) & SKIPPABLE_MASK) != SKIPPABLE_MAGIC)
			break;
		r = take(z, input, size, sizeof(size));
		if (r == 0)
			r = drop(z, input, word_of(size));
		if (r < 0)
			return r;
	}
	if (word_of(magic) != FRAME_MAGIC)
		return fault(z, "invalid input: magic number mismatch");
	return take_frame_header(z, input);
}

/* Is a block of @size bytes, as its header counts, one that may come? */
static int check_block(struct unzstd *z, enum block_type type, size_t size)
{
	bool too_big = size > BLOCK_MAX || size > z->window;

	if (type == BLOCK_RESERVED)
		return fault(z, "invalid input: reserved block type encountered");
	if (type != BLOCK_COMPRESSED)
		return too_big ? fault(z, "window size exceeded") : 0;
	if (too_big)
		return fault(z, "invalid input: compressed size too big");
	return size < 2 ? fault(z, "block too small") : 0;
}

static int check_content(struct unzstd *z, bool last)
{
	z->decoded += z->out_end;
	if (z->decoded > z->content)
		return fault(z, "frame size exceeded");
	if (last && z->content != UINT64_MAX && z->decoded != z->content)
		return fault(z, "frame size does not match size on stream");
	return 0;
}

static int take_block(struct unzstd *z, struct stream_input *input)
{
	unsigned char checksum[4];
	int r = take(z, input, z->block, BLOCK_HEADER);
	enum block_type type;
	size_t size;
	bool last;

	if (r < 0)
		return r;
	size = (size_t) z->block[0] >> 3 | (size_t) z->block[1] << 5 | (size_t) z->block[2] << 13;
	type = (z->block[0] >> 1) & 3;
	last = (z->block[0] & 1) != 0;
	r = check_block(z, type, size);
	if (type == BLOCK_RLE)
		size = 1;
	if (r == 0)
		r = take(z, input, z->block + BLOCK_HEADER, size);
	/* A checksum that is cut takes its block with it. */
	if (r == 0 && last && z->checked)
		r = take(z, input, checksum, sizeof(checksum));
	if (r == 0)
		r = feed(z, z->block, BLOCK_HEADER + size);
	if (r == 0)
		r = check_content(z, last);
	if (r == 0 && last && z->checked)
		r = feed(z, checksum, sizeof(checksum));
	z->in_frame = !last;
	return r;
}

ssize_t unzstd_read(struct unzstd *z, struct stream_input *input, void *buffer, size_t size)
{
	while (z->out_begin == z->out_end && !z->ended) {
		int r;

		z->out_begin = z->out_end = 0;
		r = z->in_frame ? take_block(z, input) : take_frame(z, input);
		if (r < 0 && r != -ENODATA)
			return r;
	}
	if (size > z->out_end - z->out_begin)
		size = z->out_end - z->out_begin;
	memcpy(buffer, z->out + z->out_begin, size);
	z->out_begin += size;
	return (ssize_t) size;
}
