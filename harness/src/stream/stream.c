/* SPDX-License-Identifier: MIT */
/* Blob to tar bytes: the table of compressions, and the digest: see stream.h. */
#include "stream/stream.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "stream/ahead.h"
#include "stream/beside.h"
#include "stream/bzip2.h"
#include "stream/gzip.h"
#include "stream/xz.h"
#include "stream/zstd.h"

struct format {
	const char *magic;
	size_t magic_size;
	int (*open)(struct unr_stream *stream);
	ssize_t (*read)(struct unr_stream *stream, void *buffer, size_t size);
	void (*close)(struct unr_stream *stream); /* NULL: nothing to do */
};

struct unr_stream {
	const struct format *format;
	unsigned int options; /* UNR_STREAM_* */
	EVP_MD_CTX *digest;   /* owned; NULL when none is wanted */
	bool digest_failed;
	const char *open_text;
	const char *fault_text; /* borrowed from the decoder */
	struct ahead *ahead;    /* owned; NULL: it is read as it is asked for */
	struct beside *beside;  /* owned; has the digest then; NULL: it is made of what is read */
	union {
		struct gunzip gzip;
		struct bunzip bzip2;
		struct unxz xz;
		struct unzstd zstd;
	} decoder;
	struct stream_input input;
};

static int open_plain(struct unr_stream *stream)
{
	(void) stream;
	return 0;
}

static ssize_t read_plain(struct unr_stream *stream, void *buffer, size_t size)
{
	return input_read(&stream->input, buffer, size);
}

static int open_gzip(struct unr_stream *stream)
{
	struct gunzip *gzip = &stream->decoder.gzip;
	int r = gunzip_open(gzip, &stream->input, (stream->options & UNR_STREAM_FAST) != 0);

	/* The only one that looks at its input before it is asked for bytes. */
	if (r == 0 && gzip->fault[0] != '\0')
		stream->open_text = gzip->fault;
	stream->fault_text = gzip->fault;
	return r;
}

static ssize_t read_gzip(struct unr_stream *stream, void *buffer, size_t size)
{
	return gunzip_read(&stream->decoder.gzip, &stream->input, buffer, size);
}

static void close_gzip(struct unr_stream *stream)
{
	gunzip_done(&stream->decoder.gzip);
}

static int open_bzip2(struct unr_stream *stream)
{
	bunzip_open(&stream->decoder.bzip2, &stream->input);
	stream->fault_text = stream->decoder.bzip2.fault;
	return 0;
}

static ssize_t read_bzip2(struct unr_stream *stream, void *buffer, size_t size)
{
	return bunzip_read(&stream->decoder.bzip2, buffer, size);
}

static void close_bzip2(struct unr_stream *stream)
{
	bunzip_done(&stream->decoder.bzip2);
}

static int open_xz(struct unr_stream *stream)
{
	stream->fault_text = stream->decoder.xz.fault;
	return unxz_open(&stream->decoder.xz);
}

static ssize_t read_xz(struct unr_stream *stream, void *buffer, size_t size)
{
	return unxz_read(&stream->decoder.xz, &stream->input, buffer, size);
}

static void close_xz(struct unr_stream *stream)
{
	unxz_done(&stream->decoder.xz);
}

static int open_zstd(struct unr_stream *stream)
{
	stream->fault_text = stream->decoder.zstd.fault;
	return unzstd_open(&stream->decoder.zstd);
}

static ssize_t read_zstd(struct unr_stream *stream, void *buffer, size_t size)
{
	return unzstd_read(&stream->decoder.zstd, &stream->input, buffer, size);
}

static void close_zstd(struct unr_stream *stream)
{
	unzstd_done(&stream->decoder.zstd);
}

/* From docker 23.0; before, it was taken for a tar. */
static const struct format ZSTD = { "", 0, open_zstd, read_zstd, close_zstd };

/*
 * The magics of pkg/archive DetectCompression, v20.10.24; the last row is what
 * none of them fits.
 */
static const struct format FORMATS[] = {
	{ "\x1f\x8b\x08", 3, open_gzip, read_gzip, close_gzip },
	{ "BZh", 3, open_bzip2, read_bzip2, close_bzip2 },
	{ "\xfd"
	  "7zXZ\0",
	  6, open_xz, read_xz, close_xz },
	{ "", 0, open_plain, read_plain, NULL },
};

static const struct format *find_format(const struct stream_input *input, size_t held, bool zstd)
{
	const struct format *f = FORMATS;

	if (zstd && unzstd_detect(input->buffer, held))
		return &ZSTD;
	while (held < f->magic_size || memcmp(input->buffer, f->magic, f->magic_size) != 0)
		f++;
	return f;
}

static ssize_t decode(void *context, void *buffer, size_t size)
{
	struct unr_stream *stream = context;

	return stream->format->read(stream, buffer, size);
}

static void hash(void *context, const void *bytes, size_t size)
{
	struct unr_stream *stream = context;

	if (EVP_DigestUpdate(stream->digest, bytes, size) != 1)
		stream->digest_failed = true;
}

static ssize_t decode_and_hash(void *context, void *buffer, size_t size)
{
	struct unr_stream *stream = context;
	ssize_t n = decode(stream, buffer, size);

	if (n > 0 && stream->digest != NULL && stream->beside == NULL)
		hash(stream, buffer, (size_t) n);
	return n;
}

static uint64_t at_now(const void *context)
{
	const struct unr_stream *stream = context;

	return input_tell(&stream->input);
}

/* Plain, and nobody wants to see every byte of what is read. */
static bool is_seekable(const struct unr_stream *stream)
{
	return unr_stream_is_plain(stream) && (stream->digest == NULL || stream->beside != NULL);
}

/* Where there may be no thread it goes without; what is here in one piece is not worth one. */
static void start_threads(struct unr_stream *stream)
{
	const struct ahead_source source = { .read = decode,
					     .watch = stream->digest == NULL ? NULL : hash,
					     .at = at_now,
					     .context = stream };

	if (stream->input.at == stream->input.blob.size)
		return;
	if (!unr_stream_is_plain(stream)) {
		if (ahead_start(&source, &stream->ahead) < 0)
			stream->ahead = NULL;
	} else if (stream->digest != NULL &&
		   beside_start(&stream->input.blob, stream->digest, &stream->beside) < 0) {
		stream->beside = NULL;
	}
}

static int start_digest(struct unr_stream *stream)
{
	stream->digest = EVP_MD_CTX_new();
	if (stream->digest == NULL || EVP_DigestInit_ex(stream->digest, EVP_sha256(), NULL) != 1)
		return -ENOMEM;
	return 0;
}

static int start(struct unr_stream *stream, struct unr_error *err)
{
	const unsigned int options = stream->options;
	ssize_t held = input_fill(&stream->input);
	int r;

	if (held < 0)
		return unr_fail(err, UNR_ERROR_FAILED, (int) held, "read a layer: %s",
				strerror((int) -held));
	stream->format =
		find_format(&stream->input, (size_t) held, (options & UNR_STREAM_ZSTD) != 0);
	r = (options & UNR_STREAM_DIGEST) != 0 ? start_digest(stream) : 0;
	if (r == 0)
		r = stream->format->open(stream);
	if (r < 0)
		return unr_fail(err, UNR_ERROR_FAILED, r, "start to read a layer: %s",
				strerror(-r));
	if ((options & UNR_STREAM_AHEAD) != 0)
		start_threads(stream);
	return 0;
}

int unr_stream_open(const struct unr_blob *blob, unsigned int options, struct unr_stream **ret,
		    struct unr_error *err)
{
	struct unr_stream *stream = malloc(sizeof(*stream));
	int r;

	if (stream == NULL)
		return unr_fail_memory(err);
	memset(stream, 0, offsetof(struct unr_stream, input.buffer));
	stream->options = options;
	stream->input.blob = *blob;
	stream->open_text = stream->fault_text = "";
	r = start(stream, err);
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
	ahead_stop(stream->ahead);
	beside_stop(stream->beside);
	if (stream->format != NULL && stream->format->close != NULL)
		stream->format->close(stream);
	EVP_MD_CTX_free(stream->digest);
	free(stream);
}

ssize_t unr_stream_read(struct unr_stream *stream, void *buffer, size_t size)
{
	return stream->ahead != NULL ? ahead_read(stream->ahead, buffer, size) :
				       decode_and_hash(stream, buffer, size);
}

bool unr_stream_is_plain(const struct unr_stream *stream)
{
	return stream->format->read == read_plain;
}

int unr_stream_skip(struct unr_stream *stream, uint64_t size)
{
	char buffer[16384];
	ssize_t n = 1;

	if (stream->ahead != NULL)
		return ahead_skip(stream->ahead, size);
	if (is_seekable(stream)) {
		input_skip(&stream->input, size);
		return 0;
	}
	for (; size > 0 && n > 0; size -= (uint64_t) n)
		n = unr_stream_read(stream, buffer,
				    size < sizeof(buffer) ? (size_t) size : sizeof(buffer));
	return n < 0 ? (int) n : 0;
}

const char *unr_stream_open_text(const struct unr_stream *stream)
{
	return stream->open_text;
}

const char *unr_stream_fault_text(const struct unr_stream *stream)
{
	return stream->fault_text;
}

uint64_t unr_stream_consumed(const struct unr_stream *stream)
{
	return stream->ahead != NULL ? ahead_at(stream->ahead) : at_now(stream);
}

int unr_stream_diff_id(struct unr_stream *stream, char ret[UNR_DIGEST_TEXT_SIZE])
{
	unsigned char raw[EVP_MAX_MD_SIZE];
	unsigned int size = 0;
	size_t used;
	int r = stream->beside != NULL ? beside_finish(stream->beside) : 0;

	if (r < 0)
		return r;
	ahead_finish(stream->ahead);
	if (stream->digest == NULL || stream->digest_failed ||
	    EVP_DigestFinal_ex(stream->digest, raw, &size) != 1)
		return -EINVAL;
	used = (size_t) snprintf(ret, UNR_DIGEST_TEXT_SIZE, "sha256:");
	for (unsigned int i = 0; i < size; i++)
		used += (size_t) snprintf(ret + used, UNR_DIGEST_TEXT_SIZE - used, "%02x", raw[i]);
	return 0;
}
