/* SPDX-License-Identifier: MIT */
/*
 * Subordinate ranges of a user: what subuid(5) and subgid(5), or the NSS module
 * behind them, grant.  The only place that knows libsubid.
 */
#ifndef USERNSREPRO_SUBID_H
#define USERNSREPRO_SUBID_H

#include "usernsrepro/idmap.h"

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

#endif
