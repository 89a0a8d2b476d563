/* SPDX-License-Identifier: MIT */
/*
 * One pass over the headers of an outer tar, the content skipped by seeking.
 * Says where a member's bytes lie and whether the archive is cut short; what
 * the members mean is the visitor's business.
 */
#ifndef UNR_IMAGE_ARCHIVE_WALK_H
#define UNR_IMAGE_ARCHIVE_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "image/blob.h"
#include "tar/tar.h"
#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"

struct unr_archive_member {
	const char *name; /* borrowed until the visitor returns, as is @link */
	const char *link;
	char type;      /* tar's type flag, as Go delivers it */
	bool is_sparse; /* its content does not stand there as it is read */
	const struct unr_tar_xattr *xattrs;
	size_t n_xattrs;
	uint64_t offset; /* of the content, from the beginning of the archive */
	uint64_t size;   /* bytes there; 0 for all but plain files */
};

/* Return: 0 to go on, 1 to stop, or -errno with @err set. */
typedef int (*unr_archive_visit_fn)(void *context, const struct unr_archive_member *member,
				    struct unr_error *err);

/* A tar in place as a source of bytes; @blob is borrowed by value. */
struct unr_blob_source {
	struct unr_blob blob;
	uint64_t position;
};

/** unr_blob_source_init() - @ret reads @source->blob from its beginning; borrows @source. */
void unr_blob_source_init(struct unr_blob_source *source, const struct unr_blob *blob,
			  struct unr_tar_source *ret);

/**
 * unr_archive_walk() - visit every member
 * @source: the bytes of the archive, from the beginning
 * @limit:  how many there are; UINT64_MAX when that is not known
 * @name:   the archive in messages
 *
 * Return: 0 at the clean end, 1 when the visitor stopped, -ENODATA when the archive is cut short,
 * -EBADMSG when it is no tar, or the error of the source or the visitor.
 */
UNR_MUST_CHECK int unr_archive_walk(const struct unr_tar_source *source, uint64_t limit,
				    const char *name, unr_archive_visit_fn visit, void *context,
				    struct unr_error *err);

#endif
