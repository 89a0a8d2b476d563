/* SPDX-License-Identifier: MIT */
/* Writing tar into memory: see archive.h. */
#include "scenario/archive.h"

#include <errno.h>

int unr_archive_fail(struct archive *archive, const char *what, struct unr_error *err)
{
	const char *why = archive_error_string(archive);

	return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG, "%s: %s", what,
			why == NULL ? "out of memory" : why);
}

static la_ssize_t append(struct archive *writer, void *context, const void *bytes, size_t size)
{
	struct unr_text *out = context;

	unr_text_append(out, bytes, size);
	if (!out->failed)
		return (la_ssize_t) size;
	archive_set_error(writer, ENOMEM, "out of memory");
	return -1;
}

int unr_archive_new(struct unr_text *out, struct archive **ret, struct unr_error *err)
{
	return unr_archive_new_to(append, out, ret, err);
}

int unr_archive_pack(struct unr_text *out, struct archive **ret, struct unr_error *err)
{
	unr_auto(unr_archive_writer_done) struct archive *writer = archive_write_new();
	unr_auto(unr_archive_entry_done) struct archive_entry *entry = archive_entry_new();

	if (writer == NULL || entry == NULL)
		return unr_fail_memory(err);
	archive_entry_set_filetype(entry, AE_IFREG);
	/* Without the time of day: the same bytes every day. */
	if (archive_write_set_format_raw(writer) != ARCHIVE_OK ||
	    archive_write_add_filter_gzip(writer) != ARCHIVE_OK ||
	    archive_write_set_filter_option(writer, "gzip", "timestamp", NULL) != ARCHIVE_OK ||
	    archive_write_set_filter_option(writer, "gzip", "compression-level", "1") !=
		    ARCHIVE_OK ||
	    archive_write_set_bytes_in_last_block(writer, 1) != ARCHIVE_OK ||
	    archive_write_open(writer, out, NULL, append, NULL) != ARCHIVE_OK ||
	    archive_write_header(writer, entry) != ARCHIVE_OK)
		return unr_archive_fail(writer, "write gzip", err);
	*ret = unr_take_ptr(writer);
	return 0;
}

int unr_archive_new_to(archive_write_callback *take, void *context, struct archive **ret,
		       struct unr_error *err)
{
	unr_auto(unr_archive_writer_done) struct archive *writer = archive_write_new();

	if (writer == NULL)
		return unr_fail_memory(err);
	/* Restricted: a pax header only where it must be.  The last block is not padded. */
	if (archive_write_set_format_pax_restricted(writer) != ARCHIVE_OK ||
	    archive_write_set_bytes_in_last_block(writer, 1) != ARCHIVE_OK ||
	    archive_write_open(writer, context, NULL, take, NULL) != ARCHIVE_OK)
		return unr_archive_fail(writer, "write tar", err);
	*ret = unr_take_ptr(writer);
	return 0;
}

/* A piece at a time: they may be many. */
static bool write_zeros(struct archive *writer, size_t size)
{
	static const char zeros[1 << 16];

	while (size > 0) {
		size_t piece = size < sizeof(zeros) ? size : sizeof(zeros);

		if (archive_write_data(writer, zeros, piece) != (la_ssize_t) piece)
			return false;
		size -= piece;
	}
	return true;
}

int unr_archive_add(struct archive *writer, struct archive_entry *entry, const char *bytes,
		    size_t size, struct unr_error *err)
{
	if (size > 0 || archive_entry_filetype(entry) == AE_IFREG)
		archive_entry_set_size(entry, (la_int64_t) size);
	if (archive_write_header(writer, entry) != ARCHIVE_OK)
		return unr_archive_fail(writer, archive_entry_pathname(entry), err);
	if (bytes == NULL)
		return write_zeros(writer, size) ?
			       0 :
			       unr_archive_fail(writer, archive_entry_pathname(entry), err);
	if (size > 0 && archive_write_data(writer, bytes, size) != (la_ssize_t) size)
		return unr_archive_fail(writer, archive_entry_pathname(entry), err);
	return 0;
}

int unr_archive_finish(struct archive *writer, const struct unr_text *out, struct unr_error *err)
{
	if (archive_write_close(writer) != ARCHIVE_OK)
		return unr_archive_fail(writer, "write tar", err);
	return out->failed ? unr_fail_memory(err) : 0;
}
