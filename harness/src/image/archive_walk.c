/* SPDX-License-Identifier: MIT */
/* The pass over an outer tar: see archive_walk.h. */
#include "image/archive_walk.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/fd.h"
#include "base/text.h"
#include "image/shown.h"

struct walk {
	struct unr_tar *tar;
	uint64_t limit;
	const char *name;
	bool has_members;
	struct unr_shown last; /* the last member that came */
};

static ssize_t read_blob(void *context, void *buffer, size_t size)
{
	struct unr_blob_source *source = context;
	uint64_t left = source->blob.size - source->position;
	ssize_t n;

	if (size > left)
		size = (size_t) left;
	n = unr_pread_full(source->blob.fd, buffer, size, source->blob.offset + source->position);
	if (n > 0)
		source->position += (uint64_t) n;
	return n;
}

static int skip_blob(void *context, uint64_t size)
{
	struct unr_blob_source *source = context;
	uint64_t left = source->blob.size - source->position;

	source->position += size < left ? size : left;
	return 0;
}

void unr_blob_source_init(struct unr_blob_source *source, const struct unr_blob *blob,
			  struct unr_tar_source *ret)
{
	*source = (struct unr_blob_source) { .blob = *blob };
	*ret = (struct unr_tar_source) { .read = read_blob, .skip = skip_blob, .context = source };
}

/* The tar reader's refusal in the words of this module. */
static int explain(const struct walk *walk, int code, struct unr_error *err)
{
	const char *text = unr_tar_error_text(walk->tar);

	if (code == -ENOMEM)
		return unr_fail_memory(err);
	if (code != -EBADMSG)
		return unr_fail(err, UNR_ERROR_FAILED, code, "%s: %s", walk->name, strerror(-code));
	if (!walk->has_members)
		return unr_fail(err, UNR_ERROR_FAILED, code, "%s: is not a tar archive (%s)",
				walk->name, text);
	if (strcmp(text, "unexpected EOF") == 0)
		return unr_fail(err, UNR_ERROR_FAILED, -ENODATA,
				"%s: is cut short at byte %" PRIu64 ", behind member %s: %s",
				walk->name, unr_tar_offset(walk->tar), walk->last.text, text);
	return unr_fail(err, UNR_ERROR_FAILED, code,
			"%s: is damaged before byte %" PRIu64 ", behind member %s: %s", walk->name,
			unr_tar_offset(walk->tar), walk->last.text, text);
}

/* A seek over the content would hide that it is not all there. */
static int check_extent(const struct walk *walk, const struct unr_archive_member *member,
			struct unr_error *err)
{
	if (member->offset <= walk->limit && member->size <= walk->limit - member->offset)
		return 0;
	return unr_fail(err, UNR_ERROR_FAILED, -ENODATA,
			"%s: is cut short: member %s has %" PRIu64 " bytes from byte %" PRIu64
			" on, the archive ends at %" PRIu64 ": unexpected EOF",
			walk->name, walk->last.text, member->size, member->offset, walk->limit);
}

int unr_archive_walk(const struct unr_tar_source *source, uint64_t limit, const char *name,
		     unr_archive_visit_fn visit, void *context, struct unr_error *err)
{
	struct walk walk = { .limit = limit, .name = name };
	const struct unr_tar_entry *entry;
	struct unr_archive_member member;
	int r;

	r = unr_tar_new(source, &walk.tar);
	if (r < 0)
		return unr_fail_memory(err);
	while ((r = unr_tar_next(walk.tar, &entry)) == 1) {
		/* Only files have content, and a sparse one does not stand there as it is read. */
		bool in_place = entry->type == '0' && !entry->is_sparse;

		member = (struct unr_archive_member) {
			.name = entry->name,
			.link = entry->link,
			.type = entry->type,
			.is_sparse = entry->is_sparse,
			.xattrs = entry->xattrs,
			.n_xattrs = entry->n_xattrs,
			.offset = unr_tar_offset(walk.tar),
			.size = in_place ? (uint64_t) entry->size : 0,
		};
		walk.has_members = true;
		(void) unr_show(&walk.last, entry->name);
		r = check_extent(&walk, &member, err);
		if (r == 0)
			r = visit(context, &member, err);
		if (r != 0) {
			unr_tar_free(walk.tar);
			return r;
		}
	}
	if (r < 0)
		r = explain(&walk, r, err);
	unr_tar_free(walk.tar);
	return r;
}
