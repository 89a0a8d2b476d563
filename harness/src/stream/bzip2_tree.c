/* SPDX-License-Identifier: MIT */
/*
 * The Huffman codes of a bzip2 block.  Codes that are not complete, or claim
 * more than there is, are taken or refused as Go does (huffman.go): a symbol
 * that stands alone below a node is reached as soon as it is alone.
 */
#include <string.h>

#include "stream/bzip2.h"

struct code {
	uint32_t bits; /* from the highest bit down */
	uint16_t symbol;
};

/* A stretch of the sorted codes that still lacks a place in the tree. */
struct stretch {
	unsigned int begin, end;
	unsigned int level;
	uint16_t *link; /* where its node's number belongs; NULL: nowhere, it is the root */
};

/* Longest code first, numbered from 0; of equal length the higher symbol first. */
static void number_codes(const uint8_t *lengths, unsigned int n, struct code *codes)
{
	uint32_t bits = 0;
	unsigned int used = 0;

	for (unsigned int length = 20; length >= 1; length--)
		for (unsigned int i = n; i > 0; i--)
			if (lengths[i - 1] == length) {
				codes[used].bits = bits;
				codes[used++].symbol = (uint16_t) (i - 1);
				bits += UINT32_C(1) << (32 - length);
			}
}

/* The sum of too short codes wraps around, so that their order is lost. */
static void sort_codes(struct code *codes, unsigned int n)
{
	for (unsigned int i = 1; i < n; i++) {
		struct code code = codes[i];
		unsigned int at = i;

		for (; at > 0 && codes[at - 1].bits > code.bits; at--)
			codes[at] = codes[at - 1];
		codes[at] = code;
	}
}

/* Goes down to the level at which the stretch falls apart; false: it does nowhere. */
static bool split(const struct code *codes, struct stretch *stretch, unsigned int *ret_middle)
{
	for (; stretch->level < 32; stretch->level++) {
		uint32_t bit = UINT32_C(1) << (31 - stretch->level);
		unsigned int middle = stretch->begin;

		while (middle < stretch->end && (codes[middle].bits & bit) == 0)
			middle++;
		if (middle != stretch->begin && middle != stretch->end) {
			*ret_middle = middle;
			return true;
		}
	}
	return false;
}

const char *bunzip_tree_build(struct bunzip_tree *tree, const uint8_t *lengths, unsigned int n)
{
	struct code codes[BUNZIP_SYMBOLS_MAX];
	struct stretch open[BUNZIP_SYMBOLS_MAX + 1] = { { .end = n } };
	unsigned int n_open = 1;
	uint16_t n_nodes = 0;

	number_codes(lengths, n, codes);
	sort_codes(codes, n);
	while (n_open > 0) {
		struct stretch whole = open[--n_open];
		unsigned int middle = 0;
		uint16_t node = n_nodes;

		if (!split(codes, &whole, &middle))
			return "equal symbols in Huffman tree";
		n_nodes++;
		if (whole.link != NULL)
			*whole.link = node;
		/* The numbers ran from the longest code, so a set bit is the lower half. */
		for (int side = 0; side < 2; side++) {
			struct stretch half = { .begin = side == 0 ? whole.begin : middle,
						.end = side == 0 ? middle : whole.end,
						.level = whole.level + 1,
						.link = &tree->child[node][1 - side] };

			if (half.end - half.begin == 1)
				*half.link = codes[half.begin].symbol | BUNZIP_LEAF;
			else
				open[n_open++] = half;
		}
	}
	return NULL;
}
