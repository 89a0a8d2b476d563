/* SPDX-License-Identifier: MIT */
/*
 * Scenarios: small images kept as text, each with what is expected of it.  A
 * folder is read, explained, written as a docker-archive, and a report compared
 * with it.  Nothing is run here; scenarios/README.md describes the format.
 *
 * Names come from the command line: [a-z0-9-]+ is all that is taken as one.
 */
#ifndef USERNSREPRO_SCENARIO_H
#define USERNSREPRO_SCENARIO_H

#include <stddef.h>

#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"
#include "usernsrepro/idmap.h"

/* Set by a program that runs as a copy of itself: where it lies, and the scenarios beside it. */
#define UNR_PROGRAM_VARIABLE "USERNS_REPRO_PROGRAM"

/*
 * One way in which the scenario wants to be run, and what comes out then; the first fields are those
 * of struct unr_run_options.
 */
struct unr_scenario_run {
	char *profile; /* owned, as the others; NULL: the default */
	char *engine;
	char *driver;
	char *as;
	struct unr_idmaps maps; /* owned; empty: the profile's */
	char *expect;           /* owned; the file that says what is expected: "expect.json" */
	int expected_exit;
	char *expected_message; /* owned; the engine's words; NULL when it takes the image */
};

/* A line of the image's history. */
struct unr_scenario_step {
	char *created_by; /* owned */
	int layer;        /* index of the layer it made, -1 when it made none */
};

struct unr_scenario {
	char *name;  /* owned, as all below */
	char *title; /* the heading of README.md */
	char *text;  /* the whole README.md */
	char *image; /* "high-uid-file:latest" */
	struct unr_scenario_step *steps;
	size_t n_steps;
	struct unr_scenario_run *runs;
	size_t n_runs; /* at least one */
};

/* One line of `scenario list`. */
struct unr_scenario_item {
	char *name;  /* owned */
	char *title; /* owned */
};

struct unr_scenario_list {
	struct unr_scenario_item *items; /* owned, sorted by name */
	size_t n_items;
};

UNR_EXPORT void unr_scenario_done(struct unr_scenario *scenario);
UNR_EXPORT void unr_scenario_list_done(struct unr_scenario_list *list);

/**
 * unr_scenario_list() - the scenarios that are installed
 *
 * They are looked for in the directory that USERNS_REPRO_SCENARIOS names; without that variable
 * in ../share/userns-repro/scenarios seen from the program, then in the sources that it was built
 * from, then where they were to be installed.
 *
 * Return: 0, or a negative errno with @err of kind FAILED: -ENOENT when there is no such
 * directory or no scenario in it, -EBADMSG when a scenario has no heading, -ENOMEM, or the error of a read.
 */
UNR_EXPORT UNR_MUST_CHECK int unr_scenario_list(struct unr_scenario_list *ret,
						struct unr_error *err);

/**
 * unr_scenario_load() - read one
 *
 * Return: 0, or a negative errno:
 *   -EINVAL, -ENOENT  not a name, or no scenario of that name (kind USAGE)
 *   -EBADMSG          one of its files is not what the format wants (kind FAILED)
 *   -ENOMEM, or the error of a read (kind FAILED)
 */
UNR_EXPORT UNR_MUST_CHECK int unr_scenario_load(const char *name, struct unr_scenario *ret,
						struct unr_error *err);

/**
 * unr_scenario_export() - write the image as a docker-archive, as `docker save` does
 * @fd: open for writing; any file, also a pipe or a memfd; not closed
 *
 * The bytes depend on the scenario's folder alone: not on the clock, umask, locale or user.
 *
 * Return: as unr_scenario_load(); also the error of the write.
 */
UNR_EXPORT UNR_MUST_CHECK int unr_scenario_export(const char *name, int fd, struct unr_error *err);

/**
 * unr_scenario_check() - compare what came out with what is expected
 * @expect:      the file in the scenario's folder, from its struct unr_scenario_run
 * @exit_status: of the run
 * @report:      the JSON report; NULL when there is none
 * @ret:         owned by the caller; a line for each difference, "" when there is none
 *
 * What the file says must be in the report; what it does not say may be anything.
 *
 * Return: 0 when they agree, 1 when they differ, or a negative errno as unr_scenario_load(), or
 * -EBADMSG when @report is not JSON.
 */
UNR_EXPORT UNR_MUST_CHECK int unr_scenario_check(const char *name, const char *expect,
						 int exit_status, const char *report, char **ret,
						 struct unr_error *err);

#endif
