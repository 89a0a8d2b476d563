/* SPDX-License-Identifier: MIT */
/* Looking up paths in a stack of layers: see view.h. */
#include "user/view.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "engine/engine.h"

/* evalSymlinksInScope's maxIter. */
#define STEPS_MAX 255

/* Links that the kernel follows: path_resolution(7). */
#define LINKS_MAX 40

void unr_view_file_done(struct unr_view_file *file)
{
	unr_close(&file->fd);
	unr_text_done(&file->shown);
}

/* A walk in progress. */
struct walk {
	const struct unr_view *view;
	bool *merged;         /* owned; the layers whose directory is part of the current one */
	struct unr_text path; /* owned; scratch: of the node in one layer, relative */
	struct stat st;       /* of the node that was found last */
};

static void walk_done(struct walk *walk)
{
	free(walk->merged);
	unr_text_done(&walk->path);
}
DEFINE_UNR_CLEANUP(struct walk, walk_done);

static bool is_whiteout(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == 0;
}

static bool is_opaque(const struct unr_view *view, const struct stat *st)
{
	for (size_t i = 0; i < view->n_opaque; i++)
		if (view->opaque[i] == st->st_ino)
			return true;
	return false;
}

/* @inside: from "/", without links; the path of it in one layer's tree becomes walk->path. */
static int lstat_in_layer(struct walk *walk, uint32_t layer, const char *inside, size_t length,
			  struct stat *ret)
{
	unr_text_clear(&walk->path);
	if (walk->view->tree == NULL)
		unr_text_printf(&walk->path, "%u", layer);
	else
		unr_text_puts(&walk->path, walk->view->tree);
	unr_text_append(&walk->path, inside, length);
	if (walk->path.failed)
		return -ENOMEM;
	return lstat(walk->path.bytes, ret) < 0 ? -errno : 0;
}

/*
 * One more name on the way: the topmost layer that has it decides what it is; directories of the
 * layers below are merged into a directory until something hides them.
 */
static int look_up_step(struct walk *walk, const char *inside, size_t length)
{
	bool found = false, hidden = false;

	for (uint32_t i = walk->view->n_layers; i-- > 0;) {
		struct stat st;
		int r = 0;

		if (!walk->merged[i])
			continue;
		if (!hidden)
			r = lstat_in_layer(walk, i, inside, length, &st);
		if (r < 0 && r != -ENOENT)
			return r;
		if (hidden || r < 0 || (found && !S_ISDIR(st.st_mode)) ||
		    (walk->view->tree == NULL && is_whiteout(&st))) {
			hidden = hidden || r == 0;
			walk->merged[i] = false;
			continue;
		}
		if (!found)
			walk->st = st;
		found = true;
		hidden = !S_ISDIR(st.st_mode) || is_opaque(walk->view, &st);
	}
	return found ? 0 : -ENOENT;
}

/*
 * dockerd puts a layer of its own on top (daemon/initlayer): what it mounts over becomes an empty
 * directory or file, whatever else the image has there but a directory.  /dev/null is the real one.
 */
static void prepare(struct walk *walk, const char *inside, size_t length)
{
	static const struct {
		const char *path;
		mode_t type;
	} places[] = {
		{ "/etc", S_IFDIR },         { "/dev", S_IFDIR },
		{ "/proc", S_IFDIR },        { "/sys", S_IFDIR },
		{ "/dev/pts", S_IFDIR },     { "/dev/shm", S_IFDIR },
		{ "/etc/hosts", S_IFREG },   { "/etc/hostname", S_IFREG },
		{ "/dev/console", S_IFREG }, { "/etc/resolv.conf", S_IFREG },
		{ "/.dockerenv", S_IFREG },  { "/dev/null", S_IFREG },
	};

	if (S_ISDIR(walk->st.st_mode))
		return;
	for (size_t i = 0; i < UNR_COUNT(places); i++) {
		if (strlen(places[i].path) != length || memcmp(places[i].path, inside, length) != 0)
			continue;
		walk->st.st_mode = places[i].type;
		memset(walk->merged, 0, walk->view->n_layers * sizeof(*walk->merged));
	}
}

/* lstat(2) of a path without links in the merged tree: walk->st, and where it is: walk->merged. */
static int look_up(struct walk *walk, const char *inside)
{
	const char *end = inside;
	int r = 0;

	for (uint32_t i = 0; i < walk->view->n_layers; i++)
		walk->merged[i] = true;
	while (r == 0 && *end != '\0') {
		if (end != inside && !S_ISDIR(walk->st.st_mode))
			return -ENOTDIR;
		end = strchrnul(end + 1, '/');
		r = look_up_step(walk, inside, (size_t) (end - inside));
		if (r == 0 && walk->view->is_prepared)
			prepare(walk, inside, (size_t) (end - inside));
	}
	return r;
}

/* The node's path in the topmost layer that has it. */
static int locate(struct walk *walk, const char *inside)
{
	struct stat st;

	for (uint32_t i = walk->view->n_layers; i-- > 0;)
		if (walk->merged[i])
			return lstat_in_layer(walk, i, inside, strlen(inside), &st);
	return -ENOENT;
}

static int read_link(struct walk *walk, const char *inside, struct unr_text *ret)
{
	char target[PATH_MAX];
	ssize_t n;
	int r = locate(walk, inside);

	if (r < 0)
		return r;
	n = readlink(walk->path.bytes, target, sizeof(target));
	if (n < 0)
		return -errno;
	unr_text_append(ret, target, (size_t) n);
	return ret->failed ? -ENOMEM : 0;
}

/* Go's filepath.Clean of "/" and what is there: "." and ".." are gone, and so are double slashes. */
static void clean(struct unr_text *path)
{
	size_t written = 0, at = 0;

	while (at < path->length) {
		const char *name = path->bytes + at;
		size_t length = (size_t) (strchrnul(name, '/') - name);

		at += length + 1;
		if (length == 0 || (length == 1 && name[0] == '.'))
			continue;
		if (length == 2 && name[0] == '.' && name[1] == '.') {
			while (written > 0 && path->bytes[--written] != '/')
				;
			continue;
		}
		/* What is written never catches up with what is read: each name had its slash. */
		path->bytes[written++] = '/';
		memmove(path->bytes + written, name, length);
		written += length;
	}
	path->length = written;
	if (path->bytes != NULL)
		path->bytes[written] = '\0';
}

/* The names that are to be walked still, and what was walked. */
struct trail {
	struct unr_text left;   /* owned */
	struct unr_text walked; /* owned; clean, without links */
};

static void trail_done(struct trail *trail)
{
	unr_text_done(&trail->left);
	unr_text_done(&trail->walked);
}
DEFINE_UNR_CLEANUP(struct trail, trail_done);

/* Takes the first name off; it goes behind what was walked. */
static bool take_name(struct trail *trail)
{
	const char *name = unr_text_string(&trail->left);
	size_t length = (size_t) (strchrnul(name, '/') - name);
	size_t used = length < trail->left.length ? length + 1 : length;

	if (length > 0) {
		unr_text_puts(&trail->walked, "/");
		unr_text_append(&trail->walked, name, length);
		clean(&trail->walked);
	}
	memmove(trail->left.bytes, trail->left.bytes + used, trail->left.length - used + 1);
	trail->left.length -= used;
	return length > 0;
}

/* The link at the end of what was walked gives way to its target. */
static int follow(struct walk *walk, struct trail *trail)
{
	unr_auto(unr_text_done) struct unr_text next = { 0 };
	int r = read_link(walk, trail->walked.bytes, &next);

	if (r < 0)
		return r;
	if (*unr_text_string(&next) == '/')
		unr_text_clear(&trail->walked);
	else
		unr_text_puts(&trail->walked, "/..");
	clean(&trail->walked);
	unr_text_printf(&next, "/%s", unr_text_string(&trail->left));
	if (next.failed || trail->walked.failed)
		return -ENOMEM;
	unr_text_done(&trail->left);
	trail->left = next;
	next = (struct unr_text) { 0 };
	return 0;
}

/* The kernel's way: each name on it must be there, and a directory unless it is the last. */
static int resolve_inside(struct walk *walk, const char *path, struct trail *trail)
{
	unsigned int links = 0;
	int r = 0;

	unr_text_puts(&trail->left, path);
	while (r == 0 && trail->left.length > 0) {
		if (!take_name(trail) || trail->walked.length == 0)
			continue;
		r = trail->walked.failed ? -ENOMEM : look_up(walk, trail->walked.bytes);
		if (r == 0 && S_ISLNK(walk->st.st_mode))
			r = ++links > LINKS_MAX ? -ELOOP : follow(walk, trail);
		else if (r == 0 && !S_ISDIR(walk->st.st_mode) && trail->left.length > 0)
			r = -ENOTDIR;
	}
	return trail->left.failed || trail->walked.failed ? -ENOMEM : r;
}

/* 0, -ELOOP for too many steps, -errno of an lstat(2): then trail->walked names what failed. */
static int resolve(struct walk *walk, const char *path, struct trail *trail)
{
	int r = 0;

	unr_text_puts(&trail->left, path);
	for (unsigned int n = 0; r == 0 && trail->left.length > 0; n++) {
		if (n > STEPS_MAX)
			return -ELOOP;
		if (!take_name(trail) || trail->walked.length == 0)
			continue;
		r = trail->walked.failed ? -ENOMEM : look_up(walk, trail->walked.bytes);
		if (r == 0 && S_ISLNK(walk->st.st_mode))
			r = follow(walk, trail);
		else if (r == -ENOENT)
			r = 0;
	}
	return trail->left.failed || trail->walked.failed ? -ENOMEM : r;
}

static int refuse(const struct unr_view *view, const char *path, const struct trail *trail,
		  int error, struct unr_text *refusal, struct unr_error *err)
{
	if (error == -ELOOP) {
		unr_text_printf(refusal, "evalSymlinksInScope: too many links in %s%s", view->root,
				path);
	} else {
		unr_text_printf(refusal, "lstat %s%s: ", view->root,
				unr_text_string(&trail->walked));
		unr_go_errno(refusal, -error);
	}
	return refusal->failed ? unr_fail_memory(err) : 0;
}

/* The file behind all links, which is none itself. */
static int open_found(struct walk *walk, const char *inside, int *ret_fd, struct unr_error *err)
{
	int r = look_up(walk, inside);

	if (r < 0) /* whatever it is, the engine goes on without the file */
		return r == -ENOMEM ? unr_fail_memory(err) : 0;
	if (!S_ISREG(walk->st.st_mode) && !S_ISDIR(walk->st.st_mode))
		return unr_fail(err, UNR_ERROR_FAILED, -ENODEV,
				"%s is a device, FIFO or socket, which is not opened here", inside);
	r = locate(walk, inside);
	if (r < 0) /* one of dockerd's own, which is empty */
		return r == -ENOMEM ? unr_fail_memory(err) : 0;
	*ret_fd = open(walk->path.bytes, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	return *ret_fd < 0 ? unr_fail_errno(err, "open %s", inside) : 0;
}

int unr_view_open(const struct unr_view *view, enum unr_view_way way, const char *path,
		  struct unr_view_file *ret, struct unr_text *refusal, struct unr_error *err)
{
	unr_auto(walk_done) struct walk walk = { .view = view };
	unr_auto(trail_done) struct trail trail = { 0 };
	unr_auto(unr_view_file_done) struct unr_view_file file = { .fd = -EBADF };
	int r;

	walk.merged = calloc((size_t) view->n_layers + 1, sizeof(*walk.merged));
	if (walk.merged == NULL)
		return unr_fail_memory(err);
	r = way == UNR_VIEW_KERNEL ? resolve_inside(&walk, path, &trail) :
				     resolve(&walk, path, &trail);
	if (r == -ENOMEM)
		return unr_fail_memory(err);
	if (r == -EACCES)
		return unr_fail(err, UNR_ERROR_FAILED, r, "%s: permission denied", path);
	if (r < 0)
		return way == UNR_VIEW_KERNEL ? 0 : refuse(view, path, &trail, r, refusal, err);
	if (way == UNR_VIEW_KERNEL)
		unr_text_puts(&file.shown, path);
	else
		unr_text_printf(&file.shown, "%s%s", view->root, unr_text_string(&trail.walked));
	if (file.shown.failed)
		return unr_fail_memory(err);
	r = open_found(&walk, unr_text_string(&trail.walked), &file.fd, err);
	if (r < 0)
		return r;
	*ret = file;
	file = (struct unr_view_file) { .fd = -EBADF };
	return 0;
}
