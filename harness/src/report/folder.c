/* SPDX-License-Identifier: MIT */
/* Folders as parts of paths: see folder.h. */
#include "report/folder.h"

#include <string.h>

/* A directory's own owner belongs to the same fault as its files' owners. */
struct unr_folder unr_folder_of(const struct unr_finding *finding)
{
	const struct unr_folder whole = { finding->path, finding->path_length };
	const char *slash;

	if (finding->cause.folder_depth > 0)
		return unr_folder_cut(whole, finding->cause.folder_depth);
	if (finding->type == UNR_ENTRY_DIRECTORY)
		return whole;
	slash = memrchr(finding->path, '/', finding->path_length);
	return (struct unr_folder) { finding->path,
				     slash == NULL ? 0 : (size_t) (slash - finding->path) };
}

size_t unr_folder_depth(struct unr_folder folder)
{
	size_t depth = folder.length > 0 ? 1 : 0;

	for (size_t i = 0; i < folder.length; i++)
		if (folder.path[i] == '/')
			depth++;
	return depth;
}

struct unr_folder unr_folder_cut(struct unr_folder folder, size_t depth)
{
	size_t seen = 0;

	if (depth == 0)
		return (struct unr_folder) { folder.path, 0 };
	for (size_t i = 0; i < folder.length; i++)
		if (folder.path[i] == '/' && ++seen == depth)
			return (struct unr_folder) { folder.path, i };
	return folder;
}

struct unr_folder unr_folder_common(struct unr_folder a, struct unr_folder b)
{
	size_t end = 0;

	for (size_t i = 0;; i++) {
		bool a_ends = i == a.length || a.path[i] == '/';
		bool b_ends = i == b.length || b.path[i] == '/';

		if (a_ends && b_ends)
			end = i;
		if (i == a.length || i == b.length || a.path[i] != b.path[i])
			return (struct unr_folder) { a.path, end };
	}
}

/* Byte order, but a slash before all else: what is below a folder stays beside it. */
int unr_folder_compare(struct unr_folder a, struct unr_folder b)
{
	size_t n = a.length < b.length ? a.length : b.length;

	for (size_t i = 0; i < n; i++) {
		int x = a.path[i] == '/' ? 0 : (unsigned char) a.path[i];
		int y = b.path[i] == '/' ? 0 : (unsigned char) b.path[i];

		if (x != y)
			return x - y;
	}
	return (a.length > b.length) - (a.length < b.length);
}
