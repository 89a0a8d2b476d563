/* SPDX-License-Identifier: MIT */
/* One pass over the failures of a layer: see survey.h. */
#include "advice/survey.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "advice/edit.h"

#define MODULES "node_modules"

static void paths_done(struct unr_survey_paths *paths)
{
	for (size_t i = 0; i < paths->n; i++)
		free(paths->list[i]);
	paths->n = 0;
}

void unr_layer_survey_done(struct unr_layer_survey *survey)
{
	paths_done(&survey->entries);
	paths_done(&survey->folders);
}

/* Where the element at @at ends, a slash before it included; behind @at, which is before the end. */
static size_t element_end(const char *path, size_t length, size_t at)
{
	const size_t from = at + (path[at] == '/');
	const char *slash = memchr(path + from, '/', length - from);

	return slash == NULL ? length : (size_t) (slash - path);
}

/* The length of the first @depth elements; a name may begin with a slash. */
static size_t cut(const char *path, size_t length, uint32_t depth)
{
	size_t at = 0;

	for (; depth > 0 && at < length; depth--)
		at = element_end(path, length, at);
	return at;
}

/* The length up to the end of the outermost node_modules; 0: there is none. */
static size_t modules_end(const char *path, size_t length)
{
	size_t n = strlen(MODULES);

	for (size_t at = 0; at + n < length; at++)
		if ((at == 0 || path[at - 1] == '/') && path[at + n] == '/' &&
		    memcmp(path + at, MODULES, n) == 0)
			return at + n;
	return 0;
}

/* Up to the last element whose name a command can hold as it is. */
static size_t plain_length(const char *path, size_t length)
{
	size_t plain = 0;

	while (plain < length) {
		size_t end = element_end(path, length, plain);

		if (!unr_edit_is_plain(path + plain, end - plain))
			break;
		plain = end;
	}
	return plain;
}

static size_t folder_length(const struct unr_finding *finding)
{
	const char *path = finding->path;
	size_t length = modules_end(path, finding->path_length);
	const char *slash;

	if (length == 0)
		length = cut(path, finding->path_length, finding->cause.folder_depth);
	if (length == 0 && finding->type == UNR_ENTRY_DIRECTORY)
		length = finding->path_length;
	if (length == 0) {
		slash = memrchr(path, '/', finding->path_length);
		length = slash == NULL ? 0 : (size_t) (slash - path);
	}
	return plain_length(path, length);
}

/* Is @b the folder @a, of @n bytes, or in it? */
static bool holds(const char *a, size_t n, const char *b, size_t length)
{
	return n == 0 || (length >= n && memcmp(a, b, n) == 0 && (length == n || b[n] == '/'));
}

static int append(struct unr_survey_paths *paths, const char *path, size_t length)
{
	paths->list[paths->n] = strndup(path, length);
	if (paths->list[paths->n] == NULL)
		return -ENOMEM;
	paths->n++;
	return 0;
}

/* The length of the folder that holds both; 0: the root. */
static size_t common_length(const char *a, const char *b, size_t length)
{
	size_t common = 0;

	for (size_t i = 0;; i++) {
		bool a_ends = a[i] == '\0' || a[i] == '/', b_ends = i == length || b[i] == '/';

		if (a_ends && b_ends)
			common = i;
		if (a[i] == '\0' || i == length || a[i] != b[i])
			return common;
	}
}

/* What lies in the new folder is not needed any more. */
static void drop_held(struct unr_survey_paths *paths, const char *folder, size_t length)
{
	size_t kept = 0;

	for (size_t i = 0; i < paths->n; i++) {
		if (holds(folder, length, paths->list[i], strlen(paths->list[i])))
			free(paths->list[i]);
		else
			paths->list[kept++] = paths->list[i];
	}
	paths->n = kept;
}

/* Without room the two that are nearest to each other become the one that holds them. */
static int join_nearest(struct unr_survey_paths *paths, const char *path, size_t length)
{
	size_t most = 0;
	const char *first = paths->list[0];
	char *joined;

	for (size_t i = 0; i < paths->n; i++)
		for (size_t k = i + 1; k <= paths->n; k++) {
			const char *other = k < paths->n ? paths->list[k] : path;
			size_t n = k < paths->n ? strlen(other) : length;
			size_t common = common_length(paths->list[i], other, n);

			if (common > most) {
				most = common;
				first = paths->list[i];
			}
		}
	joined = strndup(first, most);
	if (joined == NULL)
		return -ENOMEM;
	drop_held(paths, joined, most);
	paths->list[paths->n++] = joined;
	return holds(joined, most, path, length) ? 0 : append(paths, path, length);
}

static int add_folder(struct unr_survey_paths *paths, const char *path, size_t length)
{
	for (size_t i = 0; i < paths->n; i++)
		if (holds(paths->list[i], strlen(paths->list[i]), path, length))
			return 0;
	drop_held(paths, path, length);
	if (paths->n < UNR_SURVEY_MAX)
		return append(paths, path, length);
	return join_nearest(paths, path, length);
}

static void add_id(struct unr_survey_ids *ids, uint32_t id)
{
	for (size_t i = 0; i < ids->n; i++)
		if (ids->list[i] == id)
			return;
	if (ids->n == UNR_SURVEY_MAX)
		ids->too_many = true;
	else
		ids->list[ids->n++] = id;
}

static int take(struct unr_layer_survey *survey, const struct unr_finding *finding)
{
	const bool unmapped[] = { finding->uid_unmapped, finding->gid_unmapped };
	const int64_t ids[] = { finding->uid, finding->gid };
	const char *path = finding->path;
	int r = 0;

	survey->n++;
	survey->whiteouts += finding->type == UNR_ENTRY_WHITEOUT;
	survey->packaged += finding->cause.package != NULL;
	survey->modules += modules_end(path, finding->path_length) > 0;
	for (int kind = 0; kind < UNR_ID_KIND_COUNT_; kind++) {
		if (!unmapped[kind])
			continue;
		survey->failing[kind] = true;
		if (ids[kind] < 0 || ids[kind] >= UNR_ID_NONE)
			survey->impossible = true;
		else
			add_id(&survey->ids[kind], (uint32_t) ids[kind]);
	}
	if (survey->n > UNR_SURVEY_MAX || !unr_edit_is_plain(path, finding->path_length))
		paths_done(&survey->entries);
	else if (survey->entries.n + 1 == survey->n)
		r = append(&survey->entries, path, finding->path_length);
	return r < 0 ? r : add_folder(&survey->folders, path, folder_length(finding));
}

int unr_layer_survey_make(const struct unr_result *result, uint32_t layer,
			  struct unr_layer_survey *ret, struct unr_error *err)
{
	struct unr_finding_cursor *cursor = unr_finding_cursor_new_layer(result->findings, layer);
	const struct unr_finding *finding;
	int r = cursor == NULL ? unr_fail_memory(err) : 1;

	*ret = (struct unr_layer_survey) { .n = 0 };
	while (r > 0) {
		r = unr_finding_cursor_next(cursor, &finding, err);
		if (r > 0 && finding->engine_refused && take(ret, finding) < 0)
			r = unr_fail_memory(err);
	}
	unr_finding_cursor_free(cursor);
	return r;
}
