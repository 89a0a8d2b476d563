/* SPDX-License-Identifier: MIT */
/*
 * JSON as Go's encoding/json takes it, which is what the engines read it with, for a parser that
 * is stricter.
 */
#ifndef UNR_IMAGE_JSON_GO_H
#define UNR_IMAGE_JSON_GO_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/**
 * unr_json_as_go() - append a document with what the parser would refuse, and Go does not, replaced
 *
 * Bytes that are not UTF-8 and halves of surrogate pairs become U+FFFD, as in Go.  Numbers that fit no
 * type become 0.5, which is none that is asked for, either.  What is no JSON to Go stays so.
 */
void unr_json_as_go(struct unr_text *text, const char *bytes, size_t length);

/** unr_json_is_key() - is @name what Go takes for @key?  Both are UTF-8. */
bool unr_json_is_key(const char *name, const char *key);

#endif
