/* SPDX-License-Identifier: MIT */
/*
 * The types that dockerd decodes an image's config into, as data: go_decode.c walks them, and
 * nothing here reads a byte.
 */
#ifndef UNR_IMAGE_GO_TYPES_H
#define UNR_IMAGE_GO_TYPES_H

#include <stdbool.h>
#include <stddef.h>

/* Whose types they are, and whose words; with neither moby 20.10 as built with go1.19. */
struct unr_go_rules {
	bool newer; /* moby 25 and later, as built with go1.24 */
	bool older; /* moby 20.10 as built with go1.15: times */
};

enum unr_go_kind {
	UNR_GO_STRING,
	UNR_GO_BOOL,
	UNR_GO_INT,    /* of 64 bits */
	UNR_GO_LIST,   /* a slice */
	UNR_GO_MAP,    /* its keys are strings */
	UNR_GO_EMPTY,  /* struct {}: whatever members an object has */
	UNR_GO_STRUCT, /* a pointer to one, too */
	UNR_GO_WORDS,  /* strslice.StrSlice, which decodes itself: a string or strings */
	UNR_GO_TIME,   /* time.Time, which does so, too */
	UNR_GO_KIND_COUNT_
};

struct unr_go_member {
	const char *name; /* NULL behind the last one */
	const struct unr_go_type *type;
	bool embedded; /* in V1Image, which newer ones name */
	bool newer;    /* older ones do not have it */
	bool noted;    /* that it is there is told */
};

/* What newer ones call otherwise has two names; "newer" is moby 25 and later, built with go1.24. */
struct unr_go_type {
	enum unr_go_kind kind;
	const char *name, *newer_name; /* "[]image.History" */
	const char *own, *newer_own;   /* of a struct: its name without the package */
	const struct unr_go_type *item;
	const struct unr_go_member *members;
};

/* image.Image (moby: image/image.go); its member "rootfs" is the one that is noted */
extern const struct unr_go_type unr_go_image;

#endif
