/* SPDX-License-Identifier: MIT */
/*
 * The id map as a value: reading a range, the kernel's rules, looking ids up,
 * the text for the kernel.  Pure arithmetic: whoever wants a map written, or
 * wants to know what is granted, goes to map_writer.h and subid.h.
 */
#include "usernsrepro/idmap.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"

/* How ranges are shown in messages: as they are written on the command line. */
#define RANGE_FMT "%" PRIu32 ":%" PRIu32 ":%" PRIu32
#define RANGE_ARGS(range) (range)->inside, (range)->outside, (range)->count

void unr_idmap_done(struct unr_idmap *map)
{
	if (map == NULL)
		return;
	free(map->ranges);
	*map = (struct unr_idmap) { 0 };
}

void unr_idmaps_done(struct unr_idmaps *maps)
{
	if (maps == NULL)
		return;
	for (size_t kind = 0; kind < UNR_ID_KIND_COUNT_; kind++)
		unr_idmap_done(&maps->of[kind]);
}

const char *unr_id_kind_name(enum unr_id_kind kind)
{
	static const char *const names[] = { [UNR_UID] = "uid", [UNR_GID] = "gid" };

	return names[kind];
}

static int fail_parse(const char *text, int code, const char *why, struct unr_error *err)
{
	unr_auto(unr_text_done) struct unr_text shown = { 0 };

	/* The text is the user's: it must not steer the terminal that shows the message. */
	unr_text_escape(&shown, text, strlen(text));
	return unr_fail(err, UNR_ERROR_USAGE, code, "'%s' %s", unr_text_string(&shown), why);
}

int unr_id_range_parse(const char *text, struct unr_id_range *ret, struct unr_error *err)
{
	unr_autofree char *copy = strdup(text);
	uint64_t numbers[3] = { 0 };
	char *rest = copy;
	size_t n = 0;

	if (copy == NULL)
		return unr_fail_memory(err);
	while (rest != NULL && n < UNR_COUNT(numbers)) {
		char *field = strsep(&rest, ":");
		int r = unr_parse_u64(field, UINT32_MAX, &numbers[n++]);

		if (r == -ERANGE)
			return fail_parse(text, r, "has a number over 4294967295", err);
		if (r < 0)
			return fail_parse(text, r, "is not INSIDE:OUTSIDE:COUNT", err);
	}
	if (rest != NULL || n < UNR_COUNT(numbers))
		return fail_parse(text, -EINVAL, "is not INSIDE:OUTSIDE:COUNT", err);
	*ret = (struct unr_id_range) {
		.inside = (uint32_t) numbers[0],
		.outside = (uint32_t) numbers[1],
		.count = (uint32_t) numbers[2],
	};
	return 0;
}

int unr_idmap_add(struct unr_idmap *map, struct unr_id_range range)
{
	struct unr_id_range *ranges;

	ranges = reallocarray(map->ranges, map->n_ranges + 1, sizeof(*ranges));
	if (ranges == NULL)
		return -ENOMEM;
	ranges[map->n_ranges++] = range;
	map->ranges = ranges;
	return 0;
}

int unr_idmap_copy(const struct unr_idmap *map, struct unr_idmap *ret)
{
	struct unr_id_range *ranges;

	if (map->n_ranges == 0)
		return 0;
	ranges = reallocarray(NULL, map->n_ranges, sizeof(*ranges));
	if (ranges == NULL)
		return -ENOMEM;
	memcpy(ranges, map->ranges, map->n_ranges * sizeof(*ranges));
	*ret = (struct unr_idmap) { .ranges = ranges, .n_ranges = map->n_ranges };
	return 0;
}

/* One past the last id; 64 bits, so that an unchecked range cannot wrap. */
static uint64_t end_of(uint32_t first, uint32_t count)
{
	return (uint64_t) first + count;
}

/* The two columns of a range, so that one rule serves both. */
struct column {
	const char *name;
	uint32_t first;
};

#define N_COLUMNS 2

static void columns_of(const struct unr_id_range *range, struct column ret[N_COLUMNS])
{
	ret[0] = (struct column) { "inside", range->inside };
	ret[1] = (struct column) { "outside", range->outside };
}

/* map_write() in kernel/user_namespace.c refuses first + count <= first in 32 bits. */
static int check_range(const struct unr_id_range *range, const char *kind, struct unr_error *err)
{
	struct column columns[N_COLUMNS];

	if (range->count == 0)
		return unr_fail(err, UNR_ERROR_USAGE, -EINVAL,
				"%s range " RANGE_FMT " has a count of 0", kind, RANGE_ARGS(range));
	columns_of(range, columns);
	for (size_t i = 0; i < N_COLUMNS; i++) {
		uint64_t end = end_of(columns[i].first, range->count);

		if (end > UNR_ID_NONE)
			return unr_fail(err, UNR_ERROR_USAGE, -EINVAL,
					"%s range " RANGE_FMT " reaches %s id %" PRIu64
					", the last id is 4294967294",
					kind, RANGE_ARGS(range), columns[i].name, end - 1);
	}
	return 0;
}

static int check_pair(const struct unr_id_range *a, const struct unr_id_range *b, const char *kind,
		      struct unr_error *err)
{
	struct column a_columns[N_COLUMNS], b_columns[N_COLUMNS];

	columns_of(a, a_columns);
	columns_of(b, b_columns);
	for (size_t i = 0; i < N_COLUMNS; i++) {
		uint32_t a_first = a_columns[i].first, b_first = b_columns[i].first;
		uint32_t shared = a_first > b_first ? a_first : b_first;

		if (shared >= end_of(a_first, a->count) || shared >= end_of(b_first, b->count))
			continue;
		return unr_fail(err, UNR_ERROR_USAGE, -EINVAL,
				"%s ranges " RANGE_FMT " and " RANGE_FMT
				" both have %s id %" PRIu32,
				kind, RANGE_ARGS(a), RANGE_ARGS(b), a_columns[i].name, shared);
	}
	return 0;
}

/* Length of the text for the kernel, without building it. */
static size_t text_length(const struct unr_idmap *map)
{
	size_t length = 0;

	for (size_t i = 0; i < map->n_ranges; i++) {
		const struct unr_id_range *range = &map->ranges[i];

		length += (size_t) snprintf(NULL, 0, "%" PRIu32 " %" PRIu32 " %" PRIu32 "\n",
					    RANGE_ARGS(range));
	}
	return length;
}

static int check_size(const struct unr_idmap *map, const char *kind, struct unr_error *err)
{
	size_t page = (size_t) sysconf(_SC_PAGESIZE);
	size_t length;

	if (map->n_ranges == 0)
		return unr_fail(err, UNR_ERROR_USAGE, -EINVAL,
				"the %s map has 0 ranges, it needs at least 1", kind);
	if (map->n_ranges > UNR_IDMAP_MAX_RANGES)
		return unr_fail(err, UNR_ERROR_USAGE, -E2BIG,
				"the %s map has %zu ranges, the kernel takes %d", kind,
				map->n_ranges, UNR_IDMAP_MAX_RANGES);
	length = text_length(map);
	if (length >= page)
		return unr_fail(err, UNR_ERROR_USAGE, -E2BIG,
				"the %s map is %zu bytes long as text, the kernel takes %zu", kind,
				length, page - 1);
	return 0;
}

int unr_idmap_check(const struct unr_idmap *map, enum unr_id_kind kind, struct unr_error *err)
{
	const char *name = unr_id_kind_name(kind);
	int r = check_size(map, name, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < map->n_ranges; i++) {
		r = check_range(&map->ranges[i], name, err);
		if (r < 0)
			return r;
		for (size_t k = 0; k < i; k++) {
			r = check_pair(&map->ranges[k], &map->ranges[i], name, err);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

/* From the inside column to the outside one; false when either end is not an id. */
static bool translate(int64_t inside, const struct unr_id_range *range, uint32_t *ret)
{
	uint64_t moved;

	if (inside < range->inside || inside >= (int64_t) end_of(range->inside, range->count) ||
	    inside >= UNR_ID_NONE)
		return false;
	moved = (uint64_t) (inside - range->inside) + range->outside;
	if (moved >= UNR_ID_NONE)
		return false;
	*ret = (uint32_t) moved;
	return true;
}

bool unr_idmap_to_outside(const struct unr_idmap *map, int64_t inside, uint32_t *ret)
{
	for (size_t i = 0; i < map->n_ranges; i++)
		if (translate(inside, &map->ranges[i], ret))
			return true;
	return false;
}

bool unr_idmap_to_inside(const struct unr_idmap *map, int64_t outside, uint32_t *ret)
{
	for (size_t i = 0; i < map->n_ranges; i++) {
		const struct unr_id_range turned = {
			.inside = map->ranges[i].outside,
			.outside = map->ranges[i].inside,
			.count = map->ranges[i].count,
		};

		if (translate(outside, &turned, ret))
			return true;
	}
	return false;
}

uint64_t unr_idmap_total(const struct unr_idmap *map)
{
	uint64_t total = 0;

	for (size_t i = 0; i < map->n_ranges; i++)
		total += map->ranges[i].count;
	return total;
}

bool unr_idmap_equal(const struct unr_idmap *a, const struct unr_idmap *b)
{
	if (a->n_ranges != b->n_ranges)
		return false;
	for (size_t i = 0; i < a->n_ranges; i++)
		if (a->ranges[i].inside != b->ranges[i].inside ||
		    a->ranges[i].outside != b->ranges[i].outside ||
		    a->ranges[i].count != b->ranges[i].count)
			return false;
	return true;
}

char *unr_idmap_format(const struct unr_idmap *map)
{
	unr_auto(unr_text_done) struct unr_text text = { 0 };

	for (size_t i = 0; i < map->n_ranges; i++) {
		const struct unr_id_range *range = &map->ranges[i];

		unr_text_printf(&text, "%" PRIu32 " %" PRIu32 " %" PRIu32 "\n", RANGE_ARGS(range));
	}
	return unr_text_take(&text);
}
