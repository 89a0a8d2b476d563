/* SPDX-License-Identifier: MIT */
/* Numbers and white space by Go's rules: see number.h. */
#include "user/number.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"

int unr_go_atoi(struct unr_slice text, int64_t *ret)
{
	const uint64_t limit = (uint64_t) INT64_MAX;
	bool negative = text.length > 0 && text.bytes[0] == '-';
	size_t at = negative || (text.length > 0 && text.bytes[0] == '+') ? 1 : 0;
	uint64_t n = 0;
	bool overflown = false;

	*ret = 0;
	if (at == text.length)
		return -EINVAL;
	/* An overflow of 64 bits ends it before what follows is looked at (strconv/atoi.go). */
	for (; at < text.length && !overflown; at++) {
		uint64_t digit = (unsigned char) text.bytes[at] - (uint64_t) '0';

		if (digit > 9)
			return -EINVAL;
		overflown = __builtin_mul_overflow(n, (uint64_t) 10, &n) ||
			    __builtin_add_overflow(n, digit, &n);
	}
	if (overflown || n > limit + (negative ? 1 : 0)) {
		*ret = negative ? INT64_MIN : INT64_MAX;
		return -ERANGE;
	}
	*ret = negative ? (int64_t) (0 - n) : (int64_t) n;
	return 0;
}

/* unicode.IsSpace beyond ASCII, as UTF-8. */
static bool is_wide_space(const char *bytes, size_t length)
{
	static const char *const spaces[] = {
		"\xc2\x85", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003",
		"\u2004",   "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200a",
		"\u2028",   "\u2029", "\u202f", "\u205f", "\u3000",
	};

	for (size_t i = 0; i < UNR_COUNT(spaces); i++)
		if (strlen(spaces[i]) == length && memcmp(spaces[i], bytes, length) == 0)
			return true;
	return false;
}

static bool is_ascii_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Bytes of the white space at the beginning, 0 when there is none. */
static size_t leading_space(struct unr_slice text)
{
	if (text.length > 0 && is_ascii_space(text.bytes[0]))
		return 1;
	for (size_t n = 2; n <= 3 && n <= text.length; n++)
		if (is_wide_space(text.bytes, n))
			return n;
	return 0;
}

static size_t trailing_space(struct unr_slice text)
{
	if (text.length > 0 && is_ascii_space(text.bytes[text.length - 1]))
		return 1;
	for (size_t n = 2; n <= 3 && n <= text.length; n++)
		if (is_wide_space(text.bytes + text.length - n, n))
			return n;
	return 0;
}

struct unr_slice unr_go_trim(struct unr_slice text)
{
	size_t n;

	while ((n = leading_space(text)) > 0) {
		text.bytes += n;
		text.length -= n;
	}
	while ((n = trailing_space(text)) > 0)
		text.length -= n;
	return text;
}

struct unr_slice unr_slice_field(struct unr_slice *rest, char separator)
{
	const char *found = rest->length == 0 ? NULL : memchr(rest->bytes, separator, rest->length);
	struct unr_slice field = *rest;

	if (found == NULL) {
		*rest = (struct unr_slice) { field.bytes + field.length, 0 };
		return field;
	}
	field.length = (size_t) (found - rest->bytes);
	*rest = (struct unr_slice) { found + 1, rest->length - field.length - 1 };
	return field;
}

bool unr_slice_equals(struct unr_slice a, struct unr_slice b)
{
	return a.length == b.length && (a.length == 0 || memcmp(a.bytes, b.bytes, a.length) == 0);
}
