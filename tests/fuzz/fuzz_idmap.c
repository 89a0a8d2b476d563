/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: ranges as text, one a line.  Property: what was parsed, formatted
 * for /proc and read again is the same map; in a map that the kernel would take
 * the way out and the way in lead back, at both ends of every range.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"
#include "must.h"
#include "usernsrepro/idmap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Cuts @text at its newlines; false when a line is no range. */
static bool parse_lines(char *text, struct unr_idmap *ret)
{
	char *rest = text, *line;

	while ((line = strsep(&rest, "\n")) != NULL) {
		struct unr_id_range range;
		struct unr_error err = { 0 };
		int r;

		if (*line == '\0')
			continue;
		r = unr_id_range_parse(line, &range, &err);
		must((r < 0) == (err.kind == UNR_ERROR_USAGE));
		must(r == err.code && (r == 0 || err.message[0] != '\0'));
		if (r < 0)
			return false;
		r = unr_idmap_add(ret, range);
		must(r == 0);
	}
	return true;
}

static void check_format(const struct unr_idmap *map)
{
	struct unr_idmap again = { 0 };
	unr_autofree char *text = unr_idmap_format(map);
	bool good;

	must(text != NULL);
	for (char *c = text; *c != '\0'; c++) {
		must((*c >= '0' && *c <= '9') || *c == ' ' || *c == '\n');
		if (*c == ' ')
			*c = ':';
	}
	good = parse_lines(text, &again);
	must(good && unr_idmap_equal(map, &again));
	unr_idmap_done(&again);
}

/* The id @at steps into the range. */
static void check_both_ways(const struct unr_idmap *map, const struct unr_id_range *range,
			    uint32_t at)
{
	uint32_t inside = 0, outside = 0;

	must(unr_idmap_to_outside(map, range->inside + at, &outside));
	must(outside == range->outside + at);
	must(unr_idmap_to_inside(map, outside, &inside));
	must(inside == range->inside + at);
}

static void check_lookup(const struct unr_idmap *map)
{
	uint64_t total = 0;

	for (size_t i = 0; i < map->n_ranges; i++) {
		const struct unr_id_range *r = &map->ranges[i];

		check_both_ways(map, r, 0);
		check_both_ways(map, r, r->count - 1);
		total += r->count;
	}
	must(total == unr_idmap_total(map) && total <= UINT32_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct unr_idmap map = { 0 };
	struct unr_error err = { 0 };
	unr_autofree char *text = malloc(size + 1);

	must(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	if (parse_lines(text, &map)) {
		int r = unr_idmap_check(&map, UNR_UID, &err);

		check_format(&map);
		must((r < 0) == (err.kind == UNR_ERROR_USAGE));
		if (r == 0)
			check_lookup(&map);
	}
	unr_idmap_done(&map);
	return 0;
}
