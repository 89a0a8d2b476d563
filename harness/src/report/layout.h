/* SPDX-License-Identifier: MIT */
/*
 * Laying out text for a terminal of 80 columns: widths, padding, wrapping,
 * plurals.  Knows nothing of findings.
 */
#ifndef UNR_REPORT_LAYOUT_H
#define UNR_REPORT_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

#define UNR_LAYOUT_COLUMNS 80

/** unr_layout_width() - columns that the text takes; a UTF-8 sequence counts as one */
size_t unr_layout_width(const char *bytes, size_t length);

/** unr_layout_spaces() - append @n spaces */
void unr_layout_spaces(struct unr_text *out, size_t n);

/** unr_layout_count() - append "1 layer", "2,000 layers" */
void unr_layout_count(struct unr_text *out, uint64_t n, const char *one, const char *many);

/**
 * unr_layout_prose() - append text that is not a name: control bytes escaped, spaces and
 * backslashes kept to the letter
 * @newlines: keep those too
 */
void unr_layout_prose(struct unr_text *out, const char *text, bool newlines);

/* Words set into lines of UNR_LAYOUT_COLUMNS, each later line indented. */
struct unr_wrap {
	struct unr_text *out; /* borrowed */
	size_t indent;        /* of every line but the first */
	size_t column;        /* where the cursor stands */
	bool fresh;           /* nothing on this line yet: no space before the next word */
};

/** unr_wrap_word() - one unbreakable word; a new line first when this one has no room for it */
void unr_wrap_word(struct unr_wrap *wrap, const char *word);

/** unr_wrap_words() - prose, broken only at its spaces; control bytes escaped */
void unr_wrap_words(struct unr_wrap *wrap, const char *words);

/** unr_wrap_printf() - unr_wrap_words() with a format */
void unr_wrap_printf(struct unr_wrap *wrap, const char *fmt, ...) UNR_PRINTF(2, 3);

/**
 * unr_wrap_name() - a name, escaped, as one word
 * @before, @after: put directly beside it, e.g. "(" and ")"
 */
void unr_wrap_name(struct unr_wrap *wrap, const char *before, const char *name, size_t length,
		   const char *after);

#endif
