/* SPDX-License-Identifier: MIT */
/*
 * Manifests of lines: gemspecs; pip's METADATA and RECORD (packaging.python.org,
 * recording installed projects); dpkg's lists and status (deb-control(5)); apk's
 * database (apk-tools, installed-db).
 */
#include "cause/manifest.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"

#define NO_WORDS ((struct unr_words) { NULL, 0 })

static struct unr_manifest_lines start(const struct unr_manifest *manifest)
{
	return (struct unr_manifest_lines) { .tar = manifest->tar };
}

/* The next word of a line, which loses it. */
static struct unr_words next_word(struct unr_words *line)
{
	const char *space = memchr(line->bytes, ' ', line->length);
	struct unr_words word = { line->bytes,
				  space == NULL ? line->length : (size_t) (space - line->bytes) };
	size_t taken = word.length + (space != NULL);

	*line = (struct unr_words) { line->bytes + taken, line->length - taken };
	return word;
}

/* "# stub: NAME VERSION PLATFORM FOLDERS" (rubygems, StubSpecification), one of the first lines. */
int unr_manifest_gemspec(const struct unr_manifest *manifest)
{
	struct unr_manifest_lines lines = start(manifest);
	size_t prefix = manifest->folder - strlen("specifications");
	const char *file = manifest->name + manifest->folder + 1;
	unr_auto(unr_text_done) struct unr_text folder = { 0 };
	struct unr_words line, stub = NO_WORDS, name;
	uint32_t path;
	int r = 1;

	unr_text_append(&folder, manifest->name, prefix);
	unr_text_puts(&folder, "gems/");
	unr_text_append(&folder, file, strlen(file) - strlen(".gemspec"));
	if (folder.failed)
		return -ENOMEM;
	path = unr_paths_number(manifest->paths, folder.bytes, folder.length);
	if (path == UNR_PATHS_NONE)
		return 0;
	for (int i = 0; i < 4 && r > 0 && stub.bytes == NULL; i++) {
		r = unr_manifest_line(&lines, &line);
		stub = r > 0 ? unr_words_behind(line, "# stub: ") : NO_WORDS;
	}
	if (stub.bytes == NULL)
		return r < 0 ? r : 0;
	name = next_word(&stub);
	return unr_manifest_folder(manifest, path, UNR_PACKAGE_GEM, name, next_word(&stub));
}

/* The package of a dist-info folder NAME-VERSION.dist-info, made when it is not there yet. */
static int dist_package(const struct unr_manifest *manifest, uint32_t *ret)
{
	const char *slash = memrchr(manifest->name, '/', manifest->folder);
	const char *base = slash == NULL ? manifest->name : slash + 1;
	struct unr_words text = { base, manifest->folder - (size_t) (base - manifest->name) -
						strlen(".dist-info") };
	struct unr_words version, name = unr_package_split(text, &version);
	uint32_t path;
	int r = unr_paths_add(manifest->paths, manifest->name, manifest->folder, &path);

	*ret = 0;
	if (r < 0)
		return r;
	*ret = manifest->paths->paths[path].package;
	if (*ret != 0 && manifest->paths->paths[path].package_layer == manifest->layer)
		return 0;
	r = unr_packages_add(manifest->packages, UNR_PACKAGE_PIP, name.bytes == NULL ? text : name,
			     version, ret);
	manifest->paths->paths[path].package = *ret;
	manifest->paths->paths[path].package_layer = manifest->layer;
	return r;
}

/* The folder that a dist-info folder lies in; its files are told from there. */
static size_t site_length(const struct unr_manifest *manifest)
{
	const char *slash = memrchr(manifest->name, '/', manifest->folder);

	return slash == NULL ? 0 : (size_t) (slash - manifest->name);
}

static bool has_failures(const struct unr_manifest *manifest)
{
	return unr_paths_number(manifest->paths, manifest->name, site_length(manifest)) !=
	       UNR_PATHS_NONE;
}

/* The header ends at an empty line. */
int unr_manifest_pip_metadata(const struct unr_manifest *manifest)
{
	struct unr_manifest_lines lines = start(manifest);
	struct unr_words line;
	uint32_t number = 0;
	int r = has_failures(manifest) ? dist_package(manifest, &number) : 0;

	if (r < 0 || number == 0)
		return r;
	while ((r = unr_manifest_line(&lines, &line)) > 0 && line.length > 0) {
		r = unr_packages_set(manifest->packages, number, unr_words_behind(line, "Name: "),
				     unr_words_behind(line, "Version: "));
		if (r < 0)
			break;
	}
	return r < 0 ? r : 0;
}

/* The first field of a CSV line, without quotes. */
static struct unr_words csv_field(struct unr_words line)
{
	bool quoted = line.length > 0 && *line.bytes == '"';
	const char *end = memchr(line.bytes + quoted, quoted ? '"' : ',', line.length - quoted);

	if (end == NULL)
		return NO_WORDS;
	return (struct unr_words) { line.bytes + quoted, (size_t) (end - line.bytes) - quoted };
}

int unr_manifest_pip_record(const struct unr_manifest *manifest)
{
	struct unr_manifest_lines lines = start(manifest);
	unr_auto(unr_text_done) struct unr_text scratch = { 0 };
	struct unr_words line;
	uint32_t number = 0;
	int r = has_failures(manifest) ? dist_package(manifest, &number) : 0;

	if (r < 0 || number == 0)
		return r;
	while ((r = unr_manifest_line(&lines, &line)) > 0) {
		struct unr_words field = csv_field(line);

		if (field.bytes != NULL)
			unr_manifest_claim(manifest,
					   unr_manifest_below(manifest, site_length(manifest),
							      field, &scratch),
					   number);
	}
	return scratch.failed ? -ENOMEM : r;
}

#define DPKG_INFO "var/lib/dpkg/info"

/*
 * dpkg: DPKG_INFO/NAME[:ARCH].list has the paths, var/lib/dpkg/status the
 * versions.  In between the package is remembered at the path DPKG_INFO/NAME.
 */
static int make_deb(const struct unr_manifest *manifest, uint32_t *ret)
{
	const char *file = manifest->name + manifest->folder + 1;
	struct unr_words name = { file, strcspn(file, ":") };
	uint32_t at;
	int r;

	if (file[name.length] == '\0')
		name.length -= strlen(".list");
	r = unr_packages_add(manifest->packages, UNR_PACKAGE_DEB, name, NO_WORDS, ret);
	if (r < 0 || *ret == 0)
		return r;
	r = unr_paths_add(manifest->paths, manifest->name, manifest->folder + 1 + name.length, &at);
	if (r < 0)
		return r;
	manifest->paths->paths[at].package = *ret;
	manifest->paths->paths[at].package_layer = manifest->layer;
	return 0;
}

int unr_manifest_dpkg_list(const struct unr_manifest *manifest)
{
	struct unr_manifest_lines lines = start(manifest);
	unr_auto(unr_text_done) struct unr_text scratch = { 0 };
	struct unr_words line;
	uint32_t number = 0;
	int r;

	while ((r = unr_manifest_line(&lines, &line)) > 0) {
		uint32_t path = unr_manifest_below(manifest, manifest->folder - strlen(DPKG_INFO),
						   line, &scratch);

		if (path == UNR_PATHS_NONE || manifest->paths->paths[path].failing == 0)
			continue;
		r = number == 0 ? make_deb(manifest, &number) : 0;
		if (r < 0 || number == 0)
			return r;
		unr_manifest_claim(manifest, path, number);
	}
	return scratch.failed ? -ENOMEM : r;
}

int unr_manifest_dpkg_status(const struct unr_manifest *manifest)
{
	static const struct unr_words info_name = { "info", sizeof("info") - 1 };
	struct unr_manifest_lines lines = start(manifest);
	unr_auto(unr_text_done) struct unr_text scratch = { 0 };
	uint32_t info = unr_manifest_below(manifest, manifest->folder, info_name, &scratch);
	struct unr_words line;
	uint32_t number = 0;
	int r = 0;

	while (info != UNR_PATHS_NONE && (r = unr_manifest_line(&lines, &line)) > 0) {
		struct unr_words name = unr_words_behind(line, "Package: ");

		if (name.bytes != NULL) {
			uint32_t at =
				unr_paths_child(manifest->paths, info, name.bytes, name.length);

			number = at == UNR_PATHS_NONE ? 0 : manifest->paths->paths[at].package;
		}
		r = unr_packages_set(manifest->packages, number, NO_WORDS,
				     unr_words_behind(line, "Version: "));
		if (r < 0)
			break;
	}
	return scratch.failed ? -ENOMEM : r;
}

/* A record of apk's database while it is read: a letter and a value a line. */
struct apk_record {
	size_t root; /* length of the folder that the paths are told from */
	char name[UNR_PACKAGE_MAX_TEXT + 1], version[UNR_PACKAGE_MAX_TEXT + 1];
	struct unr_text path;    /* owned; a folder, and a file in it */
	size_t folder;           /* length of the folder */
	struct unr_text scratch; /* owned */
	uint32_t number;         /* 0: it has had no failing entry yet */
};

static void keep(struct unr_words words, char ret[UNR_PACKAGE_MAX_TEXT + 1])
{
	size_t n = words.length <= UNR_PACKAGE_MAX_TEXT ? words.length : 0;

	memcpy(ret, words.bytes, n);
	ret[n] = '\0';
}

static int claim_for_apk(const struct unr_manifest *manifest, struct apk_record *record)
{
	const struct unr_words below = { unr_text_string(&record->path), record->path.length };
	uint32_t path = unr_manifest_below(manifest, record->root, below, &record->scratch);
	const struct unr_words name = { record->name, strlen(record->name) };
	const struct unr_words version = { record->version, strlen(record->version) };
	int r = record->scratch.failed ? -ENOMEM : 0;

	if (path == UNR_PATHS_NONE || manifest->paths->paths[path].failing == 0)
		return r;
	if (record->number == 0)
		r = unr_packages_add(manifest->packages, UNR_PACKAGE_APK, name, version,
				     &record->number);
	unr_manifest_claim(manifest, path, record->number);
	return r;
}

/* F: a folder, R: a file in it. */
static int take_apk_line(const struct unr_manifest *manifest, struct apk_record *record,
			 struct unr_words line)
{
	struct unr_words value = { line.bytes + 2, line.length - 2 };

	switch (line.bytes[0]) {
	case 'P':
		keep(value, record->name);
		return 0;
	case 'V':
		keep(value, record->version);
		return 0;
	case 'F':
		unr_text_clear(&record->path);
		unr_text_append(&record->path, value.bytes, value.length);
		record->folder = record->path.length;
		break;
	case 'R':
		record->path.length = record->folder;
		unr_text_puts(&record->path, "/");
		unr_text_append(&record->path, value.bytes, value.length);
		break;
	default:
		return 0;
	}
	return record->path.failed ? -ENOMEM : claim_for_apk(manifest, record);
}

/* lib/apk/db or usr/lib/apk/db below the root. */
static size_t apk_root(const struct unr_manifest *manifest)
{
	size_t root = manifest->folder - strlen("lib/apk/db");

	return root >= strlen("usr/") && memcmp(manifest->name + root - 4, "usr/", 4) == 0 ?
		       root - 4 :
		       root;
}

int unr_manifest_apk_installed(const struct unr_manifest *manifest)
{
	struct unr_manifest_lines lines = start(manifest);
	struct apk_record record = { .root = apk_root(manifest) };
	struct unr_words line;
	int r;

	while ((r = unr_manifest_line(&lines, &line)) > 0) {
		if (line.length == 0)
			record.number = 0;
		else if (line.length > 2 && line.bytes[1] == ':')
			r = take_apk_line(manifest, &record, line);
		if (r < 0)
			break;
	}
	unr_text_done(&record.path);
	unr_text_done(&record.scratch);
	return r;
}
