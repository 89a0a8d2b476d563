/* SPDX-License-Identifier: MIT */
/* Raw deflate by zlib: see deflate.h. */
#include "stream/deflate.h"

#include <errno.h>
#include <string.h>

/* What zlib's counters can take. */
#define ROUND_MAX ((size_t) 1 << 30)

int undeflate_open(struct undeflate *u)
{
	memset(u, 0, sizeof(*u));
	if (inflateInit2(&u->z, -MAX_WBITS) != Z_OK)
		return -ENOMEM;
	u->ready = true;
	return 0;
}

int undeflate_start(struct undeflate *u)
{
	u->skipped = 0;
	return inflateReset2(&u->z, -MAX_WBITS) == Z_OK ? 0 : -ENOMEM;
}

int undeflate_resume(struct undeflate *u, struct stream_input *input, unsigned int bit,
		     uint64_t offset, const unsigned char *window, size_t length)
{
	int r = undeflate_start(u);
	int c;

	if (r == 0 && length > 0 &&
	    inflateSetDictionary(&u->z, window, (unsigned int) length) != Z_OK)
		r = -ENOMEM;
	u->skipped = offset;
	if (r < 0 || bit == 0)
		return r;
	c = input_byte(input);
	if (c < 0)
		return c;
	u->skipped++;
	return inflatePrime(&u->z, (int) (8 - bit), c >> bit) == Z_OK ? 0 : -EINVAL;
}

static int read_some(struct undeflate *u, struct stream_input *input, void *buffer, size_t size,
		     size_t *ret_n, int flush)
{
	ssize_t held = input_fill(input);
	int r;

	*ret_n = 0;
	if (held < 0)
		return (int) held;
	if (size > ROUND_MAX)
		size = ROUND_MAX;
	u->z.next_in = input->buffer + input->begin;
	u->z.avail_in = (unsigned int) held;
	u->z.next_out = buffer;
	u->z.avail_out = (unsigned int) size;
	r = inflate(&u->z, flush);
	input->begin = input->end - u->z.avail_in;
	*ret_n = size - u->z.avail_out;
	if (r == Z_STREAM_END)
		return DEFLATE_DONE;
	if (r == Z_MEM_ERROR)
		return -ENOMEM;
	if (r == Z_DATA_ERROR || r == Z_NEED_DICT)
		return DEFLATE_CORRUPT;
	return held == 0 && *ret_n == 0 ? DEFLATE_CUT : DEFLATE_ON;
}

int undeflate_read(struct undeflate *u, struct stream_input *input, void *buffer, size_t size,
		   size_t *ret_n)
{
	return read_some(u, input, buffer, size, ret_n, Z_NO_FLUSH);
}

int undeflate_read_block(struct undeflate *u, struct stream_input *input, void *buffer, size_t size,
			 size_t *ret_n, struct deflate_stop *ret_stop)
{
	int r = read_some(u, input, buffer, size, ret_n, Z_BLOCK);
	const unsigned int type = (unsigned int) u->z.data_type; /* zlib.h, inflate() */
	const bool at_block = (r == DEFLATE_ON || r == DEFLATE_CUT) && (type & 128) != 0;

	*ret_stop = (struct deflate_stop) { .at_block = at_block,
					    .last = at_block && (type & 64) != 0,
					    .unused = type & 63 };
	return at_block ? DEFLATE_ON : r;
}

uint64_t undeflate_offset(const struct undeflate *u)
{
	return u->skipped + u->z.total_in;
}

void undeflate_done(struct undeflate *u)
{
	if (u->ready)
		(void) inflateEnd(&u->z);
	u->ready = false;
}
