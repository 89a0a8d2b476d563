/* SPDX-License-Identifier: MIT */
/* Copying into the temporary file: see spool.h. */
#include "image/spool.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"

enum { CHUNK = 256 * 1024 };

/* A pipe may be in non-blocking mode: we opened it so, or whoever shares it did. */
static ssize_t read_pipe(void *context, void *buffer, size_t size)
{
	const int *fd = context;

	for (;;) {
		struct pollfd wanted = { .fd = *fd, .events = POLLIN };
		ssize_t n = read(*fd, buffer, size);

		if (n >= 0)
			return n;
		if (errno == EAGAIN && poll(&wanted, 1, -1) < 0 && errno != EINTR)
			return -errno;
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
	}
}

static int keep_piece(struct unr_image_input *input, const struct unr_image_services *services,
		      const char *piece, size_t size, struct unr_blob *blob, struct unr_error *err)
{
	int r = unr_write_full(input->spool_fd, piece, size);

	if (r < 0)
		return unr_fail(err, UNR_ERROR_FAILED, r,
				"%s: cannot be kept in a temporary file: %s", input->name,
				strerror(-r));
	blob->size += size;
	if (services == NULL || services->kept == NULL)
		return 0;
	r = services->kept(services->context, blob->size);
	return r < 0 ? unr_fail(err, UNR_ERROR_FAILED, r, "%s: tell how much is read: %s",
				input->name, strerror(-r)) :
		       0;
}

int unr_spool_source(struct unr_image_input *input, const struct unr_image_services *services,
		     const struct unr_tar_source *source, struct unr_blob *ret,
		     struct unr_error *err)
{
	unr_autofree char *buffer = NULL;
	struct unr_blob blob = { .fd = input->spool_fd };
	off_t start;
	ssize_t n;

	if (input->spool_fd < 0) {
		if (err != NULL)
			*err = input->spool_error;
		return input->spool_error.code < 0 ? input->spool_error.code : -EBADF;
	}
	buffer = malloc(CHUNK);
	if (buffer == NULL)
		return unr_fail_memory(err);
	start = lseek(input->spool_fd, 0, SEEK_END);
	if (start < 0)
		return unr_fail_errno(err, "%s: temporary file", input->name);
	blob.offset = (uint64_t) start;
	while ((n = source->read(source->context, buffer, CHUNK)) > 0) {
		int r = keep_piece(input, services, buffer, (size_t) n, &blob, err);

		if (r < 0)
			return r;
	}
	if (n < 0)
		return unr_fail(err, UNR_ERROR_FAILED, (int) n, "%s: %s", input->name,
				strerror((int) -n));
	*ret = blob;
	return 0;
}

int unr_spool_stream(struct unr_image_input *input, const struct unr_image_services *services,
		     struct unr_blob *ret, struct unr_error *err)
{
	struct unr_tar_source source = { .read = read_pipe, .context = &input->fd };
	struct unr_blob blob;
	int r;

	r = unr_spool_source(input, services, &source, &blob, err);
	if (r < 0)
		return r;
	if (blob.size == 0)
		return unr_fail(err, UNR_ERROR_FAILED, -ENODATA,
				"%s: is empty: nobody wrote to the pipe", input->name);
	*ret = blob;
	return 0;
}
