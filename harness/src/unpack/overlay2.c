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

	if (look_at(u, u->path.bytes, &st) < 0 || (S_ISDIR(st.st_mode) && u->entry->type == '5'))
		return 0;
	return remove_all(u, u->path.bytes);
}

/*
 * A directory that has an entry of its own is no longer what its name's parents
 * were; an inode that gets another owner by another name loses its capability
 * (chown(2)).
 */
static int note_owned(struct unpack *u)
{
	const struct unr_ledger *ledger = u->options->ledger;
	const char type = u->entry->type;
	struct stat st;
	int r;

	if (ledger == NULL || (type != '5' && type != '1'))
		return 0;
	r = unr_sys_lstat(u->path.bytes, &st);
	if (r == 0)
		r = type == '5' ? unr_ledger_note_directory(ledger, st.st_ino, false) :
				  unr_ledger_note_attribute(ledger, st.st_ino,
							    "security.capability", "", 0);
	return r < 0 ? unr_fail(u->err, UNR_ERROR_FAILED, r, "note an owner: %s", strerror(-r)) : 0;
}

/*
 * Mostly nothing is in the way of a file or a directory: then one call makes it,
 * where a look or two and another call would do the same.  Whatever else there is
 * takes the engine's own way.
 */
static int make_way(struct unpack *u)
{
	const char type = is_whiteout(u) ? '\0' : u->entry->type;

	if (type == '0' && create_new_file(u) == 0)
		return 0;
	u->made = type == '5' && create_new_directory(u) == 0;
	return u->made ? 0 : clear_way(u);
}

int finish_entry(struct unpack *u)
{
	int r = apply_owner(u, u->path.bytes);

	if (r == 0)
		r = note_owned(u);
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
		r = make_way(u);
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
