/* SPDX-License-Identifier: MIT */
/*
 * Records of any length on numbered tracks, each track in the order in which it
 * was written: in memory up to a bound over all tracks, beyond it in a file
 * without a name.  What is kept in memory does not depend on their number.
 */
#ifndef UNR_BASE_RECORDS_H
#define UNR_BASE_RECORDS_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "usernsrepro/attr.h"

/* Bytes in memory before all of them go to the file. */
enum { UNR_RECORDS_BOUND = 1 << 20 };

/**
 * unr_records_open_fn - open the file, at the first record that is too much
 * @ret_where: the place, for messages; set in any case
 */
typedef int (*unr_records_open_fn)(const char **ret_where);

/* Internal: the bytes of one track, first those in the file. */
struct unr_records_track {
	struct unr_text tail; /* owned; not yet in the file */
	uint64_t first, last; /* extents in the file; UINT64_MAX: none */
};

struct unr_records {
	struct unr_records_track *tracks; /* owned */
	size_t n_tracks;
	size_t buffered; /* bytes in memory, of all tracks */
	unr_records_open_fn open_file;
	const char *where; /* of the file; NULL until it is there */
	int fd;            /* owned */
	uint64_t file_size;
};

#define UNR_RECORDS(open_fn) ((struct unr_records) { .open_file = (open_fn), .fd = -EBADF })

void unr_records_done(struct unr_records *records);

/**
 * unr_records_append() - one more record on @track
 *
 * Return: 0, -ENOMEM, or -errno of the file, with the place in @records->where.
 */
UNR_MUST_CHECK int unr_records_append(struct unr_records *records, uint32_t track,
				      const void *bytes, size_t length);

/* Reads one track from its beginning; nothing may be appended meanwhile. */
struct unr_records_reader {
	const struct unr_records *records; /* borrowed */
	const struct unr_records_track *track;
	const char *bytes; /* not used yet, in @buffer or the track's tail... */
	size_t have;       /* ...and how many */
	bool in_tail;
	char *buffer; /* owned */
	size_t room;
	uint64_t extent, offset; /* the next extent; what is next in this one... */
	uint64_t left;           /* ...and how much that is */
};

/** unr_records_start() - a reader for @track, which may be empty or unknown. */
struct unr_records_reader unr_records_start(const struct unr_records *records, uint32_t track);
void unr_records_reader_done(struct unr_records_reader *reader);
DEFINE_UNR_CLEANUP(struct unr_records_reader, unr_records_reader_done);

/**
 * unr_records_read() - the next record
 * @ret: borrowed, until the next call
 *
 * Return: 1, 0 at the end, -ENOMEM, or -errno of the file.
 */
UNR_MUST_CHECK int unr_records_read(struct unr_records_reader *reader, const char **ret,
				    size_t *ret_length);

#endif
