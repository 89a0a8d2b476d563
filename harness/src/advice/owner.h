/* SPDX-License-Identifier: MIT */
/* What a failing owner alone says of where it comes from. */
#ifndef UNR_ADVICE_OWNER_H
#define UNR_ADVICE_OWNER_H

#include "base/text.h"
#include "usernsrepro/result.h"

/* An owner whose ids fail, or one of them. */
struct unr_owner {
	bool failing[UNR_ID_KIND_COUNT_];
	int64_t id[UNR_ID_KIND_COUNT_];
};

struct unr_owner unr_owner_of(const struct unr_finding *finding);

/** unr_owner_of_start() - whom the container is to run as, which no layer need have */
struct unr_owner unr_owner_of_start(const struct unr_result *result);

/* What is said of it, a hint or that it was mapped twice, or nothing. */
struct unr_owner_hint {
	const char *words; /* static; "build hosts of Google"; NULL: nothing is known */
	/* Where a failing id lies in a range that ids are mapped to: which it probably was. */
	bool mapped[UNR_ID_KIND_COUNT_];
	uint32_t real[UNR_ID_KIND_COUNT_];
	struct unr_id_range range; /* the last such range: inside, outside, count */
};

/**
 * unr_owner_hint() - of what data/owners.csv knows, and of the result's own map
 *
 * Return: is there anything to say?
 */
bool unr_owner_hint(const struct unr_result *result, const struct unr_owner *owner,
		    struct unr_owner_hint *ret);

/** unr_owner_append() - the hint as words: "build hosts of Google" */
void unr_owner_append(struct unr_text *out, const struct unr_owner_hint *hint);

#endif
