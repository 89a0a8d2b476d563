/* SPDX-License-Identifier: MIT */
/*
 * stream/zstd: frames, and each of their faults in the engine's words.  The same
 * faults are shown to a real engine in tests/dockerd/zstd_cases.py.
 */
#define STREAM_OPTIONS (UNR_STREAM_DIGEST | UNR_STREAM_ZSTD)
#include "gz.h"

#define MAGIC "\x28\xb5\x2f\xfd"
#define SKIP "\x50\x2a\x4d\x18"
#define WINDOW "\x58" /* 2 MiB */
#define OPEN MAGIC "\0" WINDOW
/* A block of two bytes as they are, the last one or not. */
#define LAST "\x11\0\0"
#define MORE "\x10\0\0"

struct sample {
	const char *bytes;
	size_t size;
	const char *content, *fault;
};

#define SAMPLE(bytes, content, fault)                                                              \
	{                                                                                          \
		(bytes), sizeof(bytes) - 1, (content), (fault)                                     \
	}

static void frame__gives_its_content_and_its_fault(void **state)
{
	static const struct sample samples[] = {
		SAMPLE(OPEN LAST "ab", "ab", ""),
		SAMPLE(OPEN MORE "ab" LAST "cd", "abcd", ""),
		SAMPLE(OPEN "\x1b\0\0x", "xxx", ""),
		SAMPLE(MAGIC "\x20\2" LAST "ab", "ab", ""),
		SAMPLE(MAGIC "\x04" WINDOW LAST "ab\x61\x4a\xd0\x92", "ab", ""),
		SAMPLE(MAGIC "\x04" WINDOW LAST "ab\x63\xda\x8b\x6c", "ab", "CRC check failed"),
		SAMPLE(OPEN LAST "ab" OPEN LAST "cd", "abcd", ""),
		SAMPLE(SKIP "\3\0\0\0xyz" OPEN LAST "ab", "ab", ""),
		SAMPLE(OPEN LAST "ab" SKIP "\0\0\0\0" OPEN LAST "cd", "abcd", ""),
		SAMPLE(SKIP "\0\0\0\0", "", ""),
		SAMPLE(SKIP "\3\0\0\0xy", "", "unexpected EOF"),
		SAMPLE(MAGIC, "", "unexpected EOF"),
		SAMPLE(OPEN, "", "unexpected EOF"),
		SAMPLE(OPEN LAST "a", "", "unexpected EOF"),
		SAMPLE(OPEN MORE "ab", "ab", "unexpected EOF"),
		SAMPLE(MAGIC "\4" WINDOW LAST "ab123", "", "unexpected EOF"),
		SAMPLE(OPEN LAST "abx", "ab", "unexpected EOF"),
		SAMPLE(OPEN LAST "ab1234", "ab", "invalid input: magic number mismatch"),
		SAMPLE(MAGIC "\x08" WINDOW LAST "ab", "", "reserved bit set on frame header"),
		SAMPLE(MAGIC "\1" WINDOW "\7" LAST "ab", "", "unknown dictionary"),
		SAMPLE(MAGIC "\0\xa0" LAST "ab", "", "window size exceeded"),
		SAMPLE(MAGIC "\xe0\0\0\0\0\0\1\0\0" LAST "ab", "",
		       "decompressed size exceeds configured limit"),
		SAMPLE(MAGIC "\0\0\x09\x40\0x", "", "window size exceeded"),
		SAMPLE(MAGIC "\0\0\x0d\x40\0x", "", "invalid input: compressed size too big"),
		SAMPLE(OPEN "\x0d\0\0x", "", "block too small"),
		SAMPLE(OPEN MORE "ab\x0f\0\0x", "ab",
		       "invalid input: reserved block type encountered"),
		SAMPLE(OPEN MORE "ab\x25\0\0\xff\xff\xff\xff", "ab", "corruption detected"),
		SAMPLE(MAGIC "\x20\1" LAST "ab", "ab", "frame size exceeded"),
		SAMPLE(MAGIC "\x20\3" LAST "ab", "ab", "frame size does not match size on stream"),
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(samples); i++) {
		unr_auto(unr_text_done) struct unr_text bytes = { 0 };

		print_message("%zu\n", i);
		unr_text_append(&bytes, samples[i].bytes, samples[i].size);
		assert_stream(&bytes, samples[i].content, samples[i].fault);
	}
}

/* An engine that does not know it takes it for a tar. */
static void frame__is_plain_without_the_option(void **state)
{
	static const char frame[] = OPEN LAST "ab";
	struct unr_blob blob = blob_of(frame, sizeof(frame) - 1);
	struct unr_stream *stream = NULL;
	struct unr_error err = { 0 };
	char buffer[64];

	(void) state;
	assert_int_equal(unr_stream_open(&blob, 0, &stream, &err), 0);
	assert_true(unr_stream_is_plain(stream));
	assert_int_equal(unr_stream_read(stream, buffer, sizeof(buffer)), sizeof(frame) - 1);
	assert_memory_equal(buffer, frame, sizeof(frame) - 1);
	unr_stream_free(stream);
	(void) close(blob.fd);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(frame__gives_its_content_and_its_fault),
	cmocka_unit_test(frame__is_plain_without_the_option),
};

UNR_TEST_MAIN("zstd", tests, NULL);
