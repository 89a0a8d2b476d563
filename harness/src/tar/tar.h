/* SPDX-License-Identifier: MIT */
/*
 * Tar bytes to entries, by the rules of Go's archive/tar as dockerd uses them
 * (go1.19, src/archive/tar/reader.go): where another reader is lenient this one
 * fails with Go's words, and the other way round.  It never writes, never looks
 * at a file system and does not know layers.
 */
#ifndef UNR_TAR_TAR_H
#define UNR_TAR_TAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "usernsrepro/attr.h"

/* Where the bytes come from. */
struct unr_tar_source {
	/* Up to @size bytes; 0 at the end, which is also how a broken stream ends; -errno. */
	ssize_t (*read)(void *context, void *buffer, size_t size);
	/* Moves on by @size bytes without reading them; 0 or -errno.  NULL: read and drop. */
	int (*skip)(void *context, uint64_t size);
	/* Why the stream broke off, "" when it just ended.  NULL: every end is an end. */
	const char *(*fault)(void *context);
	void *context;
};

/* Go's zero Time, 1 January of the year 1: what a header without that time has. */
#define UNR_TAR_ZERO_TIME INT64_C(-62135596800)

struct unr_tar_time {
	int64_t seconds;     /* since 1970 */
	int32_t nanoseconds; /* 0..999999999, counted upwards also before 1970 */
};

/* A SCHILY.xattr.* record; the name is without that prefix.  Values may hold NUL bytes. */
struct unr_tar_xattr {
	const char *name;
	const char *value;
	size_t name_length, value_length;
};

/* One entry; everything is borrowed from the reader until the next call. */
struct unr_tar_entry {
	uint64_t position; /* 0 for the first; `g` headers count, `x`, `L` and `K` do not */
	char type;         /* type flag as Go delivers it: NUL has become '0' or '5' */
	const char *name;  /* raw bytes, NUL-terminated */
	size_t name_length;
	const char *link;
	size_t link_length;
	int64_t mode, uid, gid;
	int64_t size;   /* bytes of the expanded content; 0 for types without one */
	bool is_sparse; /* what stands in the stream is not the content as it is read */
	int64_t devmajor, devminor;
	int64_t header_uid, header_gid;   /* what the ustar fields said */
	struct unr_tar_time mtime, atime; /* atime: UNR_TAR_ZERO_TIME when there is none */
	const struct unr_tar_xattr *xattrs;
	size_t n_xattrs;
};

struct unr_tar;

/* In what the versions of Go's reader differ; all false is go1.19. */
struct unr_tar_rules {
	bool any_special;   /* x, g, L and K may have more than 1 MiB (before go1.18.7) */
	bool global_values; /* numbers and times in g headers (tar-split 0.11.6) */
	bool empty_xattrs;  /* attributes without a value count (Header.PAXRecords, not Xattrs) */
	bool sparse_maps;   /* those of more than 1 MiB (go1.24.8) */
};

/** unr_tar_new() - a reader at the start of @source (copied); 0 or -ENOMEM. */
UNR_MUST_CHECK int unr_tar_new(const struct unr_tar_source *source, struct unr_tar **ret);

/** unr_tar_set_rules() - before the first entry; a new reader has those of go1.19. */
void unr_tar_set_rules(struct unr_tar *tar, struct unr_tar_rules rules);

void unr_tar_free(struct unr_tar *tar);

/**
 * unr_tar_next() - the next entry; what is left of the current one is skipped
 * @ret: borrowed until the next call
 *
 * Return: 1 with an entry, 0 at the clean end, or
 *   -EBADMSG  the bytes are no tar by Go's rules; unr_tar_error_text() has Go's words
 *   -EMSGSIZE a header of more than 64 MiB, where the rules have no limit
 *   -ENOMEM, or the error of the source
 * After a failure or the end every further call returns the same.
 */
UNR_MUST_CHECK int unr_tar_next(struct unr_tar *tar, const struct unr_tar_entry **ret);

/**
 * unr_tar_read() - content of the current entry, sparse maps expanded
 *
 * Return: bytes, 0 at the end of the entry, or as unr_tar_next().
 */
UNR_MUST_CHECK ssize_t unr_tar_read(struct unr_tar *tar, void *buffer, size_t size);

/* How far a reader got that finds a content at fault. */
enum unr_tar_gap {
	UNR_TAR_NO_GAP,    /* nothing is wrong, or the archive itself breaks off */
	UNR_TAR_ALL_READ,  /* a sparse map asks for more than there is: all of it was read */
	UNR_TAR_SOME_LEFT, /* there is more than a sparse map asks for: that was not */
};

/** unr_tar_gap() - after a fault. */
enum unr_tar_gap unr_tar_gap(const struct unr_tar *tar);

/**
 * unr_tar_drain() - read the rest of the current entry and drop it
 *
 * Finds the same faults as reading it all (short data, sparse maps that do not fit).
 *
 * Return: 0, or as unr_tar_next().
 */
UNR_MUST_CHECK int unr_tar_drain(struct unr_tar *tar);

/** unr_tar_error_text() - Go's text for the last -EBADMSG, e.g. "unexpected EOF"; "" before. */
const char *unr_tar_error_text(const struct unr_tar *tar);

/** unr_tar_offset() - bytes taken from the source so far: behind a header, where the data begins. */
uint64_t unr_tar_offset(const struct unr_tar *tar);

#endif
