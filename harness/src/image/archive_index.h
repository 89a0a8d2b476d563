/* SPDX-License-Identifier: MIT */
/*
 * Which members an archive has and where their bytes lie, so that layers are
 * read in place.  Names are cleaned and kept inside the archive, as if it had
 * been unpacked into an empty directory: "../x" is "x", a later member of the
 * same name replaces an earlier one, links lead to members or nowhere.  What
 * is asked for may not be outside by its own name.
 */
#ifndef UNR_IMAGE_ARCHIVE_INDEX_H
#define UNR_IMAGE_ARCHIVE_INDEX_H

#include <stddef.h>

#include "base/text.h"
#include "image/blob.h"
#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"
#include "usernsrepro/image.h"

/* More than any archive of images needs, and little enough to keep: some tens of megabytes. */
enum {
	UNR_ARCHIVE_MAX_MEMBERS = 250 * 1000,
	UNR_ARCHIVE_MAX_NAMES = 32 * 1024 * 1024,
};

struct unr_indexed_member;

struct unr_archive_index {
	struct unr_blob archive;
	const char *name;                   /* borrowed; the archive in messages */
	struct unr_indexed_member *members; /* owned; sorted by name, then position */
	size_t n_members, room;
	struct unr_text names;    /* owned; what the members' names and links are offsets into */
	struct unr_oddity oddity; /* owned */
};

/**
 * unr_archive_index_read() - walk the archive once
 * @archive: an uncompressed tar
 * @name:    borrowed for as long as the index lives
 *
 * Return: as unr_archive_walk(), or -E2BIG over the bounds above.
 */
UNR_MUST_CHECK int unr_archive_index_read(const struct unr_blob *archive, const char *name,
					  struct unr_archive_index *ret, struct unr_error *err);

void unr_archive_index_done(struct unr_archive_index *index);
DEFINE_UNR_CLEANUP(struct unr_archive_index, unr_archive_index_done);

/**
 * unr_archive_index_find() - a regular member, links resolved
 *
 * Links are followed as dockerd does, to directories too.
 *
 * Return: 0, -ENOENT when there is none, -ELOOP after 255 components of names and links, -ENOTSUP
 * when it is not regular, or -ENOMEM.
 */
UNR_MUST_CHECK int unr_archive_index_find(const struct unr_archive_index *index, const char *name,
					  struct unr_blob *ret, struct unr_error *err);

/** unr_archive_clean() - @name as a path below the root: no "", ".", ".."; NULL without memory. */
char *unr_archive_clean(const char *name);

#endif
