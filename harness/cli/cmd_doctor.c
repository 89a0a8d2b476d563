/* SPDX-License-Identifier: MIT */
/* `userns-repro doctor`: what this host lacks, for people and as JSON. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "print.h"
#include "usernsrepro/doctor.h"

struct doctor_command {
	bool json;
};

static const struct cli_option OPTIONS[] = {
	{ "json", NULL, "one JSON object in place of lines", .kind = CLI_OPTION_FLAG,
	  .offset = offsetof(struct doctor_command, json) },
	{ .name = NULL },
};

/* Where the columns begin: of the names, and of what was found. */
#define NAME_COLUMN 10
#define FOUND_COLUMN 24

static void print_symptom(const struct unr_symptom *symptom)
{
	printf("%-*s%-*s", NAME_COLUMN, unr_health_name(symptom->health),
	       FOUND_COLUMN - NAME_COLUMN, symptom->name);
	(void) cli_print_wrapped(symptom->found, FOUND_COLUMN, FOUND_COLUMN);
	printf("\n");
	if (symptom->means != NULL) {
		printf("%*s", NAME_COLUMN, "");
		(void) cli_print_wrapped(symptom->means, NAME_COLUMN, NAME_COLUMN);
		printf("\n");
	}
	/* Never broken: it is there to be copied. */
	if (symptom->remedy != NULL)
		printf("%*s-> %s\n", NAME_COLUMN, "", symptom->remedy);
}

static void print_diagnosis(const struct unr_diagnosis *diagnosis)
{
	size_t counts[UNR_HEALTH_COUNT_] = { 0 };

	for (size_t i = 0; i < diagnosis->n_symptoms; i++) {
		print_symptom(&diagnosis->symptoms[i]);
		counts[diagnosis->symptoms[i].health]++;
	}
	printf("\n%zu ok, %zu degraded, %zu missing: run %s on this host\n", counts[UNR_HEALTH_OK],
	       counts[UNR_HEALTH_DEGRADED], counts[UNR_HEALTH_MISSING],
	       diagnosis->can_run ? "works" : "does not work");
}

static int print_json(const struct unr_diagnosis *diagnosis, struct unr_error *err)
{
	char *text = unr_diagnosis_json(diagnosis);

	if (text == NULL)
		return unr_fail_memory(err);
	printf("%s\n", text);
	free(text);
	return 0;
}

static int run(const struct cli_command *command, int argc, char **argv)
{
	struct doctor_command c = { 0 };
	struct unr_diagnosis diagnosis = { 0 };
	struct unr_error err = { 0 };
	char **operands = NULL;
	int status = CLI_EXIT_OK;
	int n = 0;
	int r = cli_parse(command, argc, argv, &c, &operands, &n, &err);

	if (r != 0)
		return r < 0 ? cli_report_error(&err) : CLI_EXIT_OK;
	r = unr_doctor_examine(&diagnosis, &err);
	if (r == 0 && c.json)
		r = print_json(&diagnosis, &err);
	else if (r == 0)
		print_diagnosis(&diagnosis);
	if (r == 0 && !diagnosis.can_run)
		status = CLI_EXIT_CANNOT_RUN;
	unr_diagnosis_done(&diagnosis);
	return r < 0 ? cli_report_error(&err) : status;
}

const struct cli_command cmd_doctor = {
	.name = "doctor",
	.operands = "",
	.summary = "Try whatever 'run' needs on this host, and say what mends it",
	.details =
		"A line for each thing that is looked at or tried, and below what is degraded or\n"
		"missing: which commands it concerns, and the command that mends it.\n\n"
		"exit status: 0 'run' works here, also with something degraded, 2 wrong usage,\n"
		"3 out of memory, or nobody could read it, 77 'run' does not work here",
	.min_operands = 0,
	.max_operands = 0,
	.options = OPTIONS,
	.run = run,
};
