/* SPDX-License-Identifier: MIT */
/* Reading the image config: see config.h. */
#include "image/config.h"

#include <string.h>

#include "image/digest.h"
#include "image/go_scan.h"
#include "image/json.h"
#include "image/step.h"

static int copy_string(const char *string, char **ret, struct unr_error *err)
{
	*ret = strdup(string);
	return *ret == NULL ? unr_fail_memory(err) : 0;
}

static int read_system(const struct unr_json_at *root, struct unr_image *ret, struct unr_error *err)
{
	const char *system = "";
	int r = unr_json_member_string(root, "os", "", &system, err);

	return r < 0 ? r : copy_string(system, &ret->system, err);
}

/* What the container's process gets. */
static int read_process(const struct unr_json_at *root, struct unr_image *ret,
			struct unr_error *err)
{
	struct unr_json_at config;
	const char *user = "", *working_dir = "";
	int r;

	r = unr_json_member(root, "config", &config, err);
	if (r == 0)
		r = unr_json_member_string(&config, "User", "", &user, err);
	if (r == 0)
		r = copy_string(user, &ret->user, err);
	if (r == 0)
		r = unr_json_member_string(&config, "WorkingDir", "", &working_dir, err);
	if (r == 0)
		r = copy_string(working_dir, &ret->working_dir, err);
	if (r == 0)
		r = unr_json_member_strings(&config, "Env", &ret->env, &ret->n_env, err);
	return r;
}

/*
 * What the engine says of the document and its types, before it looks at anything else.
 * @ret: its refusal or without_rootfs is set where there is nothing more to read
 */
static int check_types(const struct unr_text *bytes, const struct unr_go_rules *rules,
		       struct unr_image *ret, struct unr_error *err)
{
	unr_auto(unr_text_done) struct unr_text words = { 0 };
	bool has_rootfs = false;

	if (unr_go_scan(bytes, &words))
		unr_go_decode(&unr_go_image, rules, bytes, &has_rootfs, &words);
	if (words.failed)
		return unr_fail_memory(err);
	if (words.length > 0)
		return unr_image_refuse(ret, unr_text_string(&words)) < 0 ? unr_fail_memory(err) :
									    0;
	ret->without_rootfs = !has_rootfs;
	return 0;
}

/* @exact: a diffID is whatever text it is, to be compared with. */
static int read_layers(const struct unr_json_at *root, bool exact, struct unr_image *ret,
		       struct unr_error *err)
{
	struct unr_json_at rootfs, diff_ids;
	size_t n = 0;
	int r;

	r = unr_json_member(root, "rootfs", &rootfs, err);
	if (r == 0 && rootfs.value == NULL)
		return unr_json_wrong(&rootfs, err, "is missing, so this is no image config");
	if (r == 0)
		r = unr_json_member(&rootfs, "diff_ids", &diff_ids, err);
	if (r == 0)
		r = unr_json_count(&diff_ids, UNR_IMAGE_MAX_LAYERS, &n, err);
	if (r < 0 || n == 0)
		return r;
	ret->layers = calloc(n, sizeof(*ret->layers));
	if (ret->layers == NULL)
		return unr_fail_memory(err);
	ret->n_layers = n;
	for (size_t i = 0; i < n; i++) {
		struct unr_json_at item = unr_json_item(&diff_ids, i);
		const char *diff_id;

		r = unr_json_string(&item, exact ? "" : NULL, &diff_id, err);
		if (r == 0 && !exact && !unr_digest_is_valid(diff_id))
			r = unr_json_wrong(&item, err, "is not a digest");
		if (r == 0)
			r = copy_string(diff_id, &ret->layers[i].diff_id, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* CMD and ENTRYPOINT end a Dockerfile, mostly: what layers follow are another one's. */
static int ends_image(const char *created_by, bool *ret, struct unr_error *err)
{
	unr_auto(unr_text_done) struct unr_text step = { 0 };

	unr_step_append(&step, created_by);
	*ret = unr_step_rest(unr_text_string(&step), "CMD") != NULL ||
	       unr_step_rest(unr_text_string(&step), "ENTRYPOINT") != NULL;
	return step.failed ? unr_fail_memory(err) : 0;
}

static int read_history(const struct unr_json_at *root, struct unr_image *ret,
			struct unr_error *err)
{
	struct unr_json_at history;
	size_t n = 0, layer = 0, ended = 0, inherited = 0;
	int r;

	r = unr_json_member(root, "history", &history, err);
	if (r == 0)
		r = unr_json_count(&history, UNR_JSON_MAX_VALUES, &n, err);
	for (size_t i = 0; r == 0 && i < n && !ret->excess_history; i++) {
		struct unr_json_at line = unr_json_item(&history, i);
		const char *created_by = "";
		bool empty = false, ends = false;

		r = unr_json_member_bool(&line, "empty_layer", &empty, err);
		if (r == 0)
			r = unr_json_member_string(&line, "created_by", "", &created_by, err);
		if (r == 0 && empty)
			r = ends_image(created_by, &ends, err);
		if (ends)
			ended = layer;
		if (r < 0 || empty)
			continue;
		if (layer == ret->n_layers) {
			ret->excess_history = true;
			continue;
		}
		inherited = ended;
		r = copy_string(created_by, &ret->layers[layer++].created_by, err);
	}
	for (size_t i = 0; i < inherited; i++)
		ret->layers[i].inherited = true;
	for (; r == 0 && layer < ret->n_layers; layer++)
		r = copy_string("", &ret->layers[layer].created_by, err);
	return r;
}

bool unr_config_fits(const struct unr_image *image)
{
	return image->refusal == NULL && !image->without_rootfs;
}

int unr_config_read(const struct unr_text *bytes, const char *archive, const char *member,
		    const struct unr_go_rules *rules, struct unr_image *ret, struct unr_error *err)
{
	unr_auto(unr_json_done) struct unr_json json = { 0 };
	char digest[UNR_DIGEST_SIZE];
	struct unr_json_at root;
	int r;

	r = unr_digest_sha256(bytes->bytes, bytes->length, digest, err);
	if (r == 0)
		r = copy_string(digest, &ret->config_digest, err);
	if (r == 0 && rules != NULL)
		r = check_types(bytes, rules, ret, err);
	if (r == 0 && ret->refusal != NULL)
		return copy_string("", &ret->user, err);
	if (r == 0)
		r = unr_json_parse(bytes, archive, member, &json, err);
	root = unr_json_root(&json);
	if (r == 0)
		r = read_system(&root, ret, err);
	if (r == 0)
		r = read_process(&root, ret, err);
	if (r < 0 || ret->without_rootfs)
		return r;
	r = read_layers(&root, rules != NULL, ret, err);
	if (r == 0)
		r = read_history(&root, ret, err);
	return r;
}
