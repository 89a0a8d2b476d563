/* SPDX-License-Identifier: MIT */
/*
 * Events of a run to lines on standard error: redrawn in place on a terminal, a
 * line an event where that is asked for, nothing where nobody watches.
 */
#include "progress.h"

#include <ctype.h>
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

static bool can_redraw(void)
{
	const char *term = getenv("TERM");

	return isatty(STDERR_FILENO) == 1 && (term == NULL || strcmp(term, "dumb") != 0);
}

void cli_progress_begin(struct cli_progress *progress, bool taken)
{
	if (progress->style == CLI_PROGRESS_AUTO)
		progress->style = can_redraw() && !taken ? CLI_PROGRESS_TTY : CLI_PROGRESS_NONE;
}

/* docker pull names a layer by its blob, docker load by what is in it. */
static void name_row(struct cli_progress_row *row, const struct unr_layer *layer, size_t index)
{
	const char *digest =
		row->archived || layer->digest == NULL ? layer->diff_id : layer->digest;
	const char *digits = digest == NULL ? NULL : strchr(digest, ':');
	size_t n = 0;

	for (; digits != NULL && n < 12 && isxdigit((unsigned char) digits[n + 1]); n++)
		row->id[n] = digits[n + 1];
	if (n == 0)
		(void) snprintf(row->id, sizeof(row->id), "layer %" PRIu32, (uint32_t) index);
}

static bool make_rows(struct cli_progress *p, const struct unr_image *image)
{
	p->rows = calloc(image->n_layers, sizeof(*p->rows));
	if (p->rows == NULL)
		return false;
	p->n_rows = image->n_layers;
	for (size_t i = 0; i < p->n_rows; i++) {
		p->rows[i].archived = image->archived;
		p->rows[i].size = image->layers[i].size;
		name_row(&p->rows[i], &image->layers[i], i);
	}
	return true;
}

static void say(const struct cli_progress_row *row)
{
	char line[CLI_PROGRESS_LINE];

	cli_progress_format_event(row, line);
	if (*line != '\0')
		(void) fprintf(stderr, "%s\n", line);
}

/* Of an image that has no layers yet. */
static void show_copied(struct cli_progress *p, uint64_t bytes)
{
	bool first = p->copied == 0;

	p->copied = bytes;
	if (p->style == CLI_PROGRESS_TTY)
		cli_progress_draw(p, false);
	else if (first)
		(void) fputs("Reading the image\n", stderr);
}

void cli_progress_show(struct cli_progress *p, const struct unr_progress *event)
{
	struct cli_progress_row *row;
	bool changed;

	if (p->style == CLI_PROGRESS_NONE)
		return;
	if (event->image == NULL) {
		show_copied(p, event->bytes);
		return;
	}
	if (p->rows == NULL && !make_rows(p, event->image))
		return;
	row = &p->rows[event->layer];
	changed = row->state != event->state;
	row->state = event->state;
	row->bytes = event->bytes;
	row->entries = event->entries;
	row->failures = event->failures;
	if (event->state == UNR_LAYER_KNOWN) /* all of them come at once */
		changed = p->style == CLI_PROGRESS_PLAIN || event->layer + 1 == p->n_rows;
	if (p->style == CLI_PROGRESS_TTY)
		cli_progress_draw(p, changed);
	else if (changed)
		say(row);
}

void cli_progress_end(struct cli_progress *p)
{
	if (p->style == CLI_PROGRESS_TTY && p->n_rows > 0)
		cli_progress_leave(p);
	else
		cli_progress_hide(p);
	free(p->rows);
	p->rows = NULL;
	p->n_rows = 0;
}
