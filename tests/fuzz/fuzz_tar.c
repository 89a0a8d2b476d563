/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: any bytes as a tar.  Property: entries, content and the fault at
 * the end do not depend on how the bytes arrive, nor on whether content is read
 * or drained, nor on whether the source moves on over it or it is read and dropped.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "must.h"
#include "tar/tar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Content above this is passed over in every way: a hole may be of exabytes. */
#define CONTENT_MAX ((int64_t) 1 << 20)

struct source {
	const uint8_t *bytes;
	size_t left, step;
};

static ssize_t source_read(void *context, void *buffer, size_t size)
{
	struct source *source = context;
	size_t n = source->left < size ? source->left : size;

	if (n > source->step)
		n = source->step;
	if (n > 0)
		memcpy(buffer, source->bytes, n);
	source->bytes += n;
	source->left -= n;
	return (ssize_t) n;
}

static int source_skip(void *context, uint64_t size)
{
	struct source *source = context;
	size_t n = source->left < size ? source->left : (size_t) size;

	source->bytes += n;
	source->left -= n;
	return 0;
}

enum taking { PASS_OVER, DRAIN, READ };

static void note_bytes(struct unr_text *text, const char *bytes, size_t length)
{
	unr_text_printf(text, "%zu:", length);
	unr_text_append(text, bytes, length);
	unr_text_puts(text, ";");
}

static void note_entry(struct unr_text *text, const struct unr_tar_entry *e)
{
	const int64_t numbers[] = { e->mode,
				    e->uid,
				    e->gid,
				    e->size,
				    e->devmajor,
				    e->devminor,
				    e->header_uid,
				    e->header_gid,
				    e->mtime.seconds,
				    e->atime.seconds,
				    e->mtime.nanoseconds,
				    e->atime.nanoseconds,
				    (int64_t) e->position };

	must(e->name[e->name_length] == '\0' && e->link[e->link_length] == '\0');
	must(e->mtime.nanoseconds >= 0 && e->mtime.nanoseconds < 1000000000);
	unr_text_append(text, &e->type, 1);
	note_bytes(text, e->name, e->name_length);
	note_bytes(text, e->link, e->link_length);
	for (size_t i = 0; i < UNR_COUNT(numbers); i++)
		unr_text_append(text, &numbers[i], sizeof(numbers[i]));
	for (size_t i = 0; i < e->n_xattrs; i++) {
		note_bytes(text, e->xattrs[i].name, e->xattrs[i].name_length);
		note_bytes(text, e->xattrs[i].value, e->xattrs[i].value_length);
	}
}

/* Reads the content of one entry, which must be as long as the entry says. */
static int read_content(struct unr_tar *tar, const struct unr_tar_entry *e,
			struct unr_text *content)
{
	char buffer[4096];
	int64_t total = 0;
	ssize_t n;

	while ((n = unr_tar_read(tar, buffer, sizeof(buffer))) > 0) {
		unr_text_append(content, buffer, (size_t) n);
		total += n;
	}
	must(n < 0 || total == e->size);
	return (int) n;
}

/* All that is in the archive: entries and the end in @ret, content in @content. */
static void note_archive(const struct unr_tar_source *source, enum taking taking,
			 struct unr_text *ret, struct unr_text *content)
{
	const struct unr_tar_entry *entry;
	struct unr_tar *tar;
	int r = unr_tar_new(source, &tar);

	must(r == 0);
	while ((r = unr_tar_next(tar, &entry)) == 1) {
		note_entry(ret, entry);
		if (entry->type != '0' || entry->size > CONTENT_MAX || taking == PASS_OVER)
			continue;
		r = taking == READ ? read_content(tar, entry, content) : unr_tar_drain(tar);
		if (r < 0)
			break;
	}
	must(r == 0 || r == -EBADMSG || r == -E2BIG);
	must((r == -EBADMSG) == (unr_tar_error_text(tar)[0] != '\0'));
	must(unr_tar_next(tar, &entry) == r);
	unr_text_printf(ret, "end %d %s", r, unr_tar_error_text(tar));
	unr_tar_free(tar);
}

static void assert_same(const struct unr_text *a, const struct unr_text *b)
{
	must(!a->failed && !b->failed && a->length == b->length);
	must(a->length == 0 || memcmp(a->bytes, b->bytes, a->length) == 0);
}

/* Two ways to take the same archive give the same. */
static void compare(const uint8_t *data, size_t size, struct unr_tar_source one,
		    enum taking one_way, struct unr_tar_source other, enum taking other_way,
		    size_t other_step)
{
	struct source a = { data, size, SIZE_MAX }, b = { data, size, other_step };
	unr_auto(unr_text_done) struct unr_text noted_a = { 0 }, noted_b = { 0 };
	unr_auto(unr_text_done) struct unr_text content_a = { 0 }, content_b = { 0 };

	one.context = &a;
	other.context = &b;
	note_archive(&one, one_way, &noted_a, &content_a);
	note_archive(&other, other_way, &noted_b, &content_b);
	assert_same(&noted_a, &noted_b);
	if (one_way == other_way)
		assert_same(&content_a, &content_b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct unr_tar_source plain = { .read = source_read };
	const struct unr_tar_source seekable = { .read = source_read, .skip = source_skip };

	compare(data, size, plain, READ, plain, READ, 1);
	compare(data, size, plain, READ, plain, DRAIN, SIZE_MAX);
	compare(data, size, plain, PASS_OVER, seekable, PASS_OVER, 600);
	return 0;
}
