/* SPDX-License-Identifier: MIT */
/* What several formats count or compare in a result, so that they agree on it. */
#ifndef UNR_REPORT_FACTS_H
#define UNR_REPORT_FACTS_H

#include "usernsrepro/result.h"

struct unr_totals {
	uint64_t entries;
	uint64_t chowns;
	uint64_t refused; /* by the kernel */
	uint64_t failures;
};

/** unr_facts_totals() - the sums over all layers */
struct unr_totals unr_facts_totals(const struct unr_result *result);

/** unr_facts_maps_differ() - does the engine compute with another map than the kernel had? */
bool unr_facts_maps_differ(const struct unr_result *result);

/** unr_facts_is_bare_layer() - was it a layer without an image around it? */
bool unr_facts_is_bare_layer(const struct unr_result *result);

/** unr_facts_layer_digest() - the blob's digest, else the diffID, else NULL; borrowed */
const char *unr_facts_layer_digest(const struct unr_layer *layer);

/** unr_facts_digest_digits() - what follows "sha256:"; borrowed */
const char *unr_facts_digest_digits(const char *digest);

#endif
