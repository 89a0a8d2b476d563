/* SPDX-License-Identifier: MIT */
/* What the failures of one layer have in common, as far as advice depends on it. */
#ifndef UNR_ADVICE_SURVEY_H
#define UNR_ADVICE_SURVEY_H

#include "base/cleanup.h"
#include "usernsrepro/result.h"

enum { UNR_SURVEY_MAX = 4 };

/* Different ids at fault. */
struct unr_survey_ids {
	uint32_t list[UNR_SURVEY_MAX];
	size_t n;
	bool too_many;
};

/* Paths without a slash in front; "" is the root. */
struct unr_survey_paths {
	char *list[UNR_SURVEY_MAX]; /* owned */
	size_t n;
};

struct unr_layer_survey {
	uint64_t n, whiteouts;
	uint64_t modules;                 /* of them, those in a node_modules */
	uint64_t packaged;                /* and those of any package */
	bool impossible;                  /* ids among them that no chown can set */
	bool failing[UNR_ID_KIND_COUNT_]; /* has any entry such an id? */
	struct unr_survey_ids ids[UNR_ID_KIND_COUNT_];
	struct unr_survey_paths entries; /* themselves; none when there are more */
	struct unr_survey_paths folders; /* that hold all of them, and can stand in a command */
};

void unr_layer_survey_done(struct unr_layer_survey *survey);
DEFINE_UNR_CLEANUP(struct unr_layer_survey, unr_layer_survey_done);

/** unr_layer_survey_make() - one pass over a layer; 0, or a negative errno with @err. */
UNR_MUST_CHECK int unr_layer_survey_make(const struct unr_result *result, uint32_t layer,
					 struct unr_layer_survey *ret, struct unr_error *err);

#endif
