/* SPDX-License-Identifier: MIT */
/* xz in the words of the program xz: see xz.h. */
#include "stream/xz.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* What the program says of an answer of liblzma (xz 5.4, src/xz/message.c). */
static const struct {
	lzma_ret answer;
	const char *words;
} WORDS[] = {
	{ LZMA_MEMLIMIT_ERROR, "Memory usage limit reached" },
	{ LZMA_FORMAT_ERROR, "File format not recognized" },
	{ LZMA_OPTIONS_ERROR, "Unsupported options" },
	{ LZMA_DATA_ERROR, "Compressed data is corrupt" },
	{ LZMA_BUF_ERROR, "Unexpected end of input" },
};

static void set_fault(struct unxz *xz, lzma_ret answer)
{
	const char *words = "Internal error (bug)";

	for (size_t i = 0; i < UNR_COUNT(WORDS); i++)
		if (WORDS[i].answer == answer)
			words = WORDS[i].words;
	(void) snprintf(xz->fault, sizeof(xz->fault), "exit status 1: xz: (stdin): %s\n", words);
}

int unxz_open(struct unxz *xz)
{
	/* The flags, and no limit of memory, are the program's for -d. */
	lzma_ret answer = lzma_stream_decoder(&xz->lzma, UINT64_MAX,
					      LZMA_TELL_UNSUPPORTED_CHECK | LZMA_CONCATENATED);

	return answer == LZMA_OK ? 0 : -ENOMEM;
}

void unxz_done(struct unxz *xz)
{
	lzma_end(&xz->lzma);
}

/* Takes liblzma's answer; 0 or -errno. */
static int take_answer(struct unxz *xz, lzma_ret answer)
{
	switch (answer) {
	case LZMA_OK:
		return 0;
	case LZMA_UNSUPPORTED_CHECK: /* a warning, which -q hides; the exit status tells */
		xz->unchecked = true;
		return 0;
	case LZMA_STREAM_END:
		xz->ended = true;
		if (xz->unchecked)
			(void) snprintf(xz->fault, sizeof(xz->fault), "exit status 2: ");
		return 0;
	case LZMA_MEM_ERROR:
		return -ENOMEM;
	default:
		xz->ended = true;
		set_fault(xz, answer);
		return 0;
	}
}

/* Fills the empty buffer as far as it goes; 0 or -errno. */
static int decode(struct unxz *xz, struct stream_input *input)
{
	xz->begin = 0;
	xz->lzma.next_out = xz->buffer;
	xz->lzma.avail_out = sizeof(xz->buffer);
	while (!xz->ended && xz->lzma.avail_out == sizeof(xz->buffer)) {
		ssize_t held = input_fill(input);
		int r;

		if (held < 0)
			return (int) held;
		xz->lzma.next_in = input->buffer + input->begin;
		xz->lzma.avail_in = (size_t) held;
		r = take_answer(xz, lzma_code(&xz->lzma, held == 0 ? LZMA_FINISH : LZMA_RUN));
		input->begin = input->end - xz->lzma.avail_in;
		if (r < 0)
			return r;
	}
	xz->end = sizeof(xz->buffer) - xz->lzma.avail_out;
	return 0;
}

/*
 * How far liblzma gets in damaged data depends on the room it has: it is given
 * what the program gives it, whatever is wanted of us.
 */
ssize_t unxz_read(struct unxz *xz, struct stream_input *input, void *buffer, size_t size)
{
	int r = xz->begin < xz->end ? 0 : decode(xz, input);

	if (r < 0)
		return r;
	if (size > xz->end - xz->begin)
		size = xz->end - xz->begin;
	memcpy(buffer, xz->buffer + xz->begin, size);
	xz->begin += size;
	return (ssize_t) size;
}
