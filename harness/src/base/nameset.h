/* SPDX-License-Identifier: MIT */
/*
 * A set of byte strings that answers "was it there already?", for one mark or
 * for two that are asked for apart.  It keeps a keyed hash of 126 bits of each
 * instead of the string: 16 to 32 bytes a name however long it is, and names made
 * to collide do not, as the key is drawn at random (SipHash-2-4 with 128-bit
 * output, Aumasson and Bernstein 2012).
 */
#ifndef UNR_BASE_NAMESET_H
#define UNR_BASE_NAMESET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "usernsrepro/attr.h"

struct unr_nameset {
	uint64_t key[2];
	struct unr_nameset_slot *slots; /* owned */
	size_t n_slots;                 /* a power of two, or 0 */
	size_t n_used;
};

/** unr_nameset_init() - an empty set with a fresh key; 0 or -errno of getrandom(2). */
UNR_MUST_CHECK int unr_nameset_init(struct unr_nameset *set);

void unr_nameset_done(struct unr_nameset *set);
DEFINE_UNR_CLEANUP(struct unr_nameset, unr_nameset_done);

/* What a name can be marked with. */
enum unr_mark {
	UNR_MARK_FIRST = 1,
	UNR_MARK_SECOND = 2,
};

/**
 * unr_nameset_mark() - put a name in, with one of the marks
 *
 * Return: 1 when it is new, 0 when it had that mark already, -ENOMEM.
 */
UNR_MUST_CHECK int unr_nameset_mark(struct unr_nameset *set, enum unr_mark mark, const void *name,
				    size_t length);

/** unr_nameset_add() - the same where one mark is enough. */
UNR_MUST_CHECK static inline int unr_nameset_add(struct unr_nameset *set, const void *name,
						 size_t length)
{
	return unr_nameset_mark(set, UNR_MARK_FIRST, name, length);
}

/** unr_nameset_has() - is it there with that mark? */
bool unr_nameset_has(const struct unr_nameset *set, enum unr_mark mark, const void *name,
		     size_t length);

#endif
