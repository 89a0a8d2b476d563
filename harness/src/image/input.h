/* SPDX-License-Identifier: MIT */
/*
 * The half of image/ that runs with the caller's privileges: it opens what was
 * named and looks at its file type, and parses nothing.  The opened input
 * crosses fork() or clone() and is read by the other half, load.h.
 *
 *   parent: spec -> unr_image_input_open() -> descriptors -+
 *           unr_image_input_serve() <- "blobs/sha256/.." <-+- child: unr_image_load()
 */
#ifndef UNR_IMAGE_INPUT_H
#define UNR_IMAGE_INPUT_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "image/platform.h"
#include "image/spec.h"
#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"

enum unr_input_kind {
	UNR_INPUT_FILE,      /* can be read at any offset */
	UNR_INPUT_STREAM,    /* a pipe or socket: has to be spooled */
	UNR_INPUT_DIRECTORY, /* its files come through unr_image_input_serve() */
	UNR_INPUT_REGISTRY,  /* a socket to a process that has its files */
	UNR_INPUT_KIND_COUNT_
};

struct unr_image_input {
	enum unr_transport transport; /* AUTO until unr_image_load() has recognised it */
	enum unr_input_kind kind;
	int fd;                       /* owned */
	uint64_t offset;              /* FILE: where the image begins in it */
	int spool_fd;                 /* owned; an unlinked temporary file, or -EBADF */
	struct unr_error spool_error; /* why there is none; told only when one is needed */
	char *path;                   /* owned; as it was named; "-" for standard input */
	char *name;                   /* owned; the same made fit for messages */
	char *reference;              /* owned; NULL when none was given */
	struct unr_platform platform; /* to take of several; zero: this host's */
	int *files; /* owned, as are the descriptors: blobs of a directory, opened by the load */
	size_t n_files;
};

/* A value that unr_image_input_done() may be called on before anything was opened. */
#define UNR_IMAGE_INPUT_NONE                                                                       \
	{                                                                                          \
		.fd = -EBADF, .spool_fd = -EBADF                                                   \
	}

/**
 * unr_image_input_open() - open what an IMAGE argument names
 * @spec: any transport that has a file or directory; not SCENARIO, whose archive the caller makes
 *        and hands to unr_image_input_from_fd()
 *
 * Never blocks, on a FIFO neither.  The type of the file is checked against the transport.
 *
 * Return: 0, -errno of the open, -EISDIR, -ENOTDIR or -EINVAL for a file of a type that cannot
 * hold the image, -EOPNOTSUPP for a transport without files, or -ENOMEM.
 */
UNR_MUST_CHECK int unr_image_input_open(const struct unr_image_spec *spec,
					struct unr_image_input *ret, struct unr_error *err);

/**
 * unr_image_input_from_fd() - an input over a descriptor that is open already
 * @transport: what is in it, or AUTO
 * @fd:        a regular file or memfd (read from offset 0), a pipe, a directory, or for DOCKER the
 *             socket to a fetcher; taken over on success
 * @path:      how messages call it
 * @reference: as in struct unr_image_spec; may be NULL
 *
 * Return: as unr_image_input_open().
 */
UNR_MUST_CHECK int unr_image_input_from_fd(enum unr_transport transport, int fd, const char *path,
					   const char *reference, struct unr_image_input *ret,
					   struct unr_error *err);

/**
 * unr_image_input_keep() - what can be read but once is copied into a temporary file
 *
 * Afterwards the image can be loaded as often as is wanted; a registry's fetcher has its own say.
 *
 * Return: 0, or as unr_spool_stream().
 */
UNR_MUST_CHECK int unr_image_input_keep(struct unr_image_input *input, struct unr_error *err);

void unr_image_input_done(struct unr_image_input *input);
DEFINE_UNR_CLEANUP(struct unr_image_input, unr_image_input_done);

/**
 * unr_image_input_serve() - open one file of an OCI directory for the child
 * @input: of kind DIRECTORY
 * @name:  as the child asked for it.  Hostile: anything but "oci-layout", "index.json" and
 *         "blobs/<algorithm>/<hex>" is refused
 *
 * The file is regular and lies beneath the directory.
 *
 * Return: 0, -EINVAL for a name that is none of those, -ENOENT when there is no such file,
 * -EXDEV or -ELOOP for a link that leads out, -ENOTSUP for what is no regular file, or -errno.
 */
UNR_MUST_CHECK int unr_image_input_serve(const struct unr_image_input *input, const char *name,
					 int *ret_fd, struct unr_error *err);

#endif
