/* SPDX-License-Identifier: MIT */
/*
 * Folders of packages.  npm docs, folders; rubygems, Gem::Specification#full_name;
 * golang.org/x/mod/module, EscapePath; getcomposer.org, vendor-dir.
 */
#include "cause/package.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void unr_packages_done(struct unr_packages *packages)
{
	for (size_t i = 1; i < packages->n; i++) {
		free(packages->list[i].name);
		free(packages->list[i].version);
	}
	free(packages->list);
	*packages = (struct unr_packages) { 0 };
}

static bool is_usable(struct unr_words words)
{
	if (words.bytes == NULL || words.length == 0 || words.length > UNR_PACKAGE_MAX_TEXT)
		return false;
	for (size_t i = 0; i < words.length; i++)
		if ((unsigned char) words.bytes[i] < ' ' || words.bytes[i] == 0x7f)
			return false;
	return true;
}

static int copy_words(struct unr_words words, char **ret)
{
	char *copy;

	if (!is_usable(words))
		return 0;
	copy = strndup(words.bytes, words.length);
	if (copy == NULL)
		return -ENOMEM;
	free(*ret);
	*ret = copy;
	return 0;
}

int unr_packages_set(struct unr_packages *packages, uint32_t number, struct unr_words name,
		     struct unr_words version)
{
	struct unr_package *package;
	int r;

	if (number == 0) /* none; there may be no list yet */
		return 0;
	package = &packages->list[number];
	r = copy_words(name, &package->name);
	return r == 0 ? copy_words(version, &package->version) : r;
}

int unr_packages_add(struct unr_packages *packages, enum unr_package_kind kind,
		     struct unr_words name, struct unr_words version, uint32_t *ret)
{
	struct unr_package package = { .kind = kind };

	*ret = 0;
	if (!is_usable(name) || packages->n >= UNR_PACKAGE_MAX)
		return 0;
	if (packages->n == packages->room) {
		size_t room = packages->room == 0 ? 16 : packages->room * 2;
		struct unr_package *list = reallocarray(packages->list, room, sizeof(*list));

		if (list == NULL)
			return -ENOMEM;
		packages->list = list;
		packages->room = room;
	}
	if (packages->n == 0)
		packages->list[packages->n++] = (struct unr_package) { .kind = UNR_PACKAGE_NONE };
	packages->list[packages->n] = package;
	*ret = (uint32_t) packages->n++;
	return unr_packages_set(packages, *ret, name, version);
}

/* The length of @path up to the end of the element that begins at @at; 0 when there is none. */
static size_t element_end(const char *path, size_t length, size_t at)
{
	const char *slash;

	if (at >= length)
		return 0;
	slash = memchr(path + at, '/', length - at);
	return slash == NULL ? length : (size_t) (slash - path);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

struct unr_words unr_package_split(struct unr_words text, struct unr_words *ret_version)
{
	for (size_t i = 1; i + 1 < text.length; i++) {
		const char *version = text.bytes + i + 1;
		const char *hyphen;

		if (text.bytes[i] != '-' || !is_digit(*version))
			continue;
		hyphen = memchr(version, '-', text.length - i - 1);
		*ret_version =
			(struct unr_words) { version, hyphen != NULL ? (size_t) (hyphen - version) :
								       text.length - i - 1 };
		return (struct unr_words) { text.bytes, i };
	}
	return *ret_version = (struct unr_words) { NULL, 0 };
}

/* The name of @folder, which is that of the path as it stands, or what was made of it. */
static bool take_name(struct unr_package_folder *folder, struct unr_words name)
{
	if (name.length == 0 || name.length > UNR_PACKAGE_MAX_TEXT)
		return false;
	memcpy(folder->name, name.bytes, name.length);
	folder->name[name.length] = '\0';
	return true;
}

/*
 * What follows the folder that a package manager keeps, from @at; each gives the
 * end of the package's own folder, or 0.
 */

/* NAME or @SCOPE/NAME; names cannot begin with '.' or '_' (npm, package.json). */
static size_t npm_end(const char *path, size_t length, size_t at, struct unr_package_folder *folder)
{
	size_t end = element_end(path, length, at);

	(void) folder;
	if (end == 0 || end == at || path[at] == '.' || path[at] == '_')
		return 0;
	return path[at] == '@' ? element_end(path, length, end + 1) : end;
}

/* OWNER/NAME; what is directly in vendor/ belongs to no package, vendor/composer/ to Composer. */
static size_t composer_end(const char *path, size_t length, size_t at,
			   struct unr_package_folder *folder)
{
	size_t owner = element_end(path, length, at);

	(void) folder;
	return owner == 0 || owner == at ? 0 : element_end(path, length, owner + 1);
}

static size_t gem_end(const char *path, size_t length, size_t at, struct unr_package_folder *folder)
{
	size_t end = element_end(path, length, at);
	struct unr_words text = { path + at, end > at ? end - at : 0 };

	return take_name(folder, unr_package_split(text, &folder->version)) ? end : 0;
}

/* Behind an '!' a letter was a capital one. */
static void unescape(char *name)
{
	char *to = name;

	for (const char *from = name; *from != '\0'; from++) {
		bool capital = from[0] == '!' && from[1] >= 'a' && from[1] <= 'z';

		*to++ = capital ? (char) (*++from - 'a' + 'A') : *from;
	}
	*to = '\0';
}

/* pkg/mod/PATH@VERSION, of one element or more; pkg/mod/cache has archives. */
static size_t go_end(const char *path, size_t length, size_t at, struct unr_package_folder *folder)
{
	const char *sign = memchr(path + at, '@', length - at);
	size_t end;

	if (sign == NULL || sign == path + at || sign[-1] == '/')
		return 0;
	end = element_end(path, length, (size_t) (sign - path));
	folder->version = (struct unr_words) { sign + 1, end - (size_t) (sign - path) - 1 };
	if (folder->version.length == 0 ||
	    !take_name(folder, (struct unr_words) { path + at, (size_t) (sign - path) - at }))
		return 0;
	if (strncmp(folder->name, "cache/", strlen("cache/")) == 0)
		return 0;
	unescape(folder->name);
	return end;
}

static const struct keeper {
	const char *folder;
	enum unr_package_kind kind;
	size_t (*end)(const char *path, size_t length, size_t at,
		      struct unr_package_folder *folder);
} KEEPERS[] = {
	{ "node_modules", UNR_PACKAGE_NPM, npm_end },
	{ "gems", UNR_PACKAGE_GEM, gem_end },
	{ "pkg/mod", UNR_PACKAGE_GO, go_end },
	{ "vendor", UNR_PACKAGE_COMPOSER, composer_end },
};

/* Does a keeper's folder begin at @at?  Its end, behind the slash; 0: no. */
static size_t keeper_end(const struct keeper *keeper, const char *path, size_t length, size_t at)
{
	size_t n = strlen(keeper->folder);

	if (length - at <= n || path[at + n] != '/' || memcmp(path + at, keeper->folder, n) != 0)
		return 0;
	return at + n + 1;
}

struct unr_package_folder unr_package_folder(const char *path, size_t length)
{
	struct unr_package_folder found = { .kind = UNR_PACKAGE_NONE };
	size_t end;

	for (size_t at = 0; (end = element_end(path, length, at)) != 0; at = end + 1) {
		for (size_t i = 0; i < UNR_COUNT(KEEPERS); i++) {
			size_t begin = keeper_end(&KEEPERS[i], path, length, at);
			struct unr_package_folder folder = { .kind = KEEPERS[i].kind,
							     .outside = at };

			if (begin == 0)
				continue;
			folder.length = KEEPERS[i].end(path, length, begin, &folder);
			/* What npm keeps for itself belongs to no package. */
			if (folder.length > 0)
				found = folder;
			else if (folder.kind == UNR_PACKAGE_NPM)
				found = (struct unr_package_folder) { .kind = UNR_PACKAGE_NONE };
		}
	}
	return found;
}
