/* SPDX-License-Identifier: MIT */
/*
 * dockerd's overlay2 extraction: the steps of Unpack (pkg/archive/archive.go,
 * v20.10.24) for one entry, into a directory that is empty when the layer
 * begins, because each layer has its own.
 */
#include <string.h>

#include "sys/sys.h"
#include "unpack/internal.h"

int clear_way(struct unpack *u)
{
	struct stat st;

	if (unr_sys_lstat(u->path.bytes, &st) < 0 || (S_ISDIR(st.st_mode) && u->entry->type == '5'))
		return 0;
	return remove_all(u, u->path.bytes);
}

int finish_entry(struct unpack *u)
{
	int r = apply_owner(u, u->path.bytes);

	if (r == 0)
		r = apply_metadata(u);
	if (r == 0 && u->entry->type == '5')
		r = remember_directory(u);
	return r;
}

int place_entry(struct unpack *u)
{
	int r;

	if (leaves_out(u))
		return 0;
	r = create_entry(u);
	return r == 0 ? finish_entry(u) : r;
}

int unpack_overlay2_entry(struct unpack *u)
{
	int reported;
	int r = 0;

	/* "./" leaves the layer's root as it is. */
	if (u->entry->type == 'g' || strcmp(u->name.bytes, ".") == 0)
		return 0;
	if (strcmp(u->name.bytes, "/") != 0)
		r = make_parents(u);
	if (r == 0)
		r = clear_way(u);
	if (r == 0)
		r = rule_owner(u);
	if (r != 0)
		return r;
	r = is_whiteout(u) ? make_whiteout(u) : place_entry(u);
	if (r < 0)
		return r;
	reported = report_owner(u);
	return reported < 0 ? reported : r;
}
