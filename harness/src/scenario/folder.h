/* SPDX-License-Identifier: MIT */
/*
 * The folder of a scenario: where the scenarios are, which names are names, and
 * the files in a folder read whole.  The only place that touches the file system
 * for scenarios; it does not know what the files mean, but for their JSON syntax.
 */
#ifndef UNR_SCENARIO_FOLDER_H
#define UNR_SCENARIO_FOLDER_H

#include <jansson.h>
#include <stdbool.h>

#include "base/text.h"
#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"

/* The environment variable that names the directory of all scenarios. */
#define UNR_SCENARIO_VARIABLE "USERNS_REPRO_SCENARIOS"

/** unr_scenario_has_name_form() - is it [a-z0-9-]+ and not longer than 64? */
bool unr_scenario_has_name_form(const char *name);

/**
 * unr_scenario_open_root() - the directory that holds all scenarios
 * @ret_fd:   owned by the caller
 * @ret_path: which one that is; may be NULL
 *
 * Return: 0, or -ENOENT with @err naming every place that was tried.
 */
UNR_MUST_CHECK int unr_scenario_open_root(int *ret_fd, struct unr_text *ret_path,
					  struct unr_error *err);

/** unr_scenario_open() - the folder of one; 0, -EINVAL or -ENOENT with @err of kind USAGE. */
UNR_MUST_CHECK int unr_scenario_open(const char *name, int *ret_fd, struct unr_error *err);

/**
 * unr_scenario_read() - a file of the folder, whole
 * @path: relative to the folder, without "..", no symbolic links
 * @ret:  empty; owned by the caller
 *
 * Return: 0, -EINVAL for another kind of path, -EFBIG above 1 MiB, or the error of the read.
 */
UNR_MUST_CHECK int unr_scenario_read(int folder_fd, const char *path, struct unr_text *ret,
				     struct unr_error *err);

/** unr_scenario_read_json() - a JSON object from the folder; also -EBADMSG.  @ret is owned. */
UNR_MUST_CHECK int unr_scenario_read_json(int folder_fd, const char *path, json_t **ret,
					  struct unr_error *err);

#endif
