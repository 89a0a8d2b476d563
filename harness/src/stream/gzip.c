/* SPDX-License-Identifier: MIT */
/* gzip by Go's rules: see gzip.h. */
#include "stream/gzip.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define FLAG_HEADER_CRC 0x02
#define FLAG_EXTRA 0x04
#define FLAG_NAME 0x08
#define FLAG_COMMENT 0x10

static const char INVALID_HEADER[] = "gzip: invalid header";
static const char INVALID_CHECKSUM[] = "gzip: invalid checksum";
static const char UNEXPECTED_EOF[] = "unexpected EOF";

/* The stream ends here for a reason.  Returns 0, as an end does. */
static int fault(struct gunzip *gz, const char *text)
{
	(void) snprintf(gz->fault, sizeof(gz->fault), "%s", text);
	gz->ended = true;
	return 0;
}

/* Reads @n header bytes into @ret and into the header's checksum. */
static int header_bytes(struct gunzip *gz, struct stream_input *input, unsigned char *ret, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int c = input_byte(input);

		if (c == -ENODATA)
			fault(gz, UNEXPECTED_EOF);
		if (c < 0)
			return c;
		ret[i] = (unsigned char) c;
	}
	gz->crc = (uint32_t) crc32(gz->crc, ret, (unsigned int) n);
	return 0;
}

/* A name or comment: up to a NUL, at most 512 bytes as Go's buffer has it. */
static int header_string(struct gunzip *gz, struct stream_input *input)
{
	unsigned char c = 1;

	for (size_t i = 0; i < 512; i++) {
		int r = header_bytes(gz, input, &c, 1);

		if (r < 0 || c == '\0')
			return r;
	}
	fault(gz, INVALID_HEADER);
	return -ENODATA;
}

static int header_extra(struct gunzip *gz, struct stream_input *input)
{
	unsigned char raw[2];
	size_t length;
	int r = header_bytes(gz, input, raw, 2);

	if (r < 0)
		return r;
	length = (size_t) raw[0] | (size_t) raw[1] << 8;
	for (size_t i = 0; i < length; i++) {
		r = header_bytes(gz, input, raw, 1);
		if (r < 0)
			return r;
	}
	return 0;
}

static int header_crc(struct gunzip *gz, struct stream_input *input)
{
	uint32_t sum = gz->crc & 0xffff;
	unsigned char raw[2];
	int r = header_bytes(gz, input, raw, 2);

	if (r < 0)
		return r;
	if (((uint32_t) raw[0] | (uint32_t) raw[1] << 8) == sum)
		return 0;
	fault(gz, INVALID_HEADER);
	return -ENODATA;
}

/* What follows the ten fixed bytes, by their flags. */
static int header_options(struct gunzip *gz, struct stream_input *input, unsigned char flags)
{
	int r = 0;

	if ((flags & FLAG_EXTRA) != 0)
		r = header_extra(gz, input);
	if (r == 0 && (flags & FLAG_NAME) != 0)
		r = header_string(gz, input);
	if (r == 0 && (flags & FLAG_COMMENT) != 0)
		r = header_string(gz, input);
	if (r == 0 && (flags & FLAG_HEADER_CRC) != 0)
		r = header_crc(gz, input);
	return r;
}

/* A member's header, and what inflates it made ready.  -ENODATA: it is faulty, and gz->fault says how. */
static int read_header(struct gunzip *gz, struct stream_input *input)
{
	unsigned char raw[10];
	int r;

	gz->crc = 0;
	r = header_bytes(gz, input, raw, sizeof(raw));
	if (r < 0)
		return r;
	if (raw[0] != 0x1f || raw[1] != 0x8b || raw[2] != Z_DEFLATED) {
		fault(gz, INVALID_HEADER);
		return -ENODATA;
	}
	r = header_options(gz, input, raw[3]);
	if (r < 0)
		return r;
	gz->crc = gz->size = 0;
	if (gz->fast == NULL)
		return undeflate_start(&gz->exact);
	igzip_start(gz->fast, input);
	return 0;
}

int gunzip_open(struct gunzip *gz, struct stream_input *input, bool fast)
{
	int r;

	memset(gz, 0, sizeof(*gz));
	r = undeflate_open(&gz->exact);
	if (r == 0 && fast)
		r = igzip_new(&gz->exact, &gz->fast);
	if (r == 0)
		r = read_header(gz, input);
	return r == -ENODATA ? 0 : r;
}

void gunzip_done(struct gunzip *gz)
{
	igzip_free(gz->fast);
	gz->fast = NULL;
	undeflate_done(&gz->exact);
}

/* The trailer of a member and the header of the next, if there is one. */
static int next_member(struct gunzip *gz, struct stream_input *input)
{
	unsigned char raw[8];
	uint32_t crc = gz->crc;
	uint32_t stored_crc, stored_size;
	ssize_t n;
	int r = header_bytes(gz, input, raw, sizeof(raw));

	if (r < 0)
		return r == -ENODATA ? 0 : r;
	stored_crc = (uint32_t) raw[0] | (uint32_t) raw[1] << 8 | (uint32_t) raw[2] << 16 |
		     (uint32_t) raw[3] << 24;
	stored_size = (uint32_t) raw[4] | (uint32_t) raw[5] << 8 | (uint32_t) raw[6] << 16 |
		      (uint32_t) raw[7] << 24;
	if (stored_crc != crc || stored_size != gz->size)
		return fault(gz, INVALID_CHECKSUM);
	n = input_fill(input);
	if (n <= 0) {
		gz->ended = true;
		return (int) n;
	}
	r = read_header(gz, input);
	return r == -ENODATA ? 0 : r;
}

/* One round; sets *@ret_n to the bytes that came out. */
static int inflate_some(struct gunzip *gz, struct stream_input *input, void *buffer, size_t size,
			size_t *ret_n)
{
	int r = gz->fast != NULL ? igzip_read(gz->fast, input, buffer, size, ret_n) :
				   undeflate_read(&gz->exact, input, buffer, size, ret_n);

	if (r < 0)
		return r;
	gz->crc = gz->fast != NULL ? igzip_crc32(gz->crc, buffer, *ret_n) :
				     (uint32_t) crc32_z(gz->crc, buffer, *ret_n);
	gz->size += (uint32_t) *ret_n;
	if (r == DEFLATE_DONE)
		return next_member(gz, input);
	if (r == DEFLATE_CUT)
		return fault(gz, UNEXPECTED_EOF);
	if (r == DEFLATE_CORRUPT) {
		(void) snprintf(gz->fault, sizeof(gz->fault),
				"flate: corrupt input before offset %" PRIu64,
				undeflate_offset(&gz->exact));
		gz->ended = true;
	}
	return 0;
}

ssize_t gunzip_read(struct gunzip *gz, struct stream_input *input, void *buffer, size_t size)
{
	while (!gz->ended) {
		size_t n = 0;
		int r = inflate_some(gz, input, buffer, size, &n);

		if (r < 0)
			return r;
		if (n > 0)
			return (ssize_t) n;
	}
	return 0;
}
