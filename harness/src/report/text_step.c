/* SPDX-License-Identifier: MIT */
/* A step of a Dockerfile, cut to fit.  The JSON report has the line of the history as it is. */
#include <string.h>

#include "image/step.h"
#include "report/text_part.h"

char *unr_report_step(const char *created_by, size_t columns)
{
	unr_auto(unr_text_done) struct unr_text out = { 0 };

	unr_text_put_step(&out, created_by, columns);
	return unr_text_take(&out);
}

/* Lines of a script behind one another; what ends a line so that it goes on needs no more. */
static void put_lines(struct unr_text *out, const char *step)
{
	for (const char *at = step; *at != '\0'; at++) {
		if (*at != '\n')
			unr_text_append(out, at, 1);
		else
			unr_text_puts(out,
				      at == step || strchr(";&|({", at[-1]) != NULL ? " " : "; ");
	}
}

void unr_text_put_step(struct unr_text *out, const char *created_by, size_t columns)
{
	unr_auto(unr_text_done) struct unr_text step = { 0 }, text = { 0 };
	const char *bytes;
	size_t keep = 0;

	unr_step_append(&step, created_by);
	put_lines(&text, unr_text_string(&step));
	out->failed |= step.failed || text.failed;
	bytes = unr_text_string(&text);
	if (unr_layout_width(bytes, text.length) > columns) {
		while (unr_layout_width(bytes, keep + 1) <= columns - 3)
			keep++;
		text.length = keep;
		text.bytes[keep] = '\0';
		unr_text_puts(&text, "...");
	}
	unr_layout_prose(out, unr_text_string(&text), false);
}
