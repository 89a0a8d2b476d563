/* SPDX-License-Identifier: MIT */
/* Streams, checksums and run lengths of bzip2: see bzip2.h. */
#include "stream/bzip2.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_MAGIC UINT64_C(0x314159265359)
#define FINAL_MAGIC UINT64_C(0x177245385090)
#define CRC_POLYNOMIAL UINT32_C(0x04c11db7)

uint64_t bunzip_bits(struct bunzip *bz, unsigned int n)
{
	while (bz->n_bits < n) {
		int c = input_byte(bz->input);

		if (c == -ENODATA)
			bz->short_input = true;
		else if (c < 0)
			bz->error = c;
		if (c < 0)
			return 0;
		bz->bits = bz->bits << 8 | (unsigned int) c;
		bz->n_bits += 8;
	}
	bz->n_bits -= n;
	return bz->bits >> bz->n_bits & ((UINT64_C(1) << n) - 1);
}

/* Not that of zlib: the bits run the other way. */
static uint32_t add_crc(uint32_t crc, uint8_t byte)
{
	crc = ~crc ^ (uint32_t) byte << 24;
	for (int i = 0; i < 8; i++)
		crc = (crc & UINT32_C(0x80000000)) != 0 ? crc << 1 ^ CRC_POLYNOMIAL : crc << 1;
	return ~crc;
}

/* Where bits were missing, that is what Go tells, whatever was made of them. */
static int fault(struct bunzip *bz, const char *text)
{
	bz->ended = true;
	if (bz->error < 0)
		return bz->error;
	if (bz->short_input)
		(void) snprintf(bz->fault, sizeof(bz->fault), "unexpected EOF");
	else
		(void) snprintf(bz->fault, sizeof(bz->fault), "bzip2 data invalid: %s", text);
	return 0;
}

/* What follows "BZ". */
static int read_header(struct bunzip *bz)
{
	unsigned int kind = (unsigned int) bunzip_bits(bz, 8);
	unsigned int level = (unsigned int) bunzip_bits(bz, 8);
	uint32_t *bigger;

	if (kind != 'h')
		return fault(bz, "non-Huffman entropy encoding");
	if (level < '1' || level > '9')
		return fault(bz, "invalid compression level");
	bz->file_crc = 0;
	bz->block_size = (size_t) 100000 * (level - '0');
	if (bz->block_size <= bz->block_room)
		return 0;
	bigger = reallocarray(bz->block, bz->block_size, sizeof(*bz->block));
	if (bigger == NULL)
		return -ENOMEM;
	bz->block = bigger;
	bz->block_room = bz->block_size;
	return 0;
}

static int start(struct bunzip *bz)
{
	bz->started = true;
	if (bunzip_bits(bz, 16) != ('B' << 8 | 'Z'))
		return fault(bz, "bad magic value");
	return read_header(bz);
}

/* A stream's checksum and, if there is one, the head of the next stream. */
static int next_stream(struct bunzip *bz)
{
	uint32_t stored = (uint32_t) bunzip_bits(bz, 32);
	ssize_t held;

	if (bz->short_input || bz->error < 0 || stored != bz->file_crc)
		return fault(bz, "file checksum mismatch");
	(void) bunzip_bits(bz, bz->n_bits % 8);
	held = input_fill(bz->input);
	if (held <= 0) {
		bz->ended = true;
		return (int) held;
	}
	if (bunzip_bits(bz, 16) != ('B' << 8 | 'Z'))
		return fault(bz, "bad magic value in continuation file");
	return read_header(bz);
}

/* Behind a block: the next one, or the stream's end. */
static int next_block(struct bunzip *bz)
{
	const char *wrong = "bad magic value found";
	uint64_t magic;

	if (bz->block_crc != bz->wanted_crc)
		return fault(bz, "block checksum mismatch");
	magic = bunzip_bits(bz, 48);
	if (magic == FINAL_MAGIC)
		return next_stream(bz);
	if (magic == BLOCK_MAGIC)
		wrong = bunzip_block(bz);
	if (wrong != NULL)
		return fault(bz, wrong);
	bz->last = -1;
	bz->run = bz->repeats = 0;
	return 0;
}

/* Four equal bytes are followed by how many more of them there are. */
static size_t expand(struct bunzip *bz, uint8_t *buffer, size_t size)
{
	size_t n = 0;

	while (n < size && (bz->repeats > 0 || bz->used < bz->n_block)) {
		uint8_t byte = (uint8_t) bz->last;

		if (bz->repeats > 0) {
			if (--bz->repeats == 0)
				bz->last = -1;
		} else {
			byte = (uint8_t) bz->block[bz->at];
			bz->at = bz->block[bz->at] >> 8;
			bz->used++;
			if (bz->run == 3) {
				bz->repeats = byte;
				bz->run = 0;
				continue;
			}
			bz->run = bz->last == byte ? bz->run + 1 : 0;
			bz->last = byte;
		}
		bz->block_crc = add_crc(bz->block_crc, byte);
		buffer[n++] = byte;
	}
	return n;
}

void bunzip_open(struct bunzip *bz, struct stream_input *input)
{
	bz->input = input;
}

void bunzip_done(struct bunzip *bz)
{
	free(bz->block);
	bz->block = NULL;
}

ssize_t bunzip_read(struct bunzip *bz, void *buffer, size_t size)
{
	while (!bz->ended) {
		size_t n = expand(bz, buffer, size);
		int r;

		if (n > 0 || size == 0)
			return (ssize_t) n;
		r = bz->started ? next_block(bz) : start(bz);
		if (r < 0)
			return r;
	}
	return 0;
}
