/* SPDX-License-Identifier: MIT */
/*
 * Maps of sparse files: the GNU pax formats 0.0, 0.1 and 1.0, checked by Go's
 * rules (go1.19 reader.go readGNUSparseMap*, common.go validateSparseEntries).
 * Go reads a whole map before it judges it, so a bad fragment is remembered and
 * reported when the last one was read: a stream that ends before wins.
 */
#include <errno.h>
#include <string.h>

#include "tar/internal.h"

void sparse_clear(struct sparse_map *map)
{
	map->n_fragments = 0;
	map->end = 0;
	map->invalid = false;
}

void sparse_done(struct sparse_map *map)
{
	free(map->fragments);
	*map = (struct sparse_map) { 0 };
}

static bool fragment_fits(const struct sparse_map *map, struct sparse_fragment f, int64_t size)
{
	return size >= 0 && f.offset >= 0 && f.length >= 0 && f.offset <= INT64_MAX - f.length &&
	       f.offset + f.length <= size && map->end <= f.offset;
}

/* Go's validateSparseEntries. */
static void judge(struct sparse_map *map, struct sparse_fragment fragment, int64_t size)
{
	if (fragment_fits(map, fragment, size))
		map->end = fragment.offset + fragment.length;
	else
		map->invalid = true;
}

int sparse_add(struct sparse_map *map, struct sparse_fragment fragment, int64_t size)
{
	judge(map, fragment, size);
	if (map->invalid || fragment.length == 0)
		return 0;
	if (map->n_fragments == map->room) {
		size_t room = map->room == 0 ? 16 : map->room * 2;
		struct sparse_fragment *fragments;

		if (room > SPARSE_MAX_FRAGMENTS)
			return -E2BIG;
		fragments = reallocarray(map->fragments, room, sizeof(*fragments));
		if (fragments == NULL)
			return -ENOMEM;
		map->fragments = fragments;
		map->room = room;
	}
	map->fragments[map->n_fragments++] = fragment;
	return 0;
}

/* The next number of a comma-separated list; false when it is none. */
static bool cut_number(const char **text, size_t *length, int64_t *ret)
{
	const char *comma = memchr(*text, ',', *length);
	size_t n = comma == NULL ? *length : (size_t) (comma - *text);

	if (!tar_parse_decimal(*text, n, ret))
		return false;
	if (comma != NULL)
		n++;
	*text += n;
	*length -= n;
	return true;
}

static size_t count_numbers(const char *text, size_t length)
{
	size_t n = length == 0 ? 0 : 1;

	for (size_t i = 0; i < length; i++)
		n += text[i] == ',';
	return n;
}

int sparse_from_records(const struct pax_records *pax, int64_t size, struct sparse_map *map)
{
	const struct pax_record *count = pax_get(pax, "GNU.sparse.numblocks");
	const struct pax_record *list = pax_get(pax, "GNU.sparse.map");
	const char *text = list == NULL ? "" : list->value;
	size_t length = list == NULL ? 0 : list->value_length;
	int64_t wanted;

	if (count == NULL || !tar_parse_decimal(count->value, count->value_length, &wanted) ||
	    wanted < 0 || wanted > INT64_MAX / 2 ||
	    count_numbers(text, length) != 2 * (uint64_t) wanted)
		return -EBADMSG;
	for (int64_t i = 0; i < wanted; i++) {
		struct sparse_fragment f;
		int r;

		if (!cut_number(&text, &length, &f.offset) ||
		    !cut_number(&text, &length, &f.length))
			return -EBADMSG;
		r = sparse_add(map, f, size);
		if (r < 0)
			return r;
	}
	return map->invalid ? -EBADMSG : 0;
}

static void reader_byte(struct sparse_reader *reader, unsigned char c)
{
	uint64_t limit = reader->negative ? UINT64_C(1) << 63 : INT64_MAX;
	bool first = reader->n_bytes++ == 0;

	if (first && (c == '-' || c == '+')) {
		reader->negative = c == '-';
		return;
	}
	if (c < '0' || c > '9' || reader->value > (limit - (uint64_t) (c - '0')) / 10) {
		reader->bad = true;
		return;
	}
	reader->value = reader->value * 10 + (uint64_t) (c - '0');
	reader->digits = true;
}

/* A number is complete.  Returns 1 when it was the last, 0, or a negative errno. */
static int reader_number(struct sparse_reader *reader, int64_t size, struct sparse_map *map)
{
	int64_t number = reader->negative ? (int64_t) (0 - reader->value) : (int64_t) reader->value;
	bool bad = reader->bad || !reader->digits;
	int r = 0;

	reader->value = 0;
	reader->n_bytes = 0;
	reader->negative = reader->bad = reader->digits = false;
	if (!reader->counted) {
		/* 2 * number must not overflow, as Go checks before it goes on. */
		if (bad || number < 0 || number > INT64_MAX / 2)
			return -EBADMSG;
		reader->counted = true;
		reader->wanted = 2 * (uint64_t) number;
		return reader->wanted == 0 ? 1 : 0;
	}
	reader->wanted--;
	if (bad)
		map->invalid = true;
	if (!reader->have_offset) {
		reader->fragment.offset = number;
	} else {
		reader->fragment.length = number;
		r = sparse_add(map, reader->fragment, size);
	}
	reader->have_offset = !reader->have_offset;
	if (r < 0)
		return r;
	return reader->wanted == 0 ? 1 : 0;
}

int sparse_feed(struct sparse_reader *reader, const unsigned char *block, int64_t size,
		struct sparse_map *map)
{
	for (size_t i = 0; i < TAR_BLOCK; i++) {
		int r;

		if (block[i] != '\n') {
			reader_byte(reader, block[i]);
			continue;
		}
		r = reader_number(reader, size, map);
		if (r == 1 && map->invalid)
			return -EBADMSG;
		if (r != 0)
			return r;
	}
	return 0;
}
