/* SPDX-License-Identifier: MIT */
/* The adapter between stream/ and image/: see inflater.h. */
#include "run/inflater.h"

#include <errno.h>

#include "stream/stream.h"

static int open_with(const struct unr_blob *blob, unsigned int options, void **ret_stream,
		     struct unr_error *err)
{
	struct unr_stream *stream = NULL;
	int r = unr_stream_open(blob, options, &stream, err);

	if (r < 0)
		return r;
	/* What image/ knows as a compression and the engine takes for a tar: zstd. */
	if (unr_stream_is_plain(stream)) {
		unr_stream_free(stream);
		return unr_fail(err, UNR_ERROR_FAILED, -ENOTSUP, "not a compression of the engine");
	}
	*ret_stream = stream;
	return 0;
}

static int inflater_open(const struct unr_blob *blob, void **ret_stream, struct unr_error *err)
{
	return open_with(blob, UNR_STREAM_FAST, ret_stream, err);
}

static int inflater_open_zstd(const struct unr_blob *blob, void **ret_stream, struct unr_error *err)
{
	return open_with(blob, UNR_STREAM_FAST | UNR_STREAM_ZSTD, ret_stream, err);
}

static ssize_t inflater_read(void *stream, void *buffer, size_t size)
{
	return unr_stream_read(stream, buffer, size);
}

/* A header that is refused at once is a fault too. */
static const char *inflater_fault_text(void *stream)
{
	return unr_stream_fault_text(stream);
}

static void inflater_close(void *stream)
{
	unr_stream_free(stream);
}

const struct unr_inflater *unr_inflater(bool zstd)
{
	static const struct unr_inflater inflaters[] = {
		{ inflater_open, inflater_read, inflater_fault_text, inflater_close },
		{ inflater_open_zstd, inflater_read, inflater_fault_text, inflater_close },
	};

	return &inflaters[zstd ? 1 : 0];
}
