/* SPDX-License-Identifier: MIT */
/* The index of an outer archive: see archive_index.h. */
#include "image/archive_index.h"

#include <errno.h>
#include <linux/limits.h>
#include <stdlib.h>
#include <string.h>

#include "image/archive_oddity.h"
#include "image/archive_walk.h"
#include "image/shown.h"

enum { MAX_STEPS = 255 };

struct unr_indexed_member {
	size_t name, link; /* offsets into the names; a hard link's target is cleaned */
	uint64_t offset, size;
	char type; /* 'S' for every sparse file */
};

void unr_archive_index_done(struct unr_archive_index *index)
{
	free(index->members);
	unr_text_done(&index->names);
	unr_oddity_done(&index->oddity);
	*index = (struct unr_archive_index) { 0 };
}

/* Drops the last component of the cleaned path of @length bytes at @path. */
static size_t parent_length(const char *path, size_t length)
{
	while (length > 0 && path[length - 1] != '/')
		length--;
	return length > 0 ? length - 1 : 0;
}

char *unr_archive_clean(const char *name)
{
	char *out = malloc(strlen(name) + 1);
	size_t used = 0;

	if (out == NULL)
		return NULL;
	while (*name != '\0') {
		size_t n = strcspn(name, "/");

		if (n == 2 && memcmp(name, "..", 2) == 0) {
			used = parent_length(out, used);
		} else if (n > 0 && !(n == 1 && *name == '.')) {
			if (used > 0)
				out[used++] = '/';
			memcpy(out + used, name, n);
			used += n;
		}
		name += n;
		name += *name == '/';
	}
	out[used] = '\0';
	return out;
}

static size_t keep_text(struct unr_archive_index *index, const char *text)
{
	size_t at = index->names.length;

	unr_text_append(&index->names, text, strlen(text) + 1);
	return at;
}

static int grow(struct unr_archive_index *index, struct unr_error *err)
{
	struct unr_indexed_member *members;
	size_t room = index->room == 0 ? 64 : index->room * 2;

	if (index->n_members >= UNR_ARCHIVE_MAX_MEMBERS)
		return unr_fail(err, UNR_ERROR_FAILED, -E2BIG,
				"%s: has more than %d members; an image archive needs far fewer",
				index->name, UNR_ARCHIVE_MAX_MEMBERS);
	if (index->names.length > UNR_ARCHIVE_MAX_NAMES)
		return unr_fail(err, UNR_ERROR_FAILED, -E2BIG,
				"%s: the names of its members have more than %d bytes", index->name,
				UNR_ARCHIVE_MAX_NAMES);
	if (index->n_members < index->room)
		return 0;
	members = realloc(index->members, room * sizeof(*members));
	if (members == NULL)
		return unr_fail_memory(err);
	index->members = members;
	index->room = room;
	return 0;
}

static int add_member(void *context, const struct unr_archive_member *member, struct unr_error *err)
{
	struct unr_archive_index *index = context;
	unr_autofree char *name = NULL, *target = NULL;
	const char *link = member->link == NULL ? "" : member->link;
	struct unr_indexed_member *kept;
	int r;

	r = grow(index, err);
	if (r < 0)
		return r;
	name = unr_archive_clean(member->name);
	if (member->type == '1') /* it counts from the root, and a symbolic one does not */
		link = target = unr_archive_clean(link);
	if (name == NULL || link == NULL)
		return unr_fail_memory(err);
	kept = &index->members[index->n_members++];
	*kept = (struct unr_indexed_member) {
		.name = keep_text(index, name),
		.link = keep_text(index, link),
		.offset = member->offset,
		.size = member->size,
		.type = member->is_sparse ? 'S' : member->type,
	};
	r = unr_archive_note_oddity(&index->oddity, member, name);
	return r < 0 || index->names.failed ? unr_fail_memory(err) : 0;
}

static int compare_members(const void *a, const void *b, void *names)
{
	const struct unr_indexed_member *x = a, *y = b;
	const char *text = names;
	int r = strcmp(text + x->name, text + y->name);

	if (r != 0)
		return r;
	/* Names are kept in the order of the archive, so this is the order of equal ones. */
	return x->name < y->name ? -1 : x->name > y->name;
}

int unr_archive_index_read(const struct unr_blob *archive, const char *name,
			   struct unr_archive_index *ret, struct unr_error *err)
{
	unr_auto(unr_archive_index_done) struct unr_archive_index index = { .archive = *archive,
									    .name = name };
	struct unr_blob_source source;
	struct unr_tar_source bytes;
	int r;

	unr_blob_source_init(&source, archive, &bytes);
	r = unr_archive_walk(&bytes, archive->size, name, add_member, &index, err);
	if (r < 0)
		return r;
	if (index.n_members > 0)
		qsort_r(index.members, index.n_members, sizeof(*index.members), compare_members,
			index.names.bytes);
	*ret = index;
	index = (struct unr_archive_index) { 0 };
	return 0;
}

/* The last member of that cleaned name. */
static const struct unr_indexed_member *lookup(const struct unr_archive_index *index,
					       const char *name)
{
	size_t low = 0, high = index->n_members;
	const struct unr_indexed_member *member;

	while (low < high) { /* the first member above @name */
		size_t middle = low + (high - low) / 2;

		if (strcmp(index->names.bytes + index->members[middle].name, name) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return NULL;
	member = &index->members[low - 1];
	return strcmp(index->names.bytes + member->name, name) == 0 ? member : NULL;
}

/* What stands there, or the last of the hard links that lead to nothing. */
static const struct unr_indexed_member *node_at(const struct unr_archive_index *index,
						const char *name)
{
	const struct unr_indexed_member *next = lookup(index, name), *member = next;

	for (int hop = 0; next != NULL && next->type == '1' && hop < MAX_STEPS; hop++) {
		member = next;
		next = lookup(index, index->names.bytes + member->link);
	}
	return next == NULL ? member : next;
}

static void replace_text(struct unr_text *text, struct unr_text *by)
{
	unr_text_done(text);
	*text = *by;
	*by = (struct unr_text) { 0 };
}

/* Moves the first component of @rest behind @path, or puts what it links to in its place. */
static int take_step(const struct unr_archive_index *index, struct unr_text *rest,
		     struct unr_text *path)
{
	unr_auto(unr_text_done) struct unr_text next = { 0 }, left = { 0 };
	size_t n = strcspn(rest->bytes, "/");
	const char *behind = rest->bytes + n + (rest->bytes[n] == '/');
	const struct unr_indexed_member *member;
	unr_autofree char *here = NULL;

	unr_text_printf(&next, "%s/", unr_text_string(path));
	unr_text_append(&next, rest->bytes, n);
	here = next.failed ? NULL : unr_archive_clean(next.bytes);
	if (here == NULL)
		return -ENOMEM;
	member = node_at(index, here);
	if (member != NULL && member->type == '2') {
		const char *link = index->names.bytes + member->link;

		unr_text_printf(&left, "%s/", link);
		unr_text_clear(&next);
		unr_text_puts(&next, link[0] == '/' ? "" : unr_text_string(path));
	} else {
		unr_text_clear(&next);
		unr_text_puts(&next, here);
	}
	unr_text_puts(&left, behind);
	replace_text(rest, &left);
	replace_text(path, &next);
	return rest->failed || path->failed ? -ENOMEM : 0;
}

/*
 * Where @name leads, a directory in its middle too.  Counts as dockerd does, by components
 * (moby/sys/symlink), and ends where so many links as the kernel takes them cannot lead.
 */
static int follow(const struct unr_archive_index *index, const char *name, struct unr_text *ret)
{
	unr_auto(unr_text_done) struct unr_text rest = { 0 };
	int r = 0;

	unr_text_printf(&rest, "/%s", name);
	if (rest.failed)
		return -ENOMEM;
	for (int step = 0; r == 0 && rest.length > 0; step++)
		r = step > MAX_STEPS || rest.length > MAX_STEPS * PATH_MAX ?
			    -ELOOP :
			    take_step(index, &rest, ret);
	return r;
}

/* As it stands, before any link is looked at. */
static bool leads_out(const char *name)
{
	int depth = 0;

	for (name += strspn(name, "/"); *name != '\0' && depth >= 0; name += strspn(name, "/")) {
		size_t n = strcspn(name, "/");

		if (n == 2 && memcmp(name, "..", 2) == 0)
			depth--;
		else if (n != 1 || *name != '.')
			depth++;
		name += n;
	}
	return depth < 0;
}

static int fail_to_follow(const struct unr_archive_index *index, const char *name, int code,
			  struct unr_error *err)
{
	struct unr_shown shown;

	if (code == -ENOMEM)
		return unr_fail_memory(err);
	return unr_fail(err, UNR_ERROR_FAILED, code, "%s: member %s leads through too many links",
			index->name, unr_show(&shown, name));
}

/* Nothing of that name, or a link to nothing. */
static int fail_to_find(const struct unr_archive_index *index, const char *name, const char *clean,
			const char *path, struct unr_error *err)
{
	struct unr_shown shown, target;

	if (strcmp(path, clean) == 0)
		return unr_fail(err, UNR_ERROR_FAILED, -ENOENT, "%s: has no member %s", index->name,
				unr_show(&shown, name));
	return unr_fail(err, UNR_ERROR_FAILED, -ENOENT,
			"%s: member %s is a link to %s, which is not there", index->name,
			unr_show(&shown, name), unr_show(&target, path));
}

int unr_archive_index_find(const struct unr_archive_index *index, const char *name,
			   struct unr_blob *ret, struct unr_error *err)
{
	unr_autofree char *clean = unr_archive_clean(name);
	unr_auto(unr_text_done) struct unr_text path = { 0 };
	const struct unr_indexed_member *member = NULL;
	struct unr_shown shown;
	int r = clean == NULL ? -ENOMEM : 0;

	if (r == 0 && leads_out(name))
		return fail_to_find(index, name, clean, clean, err);
	if (r == 0)
		r = follow(index, clean, &path);
	if (r < 0)
		return fail_to_follow(index, name, r, err);
	member = node_at(index, unr_text_string(&path));
	if (member == NULL)
		return fail_to_find(index, name, clean, unr_text_string(&path), err);
	if (member->type == '1')
		return fail_to_find(index, name, clean, index->names.bytes + member->link, err);
	if (member->type != '0')
		return unr_fail(err, UNR_ERROR_FAILED, -ENOTSUP,
				"%s: member %s is not a regular file", index->name,
				unr_show(&shown, name));
	*ret = (struct unr_blob) { .fd = index->archive.fd,
				   .offset = index->archive.offset + member->offset,
				   .size = member->size };
	return 0;
}
