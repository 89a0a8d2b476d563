/* SPDX-License-Identifier: MIT */
/* npm's package.json, Composer's composer.json and vendor/composer/installed.json. */
#include "cause/manifest.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "image/json.h"

/* More than any package.json has. */
enum { MAX_FILE = 1 << 20 };

/* The entry's content; empty when it is too long. */
static int read_content(struct unr_tar *tar, struct unr_text *ret)
{
	char part[4096];
	ssize_t n;

	while ((n = unr_tar_read(tar, part, sizeof(part))) > 0) {
		unr_text_append(ret, part, (size_t) n);
		if (ret->length > MAX_FILE) {
			unr_text_clear(ret);
			return 0;
		}
	}
	if (n == -EBADMSG) { /* the next header will find it again */
		unr_text_clear(ret);
		return 0;
	}
	return ret->failed ? -ENOMEM : (int) n;
}

/* 1 with a document, 0 when it is none, or -errno. */
static int read_json(struct unr_tar *tar, struct unr_json *ret)
{
	unr_auto(unr_text_done) struct unr_text bytes = { 0 };
	struct unr_error ignored;
	int r = read_content(tar, &bytes);

	if (r < 0 || bytes.length == 0)
		return r;
	/* npm and Composer pass over the mark of UTF-8 that some editors write. */
	if (unr_starts_with(bytes.bytes, "\xef\xbb\xbf") != NULL) {
		bytes.length -= strlen("\xef\xbb\xbf");
		memmove(bytes.bytes, bytes.bytes + strlen("\xef\xbb\xbf"), bytes.length + 1);
	}
	return unr_json_parse(&bytes, "", "", ret, &ignored) == 0;
}

/* A member that is a string; no bytes when it is none. */
static struct unr_words get_words(const struct unr_json_at *object, const char *key)
{
	struct unr_error ignored;
	const char *text = "";

	if (unr_json_member_string(object, key, "", &text, &ignored) < 0 || *text == '\0')
		return (struct unr_words) { NULL, 0 };
	return (struct unr_words) { text, strlen(text) };
}

/* A file that says name and version of the folder that it lies in. */
static int read_folder(const struct unr_manifest *manifest, enum unr_package_kind kind)
{
	unr_auto(unr_json_done) struct unr_json json = { 0 };
	uint32_t path = unr_paths_number(manifest->paths, manifest->name, manifest->folder);
	struct unr_json_at root;
	int r;

	if (path == UNR_PATHS_NONE || !manifest->paths->paths[path].is_folder)
		return 0;
	r = read_json(manifest->tar, &json);
	if (r <= 0)
		return r;
	root = unr_json_root(&json);
	return unr_manifest_folder(manifest, path, kind, get_words(&root, "name"),
				   get_words(&root, "version"));
}

int unr_manifest_npm(const struct unr_manifest *manifest)
{
	return read_folder(manifest, UNR_PACKAGE_NPM);
}

int unr_manifest_composer(const struct unr_manifest *manifest)
{
	return read_folder(manifest, UNR_PACKAGE_COMPOSER);
}

/* OWNER/NAME lies in vendor/OWNER/NAME, where Composer puts it unless it is told otherwise. */
static int take_installed(const struct unr_manifest *manifest, const struct unr_json_at *package)
{
	unr_auto(unr_text_done) struct unr_text folder = { 0 };
	struct unr_words name = get_words(package, "name");

	if (name.bytes == NULL || name.length > UNR_PACKAGE_MAX_TEXT)
		return 0;
	unr_text_append(&folder, manifest->name, manifest->folder - strlen("composer"));
	unr_text_append(&folder, name.bytes, name.length);
	if (folder.failed)
		return -ENOMEM;
	return unr_manifest_folder(manifest,
				   unr_paths_number(manifest->paths, folder.bytes, folder.length),
				   UNR_PACKAGE_COMPOSER, name, get_words(package, "version"));
}

/* Composer 2 has an object with the list in it, Composer 1 the list alone. */
int unr_manifest_composer_installed(const struct unr_manifest *manifest)
{
	unr_auto(unr_json_done) struct unr_json json = { 0 };
	struct unr_error ignored;
	struct unr_json_at list;
	size_t n = 0;
	int r;

	if (unr_paths_number(manifest->paths, manifest->name,
			     manifest->folder - strlen("/composer")) == UNR_PATHS_NONE)
		return 0;
	r = read_json(manifest->tar, &json);
	if (r <= 0)
		return r;
	list = unr_json_root(&json);
	if (json_is_object(list.value) && unr_json_member(&list, "packages", &list, &ignored) < 0)
		return 0;
	if (unr_json_count(&list, UNR_JSON_MAX_VALUES, &n, &ignored) < 0)
		return 0;
	r = 0;
	for (size_t i = 0; i < n && r == 0; i++) {
		struct unr_json_at package = unr_json_item(&list, i);

		r = take_installed(manifest, &package);
	}
	return r;
}
