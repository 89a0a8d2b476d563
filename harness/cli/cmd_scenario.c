/* SPDX-License-Identifier: MIT */
/*
 * `scenario list|show|run|export`: the scenarios for people.  Words and exit
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
#include "usernsrepro/report.h"
#include "usernsrepro/run.h"
#include "usernsrepro/scenario.h"

/* A list of the command line has one width; names are limited to 64 bytes. */
#define NAME_WIDTH 24

/* Where a Dockerfile step begins, behind the number of its layer. */
#define STEP_COLUMN 6

/* "containerd-rootless on overlay2", names of a scenario file: cut where they are longer. */
#define RUN_SIZE 80

/* Scenarios so far. */
struct tally {
	int n_ok, n_failed, n_skipped;
};

struct run_options {
	bool all;
};

static int apply_all(void *options, const char *value, struct unr_error *err)
{
	struct run_options *run = options;

	(void) value;
	(void) err;
	run->all = true;
	return 0;
}

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

/* Which of several runs; "" when there is but one. */
static void format_run(const struct unr_scenario *scenario, const struct unr_scenario_run *run,
		       char text[RUN_SIZE])
{
	const char *name = run->engine != NULL ? run->engine : run->profile;

	text[0] = '\0';
	if (scenario->n_runs > 1)
		(void) snprintf(text, RUN_SIZE, "%s%s%s", name == NULL ? "the default" : name,
				run->driver == NULL ? "" : " on ",
				run->driver == NULL ? "" : run->driver);
}

static void print_expected(const struct unr_scenario *scenario, const struct unr_scenario_run *run)
{
	char which[RUN_SIZE];

	format_run(scenario, run, which);
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

/* ---- run ---- */

static int read_back(int fd, char **ret, struct unr_error *err)
{
	struct stat st;
	char *text;

	if (fstat(fd, &st) < 0)
		return unr_fail_errno(err, "size of the report");
	text = calloc(1, (size_t) st.st_size + 1);
	if (text == NULL)
		return unr_fail_memory(err);
	if (pread(fd, text, (size_t) st.st_size, 0) != st.st_size) {
		free(text);
		return unr_fail(err, UNR_ERROR_FAILED, -EIO, "the report cannot be read back");
	}
	*ret = text;
	return 0;
}

/* The JSON report as a string, owned by the caller. */
static int report_text(const struct unr_result *result, char **ret, struct unr_error *err)
{
	const struct unr_report_options options = { 0 };
	int fd = memfd_create("report", MFD_CLOEXEC);
	int r;

	if (fd < 0)
		return unr_fail_errno(err, "memory for the report");
	r = unr_report_write(result, UNR_REPORT_JSON, &options, fd, err);
	if (r == 0)
		r = read_back(fd, ret, err);
	(void) close(fd);
	return r;
}

/* The status that `userns-repro run` would exit with; @ret_report is NULL without a verdict. */
static int run_image(const struct unr_scenario *scenario, const struct unr_scenario_run *run,
		     char **ret_report, struct unr_error *err)
{
	static const int statuses[UNR_ERROR_COUNT_] = {
		[UNR_ERROR_NONE] = CLI_EXIT_FAILED,
		[UNR_ERROR_USAGE] = CLI_EXIT_USAGE,
		[UNR_ERROR_FAILED] = CLI_EXIT_FAILED,
		[UNR_ERROR_CANNOT_RUN] = CLI_EXIT_CANNOT_RUN,
	};
	struct unr_result result = { 0 };
	char image[96];
	const struct unr_run_options options = {
		.image = image,
		.profile = run->profile,
		.engine = run->engine,
		.driver = run->driver,
		.as = run->as,
		.maps = run->maps, /* lent: the scenario still owns them */
	};
	int status;

	(void) snprintf(image, sizeof(image), "scenario:%s", scenario->name);
	if (unr_run(&options, &result, err) < 0)
		return statuses[err->kind];
	status = result.verdict.ok ? CLI_EXIT_OK : CLI_EXIT_REFUSED;
	if (result.map_method == UNR_MAP_SELF) {
		/* One id alone: the kernel's answers say nothing about the scenario's map. */
		(void) unr_fail(err, UNR_ERROR_CANNOT_RUN, -EPERM, "%s", result.map_note);
		status = CLI_EXIT_CANNOT_RUN;
	} else if (report_text(&result, ret_report, err) < 0) {
		status = CLI_EXIT_FAILED;
	}
	unr_result_done(&result);
	return status;
}

/* The lines of @text, each moved in by five columns. */
static void print_indented(const char *text)
{
	while (*text != '\0') {
		size_t n = strcspn(text, "\n");

		printf("     %.*s\n", (int) n, text);
		text += n + (text[n] == '\n' ? 1 : 0);
	}
}

/* What one scenario comes to, over all its runs. */
struct outcome {
	bool differs;
	struct unr_error skipped; /* of the first run that this host does not allow */
};

static void print_difference(const char *name, const char *which, const char *differences,
			     const struct unr_error *err, struct outcome *outcome)
{
	if (!outcome->differs)
		printf("FAIL %s\n", name);
	outcome->differs = true;
	if (*which != '\0')
		printf("     by %s:\n", which);
	print_indented(differences);
	if (err->code != 0)
		print_indented(err->message);
}

static int check_run(const struct unr_scenario *scenario, const struct unr_scenario_run *run,
		     struct outcome *outcome, struct unr_error *err)
{
	struct unr_error run_err = { 0 };
	char *report = NULL, *differences = NULL;
	char which[RUN_SIZE];
	int status = run_image(scenario, run, &report, &run_err);
	int r = 0;

	format_run(scenario, run, which);
	if (status == CLI_EXIT_CANNOT_RUN) {
		if (outcome->skipped.code == 0)
			outcome->skipped = run_err;
	} else {
		r = unr_scenario_check(scenario->name, run->expect, status, report, &differences,
				       err);
		if (r > 0)
			print_difference(scenario->name, which, differences, &run_err, outcome);
	}
	free(differences);
	free(report);
	return r < 0 ? r : 0;
}

static void print_outcome(const char *name, const struct outcome *outcome, struct tally *tally)
{
	if (outcome->differs) {
		tally->n_failed++;
	} else if (outcome->skipped.code != 0) {
		printf("skip %s: %s\n", name, outcome->skipped.message);
		tally->n_skipped++;
	} else {
		printf("ok   %s\n", name);
		tally->n_ok++;
	}
}

static int check_one(const char *name, struct tally *tally, struct unr_error *err)
{
	struct unr_scenario scenario = { 0 };
	struct outcome outcome = { 0 };
	int r;

	r = unr_scenario_load(name, &scenario, err);
	for (size_t i = 0; i < scenario.n_runs && r == 0; i++)
		r = check_run(&scenario, &scenario.runs[i], &outcome, err);
	unr_scenario_done(&scenario);
	if (r < 0)
		return r;
	print_outcome(name, &outcome, tally);
	/* A run may take a while: show each line as it comes, also through a pipe. */
	return cli_flush(err);
}

static int check_all(struct tally *tally, struct unr_error *err)
{
	struct unr_scenario_list list = { 0 };
	int r;

	r = unr_scenario_list(&list, err);
	for (size_t i = 0; r == 0 && i < list.n_items; i++)
		r = check_one(list.items[i].name, tally, err);
	unr_scenario_list_done(&list);
	return r;
}

/* A wrong name is found before the first of several runs. */
static int check_names(char **names, int n, struct unr_error *err)
{
	int r = 0;

	for (int i = 0; r == 0 && i < n; i++) {
		struct unr_scenario scenario = { 0 };

		r = unr_scenario_load(names[i], &scenario, err);
		unr_scenario_done(&scenario);
	}
	return r;
}

static int print_tally(const struct tally *tally)
{
	printf("%d ok, %d failed, %d skipped\n", tally->n_ok, tally->n_failed, tally->n_skipped);
	if (tally->n_failed > 0)
		return CLI_EXIT_REFUSED;
	return tally->n_skipped > 0 ? CLI_EXIT_CANNOT_RUN : CLI_EXIT_OK;
}

static int run_run(const struct cli_command *command, int argc, char **argv)
{
	struct run_options options = { 0 };
	struct unr_error err = { 0 };
	struct tally tally = { 0 };
	char **operands;
	int n, r;

	r = cli_parse(command, argc, argv, &options, &operands, &n, &err);
	if (r > 0)
		return CLI_EXIT_OK;
	if (r == 0 && options.all == (n > 0))
		r = unr_fail(&err, UNR_ERROR_USAGE, -EINVAL, "%s",
			     n > 0 ? "--all and names exclude each other" :
				     "scenario run wants NAME... or --all");
	if (r == 0 && options.all)
		r = check_all(&tally, &err);
	else if (r == 0)
		r = check_names(operands, n, &err);
	for (int i = 0; r == 0 && i < n; i++)
		r = check_one(operands[i], &tally, &err);
	if (r < 0)
		return cli_report_error(&err);
	return print_tally(&tally);
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

static const struct cli_option run_option_table[] = {
	{ .name = "all", .help = "run every scenario", .apply = apply_all },
	{ 0 },
};

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

const struct cli_command cmd_scenario_run = {
	.name = "scenario run",
	.operands = "NAME... | --all",
	.summary = "Run scenarios and compare the outcome with what is expected",
	.details = "exit status: 0 all agree; 1 one differs, each difference is printed;\n"
		   "77 this host cannot make the namespace that a scenario needs",
	.max_operands = -1,
	.options = run_option_table,
	.run = run_run,
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
