/* SPDX-License-Identifier: MIT */
/*
 * Shared by tests in a namespace: dockerd's ordinary map, as far as this host
 * gives it to the caller, and whether a process in it can be made at all.
 */
#ifndef UNR_TEST_DOCKER_MAP_H
#define UNR_TEST_DOCKER_MAP_H

#include "unr_test.h"

#include <errno.h>
#include <stdlib.h>

#include "userns/namespace.h"

static inline struct unr_idmaps docker_maps(void)
{
	static const struct unr_id_range range = { 0, 100000, 65536 };
	struct unr_idmaps maps = { 0 };

	if (unr_idmap_add(&maps.of[UNR_UID], range) < 0 ||
	    unr_idmap_add(&maps.of[UNR_GID], range) < 0)
		abort();
	return maps;
}

static inline struct unr_map_choice choose_docker_map(void)
{
	struct unr_idmaps wanted = docker_maps();
	struct unr_map_choice choice = { 0 };

	if (unr_map_choose(&wanted, &choice, NULL) < 0)
		abort();
	unr_idmaps_done(&wanted);
	return choice;
}

/* Can the caller have more than the own id? */
static inline bool has_ranges(void)
{
	struct unr_map_choice choice = choose_docker_map();
	bool has = choice.method != UNR_MAP_SELF;

	unr_map_choice_done(&choice);
	return has;
}

/*
 * A probe, or the beginning of one, for groups that are nothing with that alone.  A file that names
 * it is a ctest with the label "ranges" (cmake/UnrTest.cmake).
 */
static inline bool unr_needs_ranges(const char **ret_why)
{
	*ret_why = "this user has no subordinate ids on this host";
	return has_ranges();
}

static inline int end_at_once(void *argument, int socket)
{
	(void) argument;
	(void) socket;
	return 0;
}

static inline bool can_make_namespaces(const char **ret_why)
{
	static struct unr_error err;
	struct unr_map_choice choice = choose_docker_map();
	struct unr_child child = { .socket = -EBADF };
	int r = unr_child_start(&choice, end_at_once, NULL, &child, &err);

	if (r == 0)
		unr_child_stop(&child);
	unr_map_choice_done(&choice);
	*ret_why = err.message;
	return r == 0;
}

#endif
