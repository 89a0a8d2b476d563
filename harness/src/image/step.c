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

/* Blanks, and backslashes that continue a line, are one blank; @ret: their length, 0 for none. */
static const char *take_blanks(const char *text, size_t length, size_t *ret)
{
	const char *blank = " ";
	size_t n = 0;

	for (;; n++) {
		if (n + 1 < length && text[n] == '\\' && text[n + 1] == '\n')
			n++;
		else if (n == length || !is_blank(text[n]))
			break;
		else if (text[n] == '\n')
			blank = "\n";
	}
	*ret = n;
	return blank;
}

void unr_step_append(struct unr_text *out, const char *created_by)
{
	struct step step = parse_step(created_by);

	unr_text_puts(out, step.instruction);
	for (size_t i = 0; i < step.length;) {
		size_t length = 0;
		const char *blank = take_blanks(step.text + i, step.length - i, &length);

		unr_text_append(out, length == 0 ? &step.text[i] : blank, 1);
		i += length == 0 ? 1 : length;
	}
}

void unr_step_append_arguments(struct unr_text *out, const char *created_by)
{
	const char *run = unr_starts_with(created_by, "RUN ");
	const char *line = run != NULL ? run : created_by;
	const char *shell = skip_arguments(line);
	const char *space = strchr(line, ' ');

	if (shell != line && space != NULL && space + 1 < shell)
		unr_text_append(out, space + 1, (size_t) (shell - space) - 2);
}

const char *unr_step_rest(const char *step, const char *instruction)
{
	const char *rest = unr_starts_with(step, instruction);

	return rest != NULL && *rest == ' ' ? rest + 1 : NULL;
}
