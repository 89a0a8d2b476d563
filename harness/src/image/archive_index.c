/* SPDX-License-Identifier: MIT */
/* The index of an outer archive: see archive_index.h. */
#include "image/archive_index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "image/archive_walk.h"
#include "image/shown.h"

enum { MAX_HOPS = 16 };

struct unr_indexed_member {
	size_t name, link; /* offsets into the names */
	uint64_t offset, size;
	char type; /* 'S' for every sparse file */
};

void unr_archive_index_done(struct unr_archive_index *index)
{
	free(index->members);
	unr_text_done(&index->names);
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

/* The directory that it unpacks into is there, and an entry for that is passed over. */
static void note_type(struct unr_archive_index *index, char type, const char *name)
{
	if (index->unknown_member == '\0' && strchr("0123456g", type) == NULL && *name != '\0')
		index->unknown_member = type;
}

static int add_member(void *context, const struct unr_archive_member *member, struct unr_error *err)
{
	struct unr_archive_index *index = context;
	unr_autofree char *name = NULL;
	struct unr_indexed_member *kept;
	int r;

	r = grow(index, err);
	if (r < 0)
		return r;
	name = unr_archive_clean(member->name);
	if (name == NULL)
		return unr_fail_memory(err);
	kept = &index->members[index->n_members++];
	*kept = (struct unr_indexed_member) {
		.name = keep_text(index, name),
		.link = keep_text(index, member->link == NULL ? "" : member->link),
		.offset = member->offset,
		.size = member->size,
		.type = member->is_sparse ? 'S' : member->type,
	};
	note_type(index, member->type, name);
	return index->names.failed ? unr_fail_memory(err) : 0;
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

/* Where a link leads: symbolic ones from their own directory, hard ones from the root. */
static char *link_target(const struct unr_archive_index *index,
			 const struct unr_indexed_member *member)
{
	const char *name = index->names.bytes + member->name;
	const char *link = index->names.bytes + member->link;
	unr_auto(unr_text_done) struct unr_text path = { 0 };

	if (member->type == '2' && link[0] != '/')
		unr_text_append(&path, name, parent_length(name, strlen(name)));
	unr_text_puts(&path, "/");
	unr_text_puts(&path, link);
	return path.failed ? NULL : unr_archive_clean(path.bytes);
}

int unr_archive_index_find(const struct unr_archive_index *index, const char *name,
			   struct unr_blob *ret, struct unr_error *err)
{
	unr_autofree char *path = unr_archive_clean(name);
	struct unr_shown shown, target;

	(void) unr_show(&shown, name);
	for (int hop = 0; hop < MAX_HOPS; hop++) {
		const struct unr_indexed_member *member;
		char *next;

		if (path == NULL)
			return unr_fail_memory(err);
		member = lookup(index, path);
		if (member == NULL && hop == 0)
			return unr_fail(err, UNR_ERROR_FAILED, -ENOENT, "%s: has no member %s",
					index->name, shown.text);
		if (member == NULL)
			return unr_fail(err, UNR_ERROR_FAILED, -ENOENT,
					"%s: member %s is a link to %s, which is not there",
					index->name, shown.text, unr_show(&target, path));
		if (member->type == '0') {
			*ret = (struct unr_blob) { .fd = index->archive.fd,
						   .offset = index->archive.offset + member->offset,
						   .size = member->size };
			return 0;
		}
		if (member->type != '1' && member->type != '2')
			return unr_fail(err, UNR_ERROR_FAILED, -ENOTSUP,
					"%s: member %s is not a regular file", index->name,
					shown.text);
		next = link_target(index, member);
		free(path);
		path = next;
	}
	return unr_fail(err, UNR_ERROR_FAILED, -ELOOP,
			"%s: member %s leads through more than %d links", index->name, shown.text,
			MAX_HOPS);
}
