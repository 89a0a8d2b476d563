/* SPDX-License-Identifier: MIT */
/*
 * One line that is written over on a terminal; a line a layer elsewhere, when
 * it is asked for; nothing by default where nobody watches.
 */
#include "progress.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int cli_progress_style(const char *name)
{
	static const char *const names[] = { "auto", "tty", "plain", "none" };

	for (size_t i = 0; i < UNR_COUNT(names); i++)
		if (strcmp(names[i], name) == 0)
			return (int) i;
	return -ENOENT;
}

static enum cli_progress_style settle(enum cli_progress_style style)
{
	if (style != CLI_PROGRESS_AUTO)
		return style;
	return isatty(STDERR_FILENO) == 1 ? CLI_PROGRESS_TTY : CLI_PROGRESS_NONE;
}

static void show_line(const struct unr_progress *s)
{
	uint64_t size = s->image->layers[s->layer].size;
	double percent = size == 0 ? 100.0 : 100.0 * (double) s->bytes / (double) size;

	(void) fprintf(stderr,
		       "\r\033[Klayer %" PRIu32 " of %zu  %3.0f %%  %" PRIu64 " entries  %" PRIu64
		       " refused",
		       s->layer + 1, s->image->n_layers, percent, s->entries, s->failures);
	(void) fflush(stderr);
}

/* A layer is read before all of it is extracted: its last word has the right number. */
static void say_last_word(struct cli_progress *p)
{
	if (p->n_layers > 0)
		(void) fprintf(stderr, "layer %" PRIu32 " of %zu: %" PRIu64 " entries\n",
			       p->layer + 1, p->n_layers, p->entries);
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
