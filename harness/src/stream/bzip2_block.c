/* SPDX-License-Identifier: MIT */
/*
 * A block of bzip2: tables, symbols, and the transform undone.  Only its bytes
 * with their run lengths are left to bzip2.c.  Every check and its words are
 * those of Go's readBlock (bzip2.go), in its order, because the first decides.
 */
#include <string.h>

#include "stream/bzip2.h"

enum {
	GROUP = 50,           /* symbols that share a tree */
	REPEAT_MAX = 2 << 20, /* bzip2's own limit */
	SYMBOL_RUN_B = 1,     /* 0 and 1 are digits of a repeat count */
	CODE_LENGTH_MAX = 20,
};

/* Moves the place @n of a list to its front and returns it. */
static uint8_t to_front(uint8_t *list, unsigned int n)
{
	uint8_t found = list[n];

	memmove(list + 1, list, n);
	list[0] = found;
	return found;
}

/* Which bytes occur: a map of sixteen maps. */
static const char *read_symbols(struct bunzip *bz)
{
	unsigned int ranges = (unsigned int) bunzip_bits(bz, 16);

	bz->n_symbols = 0;
	for (unsigned int range = 0; range < 16; range++) {
		unsigned int map;

		if ((ranges >> (15 - range) & 1) == 0)
			continue;
		map = (unsigned int) bunzip_bits(bz, 16);
		for (unsigned int i = 0; i < 16; i++)
			if ((map >> (15 - i) & 1) != 0)
				bz->symbols[bz->n_symbols++] = (uint8_t) (range * 16 + i);
	}
	return bz->n_symbols == 0 ? "no symbols in input" : NULL;
}

/* Which tree each group uses; numbers in unary, and of a move-to-front list. */
static const char *read_selectors(struct bunzip *bz)
{
	uint8_t list[BUNZIP_TREES_MAX] = { 0, 1, 2, 3, 4, 5 };

	bz->n_trees = (unsigned int) bunzip_bits(bz, 3);
	if (bz->n_trees < 2 || bz->n_trees > BUNZIP_TREES_MAX)
		return "invalid number of Huffman trees";
	bz->n_selectors = (unsigned int) bunzip_bits(bz, 15);
	for (unsigned int i = 0; i < bz->n_selectors; i++) {
		size_t n = 0;

		while (bunzip_bits(bz, 1) != 0)
			n++;
		if (n >= bz->n_trees)
			return "tree index too large";
		bz->selectors[i] = to_front(list, (unsigned int) n);
	}
	return NULL;
}

/* Lengths of a tree's codes, each as the difference to the one before. */
static const char *read_tree(struct bunzip *bz, struct bunzip_tree *tree)
{
	uint8_t lengths[BUNZIP_SYMBOLS_MAX];
	unsigned int n = bz->n_symbols + 2;
	unsigned int length = (unsigned int) bunzip_bits(bz, 5);

	for (unsigned int i = 0; i < n; i++) {
		while (true) {
			if (length < 1 || length > CODE_LENGTH_MAX)
				return "Huffman length out of range";
			if (bunzip_bits(bz, 1) == 0)
				break;
			if (bunzip_bits(bz, 1) != 0)
				length--;
			else
				length++;
		}
		lengths[i] = (uint8_t) length;
	}
	return bunzip_tree_build(tree, lengths, n);
}

static unsigned int read_symbol(struct bunzip *bz, const struct bunzip_tree *tree)
{
	unsigned int node = 0;

	while ((node & BUNZIP_LEAF) == 0)
		node = tree->child[node][bunzip_bits(bz, 1)];
	return node & ~(unsigned int) BUNZIP_LEAF;
}

static const char *put_repeated(struct bunzip *bz, size_t repeat, uint32_t *counts)
{
	if (repeat > bz->block_size - bz->n_block)
		return "repeats past end of block";
	for (size_t i = 0; i < repeat; i++)
		bz->block[bz->n_block++] = bz->symbols[0];
	counts[bz->symbols[0]] += (uint32_t) repeat;
	return NULL;
}

/* The symbols of the block into bz->block, and how many there are of each into @counts. */
static const char *read_content(struct bunzip *bz, uint32_t *counts)
{
	const unsigned int end = bz->n_symbols + 1;
	unsigned int group = 0, symbol = 0;
	size_t repeat = 0, power = 0;
	const char *wrong = NULL;

	if (bz->n_selectors == 0)
		return "no tree selectors given";
	for (unsigned int decoded = 0; wrong == NULL; decoded++) {
		if (decoded == GROUP) {
			if (++group >= bz->n_selectors)
				return "insufficient selector indices for number of symbols";
			decoded = 0;
		}
		symbol = read_symbol(bz, &bz->trees[bz->selectors[group]]);
		if (symbol <= SYMBOL_RUN_B) {
			power = repeat == 0 ? 1 : power * 2;
			repeat += power << symbol;
			if (repeat > REPEAT_MAX)
				return "repeat count too large";
			continue;
		}
		wrong = put_repeated(bz, repeat, counts);
		repeat = 0;
		if (wrong != NULL || symbol == end)
			return wrong;
		(void) to_front(bz->symbols, symbol - 1);
		if (bz->n_block >= bz->block_size)
			return "data exceeds block size";
		wrong = put_repeated(bz, 1, counts);
	}
	return wrong;
}

/* Each element gets, above its symbol, the place of the one that follows it in the text. */
static void undo_transform(struct bunzip *bz, uint32_t start, uint32_t *counts)
{
	uint32_t sum = 0;

	for (unsigned int i = 0; i < 256; i++) {
		uint32_t n = counts[i];

		counts[i] = sum;
		sum += n;
	}
	for (size_t i = 0; i < bz->n_block; i++)
		bz->block[counts[bz->block[i] & 0xff]++] |= (uint32_t) i << 8;
	bz->at = bz->block[start] >> 8;
}

const char *bunzip_block(struct bunzip *bz)
{
	uint32_t counts[256] = { 0 };
	const char *wrong;
	uint32_t start;

	bz->wanted_crc = (uint32_t) bunzip_bits(bz, 32);
	bz->block_crc = 0;
	bz->file_crc = (bz->file_crc << 1 | bz->file_crc >> 31) ^ bz->wanted_crc;
	bz->n_block = bz->used = 0;
	if (bunzip_bits(bz, 1) != 0)
		return "deprecated randomized files";
	start = (uint32_t) bunzip_bits(bz, 24);
	wrong = read_symbols(bz);
	if (wrong == NULL)
		wrong = read_selectors(bz);
	for (unsigned int i = 0; wrong == NULL && i < bz->n_trees; i++)
		wrong = read_tree(bz, &bz->trees[i]);
	if (wrong == NULL)
		wrong = read_content(bz, counts);
	if (wrong == NULL && start >= bz->n_block)
		wrong = "origPtr out of bounds";
	if (wrong != NULL) {
		bz->n_block = 0;
		return wrong;
	}
	undo_transform(bz, start, counts);
	return NULL;
}
