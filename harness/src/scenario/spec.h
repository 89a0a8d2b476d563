/* SPDX-License-Identifier: MIT */
/*
 * scenario.json and config.json taken apart, strictly: a key that is not known
 * is an error, so that a slip of the pen cannot weaken a scenario in silence.
 */
#ifndef UNR_SCENARIO_SPEC_H
#define UNR_SCENARIO_SPEC_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"

struct unr_scenario_spec {
	json_t *root;      /* owned: scenario.json */
	json_t *config;    /* owned: config.json, as yet without rootfs */
	json_t *history;   /* borrowed from @config: an array of objects */
	json_t *layers;    /* borrowed from @root: an array, one element a layer */
	json_t *run;       /* borrowed from @root; NULL when it says nothing */
	const char *image; /* borrowed from @root */
};

/* One element of @layers; everything is borrowed from it. */
struct unr_layer_spec {
	const char *mtree;
	json_t *contents;      /* entry's path to file's path; NULL: none */
	bool has_uid, has_gid; /* overwrite the ustar field where a pax record has the id */
	json_int_t ustar_uid, ustar_gid;
	bool is_gzip; /* how it is stored */
};

void unr_scenario_spec_done(struct unr_scenario_spec *spec);
DEFINE_UNR_CLEANUP(struct unr_scenario_spec, unr_scenario_spec_done);

/**
 * unr_scenario_spec_read() - both files of a folder
 *
 * Return: 0, -EBADMSG when something is missing or unknown, or the history does not make as many
 * layers as there are; or as unr_scenario_read().
 */
UNR_MUST_CHECK int unr_scenario_spec_read(int folder_fd, struct unr_scenario_spec *ret,
					  struct unr_error *err);

/** unr_scenario_layer_spec() - layer @index; 0 or -EBADMSG. */
UNR_MUST_CHECK int unr_scenario_layer_spec(const struct unr_scenario_spec *spec, size_t index,
					   struct unr_layer_spec *ret, struct unr_error *err);

/** unr_scenario_step_is_layer() - did this line of the history make a layer? */
bool unr_scenario_step_is_layer(const json_t *step);

#endif
