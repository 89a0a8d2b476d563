/* SPDX-License-Identifier: MIT */
/* The form of a time in JSON, as Go's time.Time takes it and complains of it. */
#ifndef UNR_IMAGE_GO_TIME_H
#define UNR_IMAGE_GO_TIME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "image/go_types.h"

/**
 * unr_go_time() - is that a time?
 * @raw:   a value of JSON as it stands in the document, of any type but null
 * @rules: newer ones take off the quotation marks first
 * @words: empty; where it is none, what time.UnmarshalJSON() says is appended
 */
bool unr_go_time(const char *raw, size_t length, const struct unr_go_rules *rules,
		 struct unr_text *words);

#endif
