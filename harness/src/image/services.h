/* SPDX-License-Identifier: MIT */
/*
 * What the loading half of image/ needs from outside and does not know how to
 * do: files of a directory that it cannot see, and decompression, which is
 * stream/'s.  Whoever joins the parts fills this in.
 */
#ifndef UNR_IMAGE_SERVICES_H
#define UNR_IMAGE_SERVICES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "image/blob.h"
#include "image/go_decode.h"
#include "usernsrepro/error.h"

/* Reads a compressed archive; any compression that the outer file may have. */
struct unr_inflater {
	/* 0, also when the beginning is damaged; -ENOTSUP for a compression that is not read; -errno. */
	int (*open)(const struct unr_blob *blob, void **ret_stream, struct unr_error *err);
	/* Decompressed bytes; 0 at the end and where the stream is broken off; -errno. */
	ssize_t (*read)(void *stream, void *buffer, size_t size);
	/* What broke it, e.g. "gzip: invalid checksum"; "" so far nothing. */
	const char *(*fault_text)(void *stream);
	void (*close)(void *stream);
};

struct unr_image_services {
	/*
	 * Gets a file of the image's directory from the parent, where @name goes to
	 * unr_image_input_serve(), or of the registry from the fetcher, where it may also be
	 * "manifest" (the one that was named) and "manifests/<digest>".  Code and error come
	 * back.  The caller owns *@ret_fd.
	 * NULL: there is nobody to ask.
	 */
	int (*ask)(void *context, const char *name, int *ret_fd, struct unr_error *err);
	/*
	 * Says that a blob of a registry will be asked for, and what size its manifest gives, so
	 * that it is on its way by then.  In the order in which they are wanted.
	 */
	int (*announce)(void *context, const char *name, uint64_t size, struct unr_error *err);
	/*
	 * Says how much of a pipe or of a compressed archive is in the temporary file by now, piece
	 * by piece.  NULL: nobody wants to know.
	 */
	int (*kept)(void *context, uint64_t bytes);
	void *context;
	const struct unr_inflater *inflater; /* NULL: compressed archives are refused */
	const struct unr_go_rules *rules;    /* by which a config is read; NULL: by none */
};

#endif
