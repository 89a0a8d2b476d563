/* SPDX-License-Identifier: MIT */
/*
 * mtree to tar: see layer.h.  libarchive reads the mtree text from memory and
 * must not look at the host's files; contents come from the scenario's folder
 * and from nowhere else.
 */
#include "scenario/layer.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/archive.h"
#include "scenario/folder.h"
#include "scenario/ustar.h"

/* No scenario needs more, and a slip in size= should not eat the memory... */
#define CONTENT_LIMIT ((la_int64_t) 64 << 20)

/* ...where the zeros are not compressed. */
#define PACKED_LIMIT ((la_int64_t) 1 << 30)

/* What the steps below share. */
struct job {
	int folder_fd;
	const struct unr_layer_spec *spec;
	struct archive *writer; /* borrowed */
	size_t n_contents;      /* of the spec's contents, found so far */
};

static int open_mtree(const struct unr_text *text, struct archive **ret, struct unr_error *err)
{
	unr_auto(unr_archive_reader_done) struct archive *reader = archive_read_new();

	if (reader == NULL)
		return unr_fail_memory(err);
	if (archive_read_support_format_mtree(reader) != ARCHIVE_OK ||
	    archive_read_set_option(reader, "mtree", "checkfs", NULL) != ARCHIVE_OK ||
	    archive_read_open_memory(reader, text->bytes, text->length) != ARCHIVE_OK)
		return unr_archive_fail(reader, "read mtree", err);
	*ret = unr_take_ptr(reader);
	return 0;
}

/* A fresh entry with what a layer's header has, so that nothing else gets in by the reader. */
static struct archive_entry *copy_entry(struct archive_entry *from, const char *path)
{
	struct archive_entry *entry = archive_entry_new();

	if (entry == NULL)
		return NULL;
	archive_entry_set_pathname(entry, path);
	archive_entry_set_filetype(entry, archive_entry_filetype(from));
	archive_entry_set_perm(entry, archive_entry_perm(from));
	archive_entry_set_uid(entry, archive_entry_uid(from));
	archive_entry_set_gid(entry, archive_entry_gid(from));
	archive_entry_set_mtime(entry, archive_entry_mtime(from), archive_entry_mtime_nsec(from));
	if (archive_entry_filetype(from) == AE_IFLNK)
		archive_entry_set_symlink(entry, archive_entry_symlink(from));
	if (archive_entry_filetype(from) == AE_IFCHR || archive_entry_filetype(from) == AE_IFBLK)
		archive_entry_set_rdev(entry, archive_entry_rdev(from));
	return entry;
}

/* The bytes of an entry: a file of the folder, or none, for as many zeros as size= says. */
static int read_content(struct job *job, struct archive_entry *from, const char *path,
			struct unr_text *ret, size_t *ret_size, struct unr_error *err)
{
	const la_int64_t limit = job->spec->is_gzip ? PACKED_LIMIT : CONTENT_LIMIT;
	la_int64_t size = archive_entry_size_is_set(from) ? archive_entry_size(from) : 0;
	const char *file = json_string_value(json_object_get(job->spec->contents, path));
	int r;

	if (file != NULL) {
		job->n_contents++;
		r = unr_scenario_read(job->folder_fd, file, ret, err);
		*ret_size = ret->length;
		if (r < 0 || !archive_entry_size_is_set(from) || (size_t) size == ret->length)
			return r;
		return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG,
				"%s: size=%lld, but %s has %zu bytes", path, (long long) size, file,
				ret->length);
	}
	if (size < 0 || size > limit)
		return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG, "%s: size=%lld is too much", path,
				(long long) size);
	*ret_size = (size_t) size;
	return 0;
}

static int add_entry(struct job *job, struct archive_entry *from, struct unr_error *err)
{
	unr_auto(unr_archive_entry_done) struct archive_entry *entry = NULL;
	unr_auto(unr_text_done) struct unr_text content = { 0 };
	const char *written = archive_entry_pathname(from);
	const char *path = written == NULL ? NULL : unr_starts_with(written, "./");
	size_t size = 0;
	int r;

	if (path == NULL)
		path = written;
	if (path == NULL || *path == '\0')
		return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG, "an entry without a path");
	if (archive_entry_filetype(from) == AE_IFREG) {
		r = read_content(job, from, path, &content, &size, err);
		if (r < 0)
			return r;
	}
	entry = copy_entry(from, path);
	if (entry == NULL)
		return unr_fail_memory(err);
	return unr_archive_add(job->writer, entry, content.bytes, size, err);
}

static int add_entries(struct job *job, const struct unr_text *mtree, struct unr_error *err)
{
	unr_auto(unr_archive_reader_done) struct archive *reader = NULL;
	struct archive_entry *from;
	int r;

	r = open_mtree(mtree, &reader, err);
	if (r < 0)
		return r;
	while ((r = archive_read_next_header(reader, &from)) == ARCHIVE_OK) {
		r = add_entry(job, from, err);
		if (r < 0)
			return r;
	}
	if (r != ARCHIVE_EOF)
		return unr_archive_fail(reader, "read mtree", err);
	/* A misspelt path among the contents would go unnoticed otherwise. */
	if (job->n_contents != json_object_size(job->spec->contents))
		return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG,
				"contents: not each of them is the path of a file and names one");
	return 0;
}

static int patch_ids(const struct unr_layer_spec *spec, struct unr_text *tar, struct unr_error *err)
{
	uint32_t uid = (uint32_t) spec->ustar_uid, gid = (uint32_t) spec->ustar_gid;
	const struct unr_ustar_ids ids = { .uid = spec->has_uid ? &uid : NULL,
					   .gid = spec->has_gid ? &gid : NULL };
	int r;

	if ((spec->has_uid && spec->ustar_uid != uid) || (spec->has_gid && spec->ustar_gid != gid))
		r = -ERANGE;
	else
		r = unr_ustar_patch_ids(tar->bytes, tar->length, &ids);
	if (r < 0)
		return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG, "ustar_ids: %s", strerror(-r));
	return 0;
}

/* Where the tar's bytes go on their way out. */
struct sink {
	struct unr_text *out;   /* borrowed */
	struct archive *packer; /* owned; NULL: as they are */
	EVP_MD_CTX *digest;     /* owned */
};

static void sink_done(struct sink *sink)
{
	(void) archive_write_free(sink->packer);
	EVP_MD_CTX_free(sink->digest);
}
DEFINE_UNR_CLEANUP(struct sink, sink_done);

static la_ssize_t take(struct archive *writer, void *context, const void *bytes, size_t size)
{
	struct sink *sink = context;
	bool is_taken = true;

	if (sink->packer != NULL)
		is_taken = archive_write_data(sink->packer, bytes, size) == (la_ssize_t) size &&
			   EVP_DigestUpdate(sink->digest, bytes, size) == 1;
	else
		unr_text_append(sink->out, bytes, size);
	if (is_taken && !sink->out->failed)
		return (la_ssize_t) size;
	archive_set_error(writer, ENOMEM, "out of memory");
	return -1;
}

static int open_sink(const struct unr_layer_spec *spec, struct unr_text *out, struct sink *ret,
		     struct unr_error *err)
{
	ret->out = out;
	ret->digest = EVP_MD_CTX_new();
	if (ret->digest == NULL)
		return unr_fail_memory(err);
	if (EVP_DigestInit_ex(ret->digest, EVP_sha256(), NULL) != 1)
		return unr_fail(err, UNR_ERROR_FAILED, -EIO, "libcrypto has no SHA-256");
	return spec->is_gzip ? unr_archive_pack(out, &ret->packer, err) : 0;
}

/* The digest of the tar, whose bytes are in @sink->out unless they were compressed. */
static int close_sink(struct sink *sink, char ret_hex[65], struct unr_error *err)
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned int n = 0;
	bool is_done = true;

	if (sink->packer != NULL)
		is_done = archive_write_close(sink->packer) == ARCHIVE_OK;
	else if (sink->out->length > 0)
		is_done = EVP_DigestUpdate(sink->digest, sink->out->bytes, sink->out->length) == 1;
	if (!is_done || sink->out->failed || EVP_DigestFinal_ex(sink->digest, md, &n) != 1)
		return unr_fail_memory(err);
	for (unsigned int i = 0; i < n; i++)
		(void) snprintf(&ret_hex[(size_t) i * 2], 3, "%02x", md[i]);
	return 0;
}

/* @ret is filled as the writer goes, so that an error may leave half a tar in it. */
static int write_tar(struct job *job, const struct unr_text *mtree, struct sink *sink,
		     struct unr_error *err)
{
	unr_auto(unr_archive_writer_done) struct archive *writer = NULL;
	int r;

	r = unr_archive_new_to(take, sink, &writer, err);
	if (r < 0)
		return r;
	job->writer = writer;
	r = add_entries(job, mtree, err);
	if (r < 0)
		return r;
	r = unr_archive_finish(writer, sink->out, err);
	if (r < 0 || (!job->spec->has_uid && !job->spec->has_gid))
		return r;
	if (job->spec->is_gzip)
		return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG,
				"ustar_ids: not in a layer that is compressed");
	return patch_ids(job->spec, sink->out, err);
}

int unr_scenario_layer_write(int folder_fd, const struct unr_layer_spec *spec, struct unr_text *ret,
			     char ret_hex[65], struct unr_error *err)
{
	unr_auto(unr_text_done) struct unr_text mtree = { 0 };
	unr_auto(sink_done) struct sink sink = { 0 };
	struct job job = { .folder_fd = folder_fd, .spec = spec };
	int r;

	r = unr_scenario_read(folder_fd, spec->mtree, &mtree, err);
	if (r == 0)
		r = open_sink(spec, ret, &sink, err);
	if (r == 0)
		r = write_tar(&job, &mtree, &sink, err);
	if (r == 0)
		r = close_sink(&sink, ret_hex, err);
	if (r < 0)
		return unr_fail_context(err, "%s", spec->mtree);
	return 0;
}
