/* SPDX-License-Identifier: MIT */
/*
 * Steps of a Dockerfile, changed: text in, lines of a diff out.  A step is what
 * unr_step_append() makes of a line of the history; of a script of several lines
 * only those are shown that change.  Where a change cannot be
 * made with certainty there is none.
 */
#ifndef UNR_ADVICE_EDIT_H
#define UNR_ADVICE_EDIT_H

#include "base/text.h"

/* Ids that are to be others. */
struct unr_edit_id {
	uint32_t from, to;
	bool found; /* somewhere in a step */
};

/**
 * unr_edit_ids() - "- step" and "+ step" with other numbers, appended to @diff
 *
 * Only where a number stands alone: not in a name, a version or a larger number.
 *
 * Return: was anything changed?
 */
bool unr_edit_ids(const char *step, struct unr_edit_id *ids, size_t n, struct unr_text *diff);

/**
 * unr_edit_variables() - "- ARG NAME=from" and "+ ARG NAME=to" for variables that a step uses
 *
 * @instruction: that gives them their values, ARG or ENV
 * @variables: "NAME=value", with spaces between
 *
 * A change that @diff has already is found, and not written again.  Return: is anything changed?
 */
bool unr_edit_variables(const char *step, const char *instruction, const char *variables,
			struct unr_edit_id *ids, size_t n, struct unr_text *diff);

/** unr_edit_has_number() - does the number stand in a step? */
bool unr_edit_has_number(const char *step, uint32_t number);

/** unr_edit_unpacks() - does a step unpack an archive: tar with an x, ADD of one? */
bool unr_edit_unpacks(const char *step);

/** unr_edit_tar() - each tar of a RUN that extracts gets --no-same-owner */
bool unr_edit_tar(const char *step, struct unr_text *diff);

/** unr_edit_append() - one more command at the end of a RUN */
bool unr_edit_append(const char *step, const char *command, struct unr_text *diff);

/** unr_edit_copy() - COPY, or ADD of what is no archive, gets --chown=0:0 */
bool unr_edit_copy(const char *step, struct unr_text *diff);

/** unr_edit_add() - ADD of an archive becomes COPY and a tar that leaves the owners out */
bool unr_edit_add(const char *step, struct unr_text *diff);

/** unr_edit_is_plain() - may a path stand in a command as it is? */
bool unr_edit_is_plain(const char *path, size_t length);

#endif
