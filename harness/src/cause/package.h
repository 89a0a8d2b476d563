/* SPDX-License-Identifier: MIT */
/*
 * Packages by where their files lie, and a list of those that were found.  What
 * their own files say is manifest.h's business.
 */
#ifndef UNR_CAUSE_PACKAGE_H
#define UNR_CAUSE_PACKAGE_H

#include <stddef.h>

#include "base/cleanup.h"
#include "usernsrepro/attr.h"
#include "usernsrepro/finding.h"

/* Of a name, and of a version; what is longer is none. */
enum { UNR_PACKAGE_MAX_TEXT = 256 };

/* More than an image has whose files fail; it bounds what hostile ones take. */
enum { UNR_PACKAGE_MAX = 1 << 14 };

struct unr_package {
	enum unr_package_kind kind;
	char *name, *version; /* owned; no version: NULL */
};

/* Zero-initialised is empty. */
struct unr_packages {
	struct unr_package *list; /* owned; numbers begin at 1 */
	size_t n, room;
};

void unr_packages_done(struct unr_packages *packages);
DEFINE_UNR_CLEANUP(struct unr_packages, unr_packages_done);

/* Bytes that end nowhere. */
struct unr_words {
	const char *bytes; /* borrowed; NULL: there are none */
	size_t length;
};

/**
 * unr_packages_add() - a package, whose number becomes @ret
 * @version: may have no bytes
 *
 * Names and versions with control characters, and what is more than can be kept, are none: 0.
 *
 * Return: 0 or -ENOMEM.
 */
UNR_MUST_CHECK int unr_packages_add(struct unr_packages *packages, enum unr_package_kind kind,
				    struct unr_words name, struct unr_words version, uint32_t *ret);

/** unr_packages_set() - another name, or version, for a package; without bytes it stays. */
UNR_MUST_CHECK int unr_packages_set(struct unr_packages *packages, uint32_t number,
				    struct unr_words name, struct unr_words version);

/* Where a path's package begins. */
struct unr_package_folder {
	enum unr_package_kind kind; /* NONE: it belongs to none that can be told by its path */
	size_t length;              /* of the path, up to the folder's end */
	size_t outside;             /* of the path, up to where another one may end */
	struct unr_words version;   /* where the path has it */
	char name[UNR_PACKAGE_MAX_TEXT + 1]; /* the same */
};

/**
 * unr_package_folder() - the innermost folder of a package on a path
 *
 * node_modules/NAME or node_modules/@SCOPE/NAME, gems/NAME-VERSION, pkg/mod/PATH@VERSION,
 * vendor/OWNER/NAME.  Of npm and Composer a file in it says what it is.
 */
struct unr_package_folder unr_package_folder(const char *path, size_t length);

/**
 * unr_package_split() - NAME-VERSION at the first hyphen before a digit
 *
 * Return: the name, and the version up to the next hyphen; no bytes when there is none.
 */
struct unr_words unr_package_split(struct unr_words text, struct unr_words *ret_version);

#endif
