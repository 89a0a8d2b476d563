/* SPDX-License-Identifier: MIT */
/*
 * `scenario run`: runs scenarios as `run` would, and says which came out otherwise
 * than expected.  What a scenario is stands in usernsrepro/scenario.h.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "limit_options.h"
#include "print.h"
#include "scenario_run.h"
#include "usernsrepro/report.h"
#include "usernsrepro/run.h"
#include "usernsrepro/scenario.h"

/* Scenarios so far. */
struct tally {
	int n_ok, n_failed, n_skipped;
};

struct run_options {
	bool all;
	struct unr_limits limits;
};

static int apply_all(void *options, const char *value, struct unr_error *err)
{
	struct run_options *run = options;

	(void) value;
	(void) err;
	run->all = true;
	return 0;
}

void cli_format_run(const struct unr_scenario *scenario, const struct unr_scenario_run *run,
		    char text[CLI_RUN_SIZE])
{
	const char *name = run->engine != NULL ? run->engine : run->profile;

	text[0] = '\0';
	if (scenario->n_runs > 1)
		(void) snprintf(text, CLI_RUN_SIZE, "%s%s%s", name == NULL ? "the default" : name,
				run->driver == NULL ? "" : " on ",
				run->driver == NULL ? "" : run->driver);
}

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
		     const struct unr_limits *limits, char **ret_report, struct unr_error *err)
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
		.limits = *limits,
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
		     const struct unr_limits *limits, struct outcome *outcome,
		     struct unr_error *err)
{
	struct unr_error run_err = { 0 };
	char *report = NULL, *differences = NULL;
	char which[CLI_RUN_SIZE];
	int status = run_image(scenario, run, limits, &report, &run_err);
	int r = 0;

	cli_format_run(scenario, run, which);
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

static int check_one(const char *name, const struct unr_limits *limits, struct tally *tally,
		     struct unr_error *err)
{
	struct unr_scenario scenario = { 0 };
	struct outcome outcome = { 0 };
	int r;

	r = unr_scenario_load(name, &scenario, err);
	for (size_t i = 0; i < scenario.n_runs && r == 0; i++)
		r = check_run(&scenario, &scenario.runs[i], limits, &outcome, err);
	unr_scenario_done(&scenario);
	if (r < 0)
		return r;
	print_outcome(name, &outcome, tally);
	/* A run may take a while: show each line as it comes, also through a pipe. */
	return cli_flush(err);
}

static int check_all(const struct unr_limits *limits, struct tally *tally, struct unr_error *err)
{
	struct unr_scenario_list list = { 0 };
	int r;

	r = unr_scenario_list(&list, err);
	for (size_t i = 0; r == 0 && i < list.n_items; i++)
		r = check_one(list.items[i].name, limits, tally, err);
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
		r = check_all(&options.limits, &tally, &err);
	else if (r == 0)
		r = check_names(operands, n, &err);
	for (int i = 0; r == 0 && i < n; i++)
		r = check_one(operands[i], &options.limits, &tally, &err);
	if (r < 0)
		return cli_report_error(&err);
	return print_tally(&tally);
}

static const struct cli_option run_option_table[] = {
	{ .name = "all", .help = "run every scenario", .apply = apply_all },
	CLI_LIMIT_OPTIONS(struct run_options, limits),
	{ 0 },
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
