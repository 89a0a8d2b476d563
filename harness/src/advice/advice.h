/* SPDX-License-Identifier: MIT */
/*
 * How a Dockerfile is to be changed, made from the image's own history.  Each
 * kind of advice has a scenario that shows it to work; there is no other.
 */
#ifndef UNR_ADVICE_ADVICE_H
#define UNR_ADVICE_ADVICE_H

#include "base/cleanup.h"
#include "base/text.h"
#include "usernsrepro/result.h"

enum unr_advice_kind {
	UNR_ADVICE_NONE,     /* nothing that is known to help */
	UNR_ADVICE_LOW_ID,   /* the number stands in a step: take another one */
	UNR_ADVICE_TAR,      /* tar --no-same-owner */
	UNR_ADVICE_SAME_RUN, /* chown at the end of the RUN that makes the entries */
	UNR_ADVICE_COPY,     /* COPY --chown */
	UNR_ADVICE_ADD,      /* not ADD, but COPY and tar */
	UNR_ADVICE_USER,     /* another USER */
	UNR_ADVICE_BASE,     /* another base image; what is to be changed in it is not known */
	UNR_ADVICE_KIND_COUNT_
};

struct unr_advice {
	enum unr_advice_kind kind;
	bool inherited;       /* the change is one of the base image's Dockerfile */
	struct unr_text diff; /* owned; lines that begin with "- ", "+ " or two spaces */
};

void unr_advice_done(struct unr_advice *advice);
DEFINE_UNR_CLEANUP(struct unr_advice, unr_advice_done);

/**
 * unr_advice_for_layer() - what would mend a layer that fails for its owners
 *
 * Return: 0, or a negative errno with @err.
 */
UNR_MUST_CHECK int unr_advice_for_layer(const struct unr_result *result, uint32_t layer,
					struct unr_advice *ret, struct unr_error *err);

/** unr_advice_for_start() - the same for USER */
UNR_MUST_CHECK int unr_advice_for_start(const struct unr_result *result, struct unr_advice *ret,
					struct unr_error *err);

/** unr_advice_words() - one sentence for people, which the diff follows; "" for NONE and BASE. */
const char *unr_advice_words(enum unr_advice_kind kind);

/** unr_advice_inherited_words() - what is said of an inherited layer, before the sentence if any. */
const char *unr_advice_inherited_words(enum unr_advice_kind kind);

/** unr_advice_scenario() - where it was shown to work; NULL for NONE. */
const char *unr_advice_scenario(const struct unr_advice *advice);

#endif
