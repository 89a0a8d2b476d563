/* SPDX-License-Identifier: MIT */
/*
 * A blob as a stream of tar bytes: decompression, chosen by the first bytes as
 * dockerd does whatever the media type says (pkg/archive DecompressStream,
 * v20.10.24), and the diffID on the way.  Knows nothing of tar.
 *
 * A damaged stream is not an error here: it ends, and the engine's text for the
 * damage is kept, because the engine's extractor sees the same early end.
 */
#ifndef UNR_STREAM_STREAM_H
#define UNR_STREAM_STREAM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "image/blob.h"
#include "usernsrepro/error.h"

#define UNR_DIGEST_TEXT_SIZE (sizeof("sha256:") + 64)

struct unr_stream;

/* What a reader of a blob may ask for. */
#define UNR_STREAM_DIGEST 1U /* compute the diffID */
#define UNR_STREAM_ZSTD 2U   /* the engine knows zstd; else it is a plain stream */
#define UNR_STREAM_AHEAD 4U  /* read ahead in threads, of a process that forks no more */
#define UNR_STREAM_FAST 8U   /* gzip through ISA-L where it is there: the same, sooner */

/**
 * unr_stream_open() - start reading a blob
 * @blob:    copied; its descriptor stays open and unmoved
 * @options: UNR_STREAM_* joined
 *
 * Return: 0 (also when the decompressor refuses the beginning: unr_stream_open_text()), -ENOMEM, or the
 * error of a read
 */
UNR_MUST_CHECK int unr_stream_open(const struct unr_blob *blob, unsigned int options,
				   struct unr_stream **ret, struct unr_error *err);

void unr_stream_free(struct unr_stream *stream);

/** unr_stream_read() - tar bytes; 0 at the end and where the stream breaks off; -errno. */
UNR_MUST_CHECK ssize_t unr_stream_read(struct unr_stream *stream, void *buffer, size_t size);

/** unr_stream_is_plain() - is it what no decompressor of the engine takes? */
bool unr_stream_is_plain(const struct unr_stream *stream);

/** unr_stream_skip() - pass over @size tar bytes, fewer at the end; 0 or -errno. */
UNR_MUST_CHECK int unr_stream_skip(struct unr_stream *stream, uint64_t size);

/** unr_stream_open_text() - why the engine cannot even start it, in its words; "" if it can. */
const char *unr_stream_open_text(const struct unr_stream *stream);

/** unr_stream_fault_text() - what broke it, in the engine's words; "" so far nothing. */
const char *unr_stream_fault_text(const struct unr_stream *stream);

/** unr_stream_consumed() - bytes of the blob read so far. */
uint64_t unr_stream_consumed(const struct unr_stream *stream);

/** unr_stream_diff_id() - "sha256:…" of all that was read; call once, after the end. */
UNR_MUST_CHECK int unr_stream_diff_id(struct unr_stream *stream, char ret[UNR_DIGEST_TEXT_SIZE]);

#endif
