/* SPDX-License-Identifier: MIT */
/* Sums and comparisons over a result: see facts.h. */
#include "report/facts.h"

#include <string.h>

struct unr_totals unr_facts_totals(const struct unr_result *result)
{
	struct unr_totals totals = { 0 };

	for (size_t i = 0; i < result->image.n_layers; i++) {
		totals.entries += result->layers[i].entries;
		totals.chowns += result->layers[i].chowns;
		totals.refused += result->layers[i].refused;
		totals.failures += result->layers[i].failures;
	}
	return totals;
}

bool unr_facts_maps_differ(const struct unr_result *result)
{
	for (int kind = 0; kind < UNR_ID_KIND_COUNT_; kind++)
		if (!unr_idmap_equal(&result->map.of[kind], &result->engine_map.of[kind]))
			return true;
	return false;
}

bool unr_facts_is_bare_layer(const struct unr_result *result)
{
	return result->image.config_digest == NULL && result->image.n_layers == 1;
}

const char *unr_facts_layer_digest(const struct unr_layer *layer)
{
	return layer->digest != NULL ? layer->digest : layer->diff_id;
}

const char *unr_facts_digest_digits(const char *digest)
{
	const char *colon = strchr(digest, ':');

	return colon == NULL ? digest : colon + 1;
}
