/* SPDX-License-Identifier: MIT */
/*
 * All findings of one image, however many: in memory up to a bound, beyond it in
 * a file without a name in $TMPDIR, else /var/tmp.  They are put in as the layers
 * tell them, and read layer by layer, as often as is wanted.
 */
#ifndef USERNSREPRO_FINDING_STORE_H
#define USERNSREPRO_FINDING_STORE_H

#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"
#include "usernsrepro/finding.h"

struct unr_finding_store;

/** unr_finding_store_new() - an empty one, NULL when out of memory. */
UNR_EXPORT struct unr_finding_store *unr_finding_store_new(void);
UNR_EXPORT void unr_finding_store_free(struct unr_finding_store *store);

/**
 * unr_finding_store_add() - put a copy in
 *
 * Findings of one layer come in the order of its entries; layers may take turns.
 *
 * Return: 0, or a negative errno with @err: no memory, no space.
 */
UNR_EXPORT UNR_MUST_CHECK int unr_finding_store_add(struct unr_finding_store *store,
						    const struct unr_finding *finding,
						    struct unr_error *err);

/**
 * unr_finding_store_add_cause() - the cause of the next failure of @layer that has none yet
 *
 * Return: as unr_finding_store_add().
 */
UNR_EXPORT UNR_MUST_CHECK int unr_finding_store_add_cause(struct unr_finding_store *store,
							  uint32_t layer,
							  const struct unr_cause *cause,
							  struct unr_error *err);

/** unr_finding_store_count() - how many there are; none in NULL. */
UNR_EXPORT uint64_t unr_finding_store_count(const struct unr_finding_store *store);

/* A place in the store; several at a time are possible, but nothing may be added meanwhile. */
struct unr_finding_cursor;

/**
 * unr_finding_cursor_new() - before the first finding
 * @store: borrowed; NULL has no findings
 *
 * Return: an owned cursor, NULL when out of memory.
 */
UNR_EXPORT struct unr_finding_cursor *unr_finding_cursor_new(const struct unr_finding_store *store);

/** unr_finding_cursor_new_layer() - the same for the findings of one layer. */
UNR_EXPORT struct unr_finding_cursor *
unr_finding_cursor_new_layer(const struct unr_finding_store *store, uint32_t layer);
UNR_EXPORT void unr_finding_cursor_free(struct unr_finding_cursor *cursor);

/**
 * unr_finding_cursor_next() - the next one, by layer, then entry
 * @ret: borrowed, until the next call
 *
 * Return: 1, 0 at the end, or a negative errno with @err.
 */
UNR_EXPORT UNR_MUST_CHECK int unr_finding_cursor_next(struct unr_finding_cursor *cursor,
						      const struct unr_finding **ret,
						      struct unr_error *err);

#endif
