/* SPDX-License-Identifier: MIT */
/* Raw deflate by ISA-L, block by block: see igzip.h. */
#include "stream/igzip.h"

#include <errno.h>
#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <stdlib.h>
#include <string.h>

/* Room beside the window; a block of a usual compressor gives less. */
#define PART_SIZE ((size_t) 128 << 10)

/*
 * Held at a block's beginning: of a block that it takes for the last, ISA-L
 * builds smaller and slower tables if there is less than 4 KiB of it.
 */
#define HELD_MIN ((size_t) 8 << 10)

/* A change of decoders costs: blocks that give so little, so many in a row, are zlib's... */
#define SMALL_BLOCK ((uint64_t) 1 << 10)
#define SMALL_BLOCKS_MAX 4
/* ...and it keeps what it began for so many bytes of input. */
#define EXACT_MIN ((uint64_t) 16 << 10)

enum phase { AT_BLOCK, IN_FAST, IN_EXACT, ENDED };

struct igzip {
	struct inflate_state fast;
	struct undeflate *exact; /* borrowed */
	enum phase phase;
	enum deflate_end end; /* how it ended */
	uint64_t origin;      /* of the data in the blob */
	/* The block that has begun. */
	uint64_t at;      /* the byte in which it begins, in the blob */
	unsigned int bit; /* of that byte */
	bool last;
	uint64_t given; /* bytes that came out */
	uint64_t again; /* of those, what zlib has still to give a second time */
	unsigned int small_blocks;
	size_t window_length;
	unsigned char window[DEFLATE_WINDOW]; /* what came out before it */
	/* What came out; the beginning is kept for the window. */
	size_t out_begin, out_end;
	unsigned char out[DEFLATE_WINDOW + PART_SIZE];
};

int igzip_new(struct undeflate *exact, struct igzip **ret)
{
	struct igzip *ig = malloc(sizeof(*ig));

	if (ig == NULL)
		return -ENOMEM;
	isal_inflate_init(&ig->fast);
	ig->exact = exact;
	*ret = ig;
	return 0;
}

void igzip_free(struct igzip *ig)
{
	free(ig);
}

void igzip_start(struct igzip *ig, const struct stream_input *input)
{
	ig->phase = AT_BLOCK;
	ig->end = DEFLATE_DONE;
	ig->origin = input_tell(input);
	ig->bit = 0;
	ig->small_blocks = 0;
	ig->out_begin = ig->out_end = 0;
}

static int end_with(struct igzip *ig, enum deflate_end end)
{
	ig->phase = ENDED;
	ig->end = end;
	return 0;
}

/* zlib begins at the block's beginning, whatever has come out of it. */
static int begin_exact(struct igzip *ig, struct stream_input *input)
{
	ig->phase = IN_EXACT;
	ig->again = ig->given;
	input_seek(input, ig->at);
	return undeflate_resume(ig->exact, input, ig->bit, ig->at - ig->origin, ig->window,
				ig->window_length);
}

/*
 * A block as a stream of its own: the window is a dictionary, and the bit that
 * marks the last block is set, so that ISA-L ends with it.
 */
static void begin_fast(struct igzip *ig, struct stream_input *input)
{
	ig->phase = IN_FAST;
	ig->last = (input->buffer[input->begin] >> ig->bit & 1) != 0;
	isal_inflate_reset(&ig->fast);
	if (ig->window_length > 0)
		(void) isal_inflate_set_dict(&ig->fast, ig->window, (uint32_t) ig->window_length);
	ig->fast.read_in = (uint64_t) input->buffer[input->begin++] >> ig->bit | 1;
	ig->fast.read_in_length = (int32_t) (8 - ig->bit);
}

static int begin_block(struct igzip *ig, struct stream_input *input)
{
	ssize_t held = input_hold(input, HELD_MIN);

	if (held < 0)
		return (int) held;
	ig->at = input_tell(input);
	ig->given = 0;
	ig->window_length = ig->out_end < DEFLATE_WINDOW ? ig->out_end : DEFLATE_WINDOW;
	memcpy(ig->window, ig->out + ig->out_end - ig->window_length, ig->window_length);
	if (held == 0)
		return end_with(ig, DEFLATE_CUT);
	if (ig->small_blocks >= SMALL_BLOCKS_MAX ||
	    !igzip_block_is_sound(input->buffer + input->begin, (size_t) held, ig->bit))
		return begin_exact(ig, input);
	begin_fast(ig, input);
	return 0;
}

/* @unused bits were read that belong to what follows. */
static void end_block(struct igzip *ig, struct stream_input *input, unsigned int unused)
{
	input_seek(input, input_tell(input) - (unused + 7) / 8);
	ig->bit = (8 - unused % 8) % 8;
	ig->phase = AT_BLOCK;
	if (!ig->last)
		return;
	if (ig->bit > 0)
		input->begin++;
	(void) end_with(ig, DEFLATE_DONE);
}

static int read_fast(struct igzip *ig, struct stream_input *input)
{
	struct inflate_state *fast = &ig->fast;
	const size_t room = sizeof(ig->out) - ig->out_end;
	ssize_t held = input_fill(input);
	bool ended;
	size_t n;
	int r;

	if (held < 0)
		return (int) held;
	fast->next_in = input->buffer + input->begin;
	fast->avail_in = (uint32_t) held;
	fast->next_out = ig->out + ig->out_end;
	fast->avail_out = (uint32_t) room;
	r = isal_inflate(fast);
	n = room - fast->avail_out;
	ended = fast->block_state == ISAL_BLOCK_FINISH;
	if (r < 0 || (held == 0 && n == 0 && !ended))
		return begin_exact(ig, input);
	input->begin = input->end - fast->avail_in;
	ig->out_end += n;
	ig->given += n;
	if (!ended)
		return 0;
	ig->small_blocks = ig->given < SMALL_BLOCK ? ig->small_blocks + 1 : 0;
	end_block(ig, input, (unsigned int) fast->read_in_length);
	return 0;
}

static int read_exact(struct igzip *ig, struct stream_input *input)
{
	unsigned char *out = ig->out + ig->out_end;
	struct deflate_stop stop;
	size_t n, drop;
	int r = undeflate_read_block(ig->exact, input, out, sizeof(ig->out) - ig->out_end, &n,
				     &stop);

	if (r < 0)
		return r;
	drop = n < ig->again ? n : (size_t) ig->again;
	memmove(out, out + drop, n - drop);
	ig->again -= drop;
	ig->out_end += n - drop;
	if (r != DEFLATE_ON)
		return end_with(ig, (enum deflate_end) r);
	if (stop.at_block && (stop.last || ig->exact->z.total_in >= EXACT_MIN)) {
		ig->last = stop.last;
		ig->small_blocks = 0;
		end_block(ig, input, stop.unused);
	}
	return 0;
}

/* Nothing is left to hand over: the window moves to the front. */
static void make_room(struct igzip *ig)
{
	if (ig->out_end <= DEFLATE_WINDOW)
		return;
	memmove(ig->out, ig->out + ig->out_end - DEFLATE_WINDOW, DEFLATE_WINDOW);
	ig->out_begin = ig->out_end = DEFLATE_WINDOW;
}

int igzip_read(struct igzip *ig, struct stream_input *input, void *buffer, size_t size,
	       size_t *ret_n)
{
	size_t n;

	*ret_n = 0;
	while (ig->out_begin == ig->out_end) {
		int r = 0;

		if (ig->phase == ENDED)
			return (int) ig->end;
		make_room(ig);
		if (ig->phase == AT_BLOCK)
			r = begin_block(ig, input);
		if (r == 0 && ig->phase == IN_FAST)
			r = read_fast(ig, input);
		else if (r == 0 && ig->phase == IN_EXACT)
			r = read_exact(ig, input);
		if (r < 0)
			return r;
	}
	n = ig->out_end - ig->out_begin < size ? ig->out_end - ig->out_begin : size;
	memcpy(buffer, ig->out + ig->out_begin, n);
	ig->out_begin += n;
	*ret_n = n;
	return DEFLATE_ON;
}

uint32_t igzip_crc32(uint32_t crc, const void *bytes, size_t n)
{
	return crc32_gzip_refl(crc, bytes, n);
}
