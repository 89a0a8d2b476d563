/* SPDX-License-Identifier: MIT */
/*
 * Blobs on their way: a few at a time, in the order in which they are wanted,
 * into files without names; taken up where a connection was cut, and checked
 * against their digests while they come.
 */
#ifndef UNR_FETCH_TRANSFER_H
#define UNR_FETCH_TRANSFER_H

#include <stdint.h>

#include "fetch/registry.h"
#include "image/digest.h"

enum unr_transfer_state {
	UNR_TRANSFER_WAITS,
	UNR_TRANSFER_RUNS,
	UNR_TRANSFER_THERE,
	UNR_TRANSFER_FAILED
};

/** unr_transfer_add() - a blob will be wanted, once more if it is known; 0, -E2BIG or -ENOMEM */
UNR_MUST_CHECK int unr_transfer_add(struct unr_registry *registry, const char *digest,
				    uint64_t size);

/** unr_transfer_find() - NULL when it was not announced, or not so often */
struct unr_transfer *unr_transfer_find(const struct unr_registry *registry, const char *digest);

enum unr_transfer_state unr_transfer_state(const struct unr_transfer *transfer);

/** unr_transfer_error() - why it FAILED */
const struct unr_error *unr_transfer_error(const struct unr_transfer *transfer);

/** unr_transfer_take() - a descriptor for reading one that is THERE, owned; or -errno */
UNR_MUST_CHECK int unr_transfer_take(struct unr_transfer *transfer);

/** unr_transfers_start() - let as many run as may; milliseconds until one more can, or -1 */
long unr_transfers_start(struct unr_registry *registry);

/** unr_transfers_finish() - see to those that have ended; were there any? */
bool unr_transfers_finish(struct unr_registry *registry);

/** unr_transfers_tell() - how far they are; false where another try is needed for all of it */
bool unr_transfers_tell(struct unr_registry *registry);

void unr_transfers_done(struct unr_registry *registry);

#endif
