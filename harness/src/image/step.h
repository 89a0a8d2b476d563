/* SPDX-License-Identifier: MIT */
/* A line of an image's history as a step of a Dockerfile, without what the builder wrapped around. */
#ifndef UNR_IMAGE_STEP_H
#define UNR_IMAGE_STEP_H

#include "base/text.h"

/**
 * unr_step_append() - append the step, runs of blanks as one space; "" for an empty line
 *
 * Lines stay lines, without blanks around them: they are a script, a RUN with a here-document
 * (BuildKit, dispatchRun()).  Lines that a backslash continues are one.
 */
void unr_step_append(struct unr_text *out, const char *created_by);

/** unr_step_append_arguments() - append the build arguments of a RUN: "NAME=value OTHER=value" */
void unr_step_append_arguments(struct unr_text *out, const char *created_by);

/** unr_step_rest() - what follows an instruction such as "RUN" at the beginning; NULL for others */
const char *unr_step_rest(const char *step, const char *instruction);

#endif
