/* SPDX-License-Identifier: MIT */
/* Values and findings as bytes: see wire.h. */
#include "finding/wire.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

/* The length that stands for an absent string. */
#define ABSENT UINT64_MAX

void unr_wire_put_u64(struct unr_text *frame, uint64_t value)
{
	uint64_t little = htole64(value);

	unr_text_append(frame, &little, sizeof(little));
}

void unr_wire_put_bytes(struct unr_text *frame, const char *bytes, size_t length)
{
	unr_wire_put_u64(frame, bytes == NULL ? ABSENT : length);
	if (bytes != NULL)
		unr_text_append(frame, bytes, length);
}

void unr_wire_put_string(struct unr_text *frame, const char *string)
{
	unr_wire_put_bytes(frame, string, string == NULL ? 0 : strlen(string));
}

uint64_t unr_wire_get_u64(struct unr_wire_reader *reader)
{
	uint64_t little;

	if (reader->failed || reader->left < sizeof(little)) {
		reader->failed = true;
		return 0;
	}
	memcpy(&little, reader->bytes, sizeof(little));
	reader->bytes += sizeof(little);
	reader->left -= sizeof(little);
	return le64toh(little);
}

uint64_t unr_wire_get_u64_max(struct unr_wire_reader *reader, uint64_t max)
{
	uint64_t value = unr_wire_get_u64(reader);

	if (value <= max)
		return value;
	reader->failed = true;
	return 0;
}

char *unr_wire_get_bytes(struct unr_wire_reader *reader, size_t *ret_length)
{
	uint64_t length = unr_wire_get_u64(reader);
	char *bytes;

	*ret_length = 0;
	if (reader->failed || length == ABSENT)
		return NULL;
	bytes = length > reader->left ? NULL : malloc((size_t) length + 1);
	if (bytes == NULL) {
		reader->failed = true;
		return NULL;
	}
	memcpy(bytes, reader->bytes, (size_t) length);
	bytes[length] = '\0';
	reader->bytes += length;
	reader->left -= (size_t) length;
	*ret_length = (size_t) length;
	return bytes;
}

char *unr_wire_get_string(struct unr_wire_reader *reader)
{
	size_t length;

	return unr_wire_get_bytes(reader, &length);
}

void unr_wire_put_strings(struct unr_text *frame, char *const *strings, size_t n)
{
	unr_wire_put_u64(frame, n);
	for (size_t i = 0; i < n; i++)
		unr_wire_put_string(frame, strings[i]);
}

char **unr_wire_get_strings(struct unr_wire_reader *reader, uint64_t max, size_t *ret_n)
{
	uint64_t n = unr_wire_get_u64_max(reader, max);
	char **strings;

	*ret_n = 0;
	/* Each has its length at least: no more memory is taken than has come. */
	if (n > reader->left / sizeof(uint64_t))
		reader->failed = true;
	strings = reader->failed ? NULL : calloc((size_t) n + 1, sizeof(*strings));
	if (strings == NULL) {
		reader->failed = true;
		return NULL;
	}
	for (; *ret_n < n && !reader->failed; ++*ret_n) {
		strings[*ret_n] = unr_wire_get_string(reader);
		if (strings[*ret_n] == NULL)
			reader->failed = true;
	}
	return strings;
}

/* The finding's yes-or-no facts, one bit each. */
enum { UID_UNMAPPED = 1, GID_UNMAPPED = 2, ENGINE_REFUSED = 4, FLAGS_ALL = 7 };

void unr_wire_put_finding(struct unr_text *frame, const struct unr_finding *f)
{
	uint64_t flags = (f->uid_unmapped ? UID_UNMAPPED : 0) |
			 (f->gid_unmapped ? GID_UNMAPPED : 0) |
			 (f->engine_refused ? ENGINE_REFUSED : 0);
	const uint64_t numbers[] = {
		f->layer,
		f->entry,
		(uint64_t) f->type,
		f->mode,
		f->size,
		(uint64_t) f->mtime,
		(uint64_t) f->uid,
		(uint64_t) f->gid,
		(uint64_t) f->header_uid,
		(uint64_t) f->header_gid,
		flags,
		(uint64_t) f->call,
		(uint64_t) f->error,
	};

	for (size_t i = 0; i < UNR_COUNT(numbers); i++)
		unr_wire_put_u64(frame, numbers[i]);
	unr_wire_put_bytes(frame, f->path, f->path_length);
	unr_wire_put_bytes(frame, f->link, f->link_length);
}

int unr_wire_get_finding(struct unr_wire_reader *reader, struct unr_finding *ret)
{
	struct unr_finding f = { 0 };
	uint64_t flags;

	f.layer = (uint32_t) unr_wire_get_u64_max(reader, UINT32_MAX);
	f.entry = unr_wire_get_u64(reader);
	f.type = (enum unr_entry_type) unr_wire_get_u64_max(reader, UNR_ENTRY_TYPE_COUNT_ - 1);
	f.mode = (uint32_t) unr_wire_get_u64_max(reader, 07777);
	f.size = unr_wire_get_u64(reader);
	f.mtime = (int64_t) unr_wire_get_u64(reader);
	f.uid = (int64_t) unr_wire_get_u64(reader);
	f.gid = (int64_t) unr_wire_get_u64(reader);
	f.header_uid = (int64_t) unr_wire_get_u64(reader);
	f.header_gid = (int64_t) unr_wire_get_u64(reader);
	flags = unr_wire_get_u64_max(reader, FLAGS_ALL);
	f.uid_unmapped = (flags & UID_UNMAPPED) != 0;
	f.gid_unmapped = (flags & GID_UNMAPPED) != 0;
	f.engine_refused = (flags & ENGINE_REFUSED) != 0;
	f.call = (enum unr_call) unr_wire_get_u64_max(reader, UNR_CALL_COUNT_ - 1);
	f.error = (int) unr_wire_get_u64_max(reader, UNR_FINDING_MAX_ERROR);
	f.path = unr_wire_get_bytes(reader, &f.path_length);
	f.link = unr_wire_get_bytes(reader, &f.link_length);
	if (reader->failed || f.path == NULL) {
		unr_finding_done(&f);
		return -EPROTO;
	}
	*ret = f;
	return 0;
}

void unr_wire_put_cause(struct unr_text *frame, uint32_t layer, const struct unr_cause *cause)
{
	unr_wire_put_u64(frame, layer);
	unr_wire_put_u64(frame, (uint64_t) cause->fate);
	unr_wire_put_u64(frame, cause->fate_layer);
	unr_wire_put_u64(frame, (uint64_t) cause->kind);
	unr_wire_put_u64(frame, cause->folder_depth);
	unr_wire_put_string(frame, cause->package);
	unr_wire_put_string(frame, cause->package_version);
}

int unr_wire_get_cause(struct unr_wire_reader *reader, uint32_t *ret_layer, struct unr_cause *ret)
{
	struct unr_cause cause = { 0 };

	*ret_layer = (uint32_t) unr_wire_get_u64_max(reader, UINT32_MAX);
	cause.fate = (enum unr_fate) unr_wire_get_u64_max(reader, UNR_FATE_COUNT_ - 1);
	cause.fate_layer = (uint32_t) unr_wire_get_u64_max(reader, UINT32_MAX);
	cause.kind =
		(enum unr_package_kind) unr_wire_get_u64_max(reader, UNR_PACKAGE_KIND_COUNT_ - 1);
	cause.folder_depth = (uint32_t) unr_wire_get_u64_max(reader, UINT32_MAX);
	cause.package = unr_wire_get_string(reader);
	cause.package_version = unr_wire_get_string(reader);
	if ((cause.kind == UNR_PACKAGE_NONE) != (cause.package == NULL))
		reader->failed = true;
	if (reader->failed) {
		unr_cause_done(&cause);
		return -EPROTO;
	}
	*ret = cause;
	return 0;
}
