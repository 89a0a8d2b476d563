/* SPDX-License-Identifier: MIT */
/* stream/ahead: the same bytes as without, whoever is faster, to the end and not to the end. */
#include "unr_test.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "stream/ahead.h"

/* Bytes 0, 1, 2... modulo 251, at most @step at a time, and then @end. */
struct numbers {
	uint64_t at, size;
	size_t step;
	ssize_t end;
};

static ssize_t read_numbers(void *context, void *buffer, size_t size)
{
	struct numbers *numbers = context;
	unsigned char *bytes = buffer;

	if (size > numbers->step)
		size = numbers->step;
	if (size > numbers->size - numbers->at)
		size = (size_t) (numbers->size - numbers->at);
	if (size == 0)
		return numbers->end;
	for (size_t i = 0; i < size; i++)
		bytes[i] = (unsigned char) (numbers->at++ % 251);
	return (ssize_t) size;
}

static uint64_t at(const void *context)
{
	const struct numbers *numbers = context;

	return numbers->at;
}

/* Who watches: each byte in its place, however many at a time. */
struct watched {
	struct numbers numbers;
	uint64_t seen;
	bool wrong;
};

static void watch(void *context, const void *bytes, size_t size)
{
	struct watched *watched = context;

	for (size_t i = 0; i < size; i++)
		watched->wrong |= ((const unsigned char *) bytes)[i] != watched->seen++ % 251;
}

static struct ahead *start_watched(struct watched *watched)
{
	const struct ahead_source source = {
		.read = read_numbers, .watch = watch, .at = at, .context = watched
	};
	struct ahead *ahead = NULL;

	assert_int_equal(ahead_start(&source, &ahead), 0);
	return ahead;
}

static struct ahead *start(struct numbers *numbers)
{
	const struct ahead_source source = { .read = read_numbers, .at = at, .context = numbers };
	struct ahead *ahead = NULL;

	assert_int_equal(ahead_start(&source, &ahead), 0);
	return ahead;
}

/* Reads all of it in pieces of @size, and once more behind the end. */
static void assert_numbers(struct numbers numbers, size_t size)
{
	struct ahead *ahead = start(&numbers);
	unsigned char buffer[70000];
	uint64_t position = 0;
	ssize_t n;

	assert_true(size <= sizeof(buffer));
	while ((n = ahead_read(ahead, buffer, size)) > 0) {
		assert_true((size_t) n <= size);
		for (ssize_t i = 0; i < n; i++)
			assert_int_equal(buffer[i], position++ % 251);
		assert_true(ahead_at(ahead) >= position);
	}
	assert_int_equal(n, numbers.end);
	assert_int_equal(ahead_read(ahead, buffer, size), numbers.end);
	assert_int_equal(position, numbers.size);
	assert_int_equal(ahead_at(ahead), numbers.size);
	ahead_stop(ahead);
}

static void bytes__are_the_same_in_any_pieces(void **state)
{
	static const uint64_t sizes[] = { 0, 1, 262143, 262144, 262145, 1048576, 3000003 };
	static const size_t steps[] = { 999, 65536, 1 << 20 };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(sizes); i++)
		for (size_t j = 0; j < UNR_COUNT(steps); j++) {
			assert_numbers((struct numbers) { .size = sizes[i], .step = steps[j] },
				       512);
			assert_numbers((struct numbers) { .size = sizes[i], .step = steps[j] },
				       70000);
		}
}

/* All that came before it is read first. */
static void error__comes_in_its_place(void **state)
{
	(void) state;
	assert_numbers((struct numbers) { .size = 300000, .step = 4096, .end = -EIO }, 512);
	assert_numbers((struct numbers) { .end = -EIO }, 512);
}

/* Whatever the caller passes over is watched, to the last byte. */
static void watcher__sees_every_byte(void **state)
{
	static const uint64_t sizes[] = { 0, 1, 262144, 262145, 2097152, 5000003 };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(sizes); i++) {
		struct watched watched = { .numbers = { .size = sizes[i], .step = 65536 } };
		struct ahead *ahead = start_watched(&watched);

		assert_int_equal(ahead_skip(ahead, UINT64_MAX), 0);
		ahead_finish(ahead);
		assert_int_equal(watched.seen, sizes[i]);
		assert_false(watched.wrong);
		ahead_stop(ahead);
	}
}

static void skip__goes_on_behind_it(void **state)
{
	static const uint64_t skips[] = { 0, 1, 262143, 262144, 262145, 999999, 1000000 };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(skips); i++) {
		struct numbers numbers = { .size = 1000001, .step = 65536, .end = -EIO };
		struct ahead *ahead = start(&numbers);
		unsigned char byte = 0;

		assert_int_equal(ahead_skip(ahead, skips[i]), 0);
		assert_int_equal(ahead_read(ahead, &byte, 1), 1);
		assert_int_equal(byte, skips[i] % 251);
		assert_int_equal(ahead_skip(ahead, UINT64_MAX), -EIO);
		ahead_stop(ahead);
	}
}

/* The threads end, be they waiting for room or at work. */
static void stop__may_come_at_any_time(void **state)
{
	char byte;

	(void) state;
	for (int i = 0; i < 50; i++) {
		struct numbers numbers = { .size = UINT64_MAX, .step = 1 << 20 };
		struct ahead *ahead = start(&numbers);

		if (i % 2 == 0)
			assert_int_equal(ahead_read(ahead, &byte, 1), 1);
		ahead_stop(ahead);
	}
	for (int i = 0; i < 50; i++) {
		struct watched watched = { .numbers = { .size = UINT64_MAX, .step = 1 << 20 } };
		struct ahead *ahead = start_watched(&watched);

		if (i % 2 == 0)
			assert_int_equal(ahead_read(ahead, &byte, 1), 1);
		ahead_stop(ahead);
		assert_false(watched.wrong);
	}
	ahead_stop(NULL);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(bytes__are_the_same_in_any_pieces),
	cmocka_unit_test(error__comes_in_its_place),
	cmocka_unit_test(watcher__sees_every_byte),
	cmocka_unit_test(skip__goes_on_behind_it),
	cmocka_unit_test(stop__may_come_at_any_time),
};

UNR_TEST_MAIN("ahead", tests, NULL);
