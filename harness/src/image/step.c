/* SPDX-License-Identifier: MIT */
/* History lines of both builders: see step.h. */
#include "image/step.h"

#include <string.h>

#define NOP "/bin/sh -c #(nop)"
#define BUILDKIT "# buildkit"

/* The instruction and the rest of a history line, both borrowed from it. */
struct step {
	const char *instruction; /* put in front of the text, "" when the text has it */
	const char *text;
	size_t length;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

static void trim(struct step *step)
{
	while (step->length > 0 && is_blank(step->text[0])) {
		step->text++;
		step->length--;
	}
	while (step->length > 0 && is_blank(step->text[step->length - 1]))
		step->length--;
}

static void drop_suffix(struct step *step, const char *suffix)
{
	size_t n = strlen(suffix);

	if (step->length >= n && memcmp(step->text + step->length - n, suffix, n) == 0)
		step->length -= n;
}

/* What follows "/bin/sh -c " or "/bin/bash -eo pipefail -c ", as SHELL may have it; NULL: no shell. */
static const char *skip_shell(const char *text)
{
	size_t n = strcspn(text, " ");

	if (text[0] != '/' || n < 3 || memcmp(text + n - 2, "sh", 2) != 0)
		return NULL;
	for (text += n; *text == ' '; text += n) {
		n = strcspn(++text, " ");
		if (n > 1 && text[0] == '-' && text[n - 1] == 'c' && text[n] == ' ')
			return text + n + 1;
		if (text[0] != '-' && (n != strlen("pipefail") || memcmp(text, "pipefail", n) != 0))
			return NULL;
	}
	return NULL;
}

/*
 * "|2 NAME=value OTHER=value /bin/sh -c …": build arguments stand before the shell, as many as
 * the number says.  A value may hold spaces, so the shell itself is looked for.
 */
static const char *skip_arguments(const char *text)
{
	const char *shell = text;

	if (text[0] != '|')
		return text;
	while ((shell = strstr(shell, " /")) != NULL)
		if (skip_shell(++shell) != NULL)
			return shell;
	return text;
}

static struct step parse_step(const char *line)
{
	struct step step = { .instruction = "", .text = line };
	const char *run = unr_starts_with(line, "RUN ");
	const char *command = skip_arguments(run != NULL ? run : line);
	const char *rest;

	if ((rest = unr_starts_with(command, NOP)) != NULL) {
		step.text = rest;
	} else if ((rest = skip_shell(command)) != NULL) {
		step.instruction = "RUN ";
		step.text = rest;
	}
	step.length = strlen(step.text);
	trim(&step);
	drop_suffix(&step, BUILDKIT);
	trim(&step);
	return step;
}

void unr_step_append(struct unr_text *out, const char *created_by)
{
	struct step step = parse_step(created_by);

	unr_text_puts(out, step.instruction);
	for (size_t i = 0; i < step.length; i++) {
		/* Runs of blanks, also those of a continued line, become one space. */
		if (!is_blank(step.text[i]))
			unr_text_append(out, &step.text[i], 1);
		else if (!is_blank(step.text[i - 1]))
			unr_text_puts(out, " ");
	}
}

const char *unr_step_rest(const char *step, const char *instruction)
{
	const char *rest = unr_starts_with(step, instruction);

	return rest != NULL && *rest == ' ' ? rest + 1 : NULL;
}
