/* SPDX-License-Identifier: MIT */
/*
 * Subordinate ranges of a user: what subuid(5) and subgid(5), or the NSS module
 * behind them, grant.  The only place that knows libsubid.
 */
#ifndef USERNSREPRO_SUBID_H
#define USERNSREPRO_SUBID_H

#include "usernsrepro/idmap.h"
#include "usernsrepro/obstacle.h"

/**
 * unr_subid_ranges() - the ranges of a user, laid end to end
 * @owner: login name (or a decimal uid, as subuid(5) allows)
 * @kind:  subordinate uids or gids
 * @first: inside id at which the first range starts; the others follow without a gap, in the
 *         order of the file, as dockerd and podman lay them
 * @ret:   ranges are appended; as it was when the call fails
 *
 * A login name also finds the entries with the user's number in subuid, but in subgid only those
 * with the number of a group of that name (libsubid 4): ask by number too where that matters.
 *
 * Return: 0 (also when the user has none or there is no such file: @ret is then unchanged), or
 *   -EIO     the database could not be read; @err says why
 *   -ERANGE  the ranges together do not fit into 32 bits
 *   -ENOMEM
 */
UNR_EXPORT UNR_MUST_CHECK int unr_subid_ranges(const char *owner, enum unr_id_kind kind,
					       uint32_t first, struct unr_idmap *ret,
					       struct unr_error *err);

/* A line of subuid(5) or subgid(5): whose ids from @first on, below @end. */
struct unr_subid_line {
	char *owner; /* owned; a login name or a number */
	uint64_t first, end;
};

/* What a file grants to everybody.  Zero-initialised is empty. */
struct unr_subid_table {
	struct unr_subid_line *lines; /* owned, in the order of the file */
	size_t n_lines;
};

/* Somebody, by both of the names that a line may have. */
struct unr_subid_user {
	const char *login; /* borrowed */
	uint32_t uid;
};

UNR_EXPORT void unr_subid_table_done(struct unr_subid_table *table);

/** unr_subid_path() - "/etc/subuid" or "/etc/subgid" */
UNR_EXPORT const char *unr_subid_path(enum unr_id_kind kind);

/**
 * unr_subid_table_read() - read the file itself
 * @ret: lines are appended; what is no line of such a file is passed over, as libsubid does
 *
 * libsubid tells about one user at a time.  What a directory server grants is not in the file.
 *
 * Return: 0, also without the file; -ENOMEM; or -EIO with @err of kind FAILED.
 */
UNR_EXPORT UNR_MUST_CHECK int
unr_subid_table_read(enum unr_id_kind kind, struct unr_subid_table *ret, struct unr_error *err);

/**
 * unr_subid_table_free() - the first of @count ids in a row that nobody has
 *
 * From 100000 on, where login.defs(5) lets such ranges begin.
 *
 * Return: 0xffffffff when there is no such room.
 */
UNR_EXPORT uint32_t unr_subid_table_free(const struct unr_subid_table *table, uint64_t count);

/**
 * unr_subid_table_shared() - the first ids that @user has together with somebody else
 * @ret_mine, @ret_theirs: borrowed; the two lines
 *
 * Return: are there any?
 */
UNR_EXPORT bool unr_subid_table_shared(const struct unr_subid_table *table,
				       const struct unr_subid_user *user,
				       const struct unr_subid_line **ret_mine,
				       const struct unr_subid_line **ret_theirs);

/**
 * unr_subid_obstacle_few() - somebody may map fewer ids than are needed
 * @table: who has which already; NULL: it is read
 *
 * The remedy has a free range in it.
 */
UNR_EXPORT void unr_subid_obstacle_few(struct unr_obstacle *ret,
				       const struct unr_subid_table *table, const char *owner,
				       enum unr_id_kind kind, uint64_t needed, uint64_t can_have);

/** unr_subid_obstacle_none() - somebody, who may not even exist, has none at all; 65536 are wanted */
UNR_EXPORT void unr_subid_obstacle_none(struct unr_obstacle *ret, const char *owner,
					enum unr_id_kind kind);

#endif
