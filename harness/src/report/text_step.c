/* SPDX-License-Identifier: MIT */
/*
 * A line of the image's history as a step of a Dockerfile: without what the
 * builder wrapped around it.  The JSON report has the line as it is.
 */
#include <string.h>

#include "report/text_part.h"

#define SHELL "/bin/sh -c "
#define NOP SHELL "#(nop)"
#define BUILDKIT "# buildkit"

/* The instruction and the rest of a history line, both borrowed from it. */
struct step {
	const char *instruction; /* put in front of the text, "" when the text has it */
	const char *text;
	size_t length;
};

static void trim(struct step *step)
{
	while (step->length > 0 && strchr(" \t\n", step->text[0]) != NULL) {
		step->text++;
		step->length--;
	}
	while (step->length > 0 && strchr(" \t\n", step->text[step->length - 1]) != NULL)
		step->length--;
}

static void drop_suffix(struct step *step, const char *suffix)
{
	size_t n = strlen(suffix);

	if (step->length >= n && memcmp(step->text + step->length - n, suffix, n) == 0)
		step->length -= n;
}

/*
 * "|2 NAME=value OTHER=value /bin/sh -c …": build arguments stand before the shell, as many as
 * the number says.  A value may hold spaces, so the shell itself is looked for.
 */
static const char *skip_arguments(const char *text)
{
	const char *shell;

	if (text[0] != '|')
		return text;
	shell = strstr(text, " " SHELL);
	return shell == NULL ? text : shell + 1;
}

static struct step parse_step(const char *line)
{
	struct step step = { .instruction = "", .text = line };
	const char *run = unr_starts_with(line, "RUN ");
	const char *command = skip_arguments(run != NULL ? run : line);
	const char *rest;

	if ((rest = unr_starts_with(command, NOP)) != NULL) {
		step.text = rest;
	} else if ((rest = unr_starts_with(command, SHELL)) != NULL) {
		step.instruction = "RUN ";
		step.text = rest;
	}
	step.length = strlen(step.text);
	trim(&step);
	drop_suffix(&step, BUILDKIT);
	trim(&step);
	return step;
}

char *unr_report_step(const char *created_by, size_t columns)
{
	unr_auto(unr_text_done) struct unr_text out = { 0 };

	unr_text_put_step(&out, created_by, columns);
	return unr_text_take(&out);
}

void unr_text_put_step(struct unr_text *out, const char *created_by, size_t columns)
{
	unr_auto(unr_text_done) struct unr_text text = { 0 };
	struct step step = parse_step(created_by);
	const char *bytes;
	size_t keep = 0;

	unr_text_puts(&text, step.instruction);
	for (size_t i = 0; i < step.length; i++) {
		bool space = strchr(" \t\n", step.text[i]) != NULL;

		/* Runs of blanks, also those of a continued line, become one space. */
		if (!space)
			unr_text_append(&text, &step.text[i], 1);
		else if (strchr(" \t\n", step.text[i - 1]) == NULL)
			unr_text_puts(&text, " ");
	}
	out->failed |= text.failed;
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
