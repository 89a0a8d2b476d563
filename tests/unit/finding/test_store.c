/* SPDX-License-Identifier: MIT */
/* The store of findings: order, several passes, and no space for what is too much. */
#include "unr_test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "usernsrepro/finding_store.h"

static void add(struct unr_finding_store *store, uint32_t layer, uint64_t entry)
{
	char path[64];
	const struct unr_finding finding = { .layer = layer,
					     .entry = entry,
					     .uid = 70000 + (int64_t) entry,
					     .path = path,
					     .path_length = (size_t) snprintf(
						     path, sizeof(path), "layer/%u/%u", layer,
						     (unsigned int) entry) };
	struct unr_error err = { 0 };

	assert_int_equal(unr_finding_store_add(store, &finding, &err), 0);
}

/* What comes next is this finding; gives it back for more questions. */
static void assert_next(struct unr_finding_cursor *cursor, uint32_t layer, uint64_t entry)
{
	const struct unr_finding *finding = NULL;
	struct unr_error err = { 0 };
	char path[64];

	assert_int_equal(unr_finding_cursor_next(cursor, &finding, &err), 1);
	assert_int_equal(finding->layer, layer);
	assert_int_equal(finding->entry, entry);
	assert_int_equal(finding->uid, 70000 + entry);
	(void) snprintf(path, sizeof(path), "layer/%u/%u", layer, (unsigned int) entry);
	assert_string_equal(finding->path, path);
}

static void assert_end(struct unr_finding_cursor *cursor)
{
	const struct unr_finding *finding = NULL;
	struct unr_error err = { 0 };

	assert_int_equal(unr_finding_cursor_next(cursor, &finding, &err), 0);
	assert_int_equal(unr_finding_cursor_next(cursor, &finding, &err), 0);
	unr_finding_cursor_free(cursor);
}

/* Far more than is kept in memory; layers 1, 3 and 7 take turns. */
static void cursor__goes_by_layer_then_entry(void **state)
{
	static const uint32_t layers[] = { 7, 1, 3 };
	struct unr_finding_store *store = unr_finding_store_new();
	struct unr_finding_cursor *cursor;

	(void) state;
	assert_non_null(store);
	for (uint64_t entry = 0; entry < 10000; entry++)
		for (size_t i = 0; i < UNR_COUNT(layers); i++)
			add(store, layers[i], entry);
	assert_int_equal(unr_finding_store_count(store), 30000);
	for (int pass = 0; pass < 2; pass++) {
		cursor = unr_finding_cursor_new(store);
		assert_non_null(cursor);
		for (uint32_t layer = 1; layer <= 7; layer += layer == 1 ? 2 : 4)
			for (uint64_t entry = 0; entry < 10000; entry++)
				assert_next(cursor, layer, entry);
		assert_end(cursor);
	}
	cursor = unr_finding_cursor_new_layer(store, 3);
	for (uint64_t entry = 0; entry < 10000; entry++)
		assert_next(cursor, 3, entry);
	assert_end(cursor);
	unr_finding_store_free(store);
}

static void cursor__several_do_not_disturb_each_other(void **state)
{
	struct unr_finding_store *store = unr_finding_store_new();
	struct unr_finding_cursor *first, *second;

	(void) state;
	for (uint64_t entry = 0; entry < 10000; entry++)
		add(store, 0, entry);
	first = unr_finding_cursor_new(store);
	second = unr_finding_cursor_new(store);
	for (uint64_t entry = 0; entry < 10000; entry++) {
		assert_next(first, 0, entry);
		assert_next(second, 0, entry);
	}
	assert_end(first);
	assert_end(second);
	unr_finding_store_free(store);
}

static void cursor__over_nothing_ends_at_once(void **state)
{
	struct unr_finding_store *store = unr_finding_store_new();

	(void) state;
	assert_int_equal(unr_finding_store_count(NULL), 0);
	assert_end(unr_finding_cursor_new(NULL));
	assert_end(unr_finding_cursor_new(store));
	assert_end(unr_finding_cursor_new_layer(store, 4));
	assert_end(unr_finding_cursor_new_layer(NULL, 0));
	add(store, 1, 0);
	assert_end(unr_finding_cursor_new_layer(store, 0));
	assert_end(unr_finding_cursor_new_layer(store, UINT32_MAX));
	unr_finding_store_free(store);
	unr_finding_store_free(NULL);
}

static void add__names_the_place_that_has_no_file(void **state)
{
	char path[] = "a";
	const struct unr_finding finding = { .path = path, .path_length = 1 };
	struct unr_finding_store *store = unr_finding_store_new();
	struct unr_error err = { 0 };
	int r = 0;

	(void) state;
	assert_int_equal(setenv("TMPDIR", "/proc/self/no-such-folder", 1), 0);
	for (int i = 0; i < 100000 && r == 0; i++)
		r = unr_finding_store_add(store, &finding, &err);
	assert_int_equal(unsetenv("TMPDIR"), 0);
	assert_int_equal(r, -ENOENT);
	assert_int_equal(err.kind, UNR_ERROR_FAILED);
	assert_string_equal(err.message, "the findings cannot be kept in a temporary file in "
					 "/proc/self/no-such-folder: No such file or directory");
	unr_finding_store_free(store);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(cursor__goes_by_layer_then_entry),
	cmocka_unit_test(cursor__several_do_not_disturb_each_other),
	cmocka_unit_test(cursor__over_nothing_ends_at_once),
	cmocka_unit_test(add__names_the_place_that_has_no_file),
};

UNR_TEST_MAIN("finding.store", tests, NULL);
