/* SPDX-License-Identifier: MIT */
/*
 * Does a document fit Go's types?  What encoding/json's Unmarshal() says of one that does not, to
 * the letter; no value is kept.
 */
#ifndef UNR_IMAGE_GO_DECODE_H
#define UNR_IMAGE_GO_DECODE_H

#include <stdbool.h>

#include "base/text.h"
#include "image/go_types.h"

/**
 * unr_go_decode() - what is wrong with the types of a document
 * @document:  valid JSON; what is not is never read beyond its end
 * @ret_noted: is the noted member of @type there, and not null?
 * @ret_words: empty; what Go says is appended, nothing where all fits
 */
void unr_go_decode(const struct unr_go_type *type, const struct unr_go_rules *rules,
		   const struct unr_text *document, bool *ret_noted, struct unr_text *ret_words);

#endif
