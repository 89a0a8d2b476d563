/* SPDX-License-Identifier: MIT */
/*
 * One line that is written over on a terminal; a line a layer elsewhere, when
 * it is asked for; nothing by default where nobody watches.
 */
#include "progress.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const NAMES[] = {
	[CLI_PROGRESS_AUTO] = "auto",
	[CLI_PROGRESS_TTY] = "tty",
	[CLI_PROGRESS_PLAIN] = "plain",
	[CLI_PROGRESS_NONE] = "none",
};

char *cli_progress_names(void)
{
	char *names = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&names, &size);

	if (stream == NULL)
		return NULL;
	for (size_t i = 0; i < UNR_COUNT(NAMES); i++)
		(void) fprintf(stream, "%s%s", i == 0 ? "" : ", ", NAMES[i]);
	if (fclose(stream) == 0)
		return names;
	free(names);
	return NULL;
}

int cli_progress_style(const char *name)
{
	for (size_t i = 0; i < UNR_COUNT(NAMES); i++)
		if (strcmp(NAMES[i], name) == 0)
			return (int) i;
	return -ENOENT;
}

static enum cli_progress_style settle(enum cli_progress_style style)
{
	if (style != CLI_PROGRESS_AUTO)
		return style;
	return isatty(STDERR_FILENO) == 1 ? CLI_PROGRESS_TTY : CLI_PROGRESS_NONE;
}

/* 18,446,744,073,709,551,615 and its NUL. */
#define NUMBER_SIZE 27

/* With commas between thousands, as in the reports; not printf's ', which asks the locale. */
static const char *format_number(uint64_t n, char text[NUMBER_SIZE])
{
	char *at = text + NUMBER_SIZE - 1;
	int digits = 0;

	*at = '\0';
	do {
		if (digits > 0 && digits % 3 == 0)
			*--at = ',';
		*--at = (char) ('0' + n % 10);
		n /= 10;
		digits++;
	} while (n > 0);
	return at;
}

/* The number that the reports give the layer, and how many of them are being read. */
static void print_layer(uint32_t layer, size_t n_layers)
{
	(void) fprintf(stderr, "layer %" PRIu32 " (%" PRIu64 " of %zu)", layer,
		       (uint64_t) layer + 1, n_layers);
}

static void print_count(const char *before, uint64_t n, const char *one, const char *many)
{
	char number[NUMBER_SIZE];

	(void) fprintf(stderr, "%s%s %s", before, format_number(n, number), n == 1 ? one : many);
}

static void show_line(const struct unr_progress *s)
{
	uint64_t size = s->image->layers[s->layer].size;
	double percent = size == 0 ? 100.0 : 100.0 * (double) s->bytes / (double) size;

	(void) fprintf(stderr, "\r\033[K");
	print_layer(s->layer, s->image->n_layers);
	(void) fprintf(stderr, "  %3.0f %%", percent);
	print_count("  ", s->entries, "entry", "entries");
	print_count("  ", s->failures, "failure", "failures");
	(void) fflush(stderr);
}

/* A layer is read before all of it is extracted: its last word has the right number. */
static void say_last_word(struct cli_progress *p)
{
	if (p->n_layers > 0) {
		print_layer(p->layer, p->n_layers);
		print_count(": ", p->entries, "entry", "entries");
		(void) fprintf(stderr, "\n");
	}
	p->n_layers = 0;
}

static void keep_last_word(struct cli_progress *p, const struct unr_progress *state)
{
	if (state->layer != p->layer)
		say_last_word(p);
	p->layer = state->layer;
	p->entries = state->entries;
	p->n_layers = state->bytes >= state->image->layers[state->layer].size ?
			      state->image->n_layers :
			      0;
}

void cli_progress_show(void *progress, const struct unr_progress *state)
{
	struct cli_progress *p = progress;

	switch (settle(p->style)) {
	case CLI_PROGRESS_TTY:
		show_line(state);
		break;
	case CLI_PROGRESS_PLAIN:
		keep_last_word(p, state);
		break;
	default:
		break;
	}
	p->begun = true;
}

void cli_progress_end(struct cli_progress *progress)
{
	if (progress->begun && settle(progress->style) == CLI_PROGRESS_TTY)
		(void) fprintf(stderr, "\r\033[K");
	say_last_word(progress);
	progress->begun = false;
}
