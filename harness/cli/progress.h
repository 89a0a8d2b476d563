/* SPDX-License-Identifier: MIT */
/* What standard error shows while a run goes on: docker's statuses of the layers. */
#ifndef UNR_CLI_PROGRESS_H
#define UNR_CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "usernsrepro/progress.h"

enum cli_progress_style {
	CLI_PROGRESS_AUTO,
	CLI_PROGRESS_TTY,
	CLI_PROGRESS_PLAIN,
	CLI_PROGRESS_NONE
};

/* A layer as it is shown.  Nothing is borrowed: it is shown for longer than the image lives. */
struct cli_progress_row {
	char id[16];   /* 12 digits of a digest, "layer 0" where there is none */
	bool archived; /* of an archive, which is loaded and not pulled */
	enum unr_layer_state state;
	uint64_t bytes, size, entries, failures;
	size_t width; /* of its line on the terminal */
};

struct cli_progress {
	enum cli_progress_style style;
	struct cli_progress_row *rows; /* owned */
	size_t n_rows;
	uint64_t copied; /* bytes of the image, while there are no rows */
	/* Of CLI_PROGRESS_TTY: rows that were left above for good, and lines that are redrawn. */
	size_t n_left, n_drawn;
	int64_t drawn_ms;
};

/** cli_progress_names() - "auto, tty, plain, none": the default first; owned, NULL without memory */
char *cli_progress_names(void);

/** cli_progress_style() - "auto", "tty", "plain", "none"; -ENOENT for others. */
int cli_progress_style(const char *name);

/**
 * cli_progress_begin() - settle what auto means
 * @taken: something else is written to the terminal meanwhile
 */
void cli_progress_begin(struct cli_progress *progress, bool taken);

/** cli_progress_show() - one event */
void cli_progress_show(struct cli_progress *progress, const struct unr_progress *event);

/** cli_progress_hide() - take the lines off the terminal; the next event brings them back */
void cli_progress_hide(struct cli_progress *progress);

/** cli_progress_end() - leave the last statuses, before a report or an error; frees */
void cli_progress_end(struct cli_progress *progress);

/* progress_row.c: a layer's line. */

#define CLI_PROGRESS_LINE 200

/**
 * cli_progress_format() - in docker's words
 * @bar: with a bar, as docker has it on a wide terminal
 */
void cli_progress_format(const struct cli_progress_row *row, bool bar,
			 char ret_line[CLI_PROGRESS_LINE]);

/** cli_progress_format_copied() - an image that has to be read before its layers are known */
void cli_progress_format_copied(uint64_t bytes, char ret_line[CLI_PROGRESS_LINE]);

/** cli_progress_format_event() - the state has been reached: a line for a log, or "" */
void cli_progress_format_event(const struct cli_progress_row *row,
			       char ret_line[CLI_PROGRESS_LINE]);

/* progress_tty.c: the lines on a terminal. */

/** cli_progress_draw() - bring them up to date; unless @at_once it can wait for the next time */
void cli_progress_draw(struct cli_progress *progress, bool at_once);

/** cli_progress_leave() - draw them for the last time, all of them */
void cli_progress_leave(struct cli_progress *progress);

#endif
