/* SPDX-License-Identifier: MIT */
/* `userns-repro run`: options to unr_run(), its result to reports. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "image_options.h"
#include "limit_options.h"
#include "print.h"
#include "usernsrepro/report.h"
#include "usernsrepro/run.h"

/* A report that was asked for: --format and --output, in pairs. */
struct output {
	int format;       /* enum unr_report_format, -1: not said */
	const char *path; /* NULL: standard output */
	int fd;           /* owned unless it is standard output */
	bool made;        /* the file of a log, by this run */
	bool begun;       /* the log has lines */
	struct unr_report_log log;
};

#define OUTPUTS_MAX 16

struct run_command {
	struct cli_image_options image;
	struct unr_report_options report;
	struct output outputs[OUTPUTS_MAX];
	size_t n_outputs;
};

static char *list_formats(void)
{
	return unr_run_names("formats");
}

/* The pair that @format or @path belongs to: the last one, unless it has its own already. */
static int pair_output(struct run_command *c, int format, const char *path, struct unr_error *err)
{
	struct output *last = c->n_outputs == 0 ? NULL : &c->outputs[c->n_outputs - 1];

	if (last == NULL || (format >= 0 && last->format >= 0) ||
	    (path != NULL && last->path != NULL)) {
		if (c->n_outputs == OUTPUTS_MAX)
			return unr_fail(err, UNR_ERROR_USAGE, -E2BIG, "at most %d reports at once",
					OUTPUTS_MAX);
		last = &c->outputs[c->n_outputs++];
		*last = (struct output) { .format = -1, .fd = -EBADF };
	}
	if (format >= 0)
		last->format = format;
	if (path != NULL)
		last->path = path;
	return 0;
}

static int apply_format(void *options, const char *value, struct unr_error *err)
{
	int format = unr_report_format_from_name(value);

	if (format < 0)
		return cli_fail_choice("format", value, list_formats, err);
	return pair_output(options, format, NULL, err);
}

static int apply_output(void *options, const char *value, struct unr_error *err)
{
	if (*value == '\0')
		return unr_fail(err, UNR_ERROR_USAGE, -EINVAL, "--output '' names no file");
	return pair_output(options, -1, value, err);
}

#define STRING(field) .kind = CLI_OPTION_STRING, .offset = offsetof(struct run_command, field)
#define FLAG(field) .kind = CLI_OPTION_FLAG, .offset = offsetof(struct run_command, field)

static const struct cli_option OPTIONS[] = {
	{ "as", "load|pull", "word the verdict as 'docker load' or 'docker pull' does", NULL,
	  "load for a docker archive, pull for all else and for --format appservice",
	  STRING(image.run.as) },
	{ "rootfs", "DIR",
	  "extract with contents into DIR, which is new, or empty and one's own, and keep it: "
	  "DIR/0, DIR/1, ... for overlay2, a layer each, DIR/rootfs for vfs",
	  STRING(image.run.rootfs) },
	{ "stop-at-first", NULL, "stop where the engine stops, instead of finding all",
	  FLAG(image.run.stop_at_first) },
	CLI_LIMIT_OPTIONS(struct run_command, image.run.limits),
	{ "format", "NAME", "how to report, once or several times", list_formats, "",
	  .apply = apply_format },
	{ "output", "FILE", "the file for that report, - for standard output", NULL,
	  "standard output", .apply = apply_output },
	{ "verbose", NULL, "list every failing entry in the text report", FLAG(report.verbose) },
	{ .name = NULL },
};

/* Colour for people: a terminal that can, and nobody who minds (no-color.org). */
static bool wants_color(int fd)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	return isatty(fd) == 1 && (no_color == NULL || *no_color == '\0') && term != NULL &&
	       strcmp(term, "dumb") != 0;
}

/* "-" is standard output, as it is standard input for IMAGE. */
static bool is_stdout(const struct output *output)
{
	return output->path == NULL || strcmp(output->path, "-") == 0;
}

static bool is_log(const struct output *output)
{
	return output->format == UNR_REPORT_APPSERVICE;
}

static int open_output(struct output *output, struct unr_error *err)
{
	output->fd = STDOUT_FILENO;
	if (!is_stdout(output))
		output->fd = open(output->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	return output->fd < 0 ? unr_fail_errno(err, "open %s", output->path) : 0;
}

/*
 * A log's file is opened before there is anything to write, so that trouble with it is told at
 * once; until there is, it keeps what was in it.
 */
static int open_log(struct output *output, struct unr_error *err)
{
	output->fd = STDOUT_FILENO;
	if (is_stdout(output))
		return 0;
	output->fd = open(output->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	output->made = output->fd >= 0;
	if (output->fd < 0 && errno == EEXIST)
		output->fd = open(output->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	return output->fd < 0 ? unr_fail_errno(err, "open %s", output->path) : 0;
}

/* What is no regular file has no length. */
static void begin_log(struct output *output)
{
	if (!output->begun && !is_stdout(output))
		(void) !ftruncate(output->fd, 0);
	output->begun = true;
}

static int close_output(struct output *output, int r, struct unr_error *err)
{
	int fd = output->fd;

	output->fd = -EBADF;
	if (output->made && !output->begun)
		(void) unlink(output->path);
	if (fd >= 0 && fd != STDOUT_FILENO && close(fd) < 0 && r == 0)
		return unr_fail_errno(err, "write %s", output->path);
	return r;
}

/* A log is written meanwhile, all else at the end. */
static int write_output(const struct run_command *c, struct output *output,
			const struct unr_result *result, struct unr_error *err)
{
	struct unr_report_options options = c->report;
	int r = is_log(output) ? 0 : open_output(output, err);

	if (r < 0)
		return r;
	options.color = wants_color(output->fd);
	if (is_log(output)) {
		begin_log(output);
		r = unr_report_log_end(&output->log, result, err);
	} else {
		r = unr_report_write(result, (enum unr_report_format) output->format, &options,
				     output->fd, err);
	}
	if (r < 0)
		(void) unr_fail_context(err, "%s",
					is_stdout(output) ? "standard output" : output->path);
	return close_output(output, r, err);
}

static int write_outputs(struct run_command *c, const struct unr_result *result,
			 struct unr_error *err)
{
	bool unread = false;
	int r = 0;

	for (size_t i = 0; i < c->n_outputs && r == 0; i++) {
		r = write_output(c, &c->outputs[i], result, err);
		/* Files among the reports are wanted even if nobody reads standard output. */
		if (r == -EPIPE && is_stdout(&c->outputs[i])) {
			unread = true;
			r = 0;
		}
	}
	if (unread && r == 0)
		cli_end_unread();
	return r;
}

/* Is a log written to a terminal, where progress would have to make way for each line? */
static bool logs_to_terminal(const struct run_command *c)
{
	for (size_t i = 0; i < c->n_outputs; i++)
		if (is_log(&c->outputs[i]) && isatty(c->outputs[i].fd) == 1)
			return true;
	return false;
}

static int open_logs(struct run_command *c, struct unr_error *err)
{
	int r = 0;

	for (size_t i = 0; i < c->n_outputs && r == 0; i++) {
		struct output *output = &c->outputs[i];

		if (output->format < 0)
			output->format = UNR_REPORT_TEXT;
		if (!is_log(output))
			continue;
		r = open_log(output, err);
		unr_report_log_begin(&output->log, output->fd);
		/* App Service always pulls, so its log has the words of a pull. */
		if (c->image.run.as == NULL)
			c->image.run.as = "pull";
		c->image.run.one_at_a_time = true;
	}
	return r;
}

static void show_progress(void *context, const struct unr_progress *event)
{
	struct run_command *c = context;

	if (logs_to_terminal(c))
		cli_progress_hide(&c->image.progress);
	for (size_t i = 0; i < c->n_outputs; i++) {
		if (!is_log(&c->outputs[i]) || event->image == NULL)
			continue;
		begin_log(&c->outputs[i]);
		unr_report_log_progress(&c->outputs[i].log, event);
	}
	cli_progress_show(&c->image.progress, event);
}

static int run_image(struct run_command *c, const char *image)
{
	struct unr_result result = { 0 };
	struct unr_error err = { 0 };
	bool ok;
	int r;

	if (c->n_outputs == 0)
		c->outputs[c->n_outputs++] = (struct output) { .format = UNR_REPORT_TEXT };
	c->image.run.image = image;
	c->image.run.progress = show_progress;
	c->image.run.progress_context = c;
	r = open_logs(c, &err);
	cli_progress_begin(&c->image.progress, logs_to_terminal(c));
	if (r == 0)
		r = unr_run(&c->image.run, &result, &err);
	cli_progress_end(&c->image.progress);
	if (r == 0)
		r = write_outputs(c, &result, &err);
	for (size_t i = 0; i < c->n_outputs; i++)
		(void) close_output(&c->outputs[i], -1, NULL);
	ok = result.verdict.ok;
	unr_result_done(&result);
	if (r < 0)
		return cli_report_error(&err);
	return ok ? CLI_EXIT_OK : CLI_EXIT_REFUSED;
}

static int run(const struct cli_command *command, int argc, char **argv)
{
	struct run_command c = { 0 };
	struct unr_error err = { 0 };
	char **operands = NULL;
	int n = 0;
	int r = cli_parse(command, argc, argv, &c, &operands, &n, &err);

	if (r == 0)
		r = run_image(&c, operands[0]);
	else
		r = r < 0 ? cli_report_error(&err) : CLI_EXIT_OK;
	unr_run_options_done(&c.image.run);
	return r;
}

const struct cli_command cmd_run = {
	.name = "run",
	.operands = "IMAGE",
	.summary = "Extract an image under a map and list the owners that cannot be mapped",
	.details = CLI_IMAGE_FORMS
	"exit status: 0 the image loads and starts under this map, 1 it does not,\n"
	"2 wrong usage, 3 the work could not be done, 77 this host does not allow it",
	.min_operands = 1,
	.max_operands = 1,
	.shared = cli_image_options,
	.options = OPTIONS,
	.run = run,
};
