/* SPDX-License-Identifier: MIT */
/* Which entries are manifests, and what their readers share: see manifest.h. */
#include "cause/manifest.h"

#include <errno.h>
#include <string.h>

/* Folders and names as package managers have them; what stands in front of the folder is free. */
static const struct {
	const char *folder; /* how it ends; "": any */
	const char *file;   /* with a dot in front how it ends, else whole */
	int (*read)(const struct unr_manifest *manifest);
} KINDS[] = {
	{ "", "package.json", unr_manifest_npm },
	{ "", "composer.json", unr_manifest_composer },
	{ "vendor/composer", "installed.json", unr_manifest_composer_installed },
	{ "specifications", ".gemspec", unr_manifest_gemspec },
	{ ".dist-info", "METADATA", unr_manifest_pip_metadata },
	{ ".dist-info", "RECORD", unr_manifest_pip_record },
	{ "var/lib/dpkg/info", ".list", unr_manifest_dpkg_list },
	{ "var/lib/dpkg", "status", unr_manifest_dpkg_status },
	{ "lib/apk/db", "installed", unr_manifest_apk_installed },
};

static bool ends_with(const char *bytes, size_t length, const char *end)
{
	size_t n = strlen(end);

	return length >= n && memcmp(bytes + length - n, end, n) == 0;
}

static bool is_file(const char *name, size_t length, const char *file)
{
	return ends_with(name, length, file) && (*file == '.' || length == strlen(file));
}

/* The end of a folder's name begins at a slash, unless it is a suffix. */
static bool is_folder(const char *name, size_t length, const char *folder)
{
	size_t n = strlen(folder);

	if (!ends_with(name, length, folder))
		return false;
	return n == 0 || *folder == '.' || length == n || name[length - n - 1] == '/';
}

int unr_manifest_read(struct unr_paths *paths, struct unr_packages *packages, uint16_t layer,
		      struct unr_tar *tar, const struct unr_tar_entry *entry)
{
	const char *slash = memrchr(entry->name, '/', entry->name_length);
	const char *file = slash == NULL ? entry->name : slash + 1;
	size_t folder = slash == NULL ? 0 : (size_t) (slash - entry->name);
	size_t length = entry->name_length - (size_t) (file - entry->name);

	if (entry->type != '0')
		return 0;
	for (size_t i = 0; i < UNR_COUNT(KINDS); i++) {
		const struct unr_manifest manifest = {
			.paths = paths,
			.packages = packages,
			.tar = tar,
			.name = entry->name,
			.folder = folder,
			.layer = layer,
		};

		if (is_file(file, length, KINDS[i].file) &&
		    is_folder(entry->name, folder, KINDS[i].folder))
			return KINDS[i].read(&manifest);
	}
	return 0;
}

uint32_t unr_manifest_below(const struct unr_manifest *manifest, size_t length,
			    struct unr_words name, struct unr_text *scratch)
{
	unr_text_clear(scratch);
	unr_text_append(scratch, manifest->name, length);
	unr_text_puts(scratch, "/");
	unr_text_append(scratch, name.bytes, name.length);
	return scratch->failed ? UNR_PATHS_NONE :
				 unr_paths_number(manifest->paths, scratch->bytes, scratch->length);
}

void unr_manifest_claim(const struct unr_manifest *manifest, uint32_t path, uint32_t number)
{
	struct unr_path *at;

	if (path == UNR_PATHS_NONE || number == 0)
		return;
	at = &manifest->paths->paths[path];
	/* Directories are shared: the first that lists one has it. */
	if (at->failing == 0 || at->is_folder ||
	    (at->package != 0 && at->package_layer == manifest->layer))
		return;
	at->package = number;
	at->package_layer = manifest->layer;
}

int unr_manifest_folder(const struct unr_manifest *manifest, uint32_t path,
			enum unr_package_kind kind, struct unr_words name, struct unr_words version)
{
	struct unr_path *at = path == UNR_PATHS_NONE ? NULL : &manifest->paths->paths[path];
	uint32_t number;
	int r;

	if (at == NULL || !at->is_folder)
		return 0;
	if (at->package != 0 &&
	    (at->package_layer == manifest->layer || at->package_layer == UNR_PATHS_ANY_LAYER))
		return unr_packages_set(manifest->packages, at->package, name, version);
	r = unr_packages_add(manifest->packages, kind, name, version, &number);
	if (number != 0) {
		at->package = number;
		at->package_layer = manifest->layer;
	}
	return r;
}

struct unr_words unr_words_behind(struct unr_words words, const char *prefix)
{
	size_t n = strlen(prefix);

	if (words.length < n || memcmp(words.bytes, prefix, n) != 0)
		return (struct unr_words) { NULL, 0 };
	return (struct unr_words) { words.bytes + n, words.length - n };
}

/* More bytes behind those that are there; 1, 0 at the end of the file, or -errno. */
static int fill(struct unr_manifest_lines *lines)
{
	ssize_t n;

	memmove(lines->buffer, lines->buffer + lines->begin, lines->end - lines->begin);
	lines->end -= lines->begin;
	lines->begin = 0;
	n = unr_tar_read(lines->tar, lines->buffer + lines->end,
			 sizeof(lines->buffer) - lines->end);
	if (n == -EBADMSG) /* the next header will find it again */
		n = 0;
	if (n > 0)
		lines->end += (size_t) n;
	return n > 0 ? 1 : (int) n;
}

/* Takes a line out of the buffer: 1, 0 when its end is not there yet. */
static int take_line(struct unr_manifest_lines *lines, struct unr_words *ret)
{
	char *begin = lines->buffer + lines->begin;
	size_t held = lines->end - lines->begin;
	char *newline = memchr(begin, '\n', held);

	if (newline == NULL && !(lines->at_end && held > 0))
		return 0;
	*ret = (struct unr_words) { begin, newline != NULL ? (size_t) (newline - begin) : held };
	lines->begin += ret->length + (newline != NULL);
	if (ret->length > 0 && begin[ret->length - 1] == '\r')
		ret->length--;
	return 1;
}

int unr_manifest_line(struct unr_manifest_lines *lines, struct unr_words *ret)
{
	bool too_long = false;

	for (;;) {
		int r = take_line(lines, ret);

		if (r > 0 && !too_long)
			return 1;
		if (r > 0) {
			too_long = false;
			continue;
		}
		if (lines->at_end)
			return 0;
		if (lines->end - lines->begin == sizeof(lines->buffer)) {
			too_long = true;
			lines->begin = lines->end = 0;
		}
		r = fill(lines);
		if (r < 0)
			return r;
		lines->at_end = r == 0;
	}
}
