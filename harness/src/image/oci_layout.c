/* SPDX-License-Identifier: MIT */
/* From index.json down to the layers: see oci_layout.h. */
#include "image/oci_layout.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "image/config.h"
#include "image/descriptor.h"
#include "image/reference.h"
#include "image/shown.h"

enum {
	MAX_MANIFESTS = 65536, /* in one index */
	MAX_DEPTH = 8,         /* of indexes in indexes */
};

/* A document, and the list in it that was asked for. */
struct document {
	struct unr_json json; /* owned */
	struct unr_json_at list;
	size_t n;
};

static void document_done(struct document *document)
{
	unr_json_done(&document->json);
}
DEFINE_UNR_CLEANUP(struct document, document_done);

static int check_layout(const struct unr_store *store, struct unr_error *err)
{
	unr_auto(unr_json_done) struct unr_json json = { 0 };
	unr_auto(unr_text_done) struct unr_text bytes = { 0 };
	struct unr_json_at root;
	const char *version;
	int r;

	r = unr_store_read(store, "oci-layout", &bytes, err);
	if (r == -ENOENT)
		return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG,
				"%s: has no file oci-layout, so it is not an OCI layout",
				store->name);
	if (r == 0)
		r = unr_json_parse(&bytes, store->name, "oci-layout", &json, err);
	if (r < 0)
		return r;
	root = unr_json_root(&json);
	r = unr_json_member_string(&root, "imageLayoutVersion", NULL, &version, err);
	if (r == 0 && unr_starts_with(version, "1.") == NULL)
		return unr_json_wrong(&root, err, "is of a version of OCI layouts other than 1");
	return r;
}

/* A small blob, whole and as its descriptor says; @name is its name in the store. */
static int read_checked(const struct unr_store *store, const struct unr_descriptor *wanted,
			const char *name, struct unr_text *ret, struct unr_error *err)
{
	char digest[UNR_DIGEST_SIZE];
	int r;

	r = unr_store_read(store, name, ret, err);
	if (r < 0)
		return r;
	if (ret->length != wanted->size)
		return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG,
				"%s: %s: has %zu bytes, and its descriptor says %" PRIu64,
				store->name, wanted->blob, ret->length, wanted->size);
	r = unr_digest_of(wanted->digest, ret->bytes, ret->length, digest, err);
	if (r == 0 && strcmp(digest, wanted->digest) != 0)
		return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG,
				"%s: %s: is damaged: the digest of its content is %s", store->name,
				wanted->blob, digest);
	return r;
}

static int load_document(const struct unr_store *store, const struct unr_descriptor *wanted,
			 struct unr_json *ret, struct unr_error *err)
{
	unr_auto(unr_text_done) struct unr_text bytes = { 0 };
	char name[UNR_DIGEST_SIZE + sizeof("manifests/")];
	bool apart = store->announce != NULL; /* a registry has manifests apart from blobs */
	int r;

	(void) snprintf(name, sizeof(name), "%s%s", apart ? "manifests/" : "",
			apart ? wanted->digest : wanted->blob);
	r = read_checked(store, wanted, name, &bytes, err);
	return r < 0 ? r : unr_json_parse(&bytes, store->name, wanted->blob, ret, err);
}

/* Points the document at its array @key. */
static int select_list(struct document *document, const char *key, size_t max,
		       struct unr_error *err)
{
	struct unr_json_at root = unr_json_root(&document->json);
	int r;

	r = unr_json_member(&root, key, &document->list, err);
	return r < 0 ? r : unr_json_count(&document->list, max, &document->n, err);
}

static int read_line(const struct document *document, size_t i, struct unr_descriptor *ret,
		     struct unr_error *err)
{
	struct unr_json_at item = unr_json_item(&document->list, i);

	return unr_descriptor_read(&item, ret, err);
}

static int fail_platform(const struct document *index, const struct unr_platform *wanted,
			 struct unr_error *err)
{
	unr_auto(unr_choices_done) struct unr_choices choices = { 0 };
	char name[UNR_PLATFORM_SIZE];
	struct unr_descriptor line;

	for (size_t i = 0; i < index->n; i++) {
		int r = read_line(index, i, &line, err);

		if (r < 0)
			return r;
		unr_choices_add(&choices, unr_platform_text(&line.platform, name), i);
	}
	return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG, "%s: has no image for %s; it has %s",
			index->json.name, unr_platform_text(wanted, name),
			unr_choices_string(&choices));
}

/* The line that fits best; in index.json only when no line has a name. */
static int pick_platform(const struct document *index, const struct unr_platform *wanted,
			 struct unr_descriptor *ret, struct unr_error *err)
{
	int best = -1;

	for (size_t i = 0; i < index->n; i++) {
		struct unr_descriptor line;
		int r = read_line(index, i, &line, err), rank;

		if (r < 0)
			return r;
		rank = unr_platform_rank(wanted, &line.platform);
		if (rank < 0 || (best >= 0 && rank >= best))
			continue;
		best = rank;
		*ret = line;
	}
	return best < 0 ? fail_platform(index, wanted, err) : 0;
}

/* The line of that name; NULL: any line with a name.  -ENOENT without an error when none is. */
static int pick_name(const struct document *index, const char *reference,
		     struct unr_descriptor *ret, struct unr_error *err)
{
	for (size_t i = 0; i < index->n; i++) {
		int r = read_line(index, i, ret, err);

		if (r < 0)
			return r;
		if (reference == NULL ? ret->ref_name[0] != '\0' :
					strcmp(ret->ref_name, reference) == 0)
			return 0;
	}
	return -ENOENT;
}

static int fail_choice(const struct unr_store *store, const struct document *index,
		       const char *reference, struct unr_error *err)
{
	unr_auto(unr_choices_done) struct unr_choices choices = { 0 };
	struct unr_descriptor line;

	for (size_t i = 0; i < index->n; i++) {
		int r = read_line(index, i, &line, err);

		if (r < 0)
			return r;
		unr_choices_add(&choices, line.ref_name[0] == '\0' ? NULL : line.ref_name, i);
	}
	return unr_reference_fail(store->name, reference, &choices, err);
}

/* The line of index.json that is meant. */
static int pick_image(const struct unr_store *store, const struct document *index,
		      const char *reference, const struct unr_platform *platform,
		      struct unr_descriptor *ret, struct unr_error *err)
{
	size_t at = 0;
	int r;

	if (index->n == 0)
		return unr_json_wrong(&index->list, err, "names no image");
	if (reference == NULL && index->n == 1)
		return read_line(index, 0, ret, err);
	if (reference == NULL) {
		r = pick_name(index, NULL, ret, err);
		if (r == -ENOENT)
			return pick_platform(index, platform, ret, err);
		return r < 0 ? r : fail_choice(store, index, NULL, err);
	}
	r = unr_reference_index(reference, store->name, index->n, &at, err);
	if (r == 0)
		return read_line(index, at, ret, err);
	if (r == -ENOENT)
		r = pick_name(index, reference, ret, err);
	return r == -ENOENT ? fail_choice(store, index, reference, err) : r;
}

/* By the media type where it is known, else by content. */
static int is_index(const struct unr_descriptor *line, const struct unr_json *json, bool *ret,
		    struct unr_error *err)
{
	static const struct {
		const char *media_type;
		bool index;
	} known[] = {
		{ "application/vnd.oci.image.index.v1+json", true },
		{ "application/vnd.docker.distribution.manifest.list.v2+json", true },
		{ "application/vnd.oci.image.manifest.v1+json", false },
		{ "application/vnd.docker.distribution.manifest.v2+json", false },
	};
	struct unr_json_at root = unr_json_root(json), manifests;
	int r;

	for (size_t i = 0; i < UNR_COUNT(known); i++)
		if (strcmp(line->media_type, known[i].media_type) == 0) {
			*ret = known[i].index;
			return 0;
		}
	r = unr_json_member(&root, "manifests", &manifests, err);
	if (r == 0)
		*ret = manifests.value != NULL;
	return r;
}

/*
 * Follows nested indexes until @ret is a manifest.
 * @media_type: of @top, "" where nobody says
 * @top: an index or a manifest; taken over
 */
static int descend(const struct unr_store *store, const char *media_type, struct unr_json *top,
		   const struct unr_platform *platform, struct unr_json *ret, struct unr_error *err)
{
	unr_auto(document_done) struct document document = { 0 };
	unr_auto(unr_json_done) struct unr_json below = *top;
	struct unr_descriptor line = { .media_type = media_type };

	top->root = NULL;
	for (int depth = 0; depth < MAX_DEPTH; depth++) {
		bool index = false;
		int r = is_index(&line, &below, &index, err);

		if (r < 0)
			return r;
		if (!index) {
			*ret = below;
			below.root = NULL;
			return 0;
		}
		/* The strings of @line lived in the index above until here. */
		unr_json_done(&document.json);
		document.json = below;
		below.root = NULL;
		r = select_list(&document, "manifests", MAX_MANIFESTS, err);
		if (r == 0)
			r = pick_platform(&document, platform, &line, err);
		if (r == 0)
			r = load_document(store, &line, &below, err);
		if (r < 0)
			return r;
	}
	return unr_fail(err, UNR_ERROR_FAILED, -ELOOP,
			"%s: has more than %d indexes in one another", store->name, MAX_DEPTH);
}

static int find_layer(const struct unr_store *store, const struct document *manifest, size_t i,
		      struct unr_layer *layer, struct unr_blob *ret, struct unr_error *err)
{
	struct unr_descriptor line;
	int r;

	r = read_line(manifest, i, &line, err);
	*ret = (struct unr_blob) { .fd = -EBADF, .size = line.size };
	if (r == 0 && store->announce == NULL)
		r = store->find(store->context, line.blob, ret, err);
	if (r < 0)
		return r;
	/* The descriptor's size counts for nothing: the digest decides (distribution/pull_v2.go). */
	layer->size = ret->size;
	layer->digest = strdup(line.digest);
	return layer->digest == NULL ? unr_fail_memory(err) : 0;
}

static int read_config(const struct unr_store *store, const struct unr_json *manifest,
		       struct unr_image *ret, struct unr_error *err)
{
	unr_auto(unr_text_done) struct unr_text bytes = { 0 };
	struct unr_json_at root = unr_json_root(manifest), config;
	struct unr_descriptor line;
	int r;

	r = unr_json_member(&root, "config", &config, err);
	if (r == 0)
		r = unr_descriptor_read(&config, &line, err);
	if (r == 0)
		r = read_checked(store, &line, line.blob, &bytes, err);
	return r < 0 ? r : unr_config_read(&bytes, store->name, line.blob, store->rules, ret, err);
}

/*
 * Makes as many layers as the manifest has.  If these are not as many as the
 * config's, that is found out like any other diffID that is not the layer's, once
 * all layers are extracted: the last layer gets one that none can have.
 */
static int fit_layers(const struct unr_store *store, size_t n, struct unr_image *image,
		      struct unr_error *err)
{
	struct unr_layer *layers;

	if (n == image->n_layers)
		return 0;
	if (n == 0) /* and so nothing to tell it by; dockerd's words (distribution/pull_v2.go) */
		return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG,
				"%s: layers from manifest don't match image configuration",
				store->name);
	if (n > image->n_layers) {
		layers = reallocarray(image->layers, n, sizeof(*layers));
		if (layers == NULL)
			return unr_fail_memory(err);
		image->layers = layers;
		memset(&layers[image->n_layers], 0, (n - image->n_layers) * sizeof(*layers));
	}
	for (; image->n_layers > n; image->n_layers--)
		unr_layer_done(&image->layers[image->n_layers - 1]);
	for (; image->n_layers < n; image->n_layers++) {
		image->layers[image->n_layers].created_by = strdup("");
		if (image->layers[image->n_layers].created_by == NULL)
			return unr_fail_memory(err);
	}
	free(image->layers[n - 1].diff_id);
	image->layers[n - 1].diff_id = strdup("");
	return image->layers[n - 1].diff_id == NULL ? unr_fail_memory(err) : 0;
}

/* What is no image, a chart or a signature for one, has a config of another type. */
static int check_config_type(const struct unr_store *store, const struct unr_descriptor *config,
			     struct unr_error *err)
{
	/* distribution/pull_v2.go, v20.10: what docker takes for an image's config */
	static const char *const known[] = {
		"application/vnd.oci.image.config.v1+json",
		"application/vnd.docker.container.image.v1+json",
		"application/octet-stream",
		"",
	};
	struct unr_shown shown;

	for (size_t i = 0; i < UNR_COUNT(known); i++)
		if (strcmp(config->media_type, known[i]) == 0)
			return 0;
	return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG,
			"%s: is no image: its config is of media type %s", store->name,
			unr_show(&shown, config->media_type));
}

/* Tells a registry what will be wanted, in that order. */
static int announce(const struct unr_store *store, const struct document *manifest,
		    struct unr_error *err)
{
	struct unr_json_at root = unr_json_root(&manifest->json), config;
	struct unr_descriptor line;
	int r = unr_json_member(&root, "config", &config, err);

	if (r == 0)
		r = unr_descriptor_read(&config, &line, err);
	if (r == 0)
		r = check_config_type(store, &line, err);
	if (r == 0)
		r = store->announce(store->context, line.blob, line.size, err);
	for (size_t i = 0; r == 0 && i < manifest->n; i++) {
		r = read_line(manifest, i, &line, err);
		if (r == 0)
			r = store->announce(store->context, line.blob, line.size, err);
	}
	return r;
}

static int read_manifest(const struct unr_store *store, struct document *manifest,
			 struct unr_image *ret, struct unr_blob **ret_blobs, struct unr_error *err)
{
	int r = select_list(manifest, "layers", UNR_IMAGE_MAX_LAYERS, err);

	if (r == 0 && store->announce != NULL)
		r = announce(store, manifest, err);
	if (r == 0)
		r = read_config(store, &manifest->json, ret, err);
	if (r < 0 || !unr_config_fits(ret))
		return r;
	r = fit_layers(store, manifest->n, ret, err);
	if (r < 0)
		return r;
	*ret_blobs = manifest->n == 0 ? NULL : calloc(manifest->n, sizeof(**ret_blobs));
	if (manifest->n > 0 && *ret_blobs == NULL)
		return unr_fail_memory(err);
	for (size_t i = 0; r == 0 && i < manifest->n; i++)
		r = find_layer(store, manifest, i, &ret->layers[i], &(*ret_blobs)[i], err);
	return r;
}

static struct unr_platform or_host(const struct unr_platform *platform)
{
	return platform->os[0] == '\0' ? unr_platform_host() : *platform;
}

int unr_oci_layout_load(const struct unr_store *store, const char *reference,
			const struct unr_platform *platform, struct unr_image *ret,
			struct unr_blob **ret_blobs, struct unr_error *err)
{
	unr_auto(document_done) struct document index = { 0 };
	unr_auto(document_done) struct document manifest = { 0 };
	unr_auto(unr_json_done) struct unr_json top = { 0 };
	unr_auto(unr_text_done) struct unr_text bytes = { 0 };
	struct unr_platform wanted = or_host(platform);
	struct unr_descriptor line;
	int r;

	r = check_layout(store, err);
	if (r == 0)
		r = unr_store_read(store, "index.json", &bytes, err);
	if (r == 0)
		r = unr_json_parse(&bytes, store->name, "index.json", &index.json, err);
	if (r == 0)
		r = select_list(&index, "manifests", MAX_MANIFESTS, err);
	if (r == 0)
		r = pick_image(store, &index, reference, &wanted, &line, err);
	if (r == 0)
		r = load_document(store, &line, &top, err);
	if (r == 0)
		r = descend(store, line.media_type, &top, &wanted, &manifest.json, err);
	if (r == 0)
		r = read_manifest(store, &manifest, ret, ret_blobs, err);
	if (r < 0 || line.ref_name[0] == '\0')
		return r;
	ret->reference = strdup(line.ref_name);
	return ret->reference == NULL ? unr_fail_memory(err) : 0;
}

/* Schema 1 has another shape altogether, and docker has given it up. */
static int check_schema(const struct unr_store *store, const struct unr_json *top,
			struct unr_error *err)
{
	struct unr_json_at root = unr_json_root(top);
	uint64_t version = 0;
	int r = unr_json_member_size(&root, "schemaVersion", &version, err);

	if (r == 0 && version == 1)
		r = unr_fail(err, UNR_ERROR_FAILED, -EBADMSG,
			     "%s: is a manifest of schema version 1, which is not read; push the "
			     "image again with a newer docker",
			     store->name);
	return r;
}

int unr_registry_load(const struct unr_store *store, const struct unr_platform *platform,
		      struct unr_image *ret, struct unr_blob **ret_blobs, struct unr_error *err)
{
	unr_auto(document_done) struct document manifest = { 0 };
	unr_auto(unr_json_done) struct unr_json top = { 0 };
	unr_auto(unr_text_done) struct unr_text bytes = { 0 };
	struct unr_platform wanted = or_host(platform);
	unr_autofree char *type = NULL;
	const char *media_type = "";
	struct unr_json_at root;
	int r;

	r = unr_store_read(store, "manifest", &bytes, err);
	if (r == 0)
		r = unr_json_parse(&bytes, store->name, "manifest", &top, err);
	if (r == 0)
		r = check_schema(store, &top, err);
	root = unr_json_root(&top);
	if (r == 0)
		r = unr_json_member_string(&root, "mediaType", "", &media_type, err);
	if (r < 0)
		return r;
	type = strdup(media_type); /* @top is given away */
	if (type == NULL)
		return unr_fail_memory(err);
	r = descend(store, type, &top, &wanted, &manifest.json, err);
	return r < 0 ? r : read_manifest(store, &manifest, ret, ret_blobs, err);
}
