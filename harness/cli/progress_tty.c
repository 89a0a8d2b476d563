/* SPDX-License-Identifier: MIT */
/*
 * The lines on a terminal.  The cursor stands below them between two frames, so
 * that whatever ends the program leaves it on a line of its own; a frame is one
 * write, over the last one, so that nothing flickers.
 *
 * A terminal may be lower than the image has layers: then those at the top that
 * are done are left to scroll away, and those at the bottom are counted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "progress.h"

enum {
	DEFAULT_COLUMNS = 80,
	DEFAULT_LINES = 24,
	BAR_COLUMNS = 110, /* on a wider one docker has bars */
	FRAME_MS = 50,
};

struct frame {
	FILE *out;
	size_t columns, lines;
};

static int64_t now_ms(void)
{
	struct timespec now;

	(void) clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Asked each time, so there is no signal to wait for. */
static void measure(struct frame *frame)
{
	struct winsize size = { 0 };

	(void) ioctl(STDERR_FILENO, TIOCGWINSZ, &size);
	frame->columns = size.ws_col == 0 ? DEFAULT_COLUMNS : size.ws_col;
	frame->lines = size.ws_row == 0 ? DEFAULT_LINES : size.ws_row;
}

/* What docker load has not begun with is not there yet. */
static bool is_shown(const struct cli_progress_row *row)
{
	return !row->archived || row->state >= UNR_LAYER_EXTRACTING;
}

static size_t count_shown(const struct cli_progress *p)
{
	size_t n = 0;

	for (size_t i = p->n_left; i < p->n_rows; i++)
		n += is_shown(&p->rows[i]);
	return n;
}

/* To the first line of the last frame.  A terminal that is narrower now has broken its lines. */
static void go_up(struct cli_progress *p, const struct frame *frame)
{
	size_t up = 0;

	for (size_t i = p->n_left; i < p->n_rows && p->n_drawn > 0; i++) {
		if (p->rows[i].width == 0)
			continue;
		up += (p->rows[i].width - 1) / frame->columns + 1;
		p->rows[i].width = 0;
		p->n_drawn--;
	}
	up += p->n_drawn; /* the line that counts the others */
	p->n_drawn = 0;
	if (up >= frame->lines)
		up = frame->lines - 1;
	if (up > 0)
		(void) fprintf(frame->out, "\033[%zuA", up);
	(void) fputc('\r', frame->out);
}

static void draw_row(struct cli_progress *p, size_t index, const struct frame *frame)
{
	struct cli_progress_row *row = &p->rows[index];
	char line[CLI_PROGRESS_LINE];

	/* The last column stays free: what a terminal does behind it differs. */
	cli_progress_format(row, frame->columns > BAR_COLUMNS, line);
	if (strlen(line) >= frame->columns)
		cli_progress_format(row, false, line);
	row->width = strlen(line);
	if (row->width >= frame->columns)
		row->width = frame->columns - 1;
	(void) fprintf(frame->out, "%.*s\033[K\n", (int) row->width, line);
	p->n_drawn++;
}

/* @room: lines there are */
static void draw_rows(struct cli_progress *p, size_t room, const struct frame *frame)
{
	size_t n = count_shown(p), drawn = 0;

	for (; n > room && p->rows[p->n_left].state >= UNR_LAYER_COMPLETE; p->n_left++, n--) {
		draw_row(p, p->n_left, frame);
		p->n_drawn = 0;
	}
	for (size_t i = p->n_left; i < p->n_rows && (n <= room || drawn + 1 < room); i++)
		if (is_shown(&p->rows[i])) {
			draw_row(p, i, frame);
			drawn++;
		}
	if (drawn < n) {
		(void) fprintf(frame->out, "and %zu more\033[K\n", n - drawn);
		p->n_drawn++;
	}
	(void) fputs("\033[J", frame->out);
}

static void write_frame(struct cli_progress *p,
			void (*draw)(struct cli_progress *p, const struct frame *frame))
{
	struct frame frame;
	char *bytes = NULL;
	size_t size = 0;

	measure(&frame);
	frame.out = open_memstream(&bytes, &size);
	if (frame.out == NULL)
		return;
	go_up(p, &frame);
	draw(p, &frame);
	if (fclose(frame.out) == 0)
		(void) fwrite(bytes, 1, size, stderr);
	free(bytes);
}

static void draw_copied(struct cli_progress *p, const struct frame *frame)
{
	char line[CLI_PROGRESS_LINE];

	cli_progress_format_copied(p->copied, line);
	(void) fprintf(frame->out, "%.*s\033[K\n", (int) frame->columns - 1, line);
	p->n_drawn++;
}

static void draw_what_fits(struct cli_progress *p, const struct frame *frame)
{
	if (p->n_rows == 0)
		draw_copied(p, frame);
	else if (frame->lines > 1) /* the cursor has a line of its own */
		draw_rows(p, frame->lines - 1, frame);
}

static void draw_all(struct cli_progress *p, const struct frame *frame)
{
	draw_rows(p, SIZE_MAX, frame);
}

static void draw_none(struct cli_progress *p, const struct frame *frame)
{
	(void) p;
	(void) fputs("\033[J", frame->out);
}

void cli_progress_draw(struct cli_progress *p, bool at_once)
{
	int64_t now = now_ms();

	if (!at_once && now - p->drawn_ms < FRAME_MS)
		return;
	p->drawn_ms = now;
	write_frame(p, draw_what_fits);
}

void cli_progress_hide(struct cli_progress *p)
{
	if (p->n_drawn > 0)
		write_frame(p, draw_none);
}

void cli_progress_leave(struct cli_progress *p)
{
	write_frame(p, draw_all);
}
