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

static bool is_plain(const void *bytes, size_t size)
{
	struct unr_blob blob = blob_of(bytes, size);
	struct unr_stream *stream = NULL;
	bool plain;

	assert_int_equal(unr_stream_open(&blob, 0, &stream, NULL), 0);
	plain = unr_stream_is_plain(stream);
	unr_stream_free(stream);
	(void) close(blob.fd);
	return plain;
}

static void plain__is_what_no_decompressor_takes(void **state)
{
	unr_auto(unr_text_done) struct unr_text gzip = { 0 };

	(void) state;
	put_gzip(&gzip, "abc");
	assert_true(is_plain("abc", 3));
	assert_false(is_plain(gzip.bytes, gzip.length));
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

/* By whoever reads it, the digest is of all bytes. */
static void skip__leaves_the_diff_id(void **state)
{
	static const unsigned int options[] = { UNR_STREAM_DIGEST,
						UNR_STREAM_DIGEST | UNR_STREAM_AHEAD };
	const size_t size = 3000000;
	unr_autofree char *bytes = calloc(size, 1);
	char texts[2][UNR_DIGEST_TEXT_SIZE];
	struct unr_blob blob;

	(void) state;
	bytes[size - 1] = 'x';
	blob = blob_of(bytes, size);
	for (size_t i = 0; i < UNR_COUNT(options); i++) {
		struct unr_stream *stream = NULL;

		assert_int_equal(unr_stream_open(&blob, options[i], &stream, NULL), 0);
		assert_int_equal(unr_stream_skip(stream, size - 1), 0);
		assert_int_equal(unr_stream_read(stream, bytes, 1), 1);
		assert_int_equal(bytes[0], 'x');
		assert_int_equal(unr_stream_skip(stream, UINT64_MAX), 0);
		assert_int_equal(unr_stream_diff_id(stream, texts[i]), 0);
		unr_stream_free(stream);
	}
	/* sha256sum(1) of as many NULs and an x */
	assert_string_equal(texts[0], "sha256:d01be3d1e3b55cd6a5dcc59c0f0e7f0d2"
				      "2385de5eb41965f63436451c244665d");
	assert_string_equal(texts[1], texts[0]);
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
	cmocka_unit_test(plain__is_what_no_decompressor_takes),
	cmocka_unit_test(skip__passes_over_bytes),
	cmocka_unit_test(skip__past_the_end_is_the_end),
	cmocka_unit_test(skip__leaves_the_diff_id),
	cmocka_unit_test(free__accepts_nothing),
};

UNR_TEST_MAIN("stream", tests, NULL);
