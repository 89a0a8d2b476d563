/* SPDX-License-Identifier: MIT */
/* The one list of groups; each has its table in the file of its name. */
#include "selftest/groups.h"

#include "usernsrepro/attr.h"

const struct st_group *const *st_groups(size_t *ret_n)
{
	static const struct st_group *const groups[] = {
		&st_group_maps, &st_group_ranges, &st_group_writers,  &st_group_create,
		&st_group_join, &st_group_chown,  &st_group_calls,    &st_group_ids,
		&st_group_exec, &st_group_peers,  &st_group_signals,  &st_group_nodes,
		&st_group_acls, &st_group_mounts, &st_group_idmapped, &st_group_limits,
	};

	*ret_n = UNR_COUNT(groups);
	return groups;
}
