/* SPDX-License-Identifier: MIT */
/*
 * References: which of several images is meant.  "app" is "app:latest", the
 * default registry and its "library/" may be left out, "@2" counts from 0.
 */
#ifndef UNR_IMAGE_REFERENCE_H
#define UNR_IMAGE_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"

/** unr_reference_has_form() - is it made of what references are made of, and not a path? */
bool unr_reference_has_form(const char *text);

/** unr_reference_equal() - do two references of docker name the same tag? */
bool unr_reference_equal(const char *a, const char *b);

/**
 * unr_reference_index() - the number of "@N"
 *
 * Return: 0, -ENOENT when it is no such reference, -EINVAL (kind USAGE) when what follows the '@'
 * is no number below @n.
 */
UNR_MUST_CHECK int unr_reference_index(const char *reference, const char *archive, size_t n,
				       size_t *ret, struct unr_error *err);

/* The references that there are, for a message that says so; cut with a count when long. */
struct unr_choices {
	struct unr_text text; /* owned */
	size_t n_left_out;
};

void unr_choices_done(struct unr_choices *choices);
DEFINE_UNR_CLEANUP(struct unr_choices, unr_choices_done);

/** unr_choices_add() - one more; @reference NULL: image @index has none, so "@index" names it. */
void unr_choices_add(struct unr_choices *choices, const char *reference, size_t index);

/** unr_choices_string() - all of them, "a:1, b:2 and 3 more".  Borrowed. */
const char *unr_choices_string(struct unr_choices *choices);

/**
 * unr_reference_fail() - the USAGE error of a reference that decides nothing
 * @reference: NULL: none was given, and there are several
 *
 * Return: -EINVAL.
 */
int unr_reference_fail(const char *archive, const char *reference, struct unr_choices *choices,
		       struct unr_error *err);

#endif
