/* SPDX-License-Identifier: MIT */
/* Findings in wire form, a track of records for each layer: see finding_store.h. */
#include "usernsrepro/finding_store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/records.h"
#include "base/tempfile.h"
#include "finding/wire.h"

struct unr_finding_store {
	struct unr_records records; /* owned */
	struct unr_text scratch;    /* owned */
	uint64_t n;
};

struct unr_finding_cursor {
	const struct unr_finding_store *store; /* borrowed, or NULL */
	uint32_t layer, end;                   /* of the reader; before which it stops */
	struct unr_records_reader reader;      /* owned */
	struct unr_finding finding;            /* owned */
};

struct unr_finding_store *unr_finding_store_new(void)
{
	struct unr_finding_store *store = calloc(1, sizeof(*store));

	if (store != NULL)
		store->records = UNR_RECORDS(unr_tempfile_open);
	return store;
}

void unr_finding_store_free(struct unr_finding_store *store)
{
	if (store == NULL)
		return;
	unr_records_done(&store->records);
	unr_text_done(&store->scratch);
	free(store);
}

int unr_finding_store_add(struct unr_finding_store *store, const struct unr_finding *finding,
			  struct unr_error *err)
{
	struct unr_text *scratch = &store->scratch;
	int r;

	unr_text_clear(scratch);
	unr_wire_put_finding(scratch, finding);
	if (scratch->failed)
		return unr_fail_memory(err);
	r = unr_records_append(&store->records, finding->layer, scratch->bytes, scratch->length);
	if (r == -ENOMEM)
		return unr_fail_memory(err);
	if (r < 0)
		return unr_fail(err, UNR_ERROR_FAILED, r,
				"the findings cannot be kept in a temporary file in %s: %s",
				store->records.where, strerror(-r));
	store->n++;
	return 0;
}

uint64_t unr_finding_store_count(const struct unr_finding_store *store)
{
	return store == NULL ? 0 : store->n;
}

static struct unr_finding_cursor *make_cursor(const struct unr_finding_store *store, uint32_t layer,
					      uint32_t end)
{
	struct unr_finding_cursor *cursor = calloc(1, sizeof(*cursor));

	if (cursor == NULL)
		return NULL;
	cursor->store = store;
	cursor->layer = layer;
	cursor->end = end;
	if (store != NULL)
		cursor->reader = unr_records_start(&store->records, layer);
	return cursor;
}

struct unr_finding_cursor *unr_finding_cursor_new(const struct unr_finding_store *store)
{
	return make_cursor(store, 0, store == NULL ? 0 : (uint32_t) store->records.n_tracks);
}

struct unr_finding_cursor *unr_finding_cursor_new_layer(const struct unr_finding_store *store,
							uint32_t layer)
{
	return make_cursor(store, layer, layer + 1);
}

void unr_finding_cursor_free(struct unr_finding_cursor *cursor)
{
	if (cursor == NULL)
		return;
	unr_finding_done(&cursor->finding);
	unr_records_reader_done(&cursor->reader);
	free(cursor);
}

/* The next record, of this layer or a higher one; 1, 0 or -errno. */
static int read_record(struct unr_finding_cursor *cursor, struct unr_wire_reader *ret)
{
	int r;

	do {
		r = unr_records_read(&cursor->reader, &ret->bytes, &ret->left);
		if (r != 0 || ++cursor->layer >= cursor->end)
			return r;
		unr_records_reader_done(&cursor->reader);
		cursor->reader = unr_records_start(&cursor->store->records, cursor->layer);
	} while (true);
}

int unr_finding_cursor_next(struct unr_finding_cursor *cursor, const struct unr_finding **ret,
			    struct unr_error *err)
{
	struct unr_wire_reader record = { 0 };
	int r = cursor->store == NULL || cursor->layer >= cursor->end ?
			0 :
			read_record(cursor, &record);

	unr_finding_done(&cursor->finding);
	if (r > 0) {
		r = unr_wire_get_finding(&record, &cursor->finding);
		r = r < 0 ? r : 1;
	}
	if (r == -ENOMEM)
		return unr_fail_memory(err);
	if (r < 0)
		return unr_fail(
			err, UNR_ERROR_FAILED, r,
			"the findings cannot be read back from the temporary file in %s: %s",
			cursor->store->records.where, strerror(-r));
	*ret = &cursor->finding;
	return r;
}
