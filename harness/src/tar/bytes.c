/* SPDX-License-Identifier: MIT */
/*
 * The byte level of the reader: a buffer over the source, whole blocks, and
 * passing over data.  Knows no header.
 */
#include <errno.h>
#include <string.h>

#include "tar/internal.h"

int tar_refuse(struct unr_tar *tar, const char *text)
{
	tar->error_text = text;
	return -EBADMSG;
}

/* Is this the end, or did the stream break off with words of its own? */
static int check_fault(struct unr_tar *tar)
{
	const char *text = tar->source.fault == NULL ? "" : tar->source.fault(tar->source.context);

	return *text == '\0' ? 0 : tar_refuse(tar, text);
}

ssize_t tar_fill(struct unr_tar *tar)
{
	ssize_t n;

	if (tar->buffer_at < tar->buffer_end)
		return (ssize_t) (tar->buffer_end - tar->buffer_at);
	n = tar->source.read(tar->source.context, tar->buffer, TAR_BUFFER_SIZE);
	if (n < 0)
		return n;
	tar->buffer_at = 0;
	tar->buffer_end = (size_t) n;
	return n == 0 ? check_fault(tar) : n;
}

void tar_consume(struct unr_tar *tar, size_t n)
{
	tar->buffer_at += n;
	tar->offset += n;
}

ssize_t tar_take(struct unr_tar *tar, void *buffer, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = tar_fill(tar);
		size_t part;

		if (n < 0)
			return n;
		if (n == 0)
			break;
		part = (size_t) n < size - done ? (size_t) n : size - done;
		if (buffer != NULL)
			memcpy((char *) buffer + done, tar->buffer + tar->buffer_at, part);
		tar_consume(tar, part);
		done += part;
	}
	return (ssize_t) done;
}

/*
 * Drops @size bytes.  A source that can seek is moved to the last of them, which
 * is read, so that the end of the stream is still noticed.
 */
int tar_drop(struct unr_tar *tar, int64_t size)
{
	while (size > 0) {
		size_t held = tar->buffer_end - tar->buffer_at;
		size_t part;
		ssize_t n;

		if (held == 0 && tar->source.skip != NULL && size > (int64_t) TAR_BUFFER_SIZE) {
			int r = tar->source.skip(tar->source.context, (uint64_t) size - 1);

			if (r < 0)
				return r;
			tar->offset += (uint64_t) size - 1;
			size = 1;
		}
		part = size < (int64_t) TAR_BUFFER_SIZE ? (size_t) size : TAR_BUFFER_SIZE;
		n = tar_take(tar, NULL, held > 0 && held < part ? held : part);
		if (n < 0)
			return (int) n;
		if (n == 0)
			return tar_refuse(tar, TAR_UNEXPECTED_EOF);
		size -= n;
	}
	return 0;
}

int tar_take_block(struct unr_tar *tar, unsigned char *block)
{
	ssize_t n = tar_take(tar, block, TAR_BLOCK);

	if (n < 0)
		return (int) n;
	return n == TAR_BLOCK ? 0 : tar_refuse(tar, TAR_UNEXPECTED_EOF);
}
