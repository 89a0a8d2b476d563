/* SPDX-License-Identifier: MIT */
/* What a result owns and holds: see result.h. */
#include "usernsrepro/result.h"

#include <stdlib.h>

bool unr_result_is_mapped(const struct unr_result *result, enum unr_id_kind kind, uint32_t id)
{
	uint32_t outside;

	return unr_idmap_to_outside(&result->engine_map.of[kind], id, &outside);
}

void unr_verdict_done(struct unr_verdict *verdict)
{
	if (verdict == NULL)
		return;
	free(verdict->path);
	free(verdict->message);
	*verdict = (struct unr_verdict) { 0 };
}

void unr_runtime_done(struct unr_runtime *runtime)
{
	if (runtime == NULL)
		return;
	free(runtime->unknown);
	free(runtime->user);
	free(runtime->groups);
	free(runtime->line);
	free(runtime->message);
	*runtime = (struct unr_runtime) { 0 };
}

void unr_result_done(struct unr_result *result)
{
	if (result == NULL)
		return;
	unr_finding_store_free(result->findings);
	free(result->layers);
	unr_verdict_done(&result->verdict);
	unr_runtime_done(&result->runtime);
	unr_image_done(&result->image);
	unr_idmaps_done(&result->map);
	unr_idmaps_done(&result->engine_map);
	*result = (struct unr_result) { 0 };
}
