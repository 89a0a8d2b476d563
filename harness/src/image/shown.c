/* SPDX-License-Identifier: MIT */
/* Names made safe and short for messages: see shown.h. */
#include "image/shown.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

const char *unr_show(struct unr_shown *buffer, const char *name)
{
	/* Longer names are cut before escaping, which bounds the work as well. */
	enum { KEPT = 120 };
	unr_auto(unr_text_done) struct unr_text text = { 0 };
	size_t length = strlen(name);

	unr_text_escape(&text, name, length > KEPT ? KEPT : length);
	if (text.failed) /* without memory a name is the least of the losses */
		unr_text_clear(&text);
	if (length > KEPT || text.length >= sizeof(buffer->text))
		(void) snprintf(buffer->text, sizeof(buffer->text), "%.*s...",
				(int) sizeof(buffer->text) - 4, unr_text_string(&text));
	else
		(void) snprintf(buffer->text, sizeof(buffer->text), "%s", unr_text_string(&text));
	return buffer->text;
}

const char *unr_show_words(struct unr_shown *buffer, const char *words)
{
	(void) snprintf(buffer->text, sizeof(buffer->text), "%s", words);
	for (char *c = buffer->text; *c != '\0'; c++)
		if (*c < 0x20 || *c == 0x7f)
			*c = '?';
	return buffer->text;
}
