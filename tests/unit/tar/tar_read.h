/* SPDX-License-Identifier: MIT */
/*
 * Shared by the tests of tar/: an archive built in memory is read whole, and
 * what came of it is one text, a line an entry.
 *
 *	0 etc/motd size=5 "hello"
 *	2 l -> t uid=7
 *	end
 *
 * Fields that have their ordinary value (mode 644, 755 for directories, all
 * numbers 0, no access time) are left out.  The last line is "end", Go's text
 * for what is wrong, or "errno N".
 */
#ifndef UNR_TEST_TAR_READ_H
#define UNR_TEST_TAR_READ_H

#include "unr_test.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tar/tar.h"
#include "tar_build.h"

#define END "end"
#define INVALID "archive/tar: invalid tar header"
#define SHORT "unexpected EOF"

/* Bytes in memory as a source that gives at most @step of them at a time. */
struct bytes_source {
	const char *bytes;
	size_t left, step;
	size_t skips; /* how often it was asked to move on */
};

static inline ssize_t bytes_read(void *context, void *buffer, size_t size)
{
	struct bytes_source *source = context;
	size_t n = source->left < size ? source->left : size;

	if (n > source->step)
		n = source->step;
	memcpy(buffer, source->bytes, n);
	source->bytes += n;
	source->left -= n;
	return (ssize_t) n;
}

static inline int bytes_skip(void *context, uint64_t size)
{
	struct bytes_source *source = context;
	size_t n = source->left < size ? source->left : (size_t) size;

	source->bytes += n;
	source->left -= n;
	source->skips++;
	return 0;
}

/* How the content of regular files is taken. */
enum taking { TAKE_READ, TAKE_DRAIN, TAKE_SKIP };

static inline void show_number(struct unr_text *text, const char *name, int64_t value)
{
	if (value != 0)
		unr_text_printf(text, " %s=%" PRId64, name, value);
}

static inline void show_time(struct unr_text *text, const char *name, struct unr_tar_time time,
			     int64_t ordinary)
{
	if (time.seconds == ordinary && time.nanoseconds == 0)
		return;
	unr_text_printf(text, " %s=%" PRId64, name, time.seconds);
	if (time.nanoseconds != 0)
		unr_text_printf(text, ".%09" PRId32, time.nanoseconds);
}

static inline void show_entry(struct unr_text *text, const struct unr_tar_entry *e)
{
	unr_text_escape(text, &e->type, 1);
	unr_text_puts(text, " ");
	unr_text_escape(text, e->name, e->name_length);
	if (e->link_length > 0) {
		unr_text_puts(text, " -> ");
		unr_text_escape(text, e->link, e->link_length);
	}
	if (e->mode != (e->type == '5' ? 0755 : 0644) && e->type != 'g')
		unr_text_printf(text, " mode=%" PRIo64, e->mode);
	show_number(text, "uid", e->uid);
	show_number(text, "gid", e->gid);
	show_number(text, "size", e->size);
	show_time(text, "mtime", e->mtime, 0);
	if (e->type != 'g')
		show_time(text, "atime", e->atime, UNR_TAR_ZERO_TIME);
	if (e->devmajor != 0 || e->devminor != 0)
		unr_text_printf(text, " dev=%" PRId64 ":%" PRId64, e->devmajor, e->devminor);
	for (size_t i = 0; i < e->n_xattrs; i++) {
		unr_text_puts(text, " ");
		unr_text_escape(text, e->xattrs[i].name, e->xattrs[i].name_length);
		unr_text_puts(text, "=");
		unr_text_escape(text, e->xattrs[i].value, e->xattrs[i].value_length);
	}
}

/* The content of a regular file; a NUL is shown as '.'.  Negative: the reader's error. */
static inline int take_content(struct unr_tar *tar, enum taking taking, struct unr_text *text)
{
	char buffer[7]; /* content comes in pieces that fit nothing */
	size_t shown = 0;
	ssize_t n;

	if (taking != TAKE_READ)
		return taking == TAKE_DRAIN ? unr_tar_drain(tar) : 0;
	for (;;) {
		n = unr_tar_read(tar, buffer, sizeof(buffer));
		if (n <= 0)
			break;
		for (ssize_t i = 0; i < n && shown < 60; i++, shown++) {
			unr_text_puts(text, shown == 0 ? " \"" : "");
			unr_text_append(text, buffer[i] == '\0' ? "." : &buffer[i], 1);
		}
	}
	unr_text_puts(text, shown == 0 ? "" : "\"");
	return (int) n;
}

/* Return: the text, owned. */
static inline char *read_source(const struct unr_tar_source *source, enum taking taking)
{
	struct unr_text text = { 0 };
	const struct unr_tar_entry *entry;
	struct unr_tar *tar = NULL;
	int r = unr_tar_new(source, &tar);

	assert_int_equal(r, 0);
	for (;;) {
		r = unr_tar_next(tar, &entry);
		if (r != 1)
			break;
		show_entry(&text, entry);
		r = entry->type == '0' ? take_content(tar, taking, &text) : 0;
		unr_text_puts(&text, "\n");
		if (r < 0)
			break;
	}
	if (r == 0)
		unr_text_puts(&text, END);
	else if (r == -EBADMSG)
		unr_text_puts(&text, unr_tar_error_text(tar));
	else
		unr_text_printf(&text, "errno %d", -r);
	unr_tar_free(tar);
	return unr_text_take(&text);
}

static inline char *read_bytes(const struct tar_build *tar, size_t step, enum taking taking)
{
	struct bytes_source bytes = { unr_text_string(&tar->bytes), tar->bytes.length, step, 0 };
	const struct unr_tar_source source = { .read = bytes_read,
					       .skip = taking == TAKE_SKIP ? bytes_skip : NULL,
					       .context = &bytes };

	return read_source(&source, taking);
}

/* The archive gives this text, however the bytes arrive.  It is empty afterwards. */
static inline void assert_reads(struct tar_build *tar, const char *expected)
{
	static const size_t steps[] = { 65536, 512, 1 };

	for (size_t i = 0; i < UNR_COUNT(steps); i++) {
		unr_autofree char *text = read_bytes(tar, steps[i], TAKE_READ);

		assert_string_equal(text, expected);
	}
	tar_build_done(tar);
}

/* A literal with its length; NUL bytes in it count. */
#define B(literal) (literal), sizeof(literal) - 1

/* Puts bytes into the field at @offset and NULs behind them. */
static inline void set_field(union tar_header *header, size_t offset, size_t size,
			     const char *bytes, size_t n_bytes)
{
	assert_true(n_bytes <= size);
	memset(header->bytes + offset, 0, size);
	memcpy(header->bytes + offset, bytes, n_bytes);
}

#endif
