/* SPDX-License-Identifier: MIT */
/*
 * The two ways in which docker 29.7 looks a name up: Go's os.Root, which refuses
 * what leaves the root, and a resolver of its own for what os.Root refuses or
 * does not find.  See rooted.h.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "sys/sys.h"
#include "unpack/rooted.h"

/* Of go1.27 os/root.go and root_openat.go. */
#define WALK_MAX_LINKS 8
#define WALK_MAX_STEPS 255
#define WALK_MAX_RESTARTS 8
/* Of rootpath.go. */
#define FOLLOW_MAX_LINKS 255

struct walk {
	struct unr_text done; /* elements that are directories, no symlinks */
	struct unr_text rest; /* still to come */
	unsigned int n_done, steps, restarts, links;
	bool ends_in_slash;
};

static void walk_done(struct walk *walk)
{
	unr_text_done(&walk->done);
	unr_text_done(&walk->rest);
}
DEFINE_UNR_CLEANUP(struct walk, walk_done);

/* The length of the first element. */
static size_t element(const char *path)
{
	return strcspn(path, "/");
}

/* The element behind the next one. */
static const char *behind(const char *path)
{
	path += element(path);
	return path + strspn(path, "/");
}

static bool is_element(const char *path, const char *name)
{
	return element(path) == strlen(name) && strncmp(path, name, strlen(name)) == 0;
}

/* Makes "@before/@after" of two lists of elements, either of which may be empty. */
static int join(const char *before, const char *after, struct unr_text *ret)
{
	unr_auto(unr_text_done) struct unr_text joined = { 0 };

	unr_text_printf(&joined, "%s%s%s", before, *before != '\0' && *after != '\0' ? "/" : "",
			after);
	if (joined.failed)
		return -ENOMEM;
	unr_text_done(ret);
	*ret = joined;
	joined = (struct unr_text) { 0 };
	return 0;
}

/* "..", once or more: the elements before go, and it begins anew. */
static int walk_up(struct walk *walk)
{
	const char *rest = unr_text_string(&walk->rest);
	char *done;

	walk->restarts++;
	for (; is_element(rest, ".."); rest = behind(rest)) {
		char *slash;

		if (walk->n_done == 0)
			return ROOT_ESCAPES;
		done = walk->done.bytes;
		slash = strrchr(done, '/');
		*(slash == NULL ? done : slash) = '\0';
		walk->n_done--;
	}
	walk->n_done = 0;
	if (join(unr_text_string(&walk->done), rest, &walk->rest) < 0)
		return -ENOMEM;
	unr_text_clear(&walk->done);
	return 0;
}

/* Puts a symlink's target in its place; "." elements are dropped. */
static int walk_link(struct walk *walk, const char *target)
{
	unr_auto(unr_text_done) struct unr_text plain = { 0 };
	const char *after = behind(unr_text_string(&walk->rest));
	size_t length = strlen(target);

	if (++walk->links > WALK_MAX_LINKS)
		return -ELOOP;
	if (target[0] == '/')
		return ROOT_ESCAPES;
	/* "x/" and "x/." are a directory. */
	if (*after == '\0' && length > 1 &&
	    (target[length - 1] == '/' || strcmp(target + length - 2, "/.") == 0))
		walk->ends_in_slash = true;
	for (; *target != '\0'; target = behind(target))
		if (!is_element(target, "."))
			unr_text_printf(&plain, "%s%.*s", plain.length > 0 ? "/" : "",
					(int) element(target), target);
	if (plain.failed)
		return -ENOMEM;
	return join(unr_text_string(&plain), after, &walk->rest);
}

/* The next element: a directory to go into, a symlink, or the last one. */
static int walk_element(struct walk *walk)
{
	unr_auto(unr_text_done) struct unr_text path = { 0 };
	const char *rest = unr_text_string(&walk->rest);
	bool last = *behind(rest) == '\0';
	char target[PATH_MAX];
	struct stat st;
	ssize_t n;
	int r;

	unr_text_printf(&path, "/%s%s%.*s", unr_text_string(&walk->done),
			walk->n_done > 0 ? "/" : "", (int) element(rest), rest);
	if (path.failed)
		return -ENOMEM;
	r = unr_sys_lstat(path.bytes, &st);
	if (r < 0)
		return r;
	if (S_ISLNK(st.st_mode)) {
		n = readlink(path.bytes, target, sizeof(target) - 1);
		if (n < 0)
			return -errno;
		target[n] = '\0';
		return walk_link(walk, target);
	}
	if (!S_ISDIR(st.st_mode) && (!last || walk->ends_in_slash))
		return -ENOTDIR;
	walk->n_done++;
	r = join(path.bytes + 1, "", &walk->done);
	return r < 0 ? r : join(behind(rest), "", &walk->rest);
}

int root_walk(const char *name, struct unr_text *ret)
{
	unr_auto(walk_done) struct walk walk = { 0 };
	int r = join(name, "", &walk.rest);

	while (r == 0 && walk.rest.length > 0) {
		if (++walk.steps > WALK_MAX_STEPS && walk.restarts > WALK_MAX_RESTARTS)
			return -ENAMETOOLONG;
		r = is_element(walk.rest.bytes, "..") ? walk_up(&walk) : walk_element(&walk);
	}
	if (r != 0)
		return r;
	unr_text_clear(ret);
	unr_text_printf(ret, "/%s", unr_text_string(&walk.done));
	return ret->failed ? -ENOMEM : 0;
}

/* The resolver that treats the root as chroot does. */
struct follow {
	struct unpack *u;
	unsigned int links;
	bool absolute;   /* a link to an absolute path was followed */
	bool left_first; /* a relative one had left the root before that */
};

/* Does a link in the directory of @path to @target leave the root? */
static bool leaves(const struct unr_text *path, const char *target)
{
	unr_auto(unr_text_done) struct unr_text directory = { 0 };
	unr_auto(unr_text_done) struct unr_text joined = { 0 };
	unr_auto(unr_text_done) struct unr_text clean = { 0 };

	path_dirname(path, &directory);
	unr_text_printf(&joined, ".%s/%s", unr_text_string(&directory), target);
	path_clean(unr_text_string(&joined), joined.length, &clean);
	return is_element(unr_text_string(&clean), "..");
}

/* Replaces @path (from "/") by what it links to, as it stands there; *@ret_link: it was a link. */
static int follow_one(struct follow *f, struct unr_text *path, bool *ret_link)
{
	char target[PATH_MAX];
	struct stat st;
	ssize_t n;
	int r;

	*ret_link = false;
	if (f->links > FOLLOW_MAX_LINKS)
		return fail_text(f->u, "too many links");
	if (path->length == 1)
		return 0;
	r = unr_sys_lstat(path->bytes, &st);
	if (r == -ENOENT || (r == 0 && !S_ISLNK(st.st_mode)))
		return 0;
	if (r < 0)
		return fail_path(f->u, "lstat", path->bytes, r);
	n = readlink(path->bytes, target, sizeof(target) - 1);
	if (n < 0)
		return fail_path(f->u, "readlink", path->bytes, -errno);
	target[n] = '\0';
	if (target[0] == '/')
		f->absolute = true;
	else if (!f->absolute && leaves(path, target))
		f->left_first = true;
	f->links++;
	*ret_link = true;
	unr_text_clear(path);
	unr_text_puts(path, target);
	return path->failed ? -ENOMEM : 0;
}

/* Joins an element or a link's target to what was walked, which cleans both. */
static int follow_join(struct unr_text *at, const char *name, size_t length)
{
	unr_auto(unr_text_done) struct unr_text joined = { 0 };

	unr_text_printf(&joined, "%s/%.*s", unr_text_string(at), (int) length, name);
	if (joined.failed)
		return -ENOMEM;
	path_join_root(joined.bytes, joined.length, at);
	return at->failed ? -ENOMEM : 0;
}

/* The next element; a link's text is joined to what was walked, or stands at the beginning. */
static int follow_element(struct follow *f, struct unr_text *at, const char *name, bool begins)
{
	unr_auto(unr_text_done) struct unr_text before = { 0 };
	unr_auto(unr_text_done) struct unr_text target = { 0 };
	bool link = false;
	int r = join(unr_text_string(at), "", &before);

	if (r == 0)
		r = follow_join(at, name, element(name));
	if (r == 0)
		r = follow_one(f, at, &link);
	if (r != 0 || !link || begins || at->bytes[0] == '/')
		return r;
	r = join(at->bytes, "", &target);
	if (r == 0)
		r = join(unr_text_string(&before), "", at);
	return r == 0 ? follow_join(at, target.bytes, target.length) : r;
}

/*
 * One pass over the elements of @path.  Each link is replaced once, by its text:
 * what that text goes through is for the next pass, as rootpath.go has it.
 */
static int follow_pass(struct follow *f, struct unr_text *path)
{
	unr_auto(unr_text_done) struct unr_text at = { 0 };
	const char *rest = path->bytes + strspn(path->bytes, "/");
	bool begins = rest == path->bytes;
	int r = 0;

	for (; r == 0 && *rest != '\0'; rest = behind(rest)) {
		r = follow_element(f, &at, rest, begins);
		begins = false;
	}
	return r == 0 ? join(at.length == 0 ? "/" : at.bytes, "", path) : r;
}

/* Passes, until there was no link left and nothing to clean. */
static int follow_all(struct follow *f, const char *name, struct unr_text *ret)
{
	unr_auto(unr_text_done) struct unr_text path = { 0 };
	int r = join(name, "", &path);

	while (r == 0) {
		unsigned int before = f->links;

		r = follow_pass(f, &path);
		if (r != 0 || f->links != before)
			continue;
		path_join_root(path.bytes, path.length, ret);
		if (ret->failed)
			r = -ENOMEM;
		else if (strcmp(ret->bytes, path.bytes) == 0)
			return 0;
		else
			r = join(ret->bytes, "", &path);
	}
	return r == -ENOMEM ? unr_fail_memory(f->u->err) : r;
}

int root_follow(struct unpack *u, const char *name, struct unr_text *ret)
{
	struct follow f = { .u = u };

	return follow_all(&f, name, ret);
}

/* os.Root's own answer for a parent. */
static int fail_walk(struct unpack *u, const char *parent, int r)
{
	return r == ROOT_ESCAPES ? fail_escape(u, "statat", parent) :
				   fail_path(u, "statat", parent, r);
}

int root_resolve(struct unpack *u, const char *name, struct unr_text *ret)
{
	unr_auto(unr_text_done) struct unr_text parent = { 0 };
	struct follow f = { .u = u };
	const char *slash = strrchr(name, '/');
	int walked, r;

	unr_text_clear(ret);
	unr_text_printf(ret, "/%s", name);
	if (slash == NULL)
		return ret->failed ? unr_fail_memory(u->err) : 0;
	unr_text_append(&parent, name, (size_t) (slash - name));
	walked = ret->failed || parent.failed ? -ENOMEM : root_walk(parent.bytes, ret);
	if (walked == -ENOMEM)
		return unr_fail_memory(u->err);
	if (walked != 0 && walked != -ENOENT && walked != ROOT_ESCAPES)
		return fail_walk(u, parent.bytes, walked);
	unr_text_clear(ret);
	unr_text_printf(ret, "/%s", name);
	if (walked != 0) {
		r = follow_all(&f, parent.bytes, ret);
		if (r != 0)
			return r;
		if (walked == ROOT_ESCAPES && (!f.absolute || f.left_first))
			return fail_walk(u, parent.bytes, walked);
		unr_text_printf(ret, "%s%s", ret->length > 1 ? "/" : "", slash + 1);
	}
	return ret->failed ? unr_fail_memory(u->err) : 0;
}
