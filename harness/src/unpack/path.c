/* SPDX-License-Identifier: MIT */
/*
 * Names as Go's path/filepath has them (go1.19 path.go): purely lexical.  The
 * result is what dockerd works with and what its messages show.
 */
#include <string.h>

#include "unpack/internal.h"

/* Is there an element of exactly @dots dots at @at? */
static bool is_dots(const char *name, size_t length, size_t at, size_t dots)
{
	for (size_t i = 0; i < dots; i++)
		if (at + i >= length || name[at + i] != '.')
			return false;
	return at + dots == length || name[at + dots] == '/';
}

/* Takes the last element off, but not what stands before @keep. */
static void drop_element(struct unr_text *path, size_t keep)
{
	if (path->length <= keep)
		return;
	path->length--;
	while (path->length > keep && path->bytes[path->length] != '/')
		path->length--;
	path->bytes[path->length] = '\0';
}

/* filepath.Clean() onto @ret, which holds "" or "/". */
static void clean_onto(const char *name, size_t length, struct unr_text *ret)
{
	const bool rooted = ret->length == 1;
	const size_t start = ret->length;
	size_t keep = start; /* leading ".." elements that cannot be taken back */
	size_t at = 0;

	while (at < length) {
		if (name[at] == '/' || is_dots(name, length, at, 1)) {
			at++;
		} else if (is_dots(name, length, at, 2)) {
			at += 2;
			if (ret->length > keep) {
				drop_element(ret, keep);
			} else if (!rooted) {
				unr_text_puts(ret, ret->length > 0 ? "/.." : "..");
				keep = ret->length;
			}
		} else {
			const char *slash = memchr(name + at, '/', length - at);
			size_t n = slash == NULL ? length - at : (size_t) (slash - name) - at;

			if (ret->length != start)
				unr_text_puts(ret, "/");
			unr_text_append(ret, name + at, n);
			at += n;
		}
	}
}

void path_clean(const char *name, size_t length, struct unr_text *ret)
{
	unr_text_clear(ret);
	if (length > 0 && name[0] == '/')
		unr_text_puts(ret, "/");
	clean_onto(name, length, ret);
	if (ret->length == 0)
		unr_text_puts(ret, ".");
}

void path_join_root(const char *name, size_t length, struct unr_text *ret)
{
	unr_text_clear(ret);
	unr_text_puts(ret, "/");
	clean_onto(name, length, ret);
}

void path_dirname(const struct unr_text *path, struct unr_text *ret)
{
	const char *slash = memrchr(path->bytes, '/', path->length);
	size_t n = slash == NULL ? 0 : (size_t) (slash - path->bytes);

	unr_text_clear(ret);
	unr_text_append(ret, path->bytes, n == 0 ? 1 : n);
}

const char *path_basename(const struct unr_text *path)
{
	const char *slash = memrchr(path->bytes, '/', path->length);

	return slash == NULL || path->length == 1 ? path->bytes : slash + 1;
}
