/* SPDX-License-Identifier: MIT */
/* Open addressing over keyed hashes: see nameset.h. */
#include "base/nameset.h"

#include <string.h>
#include <sys/random.h>

#include "base/siphash.h"

/* The hash, but for the lowest bits of its second half: the marks.  Without one it is free. */
struct unr_nameset_slot {
	uint64_t hash[2];
};

#define MARKS ((uint64_t) (UNR_MARK_FIRST | UNR_MARK_SECOND))

int unr_nameset_init(struct unr_nameset *set)
{
	*set = (struct unr_nameset) { 0 };
	if (getrandom(set->key, sizeof(set->key), 0) != (ssize_t) sizeof(set->key))
		return -errno;
	return 0;
}

void unr_nameset_done(struct unr_nameset *set)
{
	free(set->slots);
	*set = (struct unr_nameset) { 0 };
}

static void hash_name(const struct unr_nameset *set, const void *name, size_t length,
		      uint64_t ret[2])
{
	unr_siphash(set->key, name, length, ret);
	ret[1] &= ~MARKS;
}

static bool is_free(const struct unr_nameset_slot *slot)
{
	return (slot->hash[1] & MARKS) == 0;
}

/* The slot of that hash, or the free one where it belongs. */
static struct unr_nameset_slot *find(const struct unr_nameset *set, const uint64_t hash[2])
{
	size_t i = (size_t) hash[0] & (set->n_slots - 1);

	for (;; i = (i + 1) & (set->n_slots - 1)) {
		struct unr_nameset_slot *slot = &set->slots[i];

		if (is_free(slot) ||
		    (slot->hash[0] == hash[0] && ((slot->hash[1] ^ hash[1]) & ~MARKS) == 0))
			return slot;
	}
}

/*
 * Doubles the table where it stands, so that there are never two.  What is in a
 * slot belongs there or a table further on, and comes no later than before: taken
 * from behind a free slot on, nothing meets one that has not been moved yet.
 */
static void spread(struct unr_nameset *set, size_t old)
{
	size_t start = 0;

	while (!is_free(&set->slots[start]))
		start++;
	for (size_t i = 1; i < old; i++) {
		struct unr_nameset_slot *slot = &set->slots[(start + i) & (old - 1)];
		struct unr_nameset_slot moved = *slot;

		*slot = (struct unr_nameset_slot) { { 0, 0 } };
		if (!is_free(&moved))
			*find(set, moved.hash) = moved;
	}
}

static int grow(struct unr_nameset *set)
{
	size_t old = set->n_slots, n = old == 0 ? 64 : old * 2;
	struct unr_nameset_slot *slots = reallocarray(set->slots, n, sizeof(*slots));

	if (slots == NULL)
		return -ENOMEM;
	memset(slots + old, 0, (n - old) * sizeof(*slots));
	set->slots = slots;
	set->n_slots = n;
	if (old > 0)
		spread(set, old);
	return 0;
}

int unr_nameset_mark(struct unr_nameset *set, enum unr_mark mark, const void *name, size_t length)
{
	struct unr_nameset_slot *slot;
	uint64_t hash[2];

	if (set->n_used >= set->n_slots / 4 * 3 && grow(set) < 0)
		return -ENOMEM;
	hash_name(set, name, length, hash);
	slot = find(set, hash);
	if (is_free(slot)) {
		slot->hash[0] = hash[0];
		slot->hash[1] = hash[1];
		set->n_used++;
	}
	if ((slot->hash[1] & mark) != 0)
		return 0;
	slot->hash[1] |= mark;
	return 1;
}

bool unr_nameset_has(const struct unr_nameset *set, enum unr_mark mark, const void *name,
		     size_t length)
{
	uint64_t hash[2];

	if (set->n_slots == 0)
		return false;
	hash_name(set, name, length, hash);
	return (find(set, hash)->hash[1] & mark) != 0;
}
