/* SPDX-License-Identifier: MIT */
/* A tree of hashes: see paths.h.  An element is known by its parent's number and its name. */
#include "cause/paths.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/siphash.h"

int unr_paths_init(struct unr_paths *paths)
{
	*paths = (struct unr_paths) { .room = 64, .n_slots = 128, .n = 1 };
	if (getrandom(paths->key, sizeof(paths->key), 0) != (ssize_t) sizeof(paths->key))
		return -errno;
	paths->paths = calloc(paths->room, sizeof(*paths->paths));
	paths->slots = calloc(paths->n_slots, sizeof(*paths->slots));
	if (paths->paths != NULL && paths->slots != NULL)
		return 0;
	unr_paths_done(paths);
	return -ENOMEM;
}

void unr_paths_done(struct unr_paths *paths)
{
	free(paths->paths);
	free(paths->slots);
	*paths = (struct unr_paths) { 0 };
}

uint64_t unr_paths_hash(const struct unr_paths *paths, const void *bytes, size_t length)
{
	uint64_t hash[2];

	unr_siphash(paths->key, bytes, length, hash);
	return hash[0];
}

static void hash_element(const struct unr_paths *paths, uint32_t parent, const char *name,
			 size_t length, uint64_t ret[2])
{
	uint64_t element[3] = { 0, 0, parent };

	unr_siphash(paths->key, name, length, element);
	unr_siphash(paths->key, element, sizeof(element), ret);
}

/* The slot of that hash, or the free one where it belongs. */
static uint32_t *find_slot(const struct unr_paths *paths, const uint64_t hash[2])
{
	size_t i = (size_t) hash[0] & (paths->n_slots - 1);

	while (paths->slots[i] != 0 &&
	       memcmp(paths->paths[paths->slots[i]].hash, hash, sizeof(paths->paths->hash)) != 0)
		i = (i + 1) & (paths->n_slots - 1);
	return &paths->slots[i];
}

static int grow(struct unr_paths *paths)
{
	struct unr_path *bigger = reallocarray(paths->paths, paths->room * 2, sizeof(*bigger));
	uint32_t *slots = calloc(paths->n_slots * 2, sizeof(*slots));

	if (bigger != NULL) {
		paths->paths = bigger;
		paths->room *= 2;
	}
	if (bigger == NULL || slots == NULL || paths->room > UINT32_MAX / 2) {
		free(slots);
		return -ENOMEM;
	}
	free(paths->slots);
	paths->slots = slots;
	paths->n_slots *= 2;
	for (size_t i = 1; i < paths->n; i++)
		*find_slot(paths, paths->paths[i].hash) = (uint32_t) i;
	return 0;
}

uint32_t unr_paths_child(const struct unr_paths *paths, uint32_t parent, const char *name,
			 size_t length)
{
	uint64_t hash[2];
	uint32_t found;

	hash_element(paths, parent, name, length, hash);
	found = *find_slot(paths, hash);
	return found == 0 ? UNR_PATHS_NONE : found;
}

static int add_child(struct unr_paths *paths, uint32_t parent, const char *name, size_t length,
		     uint32_t *ret)
{
	uint64_t hash[2];
	uint32_t *slot;

	if (paths->n == paths->room && grow(paths) < 0)
		return -ENOMEM;
	hash_element(paths, parent, name, length, hash);
	slot = find_slot(paths, hash);
	if (*slot == 0) {
		*slot = (uint32_t) paths->n;
		paths->paths[paths->n++] =
			(struct unr_path) { .hash = { hash[0], hash[1] }, .parent = parent };
	}
	*ret = *slot;
	return 0;
}

/* A walk along a name: the last element is held back, for ".." and for the caller. */
struct walk {
	uint32_t at;      /* the deepest path that is known... */
	size_t beyond;    /* ...and how many elements deeper it is */
	const char *held; /* NULL: none */
	size_t held_length;
};

/* Takes the next element out of a name; false at its end. */
static bool next_element(const char **name, size_t *length, const char **ret, size_t *ret_length)
{
	const char *slash;

	while (*length > 0 && **name == '/') {
		(*name)++;
		(*length)--;
	}
	if (*length == 0)
		return false;
	slash = memchr(*name, '/', *length);
	*ret = *name;
	*ret_length = slash == NULL ? *length : (size_t) (slash - *name);
	*name += *ret_length;
	*length -= *ret_length;
	return true;
}

static void go_up(const struct unr_paths *paths, struct walk *walk)
{
	if (walk->held != NULL)
		walk->held = NULL;
	else if (walk->beyond > 0)
		walk->beyond--;
	else
		walk->at = paths->paths[walk->at].parent;
}

/* Goes into the element that is held back; with @add it is there afterwards. */
static int go_down(struct unr_paths *add, const struct unr_paths *paths, struct walk *walk)
{
	uint32_t child = UNR_PATHS_NONE;

	if (walk->held == NULL)
		return 0;
	if (add != NULL) {
		int r = add_child(add, walk->at, walk->held, walk->held_length, &child);

		if (r < 0)
			return r;
	} else if (walk->beyond == 0) {
		child = unr_paths_child(paths, walk->at, walk->held, walk->held_length);
	}
	if (child == UNR_PATHS_NONE)
		walk->beyond++;
	else
		walk->at = child;
	walk->held = NULL;
	return 0;
}

static int walk_name(struct unr_paths *add, const struct unr_paths *paths, const char *name,
		     size_t length, struct walk *walk)
{
	const char *element;
	size_t n;
	int r = 0;

	while (r == 0 && next_element(&name, &length, &element, &n)) {
		if (n == 1 && *element == '.')
			continue;
		if (n == 2 && memcmp(element, "..", 2) == 0) {
			go_up(paths, walk);
			continue;
		}
		r = go_down(add, paths, walk);
		walk->held = element;
		walk->held_length = n;
	}
	return r;
}

struct unr_place unr_paths_find(const struct unr_paths *paths, const char *name, size_t length)
{
	struct walk walk = { 0 };

	(void) walk_name(NULL, paths, name, length, &walk);
	return (struct unr_place) { .parent = walk.beyond > 0 ? UNR_PATHS_NONE : walk.at,
				    .base = walk.held,
				    .length = walk.held_length };
}

uint32_t unr_paths_number(const struct unr_paths *paths, const char *name, size_t length)
{
	struct unr_place place = unr_paths_find(paths, name, length);

	if (place.parent == UNR_PATHS_NONE || place.base == NULL)
		return place.parent;
	return unr_paths_child(paths, place.parent, place.base, place.length);
}

uint32_t unr_paths_depth(const struct unr_paths *paths, uint32_t number)
{
	uint32_t depth = 0;

	for (; number != 0; number = paths->paths[number].parent)
		depth++;
	return depth;
}

int unr_paths_add(struct unr_paths *paths, const char *name, size_t length, uint32_t *ret)
{
	struct walk walk = { 0 };
	int r = walk_name(paths, paths, name, length, &walk);

	if (r == 0)
		r = go_down(paths, paths, &walk);
	*ret = walk.at;
	return r;
}
