/* SPDX-License-Identifier: MIT */
/* npm's folders (npm docs, folders) and package.json: see package.h. */
#include "cause/package.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "image/json.h"

#define MODULES "node_modules"
/* More than any package.json has; also what name and version may have. */
enum { MAX_FILE = 1 << 20, MAX_TEXT = 256 };

/* The length of @path up to the end of the element that begins at @at; 0 when there is none. */
static size_t element_end(const char *path, size_t length, size_t at)
{
	const char *slash;

	if (at >= length)
		return 0;
	slash = memchr(path + at, '/', length - at);
	return slash == NULL ? length : (size_t) (slash - path);
}

/* The end of NAME or @SCOPE/NAME at @at; names cannot begin with '.' or '_' (npm, package.json). */
static size_t name_end(const char *path, size_t length, size_t at)
{
	size_t end = element_end(path, length, at);

	if (end == 0 || end == at || path[at] == '.' || path[at] == '_')
		return 0;
	return path[at] == '@' ? element_end(path, length, end + 1) : end;
}

size_t unr_package_folder(const char *path, size_t length)
{
	size_t found = 0, end;

	for (size_t at = 0; (end = element_end(path, length, at)) != 0; at = end + 1) {
		if (end - at != strlen(MODULES) || memcmp(path + at, MODULES, end - at) != 0)
			continue;
		/* What npm keeps for itself belongs to no package. */
		found = name_end(path, length, end + 1);
	}
	return found;
}

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

static int copy_text(const struct unr_json_at *root, const char *key, char **ret)
{
	struct unr_error ignored;
	const char *text = "";

	if (unr_json_member_string(root, key, "", &text, &ignored) < 0 || *text == '\0' ||
	    strlen(text) > MAX_TEXT)
		return 0;
	*ret = strdup(text);
	return *ret == NULL ? -ENOMEM : 0;
}

int unr_package_read(struct unr_tar *tar, char **ret_name, char **ret_version)
{
	unr_auto(unr_text_done) struct unr_text bytes = { 0 };
	unr_auto(unr_json_done) struct unr_json json = { 0 };
	struct unr_error ignored;
	struct unr_json_at root;
	int r = read_content(tar, &bytes);

	*ret_name = *ret_version = NULL;
	if (r < 0 || bytes.length == 0)
		return r;
	if (unr_json_parse(&bytes, "", UNR_PACKAGE_FILE, &json, &ignored) < 0)
		return 0;
	root = unr_json_root(&json);
	r = copy_text(&root, "name", ret_name);
	if (r == 0 && *ret_name != NULL)
		r = copy_text(&root, "version", ret_version);
	return r;
}
