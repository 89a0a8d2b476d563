/* SPDX-License-Identifier: MIT */
/*
 * Raw deflate by ISA-L, several times as fast as zlib, with zlib's judgement.
 *
 * ISA-L takes codes that are not complete, which zlib and Go refuse.  Hence it
 * gets one block at a time, and only blocks whose codes are seen to be complete
 * (igzip_block.c).  Those it can only decode as zlib does, up to a fault.  The
 * others, and one in which it meets a fault, zlib decodes from the block's
 * beginning, and tells what comes before the fault and where it is.
 *
 * Without the library igzip_absent.c stands for this.  For stream/ only.
 */
#ifndef UNR_STREAM_IGZIP_H
#define UNR_STREAM_IGZIP_H

#include "stream/deflate.h"

struct igzip;

/**
 * igzip_new() - a decoder
 * @exact: borrowed, open; it decodes what ISA-L must not
 * @ret:   NULL where the library is not there
 *
 * Return: 0 or -ENOMEM.
 */
UNR_MUST_CHECK int igzip_new(struct undeflate *exact, struct igzip **ret);
void igzip_free(struct igzip *ig);

/** igzip_start() - data begins where the input is. */
void igzip_start(struct igzip *ig, const struct stream_input *input);

/** igzip_read() - as undeflate_read(); nothing came out with another return than DEFLATE_ON. */
UNR_MUST_CHECK int igzip_read(struct igzip *ig, struct stream_input *input, void *buffer,
			      size_t size, size_t *ret_n);

/** igzip_crc32() - as zlib's crc32(). */
uint32_t igzip_crc32(uint32_t crc, const void *bytes, size_t n);

/* Between the files of this decoder. */

/* Held bytes with which igzip_block_is_sound() sees any header whole. */
#define IGZIP_HEADER_ROOM ((size_t) 512)

/**
 * igzip_block_is_sound() - is a block's header one that ISA-L and zlib understand alike?
 * @bytes: @n of them, from the one with the header's first bit on
 * @bit:   of that byte
 *
 * Return: false also of a header that zlib takes, where there is a doubt.
 */
bool igzip_block_is_sound(const unsigned char *bytes, size_t n, unsigned int bit);

#endif
