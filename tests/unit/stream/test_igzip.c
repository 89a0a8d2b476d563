/* SPDX-License-Identifier: MIT */
/*
 * stream/igzip: whole or damaged, the same bytes and the same words as from zlib
 * alone.  Built without ISA-L it compares zlib with itself.
 */
#include "gz.h"

/* How a member is made. */
struct making {
	int level, strategy, memory; /* see zlib's deflateInit2() */
	size_t flush_every;          /* a block ends behind so many bytes; 0: nowhere */
	int flush;
};

static const struct making MAKINGS[] = {
	{ 6, Z_DEFAULT_STRATEGY, 8, 0, 0 },
	{ 9, Z_DEFAULT_STRATEGY, 1, 0, 0 },
	{ 6, Z_FIXED, 8, 0, 0 },
	{ 0, Z_DEFAULT_STRATEGY, 8, 0, 0 },
	{ 6, Z_HUFFMAN_ONLY, 1, 0, 0 },
	{ 1, Z_RLE, 2, 0, 0 },
	{ 6, Z_DEFAULT_STRATEGY, 8, 300, Z_SYNC_FLUSH },
	{ 6, Z_DEFAULT_STRATEGY, 8, 40, Z_BLOCK },
	{ 6, Z_DEFAULT_STRATEGY, 8, 3, Z_FULL_FLUSH },
};

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

/* Some words again and again, of some letters again and again. */
static void put_words(struct unr_text *text, size_t size, uint32_t *random)
{
	for (size_t i = 0; i < size; i++) {
		size_t back = 1 + next_random(random) % (text->length + 1);

		if (back <= text->length && next_random(random) % 8 != 0)
			unr_text_append(text, &(char) { text->bytes[text->length - back] }, 1);
		else
			unr_text_append(text, &(char) { (char) (next_random(random) % 200) }, 1);
		for (uint32_t n = next_random(random) % 20; n > 0 && back <= text->length; n--, i++)
			unr_text_append(text, &(char) { text->bytes[text->length - back] }, 1);
	}
	assert_false(text->failed);
}

static void put_made(struct unr_text *text, const struct making *making, const char *bytes,
		     size_t size)
{
	z_stream z = { 0 };
	unsigned char room[4096];
	size_t done = 0;
	int r;

	unr_text_append(text, "\x1f\x8b\x08\0\0\0\0\0\0\xff", GZ_HEADER);
	assert_int_equal(deflateInit2(&z, making->level, Z_DEFLATED, -MAX_WBITS, making->memory,
				      making->strategy),
			 Z_OK);
	do {
		size_t part = making->flush_every == 0 ? size : making->flush_every;

		if (part > size - done)
			part = size - done;
		z.next_in = (unsigned char *) (uintptr_t) bytes + done;
		z.avail_in = (unsigned int) part;
		done += part;
		do {
			z.next_out = room;
			z.avail_out = sizeof(room);
			r = deflate(&z, done == size ? Z_FINISH : making->flush);
			unr_text_append(text, room, sizeof(room) - z.avail_out);
		} while (z.avail_out == 0);
	} while (r != Z_STREAM_END);
	(void) deflateEnd(&z);
	put_little(text, crc32(0, (const unsigned char *) bytes, (unsigned int) size), 4);
	put_little(text, size, 4);
	assert_false(text->failed);
}

static void assert_alike(const void *bytes, size_t size, size_t step)
{
	unr_auto(outcome_done) struct outcome exact =
		read_stream_with(UNR_STREAM_DIGEST, bytes, size, 65536);
	unr_auto(outcome_done) struct outcome fast =
		read_stream_with(UNR_STREAM_DIGEST | UNR_STREAM_FAST, bytes, size, step);

	assert_string_equal(fast.open_text, exact.open_text);
	assert_string_equal(fast.fault_text, exact.fault_text);
	assert_int_equal(fast.content.length, exact.content.length);
	assert_string_equal(fast.diff_id, exact.diff_id);
	assert_int_equal(fast.consumed, exact.consumed);
}

static void whole__of_any_making(void **state)
{
	static const size_t sizes[] = { 0, 1, 1000, 33000, 300000 };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(MAKINGS); i++)
		for (size_t j = 0; j < UNR_COUNT(sizes); j++) {
			unr_auto(unr_text_done) struct unr_text content = { 0 }, bytes = { 0 };
			uint32_t random = (uint32_t) (i + j);

			put_words(&content, sizes[j], &random);
			put_made(&bytes, &MAKINGS[i], unr_text_string(&content), content.length);
			assert_alike(bytes.bytes, bytes.length, 65536);
			assert_alike(bytes.bytes, bytes.length, 1001);
		}
}

/* Members end at any byte of the buffer that the blob is read through. */
static void whole__members_across_buffers(void **state)
{
	unr_auto(unr_text_done) struct unr_text content = { 0 }, bytes = { 0 };
	uint32_t random = 1;

	(void) state;
	put_words(&content, 3000, &random);
	while (bytes.length < 400000) {
		const struct making *making = &MAKINGS[next_random(&random) % UNR_COUNT(MAKINGS)];

		put_made(&bytes, making, content.bytes, next_random(&random) % 3000);
	}
	assert_alike(bytes.bytes, bytes.length, 65536);
	assert_alike(bytes.bytes, bytes.length, 1);
}

static void cut__at_every_byte(void **state)
{
	(void) state;
	for (size_t i = 0; i < UNR_COUNT(MAKINGS); i++) {
		unr_auto(unr_text_done) struct unr_text content = { 0 }, bytes = { 0 };
		uint32_t random = 7;

		put_words(&content, 500, &random);
		put_made(&bytes, &MAKINGS[i], content.bytes, content.length);
		for (size_t n = 3; n < bytes.length; n++)
			assert_alike(bytes.bytes, n, 100);
	}
}

static void damaged__at_every_bit(void **state)
{
	(void) state;
	for (size_t i = 0; i < UNR_COUNT(MAKINGS); i++) {
		unr_auto(unr_text_done) struct unr_text content = { 0 }, bytes = { 0 };
		uint32_t random = 3;

		put_words(&content, 200, &random);
		put_made(&bytes, &MAKINGS[i], content.bytes, content.length);
		for (size_t bit = 0; bit < bytes.length * 8; bit++) {
			char *at = &bytes.bytes[bit / 8];

			*at = (char) (*at ^ 1 << bit % 8);
			assert_alike(bytes.bytes, bytes.length, 65536);
			*at = (char) (*at ^ 1 << bit % 8);
		}
	}
}

/* One of the ways in which bytes go wrong. */
static void damage(struct unr_text *bytes, uint32_t *random)
{
	const uint32_t range = next_random(random) % 2 == 0 ? 120 : (uint32_t) bytes->length;
	const size_t at = next_random(random) % (range < bytes->length ? range : bytes->length);
	char *place = bytes->bytes + at;

	switch (next_random(random) % 8) {
	case 0:
		*place = (char) next_random(random);
		break;
	case 1:
		bytes->length = at;
		break;
	case 2:
		bytes->length--;
		memmove(place, place + 1, bytes->length - at);
		break;
	case 3:
		memmove(place + 1, place, bytes->length - at - 1);
		break;
	case 4:
		for (uint32_t n = next_random(random) % 30; n > 0; n--)
			unr_text_append(bytes, &(char) { (char) next_random(random) }, 1);
		break;
	default:
		*place = (char) (*place ^ 1 << next_random(random) % 8);
		break;
	}
}

/* A member of each making, one behind the other. */
static void put_all(struct unr_text *ret, size_t *ret_ends, size_t size, uint32_t *random)
{
	for (size_t i = 0; i < UNR_COUNT(MAKINGS); i++) {
		unr_auto(unr_text_done) struct unr_text content = { 0 };

		put_words(&content, size, random);
		put_made(ret, &MAKINGS[i], content.bytes, content.length);
		ret_ends[i] = ret->length;
	}
}

/* One to three neighbours, @n times, each time with damage of its own. */
static void assert_damaged_alike(size_t size, size_t n, uint32_t random)
{
	unr_auto(unr_text_done) struct unr_text members = { 0 };
	size_t ends[UNR_COUNT(MAKINGS)];

	put_all(&members, ends, size, &random);
	for (size_t i = 0; i < n; i++) {
		unr_auto(unr_text_done) struct unr_text bytes = { 0 };
		size_t first = next_random(&random) % UNR_COUNT(ends);
		size_t last = first + next_random(&random) % 3;
		size_t begin = first == 0 ? 0 : ends[first - 1];

		if (last >= UNR_COUNT(ends))
			last = UNR_COUNT(ends) - 1;
		unr_text_append(&bytes, members.bytes + begin, ends[last] - begin);
		for (uint32_t times = 1 + next_random(&random) % 3; times > 0; times--)
			if (bytes.length > 0)
				damage(&bytes, &random);
		assert_alike(unr_text_string(&bytes), bytes.length, i % 2 == 0 ? 65536 : 999);
	}
}

static void damaged__at_random(void **state)
{
	(void) state;
	assert_damaged_alike(1500, 20000, 1);
}

/* Larger than what is read and what is given at once: faults behind much that was right. */
static void damaged__large(void **state)
{
	(void) state;
	assert_damaged_alike(300000, 100, 2);
}

/* All of these give "ab" by ISA-L alone, with the right checksum. */
static void codes__that_are_not_complete(void **state)
{
	static const struct {
		const char *data;
		size_t size;
		bool is_valid;
	} cases[] = {
		/* complete */
		{ "\005\341\201\010\000\000\000\300\060\260\376\367\167\370\206\003", 16, true },
		/* literals */
		{ "\005\341\201\010\000\000\000\300\060\260\376\376\020\337\060", 15, false },
		/* distances */
		{ "\005\342\201\010\000\000\000\300\060\260\376\367\167\370\177\034", 16, false },
		/* one distance of two bits */
		{ "\005\340\201\010\000\000\000\300\060\260\376\367\167\370\161", 15, false },
		/* code lengths */
		{ "\005\341\001\011\000\000\000\300\060\150\155\353\337\103\023\034", 16, false },
		/* one distance of one bit */
		{ "\005\340\201\010\000\000\000\300\060\260\376\367\167\370\160", 15, true },
		/* no distance */
		{ "\005\340\201\010\000\000\000\300\060\260\376\367\167\170\070", 15, true },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		unr_auto(unr_text_done) struct unr_text bytes = { 0 };
		unr_auto(outcome_done) struct outcome outcome = { 0 };

		unr_text_append(&bytes, "\x1f\x8b\x08\0\0\0\0\0\0\xff", GZ_HEADER);
		unr_text_append(&bytes, cases[i].data, cases[i].size);
		put_little(&bytes, crc32(0, (const unsigned char *) "ab", 2), 4);
		put_little(&bytes, 2, 4);
		assert_alike(bytes.bytes, bytes.length, 65536);
		outcome = read_stream(bytes.bytes, bytes.length, 65536);
		assert_string_equal(unr_text_string(&outcome.content),
				    cases[i].is_valid ? "ab" : "");
		assert_int_equal(outcome.fault_text[0] == '\0', cases[i].is_valid);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(whole__of_any_making),
	cmocka_unit_test(whole__members_across_buffers),
	cmocka_unit_test(cut__at_every_byte),
	cmocka_unit_test(damaged__at_every_bit),
	cmocka_unit_test(damaged__at_random),
	cmocka_unit_test(damaged__large),
	cmocka_unit_test(codes__that_are_not_complete),
};

UNR_TEST_MAIN("igzip", tests, NULL);
