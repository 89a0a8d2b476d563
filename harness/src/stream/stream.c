/* SPDX-License-Identifier: MIT */
/* Blob to tar bytes: the table of compressions, and the digest: see stream.h. */
#include "stream/stream.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "stream/gzip.h"

struct format {
	const char *name;
	const char *magic;
	size_t magic_size;
	/* NULL: not read by this version. */
	int (*open)(struct unr_stream *stream);
	ssize_t (*read)(struct unr_stream *stream, void *buffer, size_t size);
};

struct unr_stream {
	const struct format *format;
	EVP_MD_CTX *digest; /* owned; NULL when none is wanted */
	char open_text[64];
	struct gunzip gzip;
	struct stream_input input;
};

static int open_plain(struct unr_stream *stream)
{
	(void) stream;
	return 0;
}

static ssize_t read_plain(struct unr_stream *stream, void *buffer, size_t size)
{
	struct stream_input *in = &stream->input;
	ssize_t n = input_fill(in);

	if (n <= 0)
		return n;
	if ((size_t) n > size)
		n = (ssize_t) size;
	memcpy(buffer, in->buffer + in->begin, (size_t) n);
	in->begin += (size_t) n;
	return n;
}

static int open_gzip(struct unr_stream *stream)
{
	int r = gunzip_open(&stream->gzip, &stream->input);

	if (r == 0)
		memcpy(stream->open_text, stream->gzip.fault, sizeof(stream->open_text));
	return r;
}

static ssize_t read_gzip(struct unr_stream *stream, void *buffer, size_t size)
{
	return gunzip_read(&stream->gzip, &stream->input, buffer, size);
}

/*
 * The magics of pkg/archive DetectCompression, v20.10.24; the last row is what
 * none of them fits.  zstd is not among them: that engine takes it for a tar.
 */
static const struct format FORMATS[] = {
	{ "gzip", "\x1f\x8b\x08", 3, open_gzip, read_gzip },
	{ "bzip2", "BZh", 3, NULL, NULL },
	{ "xz",
	  "\xfd"
	  "7zXZ\0",
	  6, NULL, NULL },
	{ "plain", "", 0, open_plain, read_plain },
};

static const struct format *find_format(const struct stream_input *input, size_t held)
{
	const struct format *f = FORMATS;

	while (held < f->magic_size || memcmp(input->buffer, f->magic, f->magic_size) != 0)
		f++;
	return f;
}

static int start_digest(struct unr_stream *stream)
{
	stream->digest = EVP_MD_CTX_new();
	if (stream->digest == NULL || EVP_DigestInit_ex(stream->digest, EVP_sha256(), NULL) != 1)
		return -ENOMEM;
	return 0;
}

static int start(struct unr_stream *stream, bool digest, struct unr_error *err)
{
	ssize_t held = input_fill(&stream->input);
	int r;

	if (held < 0)
		return unr_fail(err, UNR_ERROR_FAILED, (int) held, "read a layer: %s",
				strerror((int) -held));
	stream->format = find_format(&stream->input, (size_t) held);
	if (stream->format->open == NULL)
		return unr_fail(err, UNR_ERROR_FAILED, -ENOTSUP,
				"a layer is compressed with %s, which this version does not read",
				stream->format->name);
	r = digest ? start_digest(stream) : 0;
	if (r == 0)
		r = stream->format->open(stream);
	if (r < 0)
		return unr_fail(err, UNR_ERROR_FAILED, r, "start to read a layer: %s",
				strerror(-r));
	return 0;
}

int unr_stream_open(const struct unr_blob *blob, bool digest, struct unr_stream **ret,
		    struct unr_error *err)
{
	struct unr_stream *stream = malloc(sizeof(*stream));
	int r;

	if (stream == NULL)
		return unr_fail_memory(err);
	memset(stream, 0, offsetof(struct unr_stream, input.buffer));
	stream->input.blob = *blob;
	r = start(stream, digest, err);
	if (r < 0) {
		unr_stream_free(stream);
		return r;
	}
	*ret = stream;
	return 0;
}

void unr_stream_free(struct unr_stream *stream)
{
	if (stream == NULL)
		return;
	gunzip_done(&stream->gzip);
	EVP_MD_CTX_free(stream->digest);
	free(stream);
}

ssize_t unr_stream_read(struct unr_stream *stream, void *buffer, size_t size)
{
	ssize_t n = stream->format->read(stream, buffer, size);

	if (n > 0 && stream->digest != NULL &&
	    EVP_DigestUpdate(stream->digest, buffer, (size_t) n) != 1)
		return -ENOMEM;
	return n;
}

bool unr_stream_can_skip(const struct unr_stream *stream)
{
	return stream->digest == NULL && stream->format->read == read_plain;
}

int unr_stream_skip(struct unr_stream *stream, uint64_t size)
{
	struct stream_input *in = &stream->input;
	size_t held = in->end - in->begin;

	if (size <= held) {
		in->begin += (size_t) size;
		return 0;
	}
	size -= held;
	in->begin = in->end;
	in->at = size < in->blob.size - in->at ? in->at + size : in->blob.size;
	return 0;
}

const char *unr_stream_open_text(const struct unr_stream *stream)
{
	return stream->open_text;
}

const char *unr_stream_fault_text(const struct unr_stream *stream)
{
	return stream->gzip.fault;
}

uint64_t unr_stream_consumed(const struct unr_stream *stream)
{
	return stream->input.at - (stream->input.end - stream->input.begin);
}

int unr_stream_diff_id(struct unr_stream *stream, char ret[UNR_DIGEST_TEXT_SIZE])
{
	unsigned char raw[EVP_MAX_MD_SIZE];
	unsigned int size = 0;
	size_t used;

	if (stream->digest == NULL || EVP_DigestFinal_ex(stream->digest, raw, &size) != 1)
		return -EINVAL;
	used = (size_t) snprintf(ret, UNR_DIGEST_TEXT_SIZE, "sha256:");
	for (unsigned int i = 0; i < size; i++)
		used += (size_t) snprintf(ret + used, UNR_DIGEST_TEXT_SIZE - used, "%02x", raw[i]);
	return 0;
}
