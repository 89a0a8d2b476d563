/* SPDX-License-Identifier: MIT */
/*
 * The paths of failing entries and of the directories above them, each as a
 * hash, with what layers above do to it.  Inside cause/ only.
 */
#ifndef UNR_CAUSE_PATHS_H
#define UNR_CAUSE_PATHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "usernsrepro/attr.h"

/* What an entry is, as far as one can stand for another. */
enum unr_path_kind { UNR_PATH_NOTHING, UNR_PATH_DIRECTORY, UNR_PATH_HARDLINK, UNR_PATH_OTHER };

/* A layer that does something, and the one above it that did before the lowest seen so far. */
struct unr_path_event {
	uint16_t layer, before; /* 0: none; the bottom layer does nothing to another */
};

/* One path.  Layers are looked at from the top down: what is noted is the lowest seen so far. */
struct unr_path {
	uint64_t hash[2];
	uint32_t parent;
	uint32_t package;       /* number of the one that it belongs to, by a file of this layer: */
	uint16_t package_layer; /* UNR_PATHS_ANY_LAYER: by its name */
	uint16_t failing;       /* the last layer in which it is a failing entry, plus 1 */
	bool is_folder;         /* the folder of a package: what is below belongs to that, too */
	/* The entry of this path: */
	bool unsure;                   /* what becomes of it cannot be told */
	uint8_t kind;                  /* enum unr_path_kind */
	uint8_t ending;                /* enum unr_fate; KEPT: it lasts */
	uint16_t entry;                /* its layer, 0: there is none */
	uint16_t end;                  /* where it ends */
	uint16_t owned;                /* since when it has its last owner */
	uint64_t content, owner;       /* hashes */
	struct unr_path_event removed; /* by a whiteout */
	struct unr_path_event cleared; /* what is below it goes */
};

struct unr_paths {
	uint64_t key[2];
	struct unr_path *paths; /* owned; the first is the root */
	uint32_t *slots;        /* owned; number of the path, 0: free */
	size_t n, room, n_slots;
};

#define UNR_PATHS_NONE UINT32_MAX
#define UNR_PATHS_ANY_LAYER UINT16_MAX

/** unr_paths_init() - with the root alone; 0 or -errno. */
UNR_MUST_CHECK int unr_paths_init(struct unr_paths *paths);
void unr_paths_done(struct unr_paths *paths);
DEFINE_UNR_CLEANUP(struct unr_paths, unr_paths_done);

/** unr_paths_child() - a path by its parent and last element; UNR_PATHS_NONE when not there. */
uint32_t unr_paths_child(const struct unr_paths *paths, uint32_t parent, const char *name,
			 size_t length);

/* Where a name of a tar leads. */
struct unr_place {
	uint32_t parent;  /* UNR_PATHS_NONE: not among the paths */
	const char *base; /* last element, borrowed; NULL: the root itself */
	size_t length;
};

/** unr_paths_find() - look a name up, "." and ".." resolved without looking at links. */
struct unr_place unr_paths_find(const struct unr_paths *paths, const char *name, size_t length);

/** unr_paths_number() - the number of a path by its name; UNR_PATHS_NONE when not there. */
uint32_t unr_paths_number(const struct unr_paths *paths, const char *name, size_t length);

/** unr_paths_depth() - how many elements a path has. */
uint32_t unr_paths_depth(const struct unr_paths *paths, uint32_t number);

/**
 * unr_paths_add() - a name and all directories above it
 *
 * Return: 0 with its number, or -ENOMEM.
 */
UNR_MUST_CHECK int unr_paths_add(struct unr_paths *paths, const char *name, size_t length,
				 uint32_t *ret);

/** unr_paths_hash() - 64 bits of a hash of any bytes, for comparing. */
uint64_t unr_paths_hash(const struct unr_paths *paths, const void *bytes, size_t length);

#endif
