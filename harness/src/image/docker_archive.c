/* SPDX-License-Identifier: MIT */
/* Reading manifest.json and what it names: see docker_archive.h. */
#include "image/docker_archive.h"

#include <errno.h>
#include <string.h>

#include "image/config.h"
#include "image/digest.h"
#include "image/json.h"
#include "image/reference.h"

#define MANIFEST "manifest.json"

/* The tag of @entry that @reference means; NULL when it is none. */
static int match_tags(const struct unr_json_at *entry, const char *reference, const char **ret_tag,
		      struct unr_error *err)
{
	struct unr_json_at tags;
	size_t n = 0;
	int r;

	*ret_tag = NULL;
	r = unr_json_member(entry, "RepoTags", &tags, err);
	if (r == 0)
		r = unr_json_count(&tags, UNR_JSON_MAX_VALUES, &n, err);
	for (size_t i = 0; r == 0 && i < n; i++) {
		struct unr_json_at item = unr_json_item(&tags, i);
		const char *tag;

		r = unr_json_string(&item, "", &tag, err);
		if (r == 0 && (reference == NULL || unr_reference_equal(reference, tag))) {
			*ret_tag = tag;
			return 0;
		}
	}
	return r;
}

/* Makes the error that lists what the archive has. */
static int fail_choice(const struct unr_store *store, const struct unr_json_at *root, size_t n,
		       const char *reference, struct unr_error *err)
{
	unr_auto(unr_choices_done) struct unr_choices choices = { 0 };

	for (size_t i = 0; i < n; i++) {
		struct unr_json_at entry = unr_json_item(root, i);
		const char *tag;
		int r = match_tags(&entry, NULL, &tag, err);

		if (r < 0)
			return r;
		unr_choices_add(&choices, tag, i);
	}
	return unr_reference_fail(store->name, reference, &choices, err);
}

/* The image that was asked for: its place in the manifest, and the tag that matched. */
static int choose(const struct unr_store *store, const struct unr_json_at *root,
		  const char *reference, struct unr_json_at *ret, const char **ret_tag,
		  struct unr_error *err)
{
	size_t n = 0, index = 0;
	int r;

	r = unr_json_count(root, UNR_JSON_MAX_VALUES, &n, err);
	if (r < 0)
		return r;
	if (n == 0)
		return unr_json_wrong(root, err, "names no image");
	if (reference == NULL && n > 1)
		return fail_choice(store, root, n, NULL, err);
	r = reference == NULL ? 0 : unr_reference_index(reference, store->name, n, &index, err);
	if (r == 0) {
		*ret = unr_json_item(root, index);
		return match_tags(ret, NULL, ret_tag, err);
	}
	for (size_t i = 0; r == -ENOENT && i < n; i++) {
		*ret = unr_json_item(root, i);
		r = match_tags(ret, reference, ret_tag, err);
		if (r == 0 && *ret_tag == NULL)
			r = -ENOENT;
	}
	return r == -ENOENT ? fail_choice(store, root, n, reference, err) : r;
}

static int read_config(const struct unr_store *store, const struct unr_json_at *entry,
		       struct unr_image *ret, struct unr_error *err)
{
	unr_auto(unr_text_done) struct unr_text bytes = { 0 };
	const char *name;
	int r;

	r = unr_json_member_string(entry, "Config", NULL, &name, err);
	if (r == 0)
		r = unr_store_read(store, name, &bytes, err);
	if (r == 0)
		r = unr_config_read(&bytes, store->name, name, store->rules, ret, err);
	return r;
}

/* Where layer @i lies, and its digest when its name tells. */
static int find_layer(const struct unr_store *store, const struct unr_json_at *layers, size_t i,
		      struct unr_layer *layer, struct unr_blob *ret, struct unr_error *err)
{
	struct unr_json_at item = unr_json_item(layers, i);
	char digest[UNR_DIGEST_SIZE];
	const char *name;
	int r;

	r = unr_json_string(&item, NULL, &name, err);
	if (r == 0)
		r = store->find(store->context, name, ret, err);
	if (r < 0)
		return r;
	layer->size = ret->size;
	if (!unr_digest_from_blob(name, digest))
		return 0;
	layer->digest = strdup(digest);
	return layer->digest == NULL ? unr_fail_memory(err) : 0;
}

/* dockerd's own words (image/tarexport/load.go); of who is none it is an image that cannot be read. */
static int refuse_count(const struct unr_store *store, size_t n, struct unr_image *image,
			struct unr_error *err)
{
	unr_auto(unr_text_done) struct unr_text words = { 0 };

	unr_text_printf(&words, "invalid manifest, layers length mismatch: expected %zu, got %zu",
			n, image->n_layers);
	if (words.failed)
		return unr_fail_memory(err);
	if (store->rules == NULL)
		return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG, "%s: %s", store->name,
				unr_text_string(&words));
	return unr_image_refuse(image, unr_text_string(&words)) < 0 ? unr_fail_memory(err) : 0;
}

static int find_layers(const struct unr_store *store, const struct unr_json_at *entry,
		       struct unr_image *image, struct unr_blob **ret_blobs, struct unr_error *err)
{
	struct unr_json_at layers;
	size_t n = 0;
	int r;

	r = unr_json_member(entry, "Layers", &layers, err);
	if (r == 0)
		r = unr_json_count(&layers, UNR_IMAGE_MAX_LAYERS, &n, err);
	if (r < 0)
		return r;
	if (n != image->n_layers)
		return refuse_count(store, n, image, err);
	*ret_blobs = n == 0 ? NULL : calloc(n, sizeof(**ret_blobs));
	if (n > 0 && *ret_blobs == NULL)
		return unr_fail_memory(err);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = find_layer(store, &layers, i, &image->layers[i], &(*ret_blobs)[i], err);
	return r;
}

int unr_docker_archive_load(const struct unr_store *store, const char *reference,
			    struct unr_image *ret, struct unr_blob **ret_blobs,
			    struct unr_error *err)
{
	unr_auto(unr_json_done) struct unr_json json = { 0 };
	unr_auto(unr_text_done) struct unr_text bytes = { 0 };
	struct unr_json_at root, entry;
	const char *tag = NULL;
	int r;

	r = unr_store_read(store, MANIFEST, &bytes, err);
	if (r == -ENOENT)
		return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG,
				"%s: has no " MANIFEST ", so it is not a docker archive",
				store->name);
	if (r == 0)
		r = unr_json_parse_first(&bytes, store->name, MANIFEST, &json, err);
	if (r < 0)
		return r;
	root = unr_json_root(&json);
	r = choose(store, &root, reference, &entry, &tag, err);
	if (r == 0)
		r = read_config(store, &entry, ret, err);
	if (r == 0)
		/* All names, whichever was asked for: the engine gives the image each of them. */
		r = unr_json_member_strings(&entry, "RepoTags", &ret->tags, &ret->n_tags, err);
	if (r == 0 && unr_config_fits(ret))
		r = find_layers(store, &entry, ret, ret_blobs, err);
	ret->archived = true;
	if (r < 0 || tag == NULL)
		return r;
	ret->reference = strdup(tag);
	return ret->reference == NULL ? unr_fail_memory(err) : 0;
}
