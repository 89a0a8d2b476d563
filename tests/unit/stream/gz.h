/* SPDX-License-Identifier: MIT */
/*
 * Shared by the tests of stream/: gzip members built by hand, a blob in memory,
 * and a stream read whole.
 */
#ifndef UNR_TEST_STREAM_GZ_H
#define UNR_TEST_STREAM_GZ_H

#include "unr_test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "base/fd.h"
#include "base/text.h"
#include "stream/stream.h"

enum { GZ_TEXT = 1, GZ_HEADER_CRC = 2, GZ_EXTRA = 4, GZ_NAME = 8, GZ_COMMENT = 16 };

#define GZ_HEADER 10
#define GZ_TRAILER 8

/* One member; zero-initialised is a plain one of no content. */
struct gz_member {
	const void *bytes;
	size_t size;
	unsigned char flags;
	const char *extra, *name, *comment;
	size_t n_extra;
};

static inline void put_little(struct unr_text *text, unsigned long value, int n_bytes)
{
	for (int i = 0; i < n_bytes; i++, value >>= 8)
		unr_text_append(text, &(char) { (char) (value & 0xff) }, 1);
}

static inline void put_deflated(struct unr_text *text, const void *bytes, size_t size)
{
	z_stream z = { 0 };
	unsigned char room[4096];
	int r;

	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = (unsigned char *) (uintptr_t) bytes;
	z.avail_in = (unsigned int) size;
	do {
		z.next_out = room;
		z.avail_out = sizeof(room);
		r = deflate(&z, Z_FINISH);
		unr_text_append(text, room, sizeof(room) - z.avail_out);
	} while (r == Z_OK);
	assert_int_equal(r, Z_STREAM_END);
	(void) deflateEnd(&z);
}

/* Appends a member; @text may hold others before it. */
static inline void put_member(struct unr_text *text, const struct gz_member *member)
{
	const unsigned char head[GZ_HEADER] = { 0x1f, 0x8b, 8, member->flags, 0, 0, 0, 0, 0, 255 };
	size_t begin = text->length;

	unr_text_append(text, head, sizeof(head));
	if ((member->flags & GZ_EXTRA) != 0) {
		put_little(text, member->n_extra, 2);
		unr_text_append(text, member->extra, member->n_extra);
	}
	if ((member->flags & GZ_NAME) != 0)
		unr_text_append(text, member->name, strlen(member->name) + 1);
	if ((member->flags & GZ_COMMENT) != 0)
		unr_text_append(text, member->comment, strlen(member->comment) + 1);
	if ((member->flags & GZ_HEADER_CRC) != 0)
		put_little(text,
			   crc32(0, (unsigned char *) text->bytes + begin,
				 (unsigned int) (text->length - begin)) &
				   0xffff,
			   2);
	put_deflated(text, member->bytes, member->size);
	put_little(text, crc32(0, member->bytes, (unsigned int) member->size), 4);
	put_little(text, member->size, 4);
	assert_false(text->failed);
}

static inline void put_gzip(struct unr_text *text, const char *content)
{
	put_member(text, &(struct gz_member) { .bytes = content, .size = strlen(content) });
}

/* The bytes at an odd place of a file, with others around them. */
static inline struct unr_blob blob_of(const void *bytes, size_t size)
{
	static const char around[] = "not of the blob";
	struct unr_blob blob = { .fd = memfd_create("blob", MFD_CLOEXEC),
				 .offset = sizeof(around),
				 .size = size };

	assert_true(blob.fd >= 0);
	assert_int_equal(unr_write_full(blob.fd, around, sizeof(around)), 0);
	assert_int_equal(unr_write_full(blob.fd, bytes, size), 0);
	assert_int_equal(unr_write_full(blob.fd, around, sizeof(around)), 0);
	return blob;
}

/* What streams are opened with. */
#ifndef STREAM_OPTIONS
#define STREAM_OPTIONS (UNR_STREAM_DIGEST | UNR_STREAM_FAST)
#endif

/* What a stream came to. */
struct outcome {
	struct unr_text content; /* owned */
	char open_text[128], fault_text[128];
	char diff_id[UNR_DIGEST_TEXT_SIZE];
	uint64_t consumed;
};

static inline void outcome_done(struct outcome *outcome)
{
	unr_text_done(&outcome->content);
}
DEFINE_UNR_CLEANUP(struct outcome, outcome_done);

/* Reads all, @step bytes at a time, with UNR_STREAM_DIGEST and others among @options. */
static inline struct outcome read_stream_with(unsigned int options, const void *bytes, size_t size,
					      size_t step)
{
	struct unr_blob blob = blob_of(bytes, size);
	struct outcome outcome = { 0 };
	struct unr_stream *stream = NULL;
	struct unr_error err = { 0 };
	unr_autofree char *buffer = malloc(step);
	ssize_t n = 0;

	assert_int_equal(unr_stream_open(&blob, options, &stream, &err), 0);
	strcpy(outcome.open_text, unr_stream_open_text(stream));
	while (outcome.open_text[0] == '\0') {
		n = unr_stream_read(stream, buffer, step);
		if (n <= 0)
			break;
		unr_text_append(&outcome.content, buffer, (size_t) n);
	}
	assert_int_equal(n, 0);
	assert_int_equal(unr_stream_read(stream, buffer, step), 0); /* the end stays the end */
	strcpy(outcome.fault_text, unr_stream_fault_text(stream));
	outcome.consumed = unr_stream_consumed(stream);
	assert_int_equal(unr_stream_diff_id(stream, outcome.diff_id), 0);
	assert_int_equal(lseek(blob.fd, 0, SEEK_CUR), (off_t) size + 2 * 16); /* was not moved */
	unr_stream_free(stream);
	(void) close(blob.fd);
	return outcome;
}

static inline struct outcome read_stream(const void *bytes, size_t size, size_t step)
{
	return read_stream_with(STREAM_OPTIONS, bytes, size, step);
}

/* The stream gives this content and then ends for this reason, however it is read. */
static inline void assert_stream(const struct unr_text *bytes, const char *content,
				 const char *fault)
{
	static const size_t steps[] = { 65536, 7, 1 };

	for (size_t i = 0; i < UNR_COUNT(steps); i++) {
		unr_auto(outcome_done) struct outcome outcome =
			read_stream(unr_text_string(bytes), bytes->length, steps[i]);

		assert_string_equal(outcome.open_text, "");
		assert_string_equal(outcome.fault_text, fault);
		assert_int_equal(outcome.content.length, strlen(content));
		assert_string_equal(unr_text_string(&outcome.content), content);
	}
}

/* The decompressor refuses to begin. */
static inline void assert_not_opened(const struct unr_text *bytes, const char *text)
{
	unr_auto(outcome_done) struct outcome outcome =
		read_stream(unr_text_string(bytes), bytes->length, 512);

	assert_string_equal(outcome.open_text, text);
	assert_string_equal(outcome.fault_text, text);
	assert_int_equal(outcome.content.length, 0);
}

#endif
