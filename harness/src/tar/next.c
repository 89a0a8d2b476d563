/* SPDX-License-Identifier: MIT */
/*
 * From one entry to the next: header blocks, the x/g/L/K headers that describe
 * what follows them, sparse maps.  Follows go1.19 src/archive/tar/reader.go
 * (Next, handleRegularFile, handleSparseFile) step by step, because the first
 * fault it finds is what dockerd prints.
 */
#include <errno.h>
#include <string.h>

#include "tar/internal.h"

static bool is_zero(const unsigned char *block)
{
	return block[0] == 0 && memcmp(block, block + 1, TAR_BLOCK - 1) == 0;
}

/* Reads a header block: 1, 0 at the clean end (nothing, one or two zero blocks), or -errno. */
static int take_header(struct unr_tar *tar, unsigned char *block)
{
	bool zero_before = false;

	for (;;) {
		ssize_t n = tar_take(tar, block, TAR_BLOCK);

		if (n <= 0)
			return (int) n;
		if (n < TAR_BLOCK)
			return tar_refuse(tar, TAR_UNEXPECTED_EOF);
		if (!is_zero(block))
			break;
		if (zero_before)
			return 0;
		zero_before = true;
	}
	if (zero_before || !tar_header_parse(block, &tar->header))
		return tar_refuse(tar, TAR_INVALID_HEADER);
	return 1;
}

/* Links, devices, directories and fifos have no data whatever their size says. */
static bool is_header_only(char type)
{
	return type >= '1' && type <= '6';
}

/* Sets up the data behind a header of @size bytes. */
static int begin_data(struct unr_tar *tar, char type, int64_t size)
{
	int64_t n = is_header_only(type) ? 0 : size;

	if (n < 0)
		return tar_refuse(tar, TAR_INVALID_HEADER);
	tar->remaining = n;
	tar->padding = -(n % TAR_BLOCK) & (TAR_BLOCK - 1);
	tar->is_sparse = false;
	return 0;
}

/* The body of an x, g, L or K header into @body. */
static int take_special(struct unr_tar *tar, struct unr_text *body)
{
	const size_t most = tar->rules.any_special ? TAR_SPECIAL_BOUND : TAR_SPECIAL_MAX;
	size_t left = most + 1;

	unr_text_clear(body);
	if ((uint64_t) tar->remaining < left)
		left = (size_t) tar->remaining;
	while (left > 0) {
		ssize_t n = tar_fill(tar);
		size_t part;

		if (n < 0)
			return (int) n;
		if (n == 0)
			return tar_refuse(tar, TAR_UNEXPECTED_EOF);
		part = (size_t) n < left ? (size_t) n : left;
		unr_text_append(body, tar->buffer + tar->buffer_at, part);
		tar_consume(tar, part);
		tar->remaining -= (int64_t) part;
		left -= part;
	}
	if (body->failed)
		return -ENOMEM;
	if (body->length <= most)
		return 0;
	return tar->rules.any_special ? -EMSGSIZE : tar_refuse(tar, TAR_FIELD_TOO_LONG);
}

static int take_pax(struct unr_tar *tar)
{
	int r;

	pax_clear(&tar->pax);
	r = take_special(tar, &tar->pax.body);
	if (r < 0)
		return r;
	r = pax_parse(&tar->pax);
	return r == -EBADMSG ? tar_refuse(tar, TAR_INVALID_HEADER) : r;
}

/* L and K: the text up to its first NUL; an empty one undoes an earlier one. */
static int take_long(struct unr_tar *tar, struct unr_text *ret)
{
	int r = take_special(tar, &tar->special);

	if (r < 0)
		return r;
	unr_text_clear(ret);
	unr_text_puts(ret, unr_text_string(&tar->special));
	return ret->failed ? -ENOMEM : 0;
}

/* The entry as its own header block has it. */
static void entry_from_header(struct unr_tar *tar)
{
	const struct tar_header *h = &tar->header;

	tar->entry = (struct unr_tar_entry) {
		.position = tar->n_entries++,
		.type = h->type,
		.name = h->name,
		.name_length = strlen(h->name),
		.link = h->link,
		.link_length = strlen(h->link),
		.mode = h->mode,
		.uid = h->uid,
		.gid = h->gid,
		.size = h->size,
		.devmajor = h->devmajor,
		.devminor = h->devminor,
		.header_uid = h->uid,
		.header_gid = h->gid,
		.mtime = h->mtime,
		.atime = h->atime,
	};
}

/* Records that replace a field of the header; every value must be well-formed. */
static bool merge_numbers(const struct pax_records *pax, struct unr_tar_entry *entry)
{
	struct unr_tar_time ctime = { 0 };
	const struct {
		const char *key;
		int64_t *number;
		struct unr_tar_time *time;
	} fields[] = {
		{ "uid", &entry->uid, NULL },     { "gid", &entry->gid, NULL },
		{ "size", &entry->size, NULL },   { "mtime", NULL, &entry->mtime },
		{ "atime", NULL, &entry->atime }, { "ctime", NULL, &ctime },
	};

	for (size_t i = 0; i < UNR_COUNT(fields); i++) {
		const struct pax_record *r = pax_get(pax, fields[i].key);

		if (r == NULL)
			continue;
		if (fields[i].number != NULL ?
			    !tar_parse_decimal(r->value, r->value_length, fields[i].number) :
			    !tar_parse_time(r->value, r->value_length, fields[i].time))
			return false;
	}
	return true;
}

static void replace_name(const struct pax_record *record, const char **name, size_t *length)
{
	if (record == NULL)
		return;
	*name = record->value;
	*length = record->value_length;
}

static void replace_long(const struct unr_text *text, const char **name, size_t *length)
{
	if (text->length == 0)
		return;
	*name = text->bytes;
	*length = text->length;
}

static int merge_pax(struct unr_tar *tar)
{
	struct unr_tar_entry *e = &tar->entry;

	if (!merge_numbers(&tar->pax, e))
		return tar_refuse(tar, TAR_INVALID_HEADER);
	replace_name(pax_get(&tar->pax, "path"), &e->name, &e->name_length);
	replace_name(pax_get(&tar->pax, "linkpath"), &e->link, &e->link_length);
	if (pax_collect_xattrs(&tar->pax, tar->rules.empty_xattrs) < 0)
		return -ENOMEM;
	e->xattrs = tar->pax.xattrs;
	e->n_xattrs = tar->pax.n_xattrs;
	return 0;
}

/*
 * Old GNU sparse files: no engine extracts them (type 83), but a bad map is
 * found before that, and what is never extracted is read: see check_unread().
 */
static int take_old_sparse(struct unr_tar *tar, unsigned char *block)
{
	size_t at = 386, n = 4;
	size_t total = 4 * 24 + 1; /* bytes of the map, as Go counts them */
	struct sparse_map *map = &tar->sparse;
	int64_t size;
	int r;

	if (!tar->header.gnu || !tar_parse_numeric(block + 483, 12, &size))
		return tar_refuse(tar, TAR_INVALID_HEADER);
	tar->entry.size = size;
	for (;;) {
		for (size_t i = 0; i < n && block[at + 24 * i] != '\0'; i++) {
			struct sparse_fragment f;

			if (!tar_parse_numeric(block + at + 24 * i, 12, &f.offset) ||
			    !tar_parse_numeric(block + at + 24 * i + 12, 12, &f.length))
				return tar_refuse(tar, TAR_INVALID_HEADER);
			r = sparse_add(map, f, size);
			if (r < 0)
				return r;
		}
		if (block[at + 24 * n] == 0)
			break;
		r = tar_take_block(tar, block);
		if (r < 0)
			return r;
		total += TAR_BLOCK;
		if (tar->rules.sparse_maps && total >= TAR_SPECIAL_MAX)
			return tar_refuse(tar, TAR_SPARSE_TOO_LONG);
		at = 0;
		n = 21;
	}
	if (map->invalid || size < 0)
		return tar_refuse(tar, TAR_INVALID_HEADER);
	tar->is_sparse = tar->entry.is_sparse = true;
	return 0;
}

/* Format 1.0: the map stands in the data, in whole blocks. */
static int take_sparse_1_0(struct unr_tar *tar)
{
	struct sparse_reader reader = { 0 };
	unsigned char block[TAR_BLOCK];
	size_t total = 0;

	for (;;) {
		int r;

		total += TAR_BLOCK;
		if (tar->rules.sparse_maps && total > TAR_SPECIAL_MAX)
			return tar_refuse(tar, TAR_SPARSE_TOO_LONG);
		if (tar->remaining < TAR_BLOCK)
			return tar_refuse(tar, TAR_UNEXPECTED_EOF);
		r = tar_take_block(tar, block);
		if (r < 0)
			return r;
		tar->remaining -= TAR_BLOCK;
		r = sparse_feed(&reader, block, tar->entry.size, &tar->sparse);
		if (r != 0)
			return r < 0 ? r : 0;
	}
}

enum sparse_format { SPARSE_NONE, SPARSE_IN_RECORDS, SPARSE_IN_DATA };

static enum sparse_format sparse_format_of(const struct pax_records *pax)
{
	bool versioned = pax_get(pax, "GNU.sparse.major") != NULL ||
			 pax_get(pax, "GNU.sparse.minor") != NULL;

	if (pax_equals(pax, "GNU.sparse.major", "0") &&
	    (pax_equals(pax, "GNU.sparse.minor", "0") || pax_equals(pax, "GNU.sparse.minor", "1")))
		return SPARSE_IN_RECORDS;
	if (pax_equals(pax, "GNU.sparse.major", "1") && pax_equals(pax, "GNU.sparse.minor", "0"))
		return SPARSE_IN_DATA;
	if (!versioned && pax_get(pax, "GNU.sparse.map") != NULL)
		return SPARSE_IN_RECORDS;
	return SPARSE_NONE;
}

static int take_pax_sparse(struct unr_tar *tar)
{
	enum sparse_format format = sparse_format_of(&tar->pax);
	const struct pax_record *size = pax_get(&tar->pax, "GNU.sparse.size");
	struct unr_tar_entry *e = &tar->entry;
	int r;

	if (format == SPARSE_NONE)
		return 0;
	replace_name(pax_get(&tar->pax, "GNU.sparse.name"), &e->name, &e->name_length);
	if (size == NULL)
		size = pax_get(&tar->pax, "GNU.sparse.realsize");
	if (size != NULL && !tar_parse_decimal(size->value, size->value_length, &e->size))
		return tar_refuse(tar, TAR_INVALID_HEADER);
	r = format == SPARSE_IN_DATA ? take_sparse_1_0(tar) :
				       sparse_from_records(&tar->pax, e->size, &tar->sparse);
	if (r < 0)
		return r == -EBADMSG && tar->error_text[0] == '\0' ?
			       tar_refuse(tar, TAR_INVALID_HEADER) :
			       r;
	if (is_header_only(e->type) || e->size < 0)
		return tar_refuse(tar, TAR_INVALID_HEADER);
	tar->is_sparse = e->is_sparse = true;
	return 0;
}

/* A header that is an entry: what came before it is merged in. */
static int finish_entry(struct unr_tar *tar, unsigned char *block)
{
	struct unr_tar_entry *e = &tar->entry;
	int r;

	entry_from_header(tar);
	r = merge_pax(tar);
	if (r < 0)
		return r;
	replace_long(&tar->long_name, &e->name, &e->name_length);
	replace_long(&tar->long_link, &e->link, &e->link_length);
	if (e->type == '\0')
		e->type = e->name_length > 0 && e->name[e->name_length - 1] == '/' ? '5' : '0';
	r = begin_data(tar, e->type, e->size);
	if (r < 0)
		return r;
	sparse_clear(&tar->sparse);
	r = e->type == 'S' ? take_old_sparse(tar, block) : take_pax_sparse(tar);
	if (r < 0)
		return r;
	tar->fragment = 0;
	tar->position = 0;
	tar->size = e->size;
	return 1;
}

/* A global header is an entry too, of which only the name counts. */
static int finish_global(struct unr_tar *tar)
{
	struct unr_tar_entry *e = &tar->entry;
	struct unr_tar_entry ignored;

	entry_from_header(tar);
	*e = (struct unr_tar_entry) { .position = e->position,
				      .type = 'g',
				      .name = e->name,
				      .name_length = e->name_length,
				      .link = "" };
	replace_name(pax_get(&tar->pax, "path"), &e->name, &e->name_length);
	if (tar->rules.global_values && !merge_numbers(&tar->pax, &ignored))
		return tar_refuse(tar, TAR_INVALID_HEADER);
	return 1;
}

int tar_next_header(struct unr_tar *tar)
{
	unsigned char block[TAR_BLOCK];

	pax_clear(&tar->pax);
	unr_text_clear(&tar->long_name);
	unr_text_clear(&tar->long_link);
	for (;;) {
		ssize_t n;
		int r = tar_drop(tar, tar->remaining);

		if (r < 0)
			return r;
		n = tar_take(tar, NULL, (size_t) tar->padding);
		if (n < tar->padding)
			return n < 0 ? (int) n : 0; /* a missing padding is a clean end */
		tar->remaining = tar->padding = 0;
		r = take_header(tar, block);
		if (r <= 0)
			return r;
		r = begin_data(tar, tar->header.type, tar->header.size);
		if (r < 0)
			return r;
		switch (tar->header.type) {
		case 'x':
		case 'g':
			r = take_pax(tar);
			if (r == 0 && tar->header.type == 'g')
				return finish_global(tar);
			break;
		case 'L':
			r = take_long(tar, &tar->long_name);
			break;
		case 'K':
			r = take_long(tar, &tar->long_link);
			break;
		default:
			return finish_entry(tar, block);
		}
		if (r < 0)
			return r;
	}
}
