/* SPDX-License-Identifier: MIT */
/*
 * A tar written into memory by libarchive, the same bytes every time: numeric
 * owners, no names, no padding beyond the end mark.
 */
#ifndef UNR_SCENARIO_ARCHIVE_H
#define UNR_SCENARIO_ARCHIVE_H

#include <archive.h>
#include <archive_entry.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"

static inline void unr_archive_writer_done(struct archive **writer)
{
	(void) archive_write_free(*writer);
}
DEFINE_UNR_CLEANUP(struct archive *, unr_archive_writer_done);

static inline void unr_archive_reader_done(struct archive **reader)
{
	(void) archive_read_free(*reader);
}
DEFINE_UNR_CLEANUP(struct archive *, unr_archive_reader_done);

static inline void unr_archive_entry_done(struct archive_entry **entry)
{
	archive_entry_free(*entry);
}
DEFINE_UNR_CLEANUP(struct archive_entry *, unr_archive_entry_done);

/** unr_archive_fail() - the error of an archive object as ours, -EBADMSG. */
int unr_archive_fail(struct archive *archive, const char *what, struct unr_error *err);

/**
 * unr_archive_new() - a writer that appends to @out
 * @out: borrowed; must outlive the writer
 * @ret: owned by the caller
 *
 * Return: 0, -ENOMEM or -EBADMSG.
 */
UNR_MUST_CHECK int unr_archive_new(struct unr_text *out, struct archive **ret,
				   struct unr_error *err);

/** unr_archive_new_to() - a writer that hands its bytes to @take, as archive_write_open() has it */
UNR_MUST_CHECK int unr_archive_new_to(archive_write_callback *take, void *context,
				      struct archive **ret, struct unr_error *err);

/** unr_archive_pack() - a writer that appends what is written to it to @out, compressed by gzip */
UNR_MUST_CHECK int unr_archive_pack(struct unr_text *out, struct archive **ret,
				    struct unr_error *err);

/**
 * unr_archive_add() - an entry and its content (@size of the entry is set); 0 or -EBADMSG
 * @bytes: NULL: zeros
 */
UNR_MUST_CHECK int unr_archive_add(struct archive *writer, struct archive_entry *entry,
				   const char *bytes, size_t size, struct unr_error *err);

/** unr_archive_finish() - write the end mark; 0, -EBADMSG or -ENOMEM. */
UNR_MUST_CHECK int unr_archive_finish(struct archive *writer, const struct unr_text *out,
				      struct unr_error *err);

#endif
