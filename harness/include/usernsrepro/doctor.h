/* SPDX-License-Identifier: MIT */
/*
 * Can this host do it?  Whatever a run needs, and what makes it worth more, is
 * tried for the caller, with the reason and the remedy for what does not work:
 * the words that a run ends with there.
 */
#ifndef USERNSREPRO_DOCTOR_H
#define USERNSREPRO_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"

enum unr_health {
	UNR_HEALTH_OK,
	UNR_HEALTH_DEGRADED, /* something works less well, or not at all, but the usual run does */
	UNR_HEALTH_MISSING,  /* no run works without it */
	UNR_HEALTH_COUNT_
};

/* What was looked at or tried. */
struct unr_symptom {
	const char *name; /* stays the same: "newuidmap" */
	enum unr_health health;
	char *found;       /* owned; what is so, one line */
	const char *means; /* for which commands, and what; NULL when it is ok */
	char *remedy;      /* owned; the command that mends it; NULL when there is none */
};

struct unr_diagnosis {
	char kernel[65];          /* as `uname -r` */
	const char *distribution; /* "debian"; see obstacle.h */
	bool can_run;             /* a run with the default profile works, perhaps with one id */
	struct unr_symptom *symptoms; /* owned, in the order of the table */
	size_t n_symptoms;
};

UNR_EXPORT void unr_diagnosis_done(struct unr_diagnosis *diagnosis);

/** unr_health_name() - "ok", "degraded" or "missing" */
UNR_EXPORT const char *unr_health_name(enum unr_health health);

/**
 * unr_doctor_examine() - try everything
 * @ret: owned by the caller
 *
 * Changes nothing and leaves nothing behind.  Must be called while the process has one thread.
 *
 * Return: 0, also for a host on which nothing works, or -ENOMEM.
 */
UNR_EXPORT UNR_MUST_CHECK int unr_doctor_examine(struct unr_diagnosis *ret, struct unr_error *err);

/** unr_diagnosis_json() - all of it as one JSON object; owned, NULL without memory */
UNR_EXPORT char *unr_diagnosis_json(const struct unr_diagnosis *diagnosis);

#endif
