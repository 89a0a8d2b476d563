/* SPDX-License-Identifier: MIT */
/*
 * Looks through the header of a deflate block (RFC 1951, 3.2.7) for what ISA-L
 * takes and zlib does not: codes that are not complete.  Decodes no data.
 */
#include <endian.h>
#include <string.h>

#include "stream/igzip.h"

enum {
	FIXED = 1, /* kinds of blocks, 0 is stored */
	DYNAMIC = 2,
	CODES = 19, /* of code lengths */
	CODE_LENGTH_MAX = 7,
	LENGTH_MAX = 15,
	LITERALS_MAX = 286,
	DISTANCES_MAX = 30,
	END_OF_BLOCK = 256,
};

struct bits {
	const unsigned char *bytes;
	size_t n, at; /* n bytes; the next bit */
	bool short_input;
};

/* A code for code lengths: what the next CODE_LENGTH_MAX bits begin with. */
struct code {
	uint8_t symbol[1 << CODE_LENGTH_MAX], length[1 << CODE_LENGTH_MAX];
};

/* At least 57 bits.  Whole words are read: behind a member's last block is its trailer. */
static uint64_t peek(struct bits *bits)
{
	uint64_t word;

	if (bits->n < sizeof(word) || bits->at / 8 > bits->n - sizeof(word)) {
		bits->short_input = true;
		return 0;
	}
	memcpy(&word, bits->bytes + bits->at / 8, sizeof(word));
	return le64toh(word) >> bits->at % 8;
}

static unsigned int take(struct bits *bits, unsigned int n)
{
	unsigned int value = (unsigned int) (peek(bits) & ((UINT64_C(1) << n) - 1));

	bits->at += n;
	return value;
}

/* Do codes of these lengths use up all there is? */
static bool is_complete(const uint8_t *lengths, unsigned int n)
{
	unsigned int used = 0;

	for (unsigned int i = 0; i < n; i++)
		if (lengths[i] > 0)
			used += 1U << (LENGTH_MAX - lengths[i]);
	return used == 1U << LENGTH_MAX;
}

static unsigned int reversed(unsigned int code, unsigned int length)
{
	unsigned int value = 0;

	for (; length > 0; length--, code >>= 1)
		value = value << 1 | (code & 1);
	return value;
}

/* Of lengths that are complete. */
static void build_code(const uint8_t *lengths, struct code *ret)
{
	unsigned int next = 0;

	for (unsigned int length = 1; length <= CODE_LENGTH_MAX; length++, next <<= 1)
		for (unsigned int symbol = 0; symbol < CODES; symbol++) {
			if (lengths[symbol] != length)
				continue;
			for (unsigned int i = reversed(next, length); i < 1 << CODE_LENGTH_MAX;
			     i += 1U << length) {
				ret->symbol[i] = (uint8_t) symbol;
				ret->length[i] = (uint8_t) length;
			}
			next++;
		}
}

static bool read_code(struct bits *bits, struct code *ret)
{
	static const uint8_t order[CODES] = { 16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
					      11, 4,  12, 3, 13, 2, 14, 1, 15 };
	uint8_t lengths[CODES] = { 0 };
	unsigned int n = take(bits, 4) + 4;

	for (unsigned int i = 0; i < n; i++)
		lengths[order[i]] = (uint8_t) take(bits, 3);
	if (!is_complete(lengths, CODES))
		return false;
	build_code(lengths, ret);
	return true;
}

/* Those of literals and of distances stand in one row; false where a repetition does not fit. */
static bool read_lengths(struct bits *bits, const struct code *code, uint8_t *lengths,
			 unsigned int n)
{
	static const struct {
		uint8_t bits, least;
	} repeats[] = { { 2, 3 }, { 3, 3 }, { 7, 11 } };
	unsigned int i = 0;

	while (i < n && !bits->short_input) {
		const unsigned int at = (unsigned int) peek(bits) & ((1 << CODE_LENGTH_MAX) - 1);
		const unsigned int symbol = code->symbol[at];
		unsigned int repeat;

		bits->at += code->length[at];
		if (symbol <= LENGTH_MAX) {
			lengths[i++] = (uint8_t) symbol;
			continue;
		}
		repeat = repeats[symbol - 16].least + take(bits, repeats[symbol - 16].bits);
		if (repeat > n - i || (symbol == 16 && i == 0))
			return false;
		memset(lengths + i, symbol == 16 ? lengths[i - 1] : 0, repeat);
		i += repeat;
	}
	return true;
}

static bool is_dynamic_sound(struct bits *bits)
{
	uint8_t lengths[LITERALS_MAX + DISTANCES_MAX];
	struct code code;
	unsigned int n_literals = take(bits, 5) + 257;
	unsigned int n_distances = take(bits, 5) + 1;

	if (n_literals > LITERALS_MAX || n_distances > DISTANCES_MAX)
		return false;
	return read_code(bits, &code) &&
	       read_lengths(bits, &code, lengths, n_literals + n_distances) && !bits->short_input &&
	       lengths[END_OF_BLOCK] > 0 && is_complete(lengths, n_literals) &&
	       is_complete(lengths + n_literals, n_distances);
}

bool igzip_block_is_sound(const unsigned char *bytes, size_t n, unsigned int bit)
{
	struct bits bits = { .bytes = bytes, .n = n, .at = bit + 1 }; /* behind "the last one" */
	unsigned int kind = take(&bits, 2);

	if (bits.short_input || kind > DYNAMIC)
		return false;
	return kind != DYNAMIC || is_dynamic_sound(&bits);
}
