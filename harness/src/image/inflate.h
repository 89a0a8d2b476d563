/* SPDX-License-Identifier: MIT */
/*
 * Compressed archives inside image/: recognised by their first bytes, read
 * through the inflater that image/ was given.
 */
#ifndef UNR_IMAGE_INFLATE_H
#define UNR_IMAGE_INFLATE_H

#include "base/cleanup.h"
#include "image/services.h"
#include "tar/tar.h"
#include "usernsrepro/attr.h"

/** unr_compression_name() - by the first bytes of @blob: "gzip", …, or NULL for none known. */
const char *unr_compression_name(const struct unr_blob *blob);

struct unr_inflate {
	const struct unr_inflater *inflater;
	void *stream;     /* owned */
	const char *name; /* borrowed; the archive in messages */
	struct unr_error *err;
};

/**
 * unr_inflate_open() - a compressed blob as a source of plain bytes
 * @name: the file in messages
 * @ret:  stays where it is for as long as @ret_source is used
 * @err:  also set by a read that fails; kept until unr_inflate_done()
 */
UNR_MUST_CHECK int unr_inflate_open(const struct unr_image_services *services,
				    const struct unr_blob *blob, const char *name,
				    struct unr_inflate *ret, struct unr_tar_source *ret_source,
				    struct unr_error *err);

void unr_inflate_done(struct unr_inflate *inflate);
DEFINE_UNR_CLEANUP(struct unr_inflate, unr_inflate_done);

#endif
