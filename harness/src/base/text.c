/* SPDX-License-Identifier: MIT */
/* Growing text, strict numbers, printable names: see text.h. */
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void unr_text_done(struct unr_text *text)
{
	free(text->bytes);
	*text = (struct unr_text) { 0 };
}

void unr_text_clear(struct unr_text *text)
{
	text->length = 0;
	text->failed = false;
	if (text->bytes != NULL)
		text->bytes[0] = '\0';
}

/* Makes room for @more bytes and a NUL; sets the sticky error when it cannot. */
static bool reserve(struct unr_text *text, size_t more)
{
	size_t wanted, capacity;
	char *bytes;

	if (text->failed || more > SIZE_MAX / 4 || text->length > SIZE_MAX / 4) {
		text->failed = true;
		return false;
	}
	wanted = text->length + more + 1;
	if (wanted <= text->capacity)
		return true;
	capacity = text->capacity == 0 ? 64 : text->capacity * 2;
	if (capacity < wanted)
		capacity = wanted;
	bytes = realloc(text->bytes, capacity);
	if (bytes == NULL) {
		text->failed = true;
		return false;
	}
	text->bytes = bytes;
	text->capacity = capacity;
	return true;
}

void unr_text_append(struct unr_text *text, const void *bytes, size_t length)
{
	if (!reserve(text, length))
		return;
	if (length > 0)
		memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
	text->bytes[text->length] = '\0';
}

void unr_text_puts(struct unr_text *text, const char *string)
{
	unr_text_append(text, string, strlen(string));
}

void unr_text_printf(struct unr_text *text, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n < 0) {
		text->failed = true;
		return;
	}
	if (!reserve(text, (size_t) n))
		return;
	va_start(args, fmt);
	(void) vsnprintf(text->bytes + text->length, (size_t) n + 1, fmt, args);
	va_end(args);
	text->length += (size_t) n;
}

const char *unr_text_string(const struct unr_text *text)
{
	return text->bytes == NULL ? "" : text->bytes;
}

char *unr_text_take(struct unr_text *text)
{
	char *bytes;

	unr_text_append(text, "", 0);
	if (text->failed) {
		unr_text_done(text);
		return NULL;
	}
	bytes = unr_take_ptr(text->bytes);
	*text = (struct unr_text) { 0 };
	return bytes;
}

size_t unr_utf8_length(const char *bytes, size_t length)
{
	/* By lead byte: how many continuation bytes, and the range of the first of them. */
	static const struct {
		unsigned char first, last, more, low, high;
	} leads[] = {
		{ 0x00, 0x7f, 0, 0x00, 0x00 }, { 0xc2, 0xdf, 1, 0x80, 0xbf },
		{ 0xe0, 0xe0, 2, 0xa0, 0xbf }, { 0xe1, 0xec, 2, 0x80, 0xbf },
		{ 0xed, 0xed, 2, 0x80, 0x9f }, { 0xee, 0xef, 2, 0x80, 0xbf },
		{ 0xf0, 0xf0, 3, 0x90, 0xbf }, { 0xf1, 0xf3, 3, 0x80, 0xbf },
		{ 0xf4, 0xf4, 3, 0x80, 0x8f },
	};
	const unsigned char *b = (const unsigned char *) bytes;

	if (length == 0)
		return 0;
	for (size_t i = 0; i < UNR_COUNT(leads); i++) {
		if (b[0] < leads[i].first || b[0] > leads[i].last)
			continue;
		if (leads[i].more == 0)
			return 1;
		if (length <= leads[i].more || b[1] < leads[i].low || b[1] > leads[i].high)
			return 0;
		for (size_t k = 2; k <= leads[i].more; k++)
			if (b[k] < 0x80 || b[k] > 0xbf)
				return 0;
		return (size_t) leads[i].more + 1;
	}
	return 0;
}

bool unr_utf8_valid(const char *bytes, size_t length)
{
	while (length > 0) {
		size_t n = unr_utf8_length(bytes, length);

		if (n == 0)
			return false;
		bytes += n;
		length -= n;
	}
	return true;
}

/* C1 control characters (U+0080 to U+009F) steer terminals as the C0 ones do. */
static bool is_c1_control(const char *name, size_t n)
{
	return n == 2 && (unsigned char) name[0] == 0xc2 && (unsigned char) name[1] < 0xa0;
}

void unr_text_escape(struct unr_text *text, const char *name, size_t length)
{
	static const char plain[] = "\a\b\f\n\r\t\v\\ ";
	static const char letters[] = "abfnrtv\\ ";

	while (length > 0) {
		size_t n = unr_utf8_length(name, length);
		const char *special = n == 1 && *name != '\0' ? strchr(plain, *name) : NULL;

		if (special != NULL)
			unr_text_printf(text, "\\%c", letters[special - plain]);
		else if (n > 1 && !is_c1_control(name, n))
			unr_text_append(text, name, n);
		else if (n == 1 && *name >= 0x20 && *name != 0x7f)
			unr_text_append(text, name, 1);
		else
			for (size_t i = 0; i < (n == 0 ? 1 : n); i++)
				unr_text_printf(text, "\\%03o", (unsigned char) name[i]);
		name += n == 0 ? 1 : n;
		length -= n == 0 ? 1 : n;
	}
}

void unr_text_count(struct unr_text *text, uint64_t number)
{
	char digits[24];
	int n = snprintf(digits, sizeof(digits), "%" PRIu64, number);

	for (int i = 0; i < n; i++) {
		if (i > 0 && (n - i) % 3 == 0)
			unr_text_puts(text, ",");
		unr_text_append(text, &digits[i], 1);
	}
}

int unr_parse_u64(const char *string, uint64_t max, uint64_t *ret)
{
	uint64_t value = 0;

	if (*string == '\0')
		return -EINVAL;
	for (const char *c = string; *c != '\0'; c++)
		if (*c < '0' || *c > '9')
			return -EINVAL;
	for (const char *c = string; *c != '\0'; c++) {
		uint64_t digit = (uint64_t) (*c - '0');

		if (value > (UINT64_MAX - digit) / 10)
			return -ERANGE;
		value = value * 10 + digit;
	}
	if (value > max)
		return -ERANGE;
	*ret = value;
	return 0;
}

const char *unr_starts_with(const char *string, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(string, prefix, n) == 0 ? string + n : NULL;
}
