/* SPDX-License-Identifier: MIT */
/* Widths, padding, wrapping, plurals: see layout.h. */
#include "report/layout.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

size_t unr_layout_width(const char *bytes, size_t length)
{
	size_t width = 0;

	for (size_t i = 0; i < length; i++)
		if (((unsigned char) bytes[i] & 0xc0) != 0x80)
			width++;
	return width;
}

void unr_layout_spaces(struct unr_text *out, size_t n)
{
	for (; n > 0; n--)
		unr_text_append(out, " ", 1);
}

void unr_layout_count(struct unr_text *out, uint64_t n, const char *one, const char *many)
{
	unr_text_count(out, n);
	unr_text_puts(out, " ");
	unr_text_puts(out, n == 1 ? one : many);
}

static void put_prose(struct unr_text *out, const char *text, size_t left, bool newlines)
{
	while (left > 0) {
		size_t n = unr_utf8_length(text, left);

		if (n == 0)
			n = 1;
		if (*text == ' ' || *text == '\\' || (newlines && *text == '\n'))
			unr_text_append(out, text, 1);
		else
			unr_text_escape(out, text, n);
		text += n;
		left -= n;
	}
}

void unr_layout_prose(struct unr_text *out, const char *text, bool newlines)
{
	put_prose(out, text, strlen(text), newlines);
}

void unr_wrap_word(struct unr_wrap *wrap, const char *word)
{
	size_t length = strlen(word);
	size_t width = unr_layout_width(word, length);

	if (!wrap->fresh && wrap->column + 1 + width > UNR_LAYOUT_COLUMNS) {
		unr_text_puts(wrap->out, "\n");
		unr_layout_spaces(wrap->out, wrap->indent);
		wrap->column = wrap->indent;
		wrap->fresh = true;
	}
	if (!wrap->fresh) {
		unr_text_puts(wrap->out, " ");
		wrap->column++;
	}
	unr_text_append(wrap->out, word, length);
	wrap->column += width;
	wrap->fresh = false;
}

void unr_wrap_words(struct unr_wrap *wrap, const char *words)
{
	unr_auto(unr_text_done) struct unr_text word = { 0 };

	while (*words != '\0') {
		size_t n = strcspn(words, " ");

		unr_text_clear(&word);
		put_prose(&word, words, n, false);
		wrap->out->failed |= word.failed;
		if (n > 0)
			unr_wrap_word(wrap, unr_text_string(&word));
		words += n + (words[n] == ' ');
	}
}

void unr_wrap_printf(struct unr_wrap *wrap, const char *fmt, ...)
{
	unr_autofree char *words = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&words, fmt, args) < 0) {
		words = NULL;
		wrap->out->failed = true;
	}
	va_end(args);
	if (words != NULL)
		unr_wrap_words(wrap, words);
}

void unr_wrap_name(struct unr_wrap *wrap, const char *before, const char *name, size_t length,
		   const char *after)
{
	unr_auto(unr_text_done) struct unr_text word = { 0 };

	unr_text_puts(&word, before);
	unr_text_escape(&word, name, length);
	unr_text_puts(&word, after);
	wrap->out->failed |= word.failed;
	unr_wrap_word(wrap, unr_text_string(&word));
}
