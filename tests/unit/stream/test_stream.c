/* SPDX-License-Identifier: MIT */
/* stream/: plain blobs, what tells compressions apart, the diffID, passing over bytes. */
#include "gz.h"

#define SHA256_OF_NOTHING "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define SHA256_OF_ABC "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static void assert_plain(const char *bytes, size_t size)
{
	unr_auto(outcome_done) struct outcome outcome = read_stream(bytes, size, 5);

	assert_string_equal(outcome.open_text, "");
	assert_string_equal(outcome.fault_text, "");
	assert_int_equal(outcome.content.length, size);
	assert_memory_equal(unr_text_string(&outcome.content), bytes, size);
	assert_int_equal(outcome.consumed, size);
}

/* An engine of that age does not know zstd; it and the rest are taken for tars. */
static void plain__is_what_no_magic_fits(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
	} cases[] = {
		{ "", 0 },
		{ "x", 1 },
		{ "a tar, so to say", 16 },
		{ "\x1f\x8b", 2 },
		{ "\x1f\x8b\x07\0\0\0\0\0\0\0", 10 },
		{ "\x1f\x9d\x90", 3 },
		{ "BZ", 2 },
		{ "BZx", 3 },
		{ "\xfd"
		  "7zXZ",
		  5 },
		{ "\xfd"
		  "7zXZ1",
		  6 },
		{ "\x28\xb5\x2f\xfd zstd", 9 },
		{ "x\x1f\x8b\x08", 4 },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++)
		assert_plain(cases[i].bytes, cases[i].size);
}

static void plain__of_several_buffers(void **state)
{
	const size_t size = 200001;
	unr_autofree char *bytes = malloc(size);

	(void) state;
	for (size_t i = 0; i < size; i++)
		bytes[i] = (char) (i % 251);
	assert_plain(bytes, size);
}

/* The blob may claim more than the file holds. */
static void plain__ends_where_the_file_ends(void **state)
{
	struct unr_blob blob = blob_of("abc", 3);
	struct unr_stream *stream = NULL;
	struct unr_error err = { 0 };
	char buffer[100];

	(void) state;
	blob.size = 1000000;
	assert_int_equal(unr_stream_open(&blob, 0, &stream, &err), 0);
	assert_int_equal(unr_stream_read(stream, buffer, sizeof(buffer)), 3 + 16);
	assert_int_equal(unr_stream_read(stream, buffer, sizeof(buffer)), 0);
	unr_stream_free(stream);
	(void) close(blob.fd);
}

static void open__refuses_what_cannot_be_read(void **state)
{
	const struct unr_blob blob = { .fd = -1, .offset = 0, .size = 10 };
	struct unr_stream *stream = NULL;
	struct unr_error err = { 0 };

	(void) state;
	assert_int_equal(unr_stream_open(&blob, 0, &stream, &err), -EBADF);
	assert_int_equal(err.kind, UNR_ERROR_FAILED);
	assert_string_equal(err.message, "read a layer: Bad file descriptor");
	assert_null(stream);
}

static void diff_id__is_of_the_tar_bytes(void **state)
{
	unr_auto(unr_text_done) struct unr_text gzip = { 0 };
	struct {
		const char *bytes;
		size_t size;
		const char *expected;
	} cases[] = {
		{ "", 0, SHA256_OF_NOTHING },
		{ "abc", 3, SHA256_OF_ABC },
		{ NULL, 0, SHA256_OF_ABC },
	};

	(void) state;
	put_gzip(&gzip, "a");
	put_gzip(&gzip, "bc");
	cases[2].bytes = gzip.bytes;
	cases[2].size = gzip.length;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		unr_auto(outcome_done) struct outcome outcome =
			read_stream(cases[i].bytes, cases[i].size, 2);

		assert_string_equal(outcome.diff_id, cases[i].expected);
	}
}

static void diff_id__needs_to_be_asked_for(void **state)
{
	struct unr_blob blob = blob_of("abc", 3);
	struct unr_stream *stream = NULL;
	char text[UNR_DIGEST_TEXT_SIZE] = "untouched";

	(void) state;
	assert_int_equal(unr_stream_open(&blob, 0, &stream, NULL), 0);
	assert_int_equal(unr_stream_diff_id(stream, text), -EINVAL);
	assert_string_equal(text, "untouched");
	unr_stream_free(stream);
	(void) close(blob.fd);
}

static bool can_skip(const void *bytes, size_t size, bool digest)
{
	struct unr_blob blob = blob_of(bytes, size);
	struct unr_stream *stream = NULL;
	bool can;

	assert_int_equal(unr_stream_open(&blob, digest ? UNR_STREAM_DIGEST : 0, &stream, NULL), 0);
	can = unr_stream_can_skip(stream);
	unr_stream_free(stream);
	(void) close(blob.fd);
	return can;
}

static void skip__is_for_plain_streams_without_a_digest(void **state)
{
	unr_auto(unr_text_done) struct unr_text gzip = { 0 };

	(void) state;
	put_gzip(&gzip, "abc");
	assert_true(can_skip("abc", 3, false));
	assert_false(can_skip("abc", 3, true));
	assert_false(can_skip(gzip.bytes, gzip.length, false));
	assert_false(can_skip(gzip.bytes, gzip.length, true));
}

/* Reading goes on behind what was passed over; the numbers lie around the buffer's borders. */
static void skip__passes_over_bytes(void **state)
{
	static const uint64_t skips[] = { 0, 1, 65525, 65526, 65527, 100000, 199990 };
	const size_t size = 200000;
	unr_autofree uint32_t *numbers = malloc(size * sizeof(*numbers));
	struct unr_blob blob;

	(void) state;
	for (size_t i = 0; i < size; i++)
		numbers[i] = (uint32_t) i;
	blob = blob_of(numbers, size * sizeof(*numbers));
	for (size_t i = 0; i < UNR_COUNT(skips); i++) {
		struct unr_stream *stream = NULL;
		uint32_t number = 0;

		assert_int_equal(unr_stream_open(&blob, 0, &stream, NULL), 0);
		for (int k = 0; k < 10; k++) /* so that a buffer is held */
			assert_int_equal(unr_stream_read(stream, &number, 1), 1);
		assert_int_equal(unr_stream_skip(stream, skips[i] * 4 - (i == 0 ? 0 : 2)), 0);
		assert_int_equal(unr_stream_consumed(stream), skips[i] * 4 + (i == 0 ? 10 : 8));
		if (i > 0) {
			assert_int_equal(unr_stream_read(stream, &number, 4), 4);
			assert_int_equal(number, skips[i] + 2);
		}
		unr_stream_free(stream);
	}
	(void) close(blob.fd);
}

static void skip__past_the_end_is_the_end(void **state)
{
	static const uint64_t skips[] = { 4, 100, UINT64_MAX };
	struct unr_blob blob = blob_of("abc", 3);

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(skips); i++) {
		struct unr_stream *stream = NULL;
		char byte;

		assert_int_equal(unr_stream_open(&blob, 0, &stream, NULL), 0);
		assert_int_equal(unr_stream_skip(stream, skips[i]), 0);
		assert_int_equal(unr_stream_read(stream, &byte, 1), 0);
		assert_int_equal(unr_stream_consumed(stream), 3);
		unr_stream_free(stream);
	}
	(void) close(blob.fd);
}

static void free__accepts_nothing(void **state)
{
	(void) state;
	unr_stream_free(NULL);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(plain__is_what_no_magic_fits),
	cmocka_unit_test(plain__of_several_buffers),
	cmocka_unit_test(plain__ends_where_the_file_ends),
	cmocka_unit_test(open__refuses_what_cannot_be_read),
	cmocka_unit_test(diff_id__is_of_the_tar_bytes),
	cmocka_unit_test(diff_id__needs_to_be_asked_for),
	cmocka_unit_test(skip__is_for_plain_streams_without_a_digest),
	cmocka_unit_test(skip__passes_over_bytes),
	cmocka_unit_test(skip__past_the_end_is_the_end),
	cmocka_unit_test(free__accepts_nothing),
};

UNR_TEST_MAIN("stream", tests, NULL);
