/* SPDX-License-Identifier: MIT */
/*
 * dockerd's vfs extraction: the steps of UnpackLayer (pkg/archive/diff.go,
 * v20.10.24) for one entry, onto a directory that holds the lower layers.
 * Whiteouts are carried out, and their owners are not looked at.
 */
#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "sys/sys.h"
#include "unpack/internal.h"

/* Directories that an opaque mark has still to look into. */
struct pending {
	char **paths; /* owned, as is each */
	size_t n, room;
};

static void pending_done(struct pending *pending)
{
	for (size_t i = 0; i < pending->n; i++)
		free(pending->paths[i]);
	free(pending->paths);
}
DEFINE_UNR_CLEANUP(struct pending, pending_done);

static int pending_add(struct unpack *u, struct pending *pending, const char *path)
{
	char *copy = strdup(path);

	if (pending->n == pending->room) {
		size_t room = pending->room == 0 ? 16 : pending->room * 2;
		char **paths = reallocarray(pending->paths, room, sizeof(*paths));

		if (paths != NULL) {
			pending->paths = paths;
			pending->room = room;
		}
	}
	if (copy == NULL || pending->n == pending->room) {
		free(copy);
		return unr_fail_memory(u->err);
	}
	pending->paths[pending->n++] = copy;
	return 0;
}

/* One name in a directory that is being made opaque: kept if this layer made it. */
static int hide_one(struct unpack *u, struct pending *pending, const struct unr_text *path)
{
	struct stat st;

	if (!aufs_has_path(u, path))
		return remove_all(u, path->bytes);
	if (look_at(u, path->bytes, &st) == 0 && S_ISDIR(st.st_mode))
		return pending_add(u, pending, path->bytes);
	return 0;
}

static int hide_below(struct unpack *u, struct pending *pending, const char *directory)
{
	unr_auto(unr_text_done) struct unr_text path = { 0 };
	DIR *dir = opendir(directory);
	const struct dirent *item;
	int n = 0, r = 0;

	if (dir == NULL)
		return errno == ENOENT ? 0 : fail_op(u, "open", directory, -errno);
	while (r == 0 && (n = unr_sys_readdir(dir, &item)) == 1) {
		if (strcmp(item->d_name, ".") == 0 || strcmp(item->d_name, "..") == 0)
			continue;
		unr_text_clear(&path);
		unr_text_printf(&path, "%s/%s", strcmp(directory, "/") == 0 ? "" : directory,
				item->d_name);
		r = path.failed ? unr_fail_memory(u->err) : hide_one(u, pending, &path);
	}
	if (n < 0)
		r = fail_op(u, "readdirent", directory, n);
	(void) closedir(dir);
	return r;
}

int hide_lower(struct unpack *u, const char *directory)
{
	unr_auto(pending_done) struct pending pending = { 0 };
	struct stat st;
	int r = unr_sys_lstat(directory, &st);

	if (r < 0)
		return fail_op(u, "lstat", directory, r);
	if (!S_ISDIR(st.st_mode))
		return 0;
	r = pending_add(u, &pending, directory);
	for (size_t i = 0; r == 0 && i < pending.n; i++)
		r = hide_below(u, &pending, pending.paths[i]);
	return r;
}

/* `.wh..wh..opq`: everything below its directory that this layer has not made goes. */
static int make_opaque(struct unpack *u)
{
	return hide_lower(u, u->parent.bytes);
}

/* `.wh.NAME`: NAME goes; without a name the directory itself. */
static int remove_hidden(struct unpack *u)
{
	unr_auto(unr_text_done) struct unr_text joined = { 0 };
	unr_auto(unr_text_done) struct unr_text hidden = { 0 };

	unr_text_printf(&joined, "%s/%s", u->parent.bytes,
			path_basename(&u->path) + strlen(WHITEOUT_PREFIX));
	if (!joined.failed)
		path_join_root(joined.bytes, joined.length, &hidden);
	if (joined.failed || hidden.failed)
		return unr_fail_memory(u->err);
	return remove_all(u, hidden.bytes);
}

int place_vfs_entry(struct unpack *u)
{
	unr_autoclose int content_fd = -EBADF; /* what a retargeted hard link copies */
	int reported;
	int r = clear_way(u);

	if (r == 0)
		r = aufs_retarget(u, &content_fd);
	if (r == 0)
		r = rule_owner(u);
	if (r != 0)
		return r;
	if (u->entry->type == 'g' || leaves_out(u))
		return aufs_add_path(u);
	r = content_fd >= 0 ? create_copy(u, content_fd) : create_entry(u);
	if (r == 0)
		r = finish_entry(u);
	if (r == 0)
		r = aufs_add_path(u);
	if (r < 0)
		return r;
	reported = report_owner(u);
	aufs_settle_link(u);
	return reported < 0 ? reported : r;
}

int unpack_vfs_entry(struct unpack *u)
{
	const struct unr_rootless *rootless = u->options->engine->rootless;
	int r = 0;

	if (rootless != NULL && rootless->keeps_root && strcmp(u->path.bytes, "/") == 0)
		return 0;
	if (strcmp(u->name.bytes, "/") != 0)
		r = u->options->engine->maps_bare_parents ? make_parents(u) : make_bare_parents(u);
	if (r != 0)
		return r;
	if (aufs_is_metadata(u) && strcmp(u->name.bytes, WHITEOUT_OPAQUE) != 0)
		return aufs_keep_link(u);
	if (is_whiteout(u))
		return strcmp(path_basename(&u->path), WHITEOUT_OPAQUE) == 0 ? make_opaque(u) :
									       remove_hidden(u);
	return place_vfs_entry(u);
}
