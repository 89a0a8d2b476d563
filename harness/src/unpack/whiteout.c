/* SPDX-License-Identifier: MIT */
/*
 * Whiteouts in the overlay format (pkg/archive/archive_linux.go, ConvertRead,
 * v20.10.24): the marker `.wh.NAME` becomes a 0:0 character device NAME, and
 * `.wh..wh..opq` an attribute of the directory.  The base name alone decides,
 * whatever type the entry has.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "sys/sys.h"
#include "unpack/internal.h"
#include "unpack/opaque.h"

#define OPAQUE_XATTR "trusted.overlay.opaque"
#define NAMESPACE_OPAQUE_XATTR "user.overlay.opaque"

bool is_whiteout(const struct unpack *u)
{
	return u->path.length > 0 &&
	       unr_starts_with(path_basename(&u->path), WHITEOUT_PREFIX) != NULL;
}

/* A path in the words of a whiteout: as Go's %q and, from 29.7, in single quotes. */
static void put_path(struct unpack *u, const char *path)
{
	if (u->options->engine->rooted)
		unr_text_printf(&u->text, "'%s'", shown_path(u, path));
	else
		unr_go_quote(&u->text, path, strlen(path));
}

/* An error with the text of pkg/errors.Wrapf behind it. */
static int fail_wrapped(struct unpack *u, const char *before, const char *path, const char *after,
			int error)
{
	int r = fail_bare(u, error);
	unr_auto(unr_text_done) struct unr_text cause = u->text;

	u->text = (struct unr_text) { 0 };
	if (r != STEP_FAILED)
		return r;
	unr_text_puts(&u->text, before);
	put_path(u, path);
	unr_text_printf(&u->text, "%s: %s", after, unr_text_string(&cause));
	return u->text.failed ? unr_fail_memory(u->err) : STEP_FAILED;
}

/*
 * Setting trusted.* needs the initial namespace's CAP_SYS_ADMIN; in a user
 * namespace the kernel answers EPERM once the path was found, where the engine's
 * call succeeds.  What overlayfs reads there is user.* (mount option userxattr).
 */
static int set_opaque(struct unpack *u, bool *ret_in_namespace)
{
	const struct unr_privileged *privileged = u->options->privileged;
	const char *path = u->parent.bytes;
	int r = privileged == NULL ? unr_sys_setxattr(path, OPAQUE_XATTR, "y", 1) :
				     privileged->set_xattr(privileged->context, path, true,
							   OPAQUE_XATTR, "y", 1);

	if (r == 0)
		return 0;
	if (r != -EPERM && r != -ENOTSUP)
		return fail_wrapped(u, u->options->engine->rooted ? "fsetxattr(" : "setxattr(",
				    path, ", " OPAQUE_XATTR "=y)", r);
	u->result->skipped_xattrs++;
	*ret_in_namespace = unr_sys_setxattr(path, NAMESPACE_OPAQUE_XATTR, "y", 1) == 0;
	return 0;
}

/* What was set may be invisible here, or not set at all: the note is what counts. */
static int mark_opaque(struct unpack *u)
{
	const int fd = u->options->opaque_fd;
	bool in_namespace = false;
	struct stat st;
	int r = set_opaque(u, &in_namespace);

	if (r != 0 || fd < 0)
		return r;
	r = unr_sys_stat(u->parent.bytes, &st);
	if (r == 0)
		r = unr_opaque_note(fd, st.st_ino);
	if (r == 0 && !in_namespace)
		r = unr_opaque_note(fd, UNR_OPAQUE_UNMARKED);
	return r < 0 ? own_trouble(u, "note an opaque directory", r) : 0;
}

int make_whiteout(struct unpack *u)
{
	const char *base = path_basename(&u->path);
	unr_auto(unr_text_done) struct unr_text removed = { 0 };
	unr_auto(unr_text_done) struct unr_text joined = { 0 };
	int r;

	if (strcmp(base, WHITEOUT_OPAQUE) == 0)
		return mark_opaque(u);
	unr_text_printf(&joined, "%s/%s", u->parent.bytes, base + strlen(WHITEOUT_PREFIX));
	if (!joined.failed)
		path_join_root(joined.bytes, joined.length, &removed);
	if (joined.failed || removed.failed)
		return unr_fail_memory(u->err);
	/* A 0:0 device is allowed in a user namespace since Linux 5.8 (a3c751a50fe6). */
	r = unr_sys_mknodat(AT_FDCWD, removed.bytes, S_IFCHR, 0);
	if (r == -EPERM) {
		u->result->stand_ins++;
		r = unr_sys_mknodat(AT_FDCWD, removed.bytes, S_IFIFO, 0);
	}
	if (r < 0)
		return fail_wrapped(u, "failed to mknod(", removed.bytes, ", S_IFCHR, 0)", r);
	return apply_owner(u, removed.bytes);
}
