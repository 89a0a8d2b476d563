/* SPDX-License-Identifier: MIT */
/*
 * Text: a growing buffer with a sticky error, numbers read strictly, names
 * made printable.  Knows nothing of tar, maps or reports.
 */
#ifndef UNR_BASE_TEXT_H
#define UNR_BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "usernsrepro/attr.h"

/**
 * struct unr_text - bytes that grow; also holds NUL bytes
 *
 * Zero-initialised is empty.  Once an append fails for want of memory @failed
 * stays set and further appends do nothing: check it once, at the end.
 */
struct unr_text {
	char *bytes; /* owned, NUL-terminated when not NULL */
	size_t length;
	size_t capacity;
	bool failed;
};

void unr_text_done(struct unr_text *text);
DEFINE_UNR_CLEANUP(struct unr_text, unr_text_done);

/** unr_text_clear() - make it empty again, keeping the memory and clearing the sticky error. */
void unr_text_clear(struct unr_text *text);

void unr_text_append(struct unr_text *text, const void *bytes, size_t length);
void unr_text_puts(struct unr_text *text, const char *string);
void unr_text_printf(struct unr_text *text, const char *fmt, ...) UNR_PRINTF(2, 3);

/** unr_text_string() - the content as a C string; "" when empty.  Borrowed. */
const char *unr_text_string(const struct unr_text *text);

/** unr_text_take() - hand over the content as a C string (owned), or NULL when an append failed. */
char *unr_text_take(struct unr_text *text);

/**
 * unr_text_escape() - append a name as `ls -b` shows it
 *
 * Control bytes, backslash and space-like traps become C escapes or octal;
 * valid UTF-8 stays, invalid bytes become octal.
 */
void unr_text_escape(struct unr_text *text, const char *name, size_t length);

/** unr_text_count() - append a number with thousands separated by commas. */
void unr_text_count(struct unr_text *text, uint64_t number);

/**
 * unr_utf8_length() - bytes of the valid UTF-8 sequence at the start of @bytes
 *
 * Return: 1 to 4, or 0 when the bytes are not valid UTF-8 (RFC 3629).
 */
size_t unr_utf8_length(const char *bytes, size_t length);

/** unr_utf8_valid() - is all of it valid UTF-8? */
bool unr_utf8_valid(const char *bytes, size_t length);

/**
 * unr_parse_u64() - a whole string of decimal digits
 *
 * No sign, no space, no empty string.
 *
 * Return: 0, -EINVAL when it is not a number, -ERANGE when it is above @max.
 */
UNR_MUST_CHECK int unr_parse_u64(const char *string, uint64_t max, uint64_t *ret);

/** unr_starts_with() - the rest of @string behind @prefix, or NULL. */
const char *unr_starts_with(const char *string, const char *prefix);

#endif
