/* SPDX-License-Identifier: MIT */
/* Removing kept trees, whose owners may be none of the caller's: see tree.h. */
#include "usernsrepro/tree.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "run/rootless.h"
#include "tree/target.h"
#include "userns/namespace.h"

static int remove_here(const char *path, struct unr_error *err)
{
	unr_auto(unr_target_done) struct unr_target target = UNR_TARGET_NONE;
	int r = unr_target_find(path, &target, err);

	if (r < 0)
		return r;
	r = unr_target_remove(&target);
	return r < 0 ? unr_fail(err, UNR_ERROR_FAILED, r, "remove %s: %s", path, strerror(-r)) : 0;
}

/* The child: removes, and tells what became of it. */
static int remover_main(void *path, int socket)
{
	struct unr_error err = { 0 };

	(void) !remove_here(path, &err);
	return unr_write_full(socket, &err, sizeof(err)) < 0 ? 1 : 0;
}

static int own_maps(struct unr_idmaps *ret)
{
	const uint32_t own[UNR_ID_KIND_COUNT_] = { geteuid(), getegid() };
	int r = 0;

	unr_idmaps_done(ret);
	for (size_t kind = 0; kind < UNR_ID_KIND_COUNT_ && r == 0; kind++)
		r = unr_idmap_add(&ret->of[kind], (struct unr_id_range) { 0, own[kind], 1 });
	return r;
}

/* All ids that the caller may map; its own alone where there are no others. */
static int choose_maps(struct unr_map_choice *ret, struct unr_error *err)
{
	struct unr_idmaps wanted = { 0 };
	int r = unr_rootless_maps(&wanted, err);

	if (r == -ENOENT)
		r = own_maps(&wanted);
	if (r == 0)
		r = unr_map_choose(&wanted, ret, err);
	unr_idmaps_done(&wanted);
	return r;
}

static int remove_inside(char *path, const struct unr_map_choice *choice, struct unr_error *err)
{
	struct unr_child child = { .socket = -EBADF };
	struct unr_error theirs = { 0 };
	int r = unr_child_start_survivor(choice, remover_main, path, &child, err);

	if (r < 0)
		return r;
	if (unr_read_full(child.socket, &theirs, sizeof(theirs)) != (ssize_t) sizeof(theirs))
		(void) unr_fail(&theirs, UNR_ERROR_FAILED, -EPIPE,
				"remove %s: the removing process is gone", path);
	unr_child_stop(&child);
	if (theirs.kind == UNR_ERROR_NONE)
		return 0;
	*err = theirs;
	if (unr_idmap_total(&choice->maps.of[UNR_UID]) == 1 &&
	    (err->code == -EACCES || err->code == -EPERM))
		return unr_fail_context(err, "with one's own id alone (%s)", choice->why);
	return err->code;
}

int unr_tree_remove(const char *path, struct unr_error *err)
{
	struct unr_map_choice choice = { 0 };
	unr_autofree char *copy = strdup(path);
	int r;

	if (copy == NULL)
		return unr_fail_memory(err);
	if (geteuid() == 0)
		return remove_here(path, err);
	r = choose_maps(&choice, err);
	if (r == 0)
		r = remove_inside(copy, &choice, err);
	unr_map_choice_done(&choice);
	return r;
}
