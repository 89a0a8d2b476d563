/* SPDX-License-Identifier: MIT */
/* Looks at the tree whose failure decides nothing, but is not forgotten: see internal.h. */
#include "sys/sys.h"
#include "unpack/internal.h"

static int note(struct unpack *u, int r)
{
	if (r < 0 && u->look_error == 0 && is_own_trouble(-r))
		u->look_error = -r;
	return r;
}

int look_at(struct unpack *u, const char *path, struct stat *ret)
{
	return note(u, unr_sys_lstat(path, ret));
}

int look_behind(struct unpack *u, const char *path, struct stat *ret)
{
	return note(u, unr_sys_stat(path, ret));
}
