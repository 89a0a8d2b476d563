/* SPDX-License-Identifier: MIT */
/*
 * Shared by the files of tar/ only: the header block, pax records and sparse
 * maps as values.  Each parser answers "is it valid by Go's rules?".
 */
#ifndef UNR_TAR_INTERNAL_H
#define UNR_TAR_INTERNAL_H

#include "base/text.h"
#include "tar/tar.h"

#define TAR_BLOCK 512

/* Bodies of x, g, L and K: Go's maxSpecialFileSize (go1.18.7 and later). */
#define TAR_SPECIAL_MAX ((size_t) 1 << 20)

/* What is kept of one where Go has no limit. */
#define TAR_SPECIAL_BOUND ((size_t) 64 << 20)

/* A header block by itself, before pax records and long names. */
struct tar_header {
	char type;
	char name[155 + 1 + 100 + 1]; /* prefix, slash, name, NUL */
	char link[100 + 1];
	int64_t mode, uid, gid, size, devmajor, devminor;
	struct unr_tar_time mtime, atime;
	bool gnu;
};

/** tar_header_parse() - the block's meaning; false when Go would refuse it. */
UNR_MUST_CHECK bool tar_header_parse(const unsigned char *block, struct tar_header *ret);

/** tar_parse_numeric() - a base-256 or octal field, strictly (strconv.go, parseNumeric). */
UNR_MUST_CHECK bool tar_parse_numeric(const unsigned char *field, size_t size, int64_t *ret);

/** tar_parse_decimal() - strconv.ParseInt(s, 10, 64): a sign is allowed, spaces are not. */
UNR_MUST_CHECK bool tar_parse_decimal(const char *text, size_t length, int64_t *ret);

/** tar_parse_time() - a pax time, "[-]digits[.digits]" cut to nanoseconds. */
UNR_MUST_CHECK bool tar_parse_time(const char *text, size_t length, struct unr_tar_time *ret);

/* One pax record; borrowed from the body it was read from, NUL-terminated there. */
struct pax_record {
	const char *key, *value;
	size_t key_length, value_length;
};

/* The records of one x or g header.  Zero-initialised is empty. */
struct pax_records {
	struct unr_text body;       /* owned; what the records point into */
	struct unr_text sparse_map; /* owned; the 0.0 records joined as a 0.1 map */
	struct pax_record *records; /* owned; in their order; a later one of the same key counts */
	size_t n_records, room;
	struct unr_tar_xattr *xattrs; /* owned; made by pax_collect_xattrs() */
	size_t n_xattrs;
};

void pax_done(struct pax_records *pax);
void pax_clear(struct pax_records *pax);

/**
 * pax_parse() - read the records of @pax->body, which is cut into strings by it
 *
 * Return: 0, -EBADMSG when Go would refuse them, -ENOMEM.
 */
UNR_MUST_CHECK int pax_parse(struct pax_records *pax);

/** pax_get() - the last record of that key; NULL when absent or empty (then the header counts). */
const struct pax_record *pax_get(const struct pax_records *pax, const char *key);

/** pax_equals() - is the last record of that key this text? */
bool pax_equals(const struct pax_records *pax, const char *key, const char *text);

/** pax_collect_xattrs() - fill @pax->xattrs from the SCHILY.xattr.* records; 0 or -ENOMEM. */
UNR_MUST_CHECK int pax_collect_xattrs(struct pax_records *pax, bool empty);

struct sparse_fragment {
	int64_t offset, length;
};

/* The stretches of data in a sparse file.  Zero-initialised is empty. */
struct sparse_map {
	struct sparse_fragment *fragments; /* owned */
	size_t n_fragments, room;
	int64_t end;  /* where the last fragment ends */
	bool invalid; /* some fragment was refused; reported once all are read */
};

/* Fragments that are kept: 16 MiB of them.  Go has no limit here before go1.24.8. */
#define SPARSE_MAX_FRAGMENTS ((size_t) 1 << 20)

void sparse_done(struct sparse_map *map);
void sparse_clear(struct sparse_map *map);

/**
 * sparse_add() - judge and append a fragment of a file of @size bytes
 *
 * Return: 0, -E2BIG over SPARSE_MAX_FRAGMENTS, -ENOMEM.
 */
UNR_MUST_CHECK int sparse_add(struct sparse_map *map, struct sparse_fragment fragment,
			      int64_t size);

/**
 * sparse_from_records() - the map of GNU format 0.0 and 0.1
 *
 * Return: 0, -EBADMSG, -E2BIG, -ENOMEM.
 */
UNR_MUST_CHECK int sparse_from_records(const struct pax_records *pax, int64_t size,
				       struct sparse_map *map);

/* Reads the numbers at the head of a format 1.0 file's data, block by block. */
struct sparse_reader {
	bool counted;    /* the first number, how many fragments, was read */
	uint64_t wanted; /* numbers still to come */
	struct sparse_fragment fragment;
	bool have_offset;
	/* the number being read */
	uint64_t value;
	size_t n_bytes;
	bool negative, bad, digits;
};

/**
 * sparse_feed() - take one block of such data
 *
 * Return: 1 when the map is complete, 0 when another block is needed, -EBADMSG, -E2BIG, -ENOMEM.
 */
UNR_MUST_CHECK int sparse_feed(struct sparse_reader *reader, const unsigned char *block,
			       int64_t size, struct sparse_map *map);

#define TAR_BUFFER_SIZE ((size_t) 64 << 10)

/* Go's texts for what is no tar. */
#define TAR_INVALID_HEADER "archive/tar: invalid tar header"
#define TAR_FIELD_TOO_LONG "archive/tar: header field too long"
#define TAR_SPARSE_MISSING "archive/tar: sparse file references non-existent data"
#define TAR_SPARSE_UNUSED "archive/tar: sparse file contains unreferenced data"
#define TAR_SPARSE_TOO_LONG "archive/tar: sparse map too long"
#define TAR_UNEXPECTED_EOF "unexpected EOF"

struct unr_tar {
	struct unr_tar_source source;
	struct unr_tar_rules rules;
	const char *error_text; /* one of the above, or the source's fault; "" before */
	int result;             /* sticky: 1 while entries may follow, 0 at the end, -errno */
	uint64_t offset;        /* bytes consumed */
	uint64_t n_entries;

	int64_t remaining; /* data of the current entry still in the stream */
	int64_t padding;   /* behind it, up to the next block */
	bool is_sparse;
	struct sparse_map sparse;
	size_t fragment;        /* the one at or behind @position */
	int64_t position, size; /* in the expanded content */

	struct pax_records pax;
	struct unr_text long_name, long_link, special;
	struct tar_header header;
	struct unr_tar_entry entry;

	size_t buffer_at, buffer_end;
	unsigned char buffer[TAR_BUFFER_SIZE];
};

/** tar_refuse() - remember why the bytes are no tar; returns -EBADMSG. */
int tar_refuse(struct unr_tar *tar, const char *text);

/** tar_fill() - bytes in the buffer, filled when it was empty; 0 at the end; -errno. */
UNR_MUST_CHECK ssize_t tar_fill(struct unr_tar *tar);

/** tar_consume() - @n bytes of the buffer are done with. */
void tar_consume(struct unr_tar *tar, size_t n);

/** tar_take() - @size bytes, fewer only at the end of the stream; NULL: drop them. */
UNR_MUST_CHECK ssize_t tar_take(struct unr_tar *tar, void *buffer, size_t size);

/** tar_take_block() - a whole block; "unexpected EOF" when there is less. */
UNR_MUST_CHECK int tar_take_block(struct unr_tar *tar, unsigned char *block);

/** tar_drop() - pass over @size bytes; "unexpected EOF" when there are fewer. */
UNR_MUST_CHECK int tar_drop(struct unr_tar *tar, int64_t size);

/** tar_next_header() - fills in @tar->entry; 1, 0 at the clean end, -errno. */
UNR_MUST_CHECK int tar_next_header(struct unr_tar *tar);

#endif
