/* SPDX-License-Identifier: MIT */
/*
 * bzip2 as Go reads it (go1.19 compress/bzip2): streams one after the other,
 * each with its checksums.  Decoded here and not by libbz2, which has one word
 * for every kind of damage where Go has one for each.  For stream/ only.
 */
#ifndef UNR_STREAM_BZIP2_H
#define UNR_STREAM_BZIP2_H

#include <stdbool.h>

#include "stream/input.h"

enum {
	BUNZIP_TREES_MAX = 6,
	BUNZIP_SYMBOLS_MAX = 258,       /* 256 bytes, RUNA or RUNB for one of them, the end */
	BUNZIP_SELECTORS_MAX = 1 << 15, /* the field has 15 bits; Go takes all values */
	BUNZIP_LEAF = 1 << 15,          /* a child that is a symbol */
};

/* A Huffman code as a tree: a child is another node, or BUNZIP_LEAF and a symbol. */
struct bunzip_tree {
	uint16_t child[BUNZIP_SYMBOLS_MAX][2]; /* by the next bit */
};

struct bunzip {
	struct stream_input *input; /* borrowed */
	bool ended;                 /* nothing more will come */
	bool started;
	bool short_input; /* bits were asked for behind the end */
	int error;        /* -errno of a failed read */
	uint64_t bits;    /* the lowest @n_bits are still to be used */
	unsigned int n_bits;
	uint32_t block_crc, wanted_crc, file_crc;

	uint32_t *
		block; /* owned; a symbol and the place of the next one, as the transform left it */
	size_t block_room, block_size; /* block_size: the most that the stream's level allows */
	size_t n_block, used;
	uint32_t at;
	int last; /* byte that came out last, -1: none that counts */
	unsigned int run, repeats;

	/* Of the block that is being decoded. */
	struct bunzip_tree trees[BUNZIP_TREES_MAX];
	unsigned int n_trees;
	uint8_t selectors[BUNZIP_SELECTORS_MAX];
	unsigned int n_selectors;
	uint8_t symbols[256]; /* in the order of the move-to-front list */
	unsigned int n_symbols;

	char fault[96]; /* Go's text for what broke it; "" */
};

/** bunzip_open() - nothing is read yet; the first read tells of a bad header. */
void bunzip_open(struct bunzip *bz, struct stream_input *input);

/** bunzip_read() - decompressed bytes; 0 at the end or behind a fault; -errno. */
UNR_MUST_CHECK ssize_t bunzip_read(struct bunzip *bz, void *buffer, size_t size);

void bunzip_done(struct bunzip *bz);

/* Between the files of this decoder. */

/** bunzip_bits() - the next @n bits, at most 48; 0 and a note in @bz where there are not as many. */
uint64_t bunzip_bits(struct bunzip *bz, unsigned int n);

/** bunzip_block() - decode a block up to its run lengths; NULL, or Go's words for what is wrong. */
const char *bunzip_block(struct bunzip *bz);

/** bunzip_tree_build() - from the code's lengths; NULL, or Go's words for what is wrong. */
const char *bunzip_tree_build(struct bunzip_tree *tree, const uint8_t *lengths, unsigned int n);

#endif
