/* SPDX-License-Identifier: MIT */
/* Is it JSON to Go, and what does Go say of it if not? */
#ifndef UNR_IMAGE_GO_SCAN_H
#define UNR_IMAGE_GO_SCAN_H

#include <stdbool.h>

#include "base/text.h"

/**
 * unr_go_scan() - is that one value of JSON, with nothing but blanks around it?
 * @ret_words: empty; where it is not, what json.Unmarshal() says is appended
 */
bool unr_go_scan(const struct unr_text *document, struct unr_text *ret_words);

#endif
