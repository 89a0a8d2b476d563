/* SPDX-License-Identifier: MIT */
/* The progress line on standard error while a long image runs. */
#ifndef UNR_CLI_PROGRESS_H
#define UNR_CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "usernsrepro/run.h"

enum cli_progress_style {
	CLI_PROGRESS_AUTO,
	CLI_PROGRESS_TTY,
	CLI_PROGRESS_PLAIN,
	CLI_PROGRESS_NONE
};

struct cli_progress {
	enum cli_progress_style style;
	bool begun; /* something was written */
	/* Of CLI_PROGRESS_PLAIN: the line about the present layer, once it was read to its end. */
	uint32_t layer;
	size_t n_layers; /* of the image; 0: nothing to write yet */
	uint64_t entries;
};

/** cli_progress_names() - "auto, tty, plain, none": the default first; owned, NULL without memory */
char *cli_progress_names(void);

/** cli_progress_style() - "auto", "tty", "plain", "none"; -ENOENT for others. */
int cli_progress_style(const char *name);

/** cli_progress_show() - the callback of struct unr_run_options. */
void cli_progress_show(void *progress, const struct unr_progress *state);

/** cli_progress_end() - wipe the line, before the report or an error. */
void cli_progress_end(struct cli_progress *progress);

#endif
