/* SPDX-License-Identifier: MIT */
/* Go's leniency: see json_go.h; encoding/json, decode.go and fold.go of go1.19. */
#include "image/json_go.h"

#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"
#define DIGITS "0123456789"

/* Digits that always fit 64 bits. */
enum { DIGITS_SAFE = 18, ESCAPE_LENGTH = 6 };

/* A document and how far it was read. */
struct reader {
	const char *at, *end;
	struct unr_text *out;
};

/* The unit of a \uXXXX, or -1. */
static long read_unit(const struct reader *r, size_t offset)
{
	char hex[5] = "";

	if ((size_t) (r->end - r->at) < offset + ESCAPE_LENGTH || r->at[offset] != '\\' ||
	    r->at[offset + 1] != 'u')
		return -1;
	memcpy(hex, r->at + offset + 2, 4);
	return strspn(hex, DIGITS "abcdefABCDEF") == 4 ? strtol(hex, NULL, 16) : -1;
}

static void copy(struct reader *r, size_t n)
{
	size_t left = (size_t) (r->end - r->at);

	n = n < left ? n : left;
	unr_text_append(r->out, r->at, n);
	r->at += n;
}

static void copy_escape(struct reader *r)
{
	long unit = read_unit(r, 0), next;

	if (unit < 0xd800 || unit > 0xdfff) {
		copy(r, 2);
		return;
	}
	next = read_unit(r, ESCAPE_LENGTH);
	if (unit < 0xdc00 && next >= 0xdc00 && next <= 0xdfff) {
		copy(r, 2 * (size_t) ESCAPE_LENGTH);
		return;
	}
	unr_text_puts(r->out, REPLACEMENT);
	r->at += ESCAPE_LENGTH;
}

/* From behind a quotation mark to behind the next one. */
static void copy_string(struct reader *r)
{
	while (r->at < r->end) {
		size_t n = unr_utf8_length(r->at, (size_t) (r->end - r->at));

		if (*r->at == '"') {
			copy(r, 1);
			return;
		}
		if (*r->at == '\\') {
			copy_escape(r);
		} else if (n == 0) {
			unr_text_puts(r->out, REPLACEMENT);
			r->at++;
		} else {
			copy(r, n);
		}
	}
}

static size_t count(const struct reader *r, size_t from, const char *set)
{
	size_t n = from;

	while (r->at + n < r->end && r->at[n] != '\0' && strchr(set, r->at[n]) != NULL)
		n++;
	return n - from;
}

static bool stands(const struct reader *r, size_t offset, const char *set)
{
	return count(r, offset, set) > 0;
}

/* The length of the number that begins here, 0 where none does. */
static size_t number_length(const struct reader *r, bool *ret_plain)
{
	size_t n = stands(r, 0, "-") ? 1 : 0, whole = stands(r, n, "0") ? 1 : count(r, n, DIGITS);
	size_t digits;

	*ret_plain = whole <= DIGITS_SAFE;
	if (whole == 0)
		return 0;
	n += whole;
	if (stands(r, n, ".")) {
		digits = count(r, n + 1, DIGITS);
		if (digits == 0)
			return 0;
		n += 1 + digits;
	}
	if (!stands(r, n, "eE"))
		return n;
	*ret_plain = false;
	n++;
	if (stands(r, n, "+-"))
		n++;
	digits = count(r, n, DIGITS);
	return digits == 0 ? 0 : n + digits;
}

static void copy_number(struct reader *r)
{
	bool plain = false;
	size_t n = number_length(r, &plain);

	if (n == 0 || plain) { /* or none at all, which the parser says */
		copy(r, n == 0 ? 1 : n);
		return;
	}
	unr_text_puts(r->out, "0.5");
	r->at += n;
}

void unr_json_as_go(struct unr_text *text, const char *bytes, size_t length)
{
	struct reader r = { .at = bytes, .end = bytes + length, .out = text };

	while (r.at < r.end) {
		bool quote = *r.at == '"';

		if (stands(&r, 0, "-" DIGITS)) {
			copy_number(&r);
			continue;
		}
		copy(&r, 1);
		if (quote)
			copy_string(&r);
	}
}

/* Beside both cases of a letter two signs fold to one: the long s, and the sign of Kelvin. */
static size_t fold(const char *at, char *ret)
{
	static const struct {
		const char *sign;
		char letter;
	} signs[] = { { "\xc5\xbf", 's' }, { "\xe2\x84\xaa", 'k' } };

	for (size_t i = 0; i < UNR_COUNT(signs); i++)
		if (unr_starts_with(at, signs[i].sign) != NULL) {
			*ret = signs[i].letter;
			return strlen(signs[i].sign);
		}
	*ret = *at >= 'A' && *at <= 'Z' ? (char) (*at - 'A' + 'a') : *at;
	return 1;
}

bool unr_json_is_key(const char *name, const char *key)
{
	char one, other;

	while (*name != '\0' && *key != '\0') {
		name += fold(name, &one);
		key += fold(key, &other);
		if (one != other)
			return false;
	}
	return *name == *key;
}
