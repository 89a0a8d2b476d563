/* SPDX-License-Identifier: MIT */
/* Giving back what a result owns: see result.h. */
#include "usernsrepro/result.h"

#include <stdlib.h>

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
