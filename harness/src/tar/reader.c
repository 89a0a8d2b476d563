/* SPDX-License-Identifier: MIT */
/*
 * The reader's public face: its life, the next entry, and the content of the
 * current one with sparse maps expanded (go1.19 reader.go, regFileReader and
 * sparseFileReader).
 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "tar/internal.h"

int unr_tar_new(const struct unr_tar_source *source, struct unr_tar **ret)
{
	struct unr_tar *tar = malloc(sizeof(*tar));

	if (tar == NULL)
		return -ENOMEM;
	memset(tar, 0, offsetof(struct unr_tar, buffer));
	tar->source = *source;
	tar->error_text = "";
	tar->result = 1;
	*ret = tar;
	return 0;
}

void unr_tar_set_rules(struct unr_tar *tar, struct unr_tar_rules rules)
{
	tar->rules = rules;
}

void unr_tar_free(struct unr_tar *tar)
{
	if (tar == NULL)
		return;
	sparse_done(&tar->sparse);
	pax_done(&tar->pax);
	unr_text_done(&tar->long_name);
	unr_text_done(&tar->long_link);
	unr_text_done(&tar->special);
	free(tar);
}

const char *unr_tar_error_text(const struct unr_tar *tar)
{
	return tar->error_text;
}

uint64_t unr_tar_offset(const struct unr_tar *tar)
{
	return tar->offset;
}

int unr_tar_next(struct unr_tar *tar, const struct unr_tar_entry **ret)
{
	if (tar->result != 1)
		return tar->result;
	tar->result = tar_next_header(tar);
	if (tar->result == 1)
		*ret = &tar->entry;
	return tar->result;
}

/* Data that stands in the stream as it is; @buffer may be NULL. */
static ssize_t read_plain(struct unr_tar *tar, void *buffer, size_t size)
{
	ssize_t n;

	if (tar->remaining == 0)
		return 0;
	if ((uint64_t) tar->remaining < size)
		size = (size_t) tar->remaining;
	if (size > TAR_BUFFER_SIZE)
		size = TAR_BUFFER_SIZE;
	n = tar_take(tar, buffer, size);
	if (n >= 0)
		tar->remaining -= n;
	return n == 0 ? tar_refuse(tar, TAR_UNEXPECTED_EOF) : n;
}

/* One stretch of a sparse file, data or hole. */
static ssize_t read_sparse(struct unr_tar *tar, void *buffer, size_t size)
{
	const struct sparse_fragment *f = NULL;
	int64_t left;
	ssize_t n;

	if (tar->position == tar->size)
		return tar->remaining > 0 ? tar_refuse(tar, TAR_SPARSE_UNUSED) : 0;
	if (tar->fragment < tar->sparse.n_fragments)
		f = &tar->sparse.fragments[tar->fragment];
	if (f != NULL && tar->position >= f->offset) {
		left = f->offset + f->length - tar->position;
		n = read_plain(tar, buffer, (uint64_t) left < size ? (size_t) left : size);
		if (n == 0)
			return tar_refuse(tar, TAR_SPARSE_MISSING);
		if (n < 0)
			return n;
		if (n == left)
			tar->fragment++;
	} else {
		left = (f != NULL ? f->offset : tar->size) - tar->position;
		n = (ssize_t) ((uint64_t) left < size ? (size_t) left : size);
		if (buffer != NULL)
			memset(buffer, 0, (size_t) n);
	}
	tar->position += n;
	return n;
}

static ssize_t read_data(struct unr_tar *tar, void *buffer, size_t size)
{
	ssize_t n;

	if (tar->result != 1)
		return tar->result;
	n = tar->is_sparse ? read_sparse(tar, buffer, size) : read_plain(tar, buffer, size);
	if (n < 0)
		tar->result = (int) n;
	return n;
}

ssize_t unr_tar_read(struct unr_tar *tar, void *buffer, size_t size)
{
	return read_data(tar, buffer, size);
}

enum unr_tar_gap unr_tar_gap(const struct unr_tar *tar)
{
	if (strcmp(tar->error_text, TAR_SPARSE_MISSING) == 0)
		return UNR_TAR_ALL_READ;
	return strcmp(tar->error_text, TAR_SPARSE_UNUSED) == 0 ? UNR_TAR_SOME_LEFT : UNR_TAR_NO_GAP;
}

int unr_tar_drain(struct unr_tar *tar)
{
	ssize_t n;

	do {
		n = read_data(tar, NULL, SSIZE_MAX);
	} while (n > 0);
	return (int) n;
}
