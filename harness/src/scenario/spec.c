/* SPDX-License-Identifier: MIT */
/* scenario.json and config.json: see spec.h. */
#include "scenario/spec.h"

#include <errno.h>
#include <string.h>

#include "scenario/folder.h"

void unr_scenario_spec_done(struct unr_scenario_spec *spec)
{
	json_decref(spec->root);
	json_decref(spec->config);
	*spec = (struct unr_scenario_spec) { 0 };
}

bool unr_scenario_step_is_layer(const json_t *step)
{
	return !json_is_true(json_object_get(step, "empty_layer"));
}

static int unpack_scenario(struct unr_scenario_spec *spec, struct unr_error *err)
{
	json_error_t where;

	if (json_unpack_ex(spec->root, &where, 0, "{s:s, s:o, s?o !}", "image", &spec->image,
			   "layers", &spec->layers, "run", &spec->run) < 0)
		return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG, "scenario.json: %s", where.text);
	if (!json_is_array(spec->layers))
		return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG,
				"scenario.json: layers is not an array");
	return 0;
}

/* A history that does not fit would put the wrong Dockerfile step beside each failure. */
static int check_config(struct unr_scenario_spec *spec, struct unr_error *err)
{
	size_t n_layers = 0, i;
	json_t *step;

	spec->history = json_object_get(spec->config, "history");
	if (!json_is_array(spec->history))
		return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG, "config.json: no history");
	if (json_object_get(spec->config, "rootfs") != NULL)
		return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG,
				"config.json: rootfs is computed, leave it out");
	json_array_foreach (spec->history, i, step) {
		if (!json_is_string(json_object_get(step, "created_by")))
			return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG,
					"config.json: history[%zu] has no created_by", i);
		n_layers += unr_scenario_step_is_layer(step) ? 1 : 0;
	}
	if (n_layers != json_array_size(spec->layers))
		return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG,
				"config.json: the history makes %zu layers, scenario.json has %zu",
				n_layers, json_array_size(spec->layers));
	return 0;
}

int unr_scenario_spec_read(int folder_fd, struct unr_scenario_spec *ret, struct unr_error *err)
{
	unr_auto(unr_scenario_spec_done) struct unr_scenario_spec spec = { 0 };
	int r;

	r = unr_scenario_read_json(folder_fd, "scenario.json", &spec.root, err);
	if (r == 0)
		r = unr_scenario_read_json(folder_fd, "config.json", &spec.config, err);
	if (r == 0)
		r = unpack_scenario(&spec, err);
	if (r == 0)
		r = check_config(&spec, err);
	if (r < 0)
		return r;
	*ret = spec;
	spec = (struct unr_scenario_spec) { 0 };
	return 0;
}

int unr_scenario_layer_spec(const struct unr_scenario_spec *spec, size_t index,
			    struct unr_layer_spec *ret, struct unr_error *err)
{
	struct unr_layer_spec layer = { .ustar_uid = -1, .ustar_gid = -1 };
	const char *compression = NULL;
	json_error_t where;

	if (json_unpack_ex(json_array_get(spec->layers, index), &where, 0,
			   "{s:s, s?o, s?{s?I, s?I !}, s?s !}", "mtree", &layer.mtree, "contents",
			   &layer.contents, "ustar_ids", "uid", &layer.ustar_uid, "gid",
			   &layer.ustar_gid, "compression", &compression) < 0)
		return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG, "scenario.json, layers[%zu]: %s",
				index, where.text);
	if (layer.contents != NULL && !json_is_object(layer.contents))
		return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG,
				"scenario.json, layers[%zu]: contents is not an object", index);
	layer.is_gzip = compression != NULL && strcmp(compression, "gzip") == 0;
	if (compression != NULL && !layer.is_gzip)
		return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG,
				"scenario.json, layers[%zu]: compression is \"gzip\" or none",
				index);
	layer.has_uid = layer.ustar_uid != -1;
	layer.has_gid = layer.ustar_gid != -1;
	*ret = layer;
	return 0;
}
