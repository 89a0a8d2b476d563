/* SPDX-License-Identifier: MIT */
/* SipHash-2-4 with 128-bit output: see siphash.h. */
#include "base/siphash.h"

#include <endian.h>
#include <string.h>

static uint64_t rotate(uint64_t x, unsigned int bits)
{
	return x << bits | x >> (64 - bits);
}

static void sip_rounds(uint64_t v[4], int rounds)
{
	while (rounds-- > 0) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32) + v[3];
		v[2] += v[1];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] = rotate(v[2], 32);
	}
}

static void sip_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_rounds(v, 2);
	v[0] ^= word;
}

void unr_siphash(const uint64_t key[2], const void *data, size_t length, uint64_t ret[2])
{
	const unsigned char *bytes = data;
	uint64_t v[4] = { key[0] ^ UINT64_C(0x736f6d6570736575),
			  key[1] ^ UINT64_C(0x646f72616e646f6d) ^ 0xee,
			  key[0] ^ UINT64_C(0x6c7967656e657261),
			  key[1] ^ UINT64_C(0x7465646279746573) };
	uint64_t last = (uint64_t) length << 56;
	size_t whole = length / 8;

	for (size_t i = 0; i < whole; i++) {
		uint64_t word;

		memcpy(&word, bytes + 8 * i, 8);
		sip_word(v, le64toh(word));
	}
	for (size_t i = 8 * whole; i < length; i++)
		last |= (uint64_t) bytes[i] << (8 * (i % 8));
	sip_word(v, last);
	v[2] ^= 0xee;
	sip_rounds(v, 4);
	ret[0] = v[0] ^ v[1] ^ v[2] ^ v[3];
	v[1] ^= 0xdd;
	sip_rounds(v, 4);
	ret[1] = v[0] ^ v[1] ^ v[2] ^ v[3];
}
