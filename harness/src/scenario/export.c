/* SPDX-License-Identifier: MIT */
/*
 * A scenario as `docker save` would have written it: the layers' tars, the
 * image config with their digests, and manifest.json, all in one tar.  Built in
 * memory (scenarios are small) and written in one go, so a fault in a scenario
 * leaves nothing half written.
 */
#include "usernsrepro/scenario.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "scenario/archive.h"
#include "scenario/folder.h"
#include "scenario/layer.h"

/* SHA-256 in hexadecimal. */
struct digest {
	char hex[65];
};

/* The archive as it grows. */
struct save {
	struct unr_scenario_spec spec; /* owned */
	json_t *diff_ids;              /* owned: "sha256:…" a layer, for the config */
	json_t *layer_paths;           /* owned: "…/layer.tar" a layer, for the manifest */
	struct archive *writer;        /* owned; writes to @out */
	struct unr_text out;           /* owned */
};

static void save_done(struct save *save)
{
	/* The writer first: it may still write. */
	(void) archive_write_free(save->writer);
	unr_text_done(&save->out);
	json_decref(save->layer_paths);
	json_decref(save->diff_ids);
	unr_scenario_spec_done(&save->spec);
}
DEFINE_UNR_CLEANUP(struct save, save_done);

static int sha256(const struct unr_text *bytes, struct digest *ret, struct unr_error *err)
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned int n = 0;

	if (EVP_Digest(unr_text_string(bytes), bytes->length, md, &n, EVP_sha256(), NULL) != 1 ||
	    n != 32)
		return unr_fail(err, UNR_ERROR_FAILED, -EIO, "libcrypto has no SHA-256");
	for (unsigned int i = 0; i < n; i++)
		(void) snprintf(&ret->hex[(size_t) i * 2], 3, "%02x", md[i]);
	return 0;
}

/* A member of the outer archive, dated 1970 as docker save does for what it makes itself. */
static int add_member(struct save *save, const char *path, const struct unr_text *bytes,
		      struct unr_error *err)
{
	unr_auto(unr_archive_entry_done) struct archive_entry *entry = archive_entry_new();

	if (entry == NULL)
		return unr_fail_memory(err);
	archive_entry_set_pathname(entry, path);
	archive_entry_set_filetype(entry, bytes == NULL ? AE_IFDIR : AE_IFREG);
	archive_entry_set_perm(entry, bytes == NULL ? 0755 : 0644);
	archive_entry_set_mtime(entry, 0, 0);
	return unr_archive_add(save->writer, entry, bytes == NULL ? "" : unr_text_string(bytes),
			       bytes == NULL ? 0 : bytes->length, err);
}

static int add_json(struct save *save, const char *path, const json_t *value, struct unr_error *err)
{
	unr_auto(unr_text_done) struct unr_text text = { 0 };
	unr_autofree char *dump = json_dumps(value, JSON_COMPACT);

	if (dump == NULL)
		return unr_fail_memory(err);
	unr_text_puts(&text, dump);
	return text.failed ? unr_fail_memory(err) : add_member(save, path, &text, err);
}

/* Has an earlier layer the same bytes? */
static bool has_string(const json_t *array, const char *wanted)
{
	size_t i;
	json_t *item;

	json_array_foreach (array, i, item) {
		if (strcmp(json_string_value(item), wanted) == 0)
			return true;
	}
	return false;
}

static int add_layer(struct save *save, int folder_fd, size_t index, struct unr_error *err)
{
	unr_auto(unr_text_done) struct unr_text tar = { 0 };
	struct unr_layer_spec spec;
	struct digest digest;
	char folder[80], path[96];
	bool known;
	int r;

	r = unr_scenario_layer_spec(&save->spec, index, &spec, err);
	if (r == 0)
		r = unr_scenario_layer_write(folder_fd, &spec, &tar, digest.hex, err);
	if (r < 0)
		return r;
	(void) snprintf(folder, sizeof(folder), "%s/", digest.hex);
	(void) snprintf(path, sizeof(path), "%s/layer.tar", digest.hex);
	known = has_string(save->layer_paths, path);
	if (json_array_append_new(save->diff_ids, json_sprintf("sha256:%s", digest.hex)) < 0 ||
	    json_array_append_new(save->layer_paths, json_string(path)) < 0)
		return unr_fail_memory(err);
	if (known)
		return 0;
	r = add_member(save, folder, NULL, err);
	return r < 0 ? r : add_member(save, path, &tar, err);
}

/* The config under the digest of its own bytes, and the manifest that names it. */
static int add_description(struct save *save, struct unr_error *err)
{
	unr_auto(unr_text_done) struct unr_text config = { 0 };
	unr_autofree char *dump = NULL;
	json_auto_t *manifest = NULL;
	struct digest digest;
	char path[80];
	int r;

	if (json_object_set_new(
		    save->spec.config, "rootfs",
		    json_pack("{s:s, s:O}", "type", "layers", "diff_ids", save->diff_ids)) < 0)
		return unr_fail_memory(err);
	dump = json_dumps(save->spec.config, JSON_COMPACT);
	if (dump == NULL)
		return unr_fail_memory(err);
	unr_text_puts(&config, dump);
	if (config.failed)
		return unr_fail_memory(err);
	r = sha256(&config, &digest, err);
	if (r < 0)
		return r;
	(void) snprintf(path, sizeof(path), "%s.json", digest.hex);
	r = add_member(save, path, &config, err);
	if (r < 0)
		return r;
	manifest = json_pack("[{s:s, s:[s], s:O}]", "Config", path, "RepoTags", save->spec.image,
			     "Layers", save->layer_paths);
	if (manifest == NULL)
		return unr_fail_memory(err);
	return add_json(save, "manifest.json", manifest, err);
}

static int build(struct save *save, int folder_fd, struct unr_error *err)
{
	int r;

	save->diff_ids = json_array();
	save->layer_paths = json_array();
	if (save->diff_ids == NULL || save->layer_paths == NULL)
		return unr_fail_memory(err);
	r = unr_scenario_spec_read(folder_fd, &save->spec, err);
	if (r == 0)
		r = unr_archive_new(&save->out, &save->writer, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < json_array_size(save->spec.layers); i++) {
		r = add_layer(save, folder_fd, i, err);
		if (r < 0)
			return r;
	}
	r = add_description(save, err);
	return r < 0 ? r : unr_archive_finish(save->writer, &save->out, err);
}

int unr_scenario_export(const char *name, int fd, struct unr_error *err)
{
	unr_auto(save_done) struct save save = { 0 };
	unr_autoclose int folder_fd = -EBADF;
	int r;

	r = unr_scenario_open(name, &folder_fd, err);
	if (r < 0)
		return r;
	r = build(&save, folder_fd, err);
	if (r < 0)
		return unr_fail_context(err, "scenario %s", name);
	r = unr_write_full(fd, save.out.bytes, save.out.length);
	if (r < 0)
		return unr_fail(err, UNR_ERROR_FAILED, r, "write scenario %s: %s", name,
				strerror(-r));
	return 0;
}
