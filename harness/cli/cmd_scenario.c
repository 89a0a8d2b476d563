/* SPDX-License-Identifier: MIT */
/*
 * `scenario list|show|export`: the scenarios for people.  Words and exit
 * statuses only; what a scenario is stands in usernsrepro/scenario.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "print.h"
#include "scenario_run.h"
#include "usernsrepro/report.h"
#include "usernsrepro/scenario.h"

/* A list of the command line has one width; names are limited to 64 bytes. */
#define NAME_WIDTH 24

/* Where a Dockerfile step begins, behind the number of its layer. */
#define STEP_COLUMN 6

/* ---- list ---- */

static int run_list(const struct cli_command *command, int argc, char **argv)
{
	struct unr_scenario_list list = { 0 };
	struct unr_error err = { 0 };
	char **operands;
	int n, r;

	r = cli_parse(command, argc, argv, NULL, &operands, &n, &err);
	if (r > 0)
		return CLI_EXIT_OK;
	if (r == 0)
		r = unr_scenario_list(&list, &err);
	if (r < 0)
		return cli_report_error(&err);
	for (size_t i = 0; i < list.n_items; i++)
		printf("%-*s  %s\n", NAME_WIDTH, list.items[i].name, list.items[i].title);
	unr_scenario_list_done(&list);
	return CLI_EXIT_OK;
}

/* ---- show ---- */

static void print_step(const struct unr_scenario_step *step)
{
	char *text = unr_report_step(step->created_by, CLI_COLUMNS - STEP_COLUMN);
	char number[16] = "-";

	if (step->layer >= 0)
		(void) snprintf(number, sizeof(number), "%d", step->layer);
	printf("%*s  %s\n", STEP_COLUMN - 2, number, text == NULL ? step->created_by : text);
	free(text);
}

static void print_expected(const struct unr_scenario *scenario, const struct unr_scenario_run *run)
{
	char which[CLI_RUN_SIZE];

	cli_format_run(scenario, run, which);
	printf("\nExpected: exit status %d%s%s%s%s\n", run->expected_exit,
	       *which == '\0' ? "" : " by ", which, run->expected_message == NULL ? "" : "\n  ",
	       run->expected_message == NULL ? "" : run->expected_message);
}

static void print_scenario(const struct unr_scenario *scenario)
{
	cli_print_prose(scenario->text);
	printf("\nDockerfile steps of %s\n(the number is the layer; - makes none)\n",
	       scenario->image);
	for (size_t i = 0; i < scenario->n_steps; i++)
		print_step(&scenario->steps[i]);
	for (size_t i = 0; i < scenario->n_runs; i++)
		print_expected(scenario, &scenario->runs[i]);
	printf("\nRun it:   userns-repro scenario run %s\n"
	       "Report:   userns-repro run scenario:%s\n"
	       "Docker:   userns-repro scenario export %s - | docker load\n",
	       scenario->name, scenario->name, scenario->name);
}

static int run_show(const struct cli_command *command, int argc, char **argv)
{
	struct unr_scenario scenario = { 0 };
	struct unr_error err = { 0 };
	char **operands;
	int n, r;

	r = cli_parse(command, argc, argv, NULL, &operands, &n, &err);
	if (r > 0)
		return CLI_EXIT_OK;
	if (r == 0)
		r = unr_scenario_load(operands[0], &scenario, &err);
	if (r < 0)
		return cli_report_error(&err);
	print_scenario(&scenario);
	unr_scenario_done(&scenario);
	return CLI_EXIT_OK;
}

/* ---- export ---- */

static int write_all(int to, const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t n = write(to, bytes, size);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			bytes += n;
			size -= (size_t) n;
		}
	}
	return 0;
}

/* All of @from, wherever it stands, to a file or pipe. */
static int copy_fd(int from, int to, const char *path, struct unr_error *err)
{
	char buffer[16 * 1024];
	off_t at = 0;

	for (;;) {
		ssize_t n = pread(from, buffer, sizeof(buffer), at);

		if (n < 0)
			return unr_fail_errno(err, "read the archive back");
		if (n == 0)
			return 0;
		if (write_all(to, buffer, (size_t) n) < 0)
			return unr_fail_errno(err, "write %s", path);
		at += n;
	}
}

static int copy_to_stdout(int from, struct unr_error *err)
{
	int r;

	if (isatty(STDOUT_FILENO))
		return unr_fail(err, UNR_ERROR_USAGE, -EINVAL,
				"an archive is not for a terminal: name a file, or use a pipe");
	r = copy_fd(from, STDOUT_FILENO, "standard output", err);
	if (r == -EPIPE)
		cli_end_unread();
	return r;
}

static int copy_to_file(int from, const char *path, struct unr_error *err)
{
	struct stat st;
	int fd, r;

	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		return unr_fail_errno(err, "create %s", path);
	r = copy_fd(from, fd, path, err);
	/* Half an archive is of no use to anyone; a device or pipe stays. */
	if (r < 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		(void) unlink(path);
	if (close(fd) < 0 && r == 0)
		r = unr_fail_errno(err, "write %s", path);
	return r;
}

static int run_export(const struct cli_command *command, int argc, char **argv)
{
	struct unr_error err = { 0 };
	char **operands;
	int n, r, fd;

	r = cli_parse(command, argc, argv, NULL, &operands, &n, &err);
	if (r > 0)
		return CLI_EXIT_OK;
	if (r < 0)
		return cli_report_error(&err);
	/* Into memory first: a name that does not exist must not cost an existing file. */
	fd = memfd_create("scenario", MFD_CLOEXEC);
	if (fd < 0) {
		(void) unr_fail_errno(&err, "memory for the archive");
		return cli_report_error(&err);
	}
	r = unr_scenario_export(operands[0], fd, &err);
	if (r == 0)
		r = strcmp(operands[1], "-") == 0 ? copy_to_stdout(fd, &err) :
						    copy_to_file(fd, operands[1], &err);
	(void) close(fd);
	return r < 0 ? cli_report_error(&err) : CLI_EXIT_OK;
}

/* ---- the tables ---- */

static const struct cli_option no_options[] = { { 0 } };

const struct cli_command cmd_scenario_list = {
	.name = "scenario list",
	.operands = "",
	.summary = "List the scenarios: small images with a known outcome",
	.details = "They lie in the folder that USERNS_REPRO_SCENARIOS names, or where installed.",
	.options = no_options,
	.run = run_list,
};

const struct cli_command cmd_scenario_show = {
	.name = "scenario show",
	.operands = "NAME",
	.summary = "Explain a scenario: what happens, why, what to do",
	.min_operands = 1,
	.max_operands = 1,
	.options = no_options,
	.run = run_show,
};

const struct cli_command cmd_scenario_export = {
	.name = "scenario export",
	.operands = "NAME FILE",
	.summary = "Write a scenario as a docker-archive that 'docker load' takes",
	.details = "FILE is - for standard output.",
	.min_operands = 2,
	.max_operands = 2,
	.options = no_options,
	.run = run_export,
};
