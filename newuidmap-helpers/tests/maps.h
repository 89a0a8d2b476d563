/* SPDX-License-Identifier: MIT */
/*
 * Maps for tests, written as people write them: "0:100000:65536,65536:1000:1".
 * A text that cannot be read stops the test at its line.
 */
#ifndef UNR_TEST_MAPS_H
#define UNR_TEST_MAPS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "unr_test.h"
#include "usernsrepro/idmap.h"

/* An owned map; "" is the empty one. */
static inline struct unr_idmap map_of(const char *text)
{
	unr_autofree char *copy = strdup(text);
	struct unr_idmap map = { 0 };
	char *rest = copy, *field;

	assert_non_null(copy);
	while (text[0] != '\0' && (field = strsep(&rest, ",")) != NULL) {
		struct unr_id_range range;

		assert_int_equal(unr_id_range_parse(field, &range, NULL), 0);
		assert_int_equal(unr_idmap_add(&map, range), 0);
	}
	return map;
}

/* The same text from a map; owned. */
static inline char *text_of(const struct unr_idmap *map)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);

	assert_non_null(file);
	for (size_t i = 0; i < map->n_ranges; i++)
		(void) fprintf(file, "%s%u:%u:%u", i == 0 ? "" : ",", map->ranges[i].inside,
			       map->ranges[i].outside, map->ranges[i].count);
	assert_int_equal(fclose(file), 0);
	return text;
}

static inline void assert_map(const struct unr_idmap *map, const char *expected)
{
	unr_autofree char *text = text_of(map);

	assert_string_equal(text, expected);
}

#endif
