/* SPDX-License-Identifier: MIT */
/* `userns-repro shell`: options to unr_shell(); the command's status is the program's. */
#include <stddef.h>
#include <stdio.h>

#include "command.h"
#include "image_options.h"
#include "usernsrepro/shell.h"

struct shell_command {
	struct cli_image_options image;
	const char *folder;
	bool wide;
};

#define STRING(field) .kind = CLI_OPTION_STRING, .offset = offsetof(struct shell_command, field)
#define FLAG(field) .kind = CLI_OPTION_FLAG, .offset = offsetof(struct shell_command, field)

static const struct cli_option OPTIONS[] = {
	{ "wide", NULL,
	  "map all ids that the image needs, so that files show their real owners; for an ordinary "
	  "user as many as its subordinate ranges have",
	  FLAG(wide) },
	{ "tmp", "DIR", "where the extracted image lies meanwhile", NULL, "$TMPDIR, or /var/tmp",
	  STRING(folder) },
	{ .name = NULL },
};

static void show_progress(void *context, const struct unr_progress *event)
{
	struct cli_image_options *image = context;

	cli_progress_show(&image->progress, event);
}

static void end_progress(void *context)
{
	struct cli_image_options *image = context;

	cli_progress_end(&image->progress);
}

/* There is nothing to tell before all is extracted. */
static void print_note(void *context, const char *text)
{
	end_progress(context);
	(void) fprintf(stderr, "userns-repro: %s\n", text);
}

static int run_shell(struct shell_command *c, char **operands, int n)
{
	struct unr_shell_options options = { .run = c->image.run,
					     .folder = c->folder,
					     .wide = c->wide,
					     .note = print_note,
					     .ready = end_progress,
					     .context = &c->image };
	struct unr_error err = { 0 };
	int status = 0;
	int r;

	options.run.image = operands[0];
	options.run.progress = show_progress;
	options.run.progress_context = &c->image;
	/* The table of operands is the command line's: what follows the last is not the end. */
	operands[n] = NULL;
	options.command = operands + 1;
	cli_progress_begin(&c->image.progress, false);
	r = unr_shell(&options, &status, &err);
	cli_progress_end(&c->image.progress);
	return r < 0 ? cli_report_error(&err) : status;
}

static int run(const struct cli_command *command, int argc, char **argv)
{
	struct shell_command c = { 0 };
	struct unr_error err = { 0 };
	char **operands = NULL;
	int n = 0;
	int r = cli_parse(command, argc, argv, &c, &operands, &n, &err);

	if (r == 0)
		r = run_shell(&c, operands, n);
	else
		r = r < 0 ? cli_report_error(&err) : CLI_EXIT_OK;
	unr_run_options_done(&c.image.run);
	return r;
}

const struct cli_command cmd_shell = {
	.name = "shell",
	.operands = "IMAGE [-- COMMAND [ARG...]]",
	.summary = "Run a shell or one command in the extracted image, under the map",
	.details = CLI_IMAGE_FORMS
	"Without COMMAND it is /bin/bash of the image, or /bin/sh. It runs as root\n"
	"inside, or as --user says, without network, and nothing is left of the tree\n"
	"when it ends.\n\n"
	"exit status: that of the command; 128+N when signal N ended it, 127 when there\n"
	"is no such command, 126 when it cannot be run; of the program itself 2 wrong\n"
	"usage, 3 the work could not be done, 77 this host does not allow it",
	.min_operands = 1,
	.max_operands = -1,
	.shared = cli_image_options,
	.options = OPTIONS,
	.is_sealed = true,
	.run = run,
};
