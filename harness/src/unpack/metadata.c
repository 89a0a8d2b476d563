/* SPDX-License-Identifier: MIT */
/*
 * What follows the owner: extended attributes (xattr.c), mode, times, in that order, as
 * the second half of createTarFile (pkg/archive/archive.go, v20.10.24) has it.
 */
#include <errno.h>
#include <string.h>

#include "sys/sys.h"
#include "unpack/internal.h"

bool target_is_link(struct unpack *u)
{
	struct stat st;

	/* Up to 29.6 the header's own text, which is relative to the working directory, "/". */
	return look_at(u, u->options->engine->rooted ? u->target.bytes : u->entry->link, &st) < 0 ||
	       S_ISLNK(st.st_mode);
}

/* What mkdir(2) makes, under the engine's umask and below a directory that hands on its group. */
#define MADE_MODE 0755

/*
 * What was just made takes any mode and any time, and in a tree that goes away nobody looks at
 * them.  But by a directory's sticky bit the kernel judges links (proc_sys_fs(5),
 * protected_symlinks): its mode is the header's.
 */
static bool is_for_nobody(const struct unpack *u)
{
	const struct unr_tar_entry *e = u->entry;

	return u->options->fleeting &&
	       (e->type == '0' ||
		(e->type == '5' && u->made && (header_mode(u) & ~(mode_t) MADE_MODE) == 0));
}

/* A hard link's mode is its file's, with the bit that is not the header's. */
static mode_t mode_to_set(struct unpack *u)
{
	mode_t mode = header_mode(u);
	struct stat st;

	if (u->entry->type != '1' || !u->options->fleeting ||
	    look_behind(u, u->path.bytes, &st) < 0 || !S_ISREG(st.st_mode))
		return mode;
	return (mode & ~(mode_t) UNR_MODE_WITHOUT_CONTENT) |
	       (st.st_mode & UNR_MODE_WITHOUT_CONTENT);
}

int apply_metadata(struct unpack *u)
{
	const char type = u->entry->type;
	/* A hard link to a symlink keeps mode and times; so does one whose target is gone. */
	bool keep = type == '1' && target_is_link(u);
	int r = apply_xattrs(u);

	if (r != 0 || keep || is_for_nobody(u))
		return r;
	if (type == '2')
		return apply_times(u, false);
	r = u->fd >= 0 ? unr_sys_fchmod(u->fd, mode_to_set(u)) :
			 unr_sys_chmod(u->path.bytes, mode_to_set(u));
	if (r < 0)
		return fail_op(u, "chmod", u->path.bytes, r);
	return apply_times(u, true);
}
