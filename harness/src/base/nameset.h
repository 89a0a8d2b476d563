/* SPDX-License-Identifier: MIT */
/*
 * A set of byte strings that answers "was it there already?".  It keeps a keyed
 * 128-bit hash of each instead of the string: 16 to 32 bytes a name however
 * long it is, and names made to collide do not, as the key is drawn at random
 * (SipHash-2-4 with 128-bit output, Aumasson and Bernstein 2012).
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

/**
 * unr_nameset_add() - put a name in
 *
 * Return: 1 when it is new, 0 when it was there already, -ENOMEM.
 */
UNR_MUST_CHECK int unr_nameset_add(struct unr_nameset *set, const void *name, size_t length);

/** unr_nameset_has() - is it there? */
bool unr_nameset_has(const struct unr_nameset *set, const void *name, size_t length);

#endif
