/* SPDX-License-Identifier: MIT */
/*
 * Each time that memory is full, every track's bytes are written as an extent at
 * the end of the file, and the track's extent before it learns where that is.
 * No record goes over the end of an extent.
 */
#include "base/records.h"

#include <string.h>
#include <unistd.h>

#include "base/fd.h"

#define NONE UINT64_MAX
/* Bytes read at once. */
enum { CHUNK = 64 * 1024 };

/* What an extent begins with; the file is read by who wrote it. */
struct extent {
	uint64_t next; /* NONE: it is the last one */
	uint64_t length;
};

void unr_records_done(struct unr_records *records)
{
	for (size_t i = 0; i < records->n_tracks; i++)
		unr_text_done(&records->tracks[i].tail);
	free(records->tracks);
	unr_close(&records->fd);
	*records = UNR_RECORDS(records->open_file);
}

static int write_at(int fd, const void *buffer, size_t size, uint64_t offset)
{
	const char *bytes = buffer;

	while (size > 0) {
		ssize_t n = pwrite(fd, bytes, size, (off_t) offset);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n < 0)
			continue;
		bytes += n;
		size -= (size_t) n;
		offset += (uint64_t) n;
	}
	return 0;
}

static int flush_track(struct unr_records *records, struct unr_records_track *track)
{
	const struct extent extent = { .next = NONE, .length = track->tail.length };
	uint64_t start = records->file_size;
	int r = write_at(records->fd, &extent, sizeof(extent), start);

	if (r == 0)
		r = write_at(records->fd, track->tail.bytes, track->tail.length,
			     start + sizeof(extent));
	if (r == 0 && track->last != NONE)
		r = write_at(records->fd, &start, sizeof(start),
			     track->last + offsetof(struct extent, next));
	if (r < 0)
		return r;
	if (track->first == NONE)
		track->first = start;
	track->last = start;
	records->file_size = start + sizeof(extent) + extent.length;
	unr_text_done(&track->tail);
	return 0;
}

static int flush(struct unr_records *records)
{
	int r = 0;

	if (records->fd < 0)
		records->fd = records->open_file(&records->where);
	if (records->fd < 0)
		return records->fd;
	for (size_t i = 0; i < records->n_tracks && r == 0; i++)
		if (records->tracks[i].tail.length > 0)
			r = flush_track(records, &records->tracks[i]);
	if (r == 0)
		records->buffered = 0;
	return r;
}

static int add_tracks(struct unr_records *records, uint32_t track)
{
	size_t n = (size_t) track + 1;
	struct unr_records_track *tracks = reallocarray(records->tracks, n, sizeof(*tracks));

	if (tracks == NULL)
		return -ENOMEM;
	records->tracks = tracks;
	while (records->n_tracks < n)
		tracks[records->n_tracks++] =
			(struct unr_records_track) { .first = NONE, .last = NONE };
	return 0;
}

int unr_records_append(struct unr_records *records, uint32_t track, const void *bytes,
		       size_t length)
{
	uint32_t head = (uint32_t) length;
	struct unr_text *tail;

	if (length > UINT32_MAX)
		return -EMSGSIZE;
	if (track >= records->n_tracks && add_tracks(records, track) < 0)
		return -ENOMEM;
	tail = &records->tracks[track].tail;
	unr_text_append(tail, &head, sizeof(head));
	unr_text_append(tail, bytes, length);
	if (tail->failed)
		return -ENOMEM;
	records->buffered += sizeof(head) + length;
	return records->buffered > UNR_RECORDS_BOUND ? flush(records) : 0;
}

struct unr_records_reader unr_records_start(const struct unr_records *records, uint32_t track)
{
	static const struct unr_records_track empty = { .first = NONE, .last = NONE };
	struct unr_records_reader reader = { .records = records, .track = &empty };

	if (track < records->n_tracks)
		reader.track = &records->tracks[track];
	reader.extent = reader.track->first;
	return reader;
}

void unr_records_reader_done(struct unr_records_reader *reader)
{
	unr_freep(&reader->buffer);
}

static int read_at(const struct unr_records_reader *reader, void *buffer, size_t size,
		   uint64_t offset)
{
	ssize_t n = unr_pread_full(reader->records->fd, buffer, size, offset);

	if (n < 0)
		return (int) n;
	return (size_t) n == size ? 0 : -EIO;
}

static int enter_extent(struct unr_records_reader *reader)
{
	struct extent extent;
	int r = read_at(reader, &extent, sizeof(extent), reader->extent);

	if (r < 0)
		return r;
	reader->offset = reader->extent + sizeof(extent);
	reader->left = extent.length;
	reader->extent = extent.next;
	return 0;
}

/* Reads on in the extent until @wanted bytes are there, or more. */
static int fill(struct unr_records_reader *reader, size_t wanted)
{
	size_t room = wanted > CHUNK ? wanted : CHUNK;
	size_t more = room - reader->have;
	int r;

	if (more > reader->left)
		more = (size_t) reader->left;
	if (reader->have + more < wanted)
		return -EIO;
	if (reader->have > 0)
		memmove(reader->buffer, reader->bytes, reader->have);
	if (room > reader->room) {
		char *buffer = realloc(reader->buffer, room);

		if (buffer == NULL)
			return -ENOMEM;
		reader->buffer = buffer;
		reader->room = room;
	}
	reader->bytes = reader->buffer;
	r = read_at(reader, reader->buffer + reader->have, more, reader->offset);
	if (r < 0)
		return r;
	reader->have += more;
	reader->offset += more;
	reader->left -= more;
	return 0;
}

/* Goes where there are bytes: from extent to extent, then to what is in memory; 1, 0 or -errno. */
static int find_bytes(struct unr_records_reader *reader)
{
	int r = 0;

	while (reader->have == 0 && r == 0) {
		if (reader->left > 0) {
			r = fill(reader, 1);
		} else if (reader->extent != NONE) {
			r = enter_extent(reader);
		} else if (!reader->in_tail) {
			reader->in_tail = true;
			reader->bytes = reader->track->tail.bytes;
			reader->have = reader->track->tail.length;
		} else {
			return 0;
		}
	}
	return r < 0 ? r : 1;
}

static int need(struct unr_records_reader *reader, size_t wanted)
{
	return reader->have >= wanted ? 0 : fill(reader, wanted);
}

int unr_records_read(struct unr_records_reader *reader, const char **ret, size_t *ret_length)
{
	uint32_t length;
	int r = find_bytes(reader);

	if (r <= 0)
		return r;
	r = need(reader, sizeof(length));
	if (r < 0)
		return r;
	memcpy(&length, reader->bytes, sizeof(length));
	r = need(reader, sizeof(length) + length);
	if (r < 0)
		return r;
	*ret = reader->bytes + sizeof(length);
	*ret_length = length;
	reader->bytes += sizeof(length) + length;
	reader->have -= sizeof(length) + length;
	return 1;
}
