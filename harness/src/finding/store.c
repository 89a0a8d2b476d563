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
	struct unr_records causes;  /* owned; a record for each failure, on the same tracks */
	struct unr_text scratch;    /* owned */
	uint64_t n;
};

struct unr_finding_cursor {
	const struct unr_finding_store *store; /* borrowed, or NULL */
	uint32_t layer, end;                   /* of the reader; before which it stops */
	struct unr_records_reader reader;      /* owned */
	struct unr_records_reader causes;      /* owned */
	struct unr_finding finding;            /* owned */
};

struct unr_finding_store *unr_finding_store_new(void)
{
	struct unr_finding_store *store = calloc(1, sizeof(*store));

	if (store != NULL)
		store->records = store->causes = UNR_RECORDS(unr_tempfile_open);
	return store;
}

void unr_finding_store_free(struct unr_finding_store *store)
{
	if (store == NULL)
		return;
	unr_records_done(&store->records);
	unr_records_done(&store->causes);
	unr_text_done(&store->scratch);
	free(store);
}

static int append(struct unr_records *records, uint32_t layer, const struct unr_text *record,
		  struct unr_error *err)
{
	int r = record->failed ? -ENOMEM :
				 unr_records_append(records, layer, record->bytes, record->length);

	if (r == -ENOMEM)
		return unr_fail_memory(err);
	return r < 0 ? unr_fail(err, UNR_ERROR_FAILED, r,
				"the findings cannot be kept in a temporary file in %s: %s",
				records->where, strerror(-r)) :
		       0;
}

int unr_finding_store_add(struct unr_finding_store *store, const struct unr_finding *finding,
			  struct unr_error *err)
{
	struct unr_text *scratch = &store->scratch;
	int r;

	unr_text_clear(scratch);
	unr_wire_put_finding(scratch, finding);
	r = append(&store->records, finding->layer, scratch, err);
	store->n += r == 0;
	return r;
}

int unr_finding_store_add_cause(struct unr_finding_store *store, uint32_t layer,
				const struct unr_cause *cause, struct unr_error *err)
{
	unr_text_clear(&store->scratch);
	unr_wire_put_cause(&store->scratch, layer, cause);
	return append(&store->causes, layer, &store->scratch, err);
}

uint64_t unr_finding_store_count(const struct unr_finding_store *store)
{
	return store == NULL ? 0 : store->n;
}

static void enter_layer(struct unr_finding_cursor *cursor, uint32_t layer)
{
	unr_records_reader_done(&cursor->reader);
	unr_records_reader_done(&cursor->causes);
	cursor->layer = layer;
	cursor->reader = unr_records_start(&cursor->store->records, layer);
	cursor->causes = unr_records_start(&cursor->store->causes, layer);
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
		enter_layer(cursor, layer);
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
	unr_records_reader_done(&cursor->causes);
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
		enter_layer(cursor, cursor->layer);
	} while (true);
}

/* Causes stand in the order of the failures; where nobody looked for them there is none. */
static int read_cause(struct unr_finding_cursor *cursor)
{
	struct unr_wire_reader record = { 0 };
	uint32_t layer;
	int r = unr_records_read(&cursor->causes, &record.bytes, &record.left);

	return r > 0 ? unr_wire_get_cause(&record, &layer, &cursor->finding.cause) : r;
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
		if (r == 0 && cursor->finding.engine_refused)
			r = read_cause(cursor);
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
