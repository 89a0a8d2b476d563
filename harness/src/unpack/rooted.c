/* SPDX-License-Identifier: MIT */
/*
 * The steps of docker 29.7, which extracts through Go's os.Root (Unpack and
 * UnpackLayer of moby/go-archive v0.3.3): names that leave the root are errors,
 * parents are looked up before anything is made, and an owner is mapped before
 * its parents are made.  What it shares with the engines before it is in
 * overlay2.c and vfs.c; how names are looked up is in rooted_path.c.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "sys/sys.h"
#include "unpack/rooted.h"

/* A step's answer: there is nothing to do for this entry. */
#define STEP_SKIPPED 2

/* Does a clean relative name leave the directory it counts from? (filepath.IsLocal) */
static bool leaves_root(const char *name)
{
	return name[0] == '/' || strcmp(name, "..") == 0 || unr_starts_with(name, "../") != NULL;
}

/* A name without the slashes before it, cleaned. */
static int clean_local(struct unpack *u, const char *name, size_t length, struct unr_text *ret)
{
	while (length > 0 && *name == '/') {
		name++;
		length--;
	}
	path_clean(name, length, ret);
	return ret->failed ? unr_fail_memory(u->err) : 0;
}

/* The name below the root; "." is skipped, whatever its type. */
static int check_name(struct unpack *u)
{
	const struct unr_tar_entry *e = u->entry;
	int r = clean_local(u, e->name, e->name_length, &u->local);

	if (r < 0)
		return r;
	if (strcmp(u->local.bytes, ".") == 0)
		return STEP_SKIPPED;
	if (leaves_root(u->local.bytes))
		return fail_quoted(u, "invalid entry name", e->name, e->name_length);
	return 0;
}

/* Where it goes: u->path and u->parent. */
static int look_up(struct unpack *u)
{
	int r = root_resolve(u, u->local.bytes, &u->path);

	if (r != 0)
		return r;
	/* The engine opens one element after the other, and so has no such limit. */
	if (u->path.length >= PATH_MAX)
		return unr_fail(u->err, UNR_ERROR_FAILED, -ENAMETOOLONG,
				"layer %u: a path of %zu bytes, which the engine takes, is too "
				"long here",
				u->options->layer, u->path.length - 1);
	path_dirname(&u->path, &u->parent);
	return u->parent.failed ? unr_fail_memory(u->err) : 0;
}

/* ".wh.", ".wh.." and ".wh..." name the directory itself or the one above it. */
static int check_whiteout(struct unpack *u)
{
	const char *rest = path_basename(&u->path) + strlen(WHITEOUT_PREFIX);
	struct stat st;

	if (*rest == '\0' || strcmp(rest, ".") == 0 || strcmp(rest, "..") == 0)
		return fail_quoted(u, "invalid whiteout entry", u->local.bytes, u->local.length);
	/* The engine opens the parent, which may be a whiteout itself. */
	if (look_behind(u, u->parent.bytes, &st) == 0 && S_ISCHR(st.st_mode))
		return fail_op(u, "open", u->parent.bytes, -ENXIO);
	return 0;
}

static int place_rooted(struct unpack *u)
{
	int r;

	if (!is_whiteout(u))
		return place_entry(u);
	r = check_whiteout(u);
	return r == 0 ? make_whiteout(u) : r;
}

int unpack_rooted_overlay2_entry(struct unpack *u)
{
	int reported;
	int r = u->entry->type == 'g' ? STEP_SKIPPED : check_name(u);

	if (r == 0)
		r = look_up(u);
	if (r == 0)
		r = clear_way(u);
	if (r == 0)
		r = rule_owner(u);
	if (r == 0)
		r = make_parents(u);
	if (r != 0)
		return r == STEP_SKIPPED ? 0 : r;
	r = place_rooted(u);
	if (r < 0)
		return r;
	reported = report_owner(u);
	return reported < 0 ? reported : r;
}

/* `.wh.NAME` of vfs; os.Root removes neither itself nor what is above it. */
static int remove_hidden(struct unpack *u)
{
	unr_auto(unr_text_done) struct unr_text joined = { 0 };
	unr_auto(unr_text_done) struct unr_text hidden = { 0 };
	const char *rest = path_basename(&u->path) + strlen(WHITEOUT_PREFIX);

	unr_text_printf(&joined, "%s/%s", shown_path(u, u->parent.bytes), rest);
	path_clean(unr_text_string(&joined), joined.length, &hidden);
	if (joined.failed || hidden.failed)
		return unr_fail_memory(u->err);
	if (strcmp(hidden.bytes, ".") == 0)
		return fail_path(u, "RemoveAll", hidden.bytes, -EINVAL);
	if (leaves_root(hidden.bytes))
		return fail_escape(u, "RemoveAll", hidden.bytes);
	path_join_root(hidden.bytes, hidden.length, &joined);
	return joined.failed ? unr_fail_memory(u->err) : remove_all(u, joined.bytes);
}

static int make_opaque(struct unpack *u)
{
	unr_auto(unr_text_done) struct unr_text directory = { 0 };
	int r = root_follow(u, shown_path(u, u->parent.bytes), &directory);

	return r == 0 ? hide_lower(u, directory.bytes) : r;
}

static int place_rooted_vfs(struct unpack *u)
{
	if (is_whiteout(u))
		return strcmp(path_basename(&u->path), WHITEOUT_OPAQUE) == 0 ? make_opaque(u) :
									       remove_hidden(u);
	return place_vfs_entry(u);
}

int unpack_rooted_vfs_entry(struct unpack *u)
{
	int r = check_name(u);

	if (r != 0)
		return r == STEP_SKIPPED ? 0 : r;
	if (unr_starts_with(u->local.bytes, WHITEOUT_METADATA) != NULL &&
	    strcmp(u->local.bytes, WHITEOUT_OPAQUE) != 0)
		return aufs_keep_link(u);
	r = look_up(u);
	if (r == 0)
		r = make_parents(u);
	return r == 0 ? place_rooted_vfs(u) : r;
}

/* os.Root opens both directories before the kernel looks for the target. */
static int check_link_parents(struct unpack *u)
{
	unr_auto(unr_text_done) struct unr_text parent = { 0 };
	struct stat st;

	path_dirname(&u->target, &parent);
	if (parent.failed)
		return unr_fail_memory(u->err);
	if (look_behind(u, parent.bytes, &st) < 0 || !S_ISDIR(st.st_mode))
		return 0; /* which the kernel finds first, too */
	if (look_behind(u, u->parent.bytes, &st) < 0 || S_ISDIR(st.st_mode))
		return 0;
	return fail_link(u, "link", shown_path(u, u->target.bytes), u->path.bytes, -ENOTDIR);
}

int rooted_target(struct unpack *u)
{
	const struct unr_tar_entry *e = u->entry;
	unr_auto(unr_text_done) struct unr_text target = { 0 };
	int r = clean_local(u, e->link, e->link_length, &target);

	if (r < 0)
		return r;
	if (strcmp(target.bytes, ".") == 0 || leaves_root(target.bytes))
		return fail_quoted(u, "invalid hardlink target", e->link, e->link_length);
	r = root_resolve(u, target.bytes, &u->target);
	return r == 0 ? check_link_parents(u) : r;
}

int rooted_check_node(struct unpack *u)
{
	const struct unr_tar_entry *e = u->entry;
	struct stat st;
	int r;

	if (e->devmajor < 0 || e->devmajor > UINT32_MAX || e->devminor < 0 ||
	    e->devminor > UINT32_MAX) {
		unr_text_clear(&u->text);
		unr_text_printf(&u->text, "device number %lld:%lld for ", (long long) e->devmajor,
				(long long) e->devminor);
		unr_go_quote(&u->text, u->local.bytes, u->local.length);
		unr_text_puts(&u->text, " out of range: invalid archive");
		return u->text.failed ? unr_fail_memory(u->err) : STEP_FAILED;
	}
	r = unr_sys_stat(u->parent.bytes, &st);
	if (r == 0 && !S_ISDIR(st.st_mode))
		r = -ENOTDIR;
	return r < 0 ? fail_op(u, "open", u->parent.bytes, r) : 0;
}

int rooted_utimens(struct unpack *u, const char *path, const struct timespec times[2])
{
	unr_auto(unr_text_done) struct unr_text real = { 0 };
	const char *shown = shown_path(u, path);
	int r = root_walk(shown, &real);

	if (r == ROOT_ESCAPES)
		return fail_escape(u, "chtimesat", shown);
	return r < 0 ? r : unr_sys_utimens(real.bytes, times);
}

int rooted_xattr_path(struct unpack *u, struct unr_text *ret)
{
	return root_follow(u, u->path.bytes, ret);
}
