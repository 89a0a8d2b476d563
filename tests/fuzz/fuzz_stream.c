/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: any bytes as a blob.  Property: content, fault and diffID do not
 * depend on how much is read at once, nor on who inflates gzip.
 */
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "must.h"
#include "stream/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A small blob may inflate to a thousand times its size; so much of it is enough. */
#define CONTENT_MAX ((size_t) 1 << 18)

/* What came of it, as one text. */
static void note_stream(const struct unr_blob *blob, unsigned int options, size_t step,
			struct unr_text *ret)
{
	struct unr_stream *stream = NULL;
	struct unr_error err = { 0 };
	char diff_id[UNR_DIGEST_TEXT_SIZE];
	char buffer[65536];
	ssize_t n = 0;
	int r = unr_stream_open(blob, UNR_STREAM_DIGEST | options, &stream, &err);

	must(r == 0);
	while (unr_stream_open_text(stream)[0] == '\0' && ret->length < CONTENT_MAX) {
		n = unr_stream_read(stream, buffer, step);
		if (n <= 0)
			break;
		must((size_t) n <= step);
		unr_text_append(ret, buffer, (size_t) n);
	}
	must(n >= 0 && unr_stream_consumed(stream) <= blob->size);
	if (ret->length >= CONTENT_MAX) {
		ret->length = CONTENT_MAX;
	} else {
		r = unr_stream_diff_id(stream, diff_id);
		must(r == 0);
		unr_text_printf(ret, "|%s|%s|%s|%llu", unr_stream_open_text(stream),
				unr_stream_fault_text(stream), diff_id,
				(unsigned long long) unr_stream_consumed(stream));
	}
	unr_stream_free(stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct {
		unsigned int options;
		size_t step;
	} ways[] = { { 0, 13 }, { UNR_STREAM_FAST, 65536 }, { UNR_STREAM_FAST, 13 } };
	unr_auto(unr_text_done) struct unr_text expected = { 0 };
	unr_autoclose int fd = memfd_create("blob", MFD_CLOEXEC);
	struct unr_blob blob = { .fd = fd, .size = size };
	int r = unr_write_full(fd, data, size);

	must(r == 0);
	note_stream(&blob, 0, 65536, &expected);
	for (size_t i = 0; i < UNR_COUNT(ways); i++) {
		unr_auto(unr_text_done) struct unr_text found = { 0 };

		note_stream(&blob, ways[i].options, ways[i].step, &found);
		must(!expected.failed && !found.failed && expected.length == found.length);
		must(memcmp(unr_text_string(&expected), unr_text_string(&found), found.length) ==
		     0);
	}
	return 0;
}
