/* SPDX-License-Identifier: MIT */
/*
 * The id map of a user namespace as a value: ranges of inside:outside:count,
 * as user_namespaces(7) has them.  No I/O here; subid.h and map_writer.h do it.
 */
#ifndef USERNSREPRO_IDMAP_H
#define USERNSREPRO_IDMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"

/* 4294967295 is (uid_t) -1: "leave unchanged" for chown(2), never an id. */
#define UNR_ID_NONE UINT32_MAX

/* Lines that the kernel takes: user_namespaces(7), since Linux 4.15. */
#define UNR_IDMAP_MAX_RANGES 340

enum unr_id_kind { UNR_UID, UNR_GID, UNR_ID_KIND_COUNT_ };

struct unr_id_range {
	uint32_t inside;  /* first id as seen in the namespace */
	uint32_t outside; /* first id in the parent namespace */
	uint32_t count;   /* how many, at least 1 */
};

/* Zero-initialised is the empty map. */
struct unr_idmap {
	struct unr_id_range *ranges; /* owned, in the order they were added */
	size_t n_ranges;
};

/* One map a kind of id, indexed by enum unr_id_kind. */
struct unr_idmaps {
	struct unr_idmap of[UNR_ID_KIND_COUNT_];
};

UNR_EXPORT void unr_idmap_done(struct unr_idmap *map);
UNR_EXPORT void unr_idmaps_done(struct unr_idmaps *maps);

/** unr_id_kind_name() - "uid" or "gid". */
UNR_EXPORT const char *unr_id_kind_name(enum unr_id_kind kind);

/**
 * unr_id_range_parse() - read "inside:outside:count"
 * @text: three decimal numbers, each 0..4294967295, in that order
 * @ret:  set on success
 *
 * Return: 0, or -EINVAL / -ERANGE with @err of kind USAGE that quotes @text.
 */
UNR_EXPORT UNR_MUST_CHECK int unr_id_range_parse(const char *text, struct unr_id_range *ret,
						 struct unr_error *err);

/**
 * unr_idmap_add() - append a range; checks nothing but memory
 *
 * Return: 0 or -ENOMEM.
 */
UNR_EXPORT UNR_MUST_CHECK int unr_idmap_add(struct unr_idmap *map, struct unr_id_range range);

/** unr_idmap_copy() - a map of its own for @ret (which must be empty); 0 or -ENOMEM. */
UNR_EXPORT UNR_MUST_CHECK int unr_idmap_copy(const struct unr_idmap *map, struct unr_idmap *ret);

/**
 * unr_idmap_check() - would the kernel take it, looked at alone?
 *
 * The rules of user_namespaces(7) and kernel/user_namespace.c: at least one
 * range and at most 340, no count of 0, no range over 4294967294 or wrapping,
 * no two ranges that overlap inside or outside, and a text shorter than a page.
 *
 * Return: 0, or -EINVAL / -E2BIG with @err of kind USAGE that has the number in it.
 */
UNR_EXPORT UNR_MUST_CHECK int unr_idmap_check(const struct unr_idmap *map, enum unr_id_kind kind,
					      struct unr_error *err);

/**
 * unr_idmap_to_outside() - find the outside id for an inside id
 * @inside: 64 bits, as a tar header has it; nothing below 0 or over 2^32-2 is ever mapped
 * @ret:    set on success
 *
 * Return: is it mapped?
 */
UNR_EXPORT bool unr_idmap_to_outside(const struct unr_idmap *map, int64_t inside, uint32_t *ret);

/** unr_idmap_to_inside() - the way back. */
UNR_EXPORT bool unr_idmap_to_inside(const struct unr_idmap *map, int64_t outside, uint32_t *ret);

/** unr_idmap_total() - how many ids the map has (64 bits: the full map has 2^32-1). */
UNR_EXPORT uint64_t unr_idmap_total(const struct unr_idmap *map);

/** unr_idmap_equal() - the same ranges in the same order? */
UNR_EXPORT bool unr_idmap_equal(const struct unr_idmap *a, const struct unr_idmap *b);

/**
 * unr_idmap_format() - the text for /proc/PID/uid_map, a line a range
 *
 * Return: an owned string, NULL when out of memory.
 */
UNR_EXPORT char *unr_idmap_format(const struct unr_idmap *map);

#endif
