/* SPDX-License-Identifier: MIT */
/* Writing tar archives for tests: see tar_build.h. */
#include "tar_build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/fd.h"

_Static_assert(sizeof(union tar_header) == TAR_BUILD_BLOCK, "a header is one block");

void tar_build_done(struct tar_build *tar)
{
	unr_text_done(&tar->bytes);
}

void tar_header_text(char *field, size_t size, const char *text)
{
	size_t n = strlen(text);

	if (n > size)
		abort();
	memset(field, 0, size);
	memcpy(field, text, n);
}

void tar_header_octal(char *field, size_t size, uint64_t value)
{
	memset(field, 0, size);
	for (size_t i = size - 1; i-- > 0; value >>= 3)
		field[i] = (char) ('0' + (value & 7));
	if (value != 0)
		abort();
}

void tar_header_base256(char *field, size_t size, int64_t value)
{
	for (size_t i = size; i-- > 0; value >>= 8)
		field[i] = (char) (value & 0xff);
	field[0] = (char) (field[0] | (char) 0x80);
}

static void set_number(char *field, size_t size, int64_t value)
{
	/* 21 bits are what seven octal digits hold. */
	if (value < 0 || value >= 1 << 21)
		tar_header_base256(field, size, value);
	else
		tar_header_octal(field, size, (uint64_t) value);
}

void tar_header_owner(union tar_header *header, int64_t uid, int64_t gid)
{
	set_number(header->field.uid, sizeof(header->field.uid), uid);
	set_number(header->field.gid, sizeof(header->field.gid), gid);
}

void tar_header_gnu(union tar_header *header)
{
	memcpy(header->field.magic, "ustar ", 6);
	memcpy(header->field.version, " ", 2);
}

void tar_header_init(union tar_header *header, const char *name, char type)
{
	memset(header, 0, sizeof(*header));
	tar_header_text(header->field.name, sizeof(header->field.name), name);
	tar_header_octal(header->field.mode, sizeof(header->field.mode), type == '5' ? 0755 : 0644);
	tar_header_owner(header, 0, 0);
	tar_header_octal(header->field.size, sizeof(header->field.size), 0);
	tar_header_octal(header->field.mtime, sizeof(header->field.mtime), 0);
	header->field.type = type;
	memcpy(header->field.magic, "ustar", 6);
	memcpy(header->field.version, "00", 2);
	tar_header_octal(header->field.devmajor, sizeof(header->field.devmajor), 0);
	tar_header_octal(header->field.devminor, sizeof(header->field.devminor), 0);
}

void tar_build_bytes(struct tar_build *tar, const void *bytes, size_t size)
{
	unr_text_append(&tar->bytes, bytes, size);
	if (tar->bytes.failed)
		abort();
}

void tar_build_zeros(struct tar_build *tar, size_t size)
{
	static const char zeros[TAR_BUILD_BLOCK];

	for (; size > sizeof(zeros); size -= sizeof(zeros))
		tar_build_bytes(tar, zeros, sizeof(zeros));
	tar_build_bytes(tar, zeros, size);
}

void tar_build_header(struct tar_build *tar, const union tar_header *header)
{
	union tar_header sealed = *header;
	unsigned int sum = 0;

	memset(sealed.field.checksum, ' ', sizeof(sealed.field.checksum));
	for (size_t i = 0; i < sizeof(sealed.bytes); i++)
		sum += sealed.bytes[i];
	/* Six digits, NUL, space: the customary form. */
	tar_header_octal(sealed.field.checksum, sizeof(sealed.field.checksum) - 1, sum);
	tar_build_bytes(tar, &sealed, sizeof(sealed));
}

void tar_build_data(struct tar_build *tar, const void *bytes, size_t size)
{
	tar_build_bytes(tar, bytes, size);
	if (size % TAR_BUILD_BLOCK != 0)
		tar_build_zeros(tar, TAR_BUILD_BLOCK - size % TAR_BUILD_BLOCK);
}

void tar_build_member(struct tar_build *tar, union tar_header *header, const void *bytes,
		      size_t size)
{
	tar_header_octal(header->field.size, sizeof(header->field.size), size);
	tar_build_header(tar, header);
	tar_build_data(tar, bytes, size);
}

void tar_build_file(struct tar_build *tar, const char *name, const void *bytes, size_t size)
{
	union tar_header header;

	tar_header_init(&header, name, '0');
	tar_build_member(tar, &header, bytes, size);
}

void tar_build_text(struct tar_build *tar, const char *name, const char *text)
{
	tar_build_file(tar, name, text, strlen(text));
}

void tar_build_directory(struct tar_build *tar, const char *name)
{
	union tar_header header;

	tar_header_init(&header, name, '5');
	tar_build_header(tar, &header);
}

void tar_build_link(struct tar_build *tar, char type, const char *name, const char *target)
{
	union tar_header header;

	tar_header_init(&header, name, type);
	tar_header_text(header.field.link, sizeof(header.field.link), target);
	tar_build_header(tar, &header);
}

void tar_build_pax_raw(struct tar_build *tar, char type, const char *body, size_t size)
{
	union tar_header header;

	tar_header_init(&header, type == 'g' ? "GlobalHead.0" : "PaxHeaders.0/member", type);
	tar_build_member(tar, &header, body, size);
}

/* "LEN KEY=VALUE\n", where LEN counts its own digits. */
static void append_record(struct unr_text *body, const struct tar_pax *record)
{
	size_t n_value = record->n_value == 0 ? strlen(record->value) : record->n_value;
	size_t rest = strlen(record->key) + n_value + 3, length = rest + 1;

	while ((size_t) snprintf(NULL, 0, "%zu", length) + rest != length)
		length++;
	unr_text_printf(body, "%zu %s=", length, record->key);
	unr_text_append(body, record->value, n_value);
	unr_text_puts(body, "\n");
}

void tar_build_pax(struct tar_build *tar, char type, const struct tar_pax *records, size_t n)
{
	unr_auto(unr_text_done) struct unr_text body = { 0 };

	for (size_t i = 0; i < n; i++)
		append_record(&body, &records[i]);
	tar_build_pax_raw(tar, type, unr_text_string(&body), body.length);
}

void tar_build_gnu_long(struct tar_build *tar, char type, const char *text)
{
	union tar_header header;

	tar_header_init(&header, "././@LongLink", type);
	tar_header_gnu(&header);
	tar_build_member(tar, &header, text, strlen(text) + 1);
}

void tar_build_end(struct tar_build *tar)
{
	tar_build_zeros(tar, (size_t) 2 * TAR_BUILD_BLOCK);
}

int tar_build_memfd(const struct tar_build *tar)
{
	int fd = memfd_create("tar", MFD_CLOEXEC);

	if (fd < 0 || unr_write_full(fd, unr_text_string(&tar->bytes), tar->bytes.length) < 0)
		abort();
	if (lseek(fd, 0, SEEK_SET) < 0)
		abort();
	return fd;
}
