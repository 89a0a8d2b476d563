/* SPDX-License-Identifier: MIT */
/*
 * Tar archives for tests, to the byte: well-formed members in one call, and
 * every field, record and block of a malformed one by hand.
 *
 *	struct tar_build tar = { 0 };
 *	union tar_header header;
 *
 *	tar_build_file(&tar, "etc/motd", "hello", 5);
 *	tar_header_init(&header, "odd", '0');
 *	tar_header_text(header.field.uid, sizeof(header.field.uid), "12x4");
 *	tar_build_header(&tar, &header);
 *	tar_build_end(&tar);
 *	fd = tar_build_memfd(&tar);
 *
 * Without memory a test cannot go on, so everything here aborts then.
 */
#ifndef UNR_TEST_TAR_BUILD_H
#define UNR_TEST_TAR_BUILD_H

#include <stdint.h>

#include "base/text.h"
#include "usernsrepro/attr.h"

#define TAR_BUILD_BLOCK 512

/* A header block; where a field of the other formats begins is the test's business (bytes). */
union tar_header {
	unsigned char bytes[TAR_BUILD_BLOCK];
	struct {
		char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8];
		char type;
		char link[100], magic[6], version[2], uname[32], gname[32];
		char devmajor[8], devminor[8], prefix[155], rest[12];
	} field;
};

/* Zero-initialised is empty. */
struct tar_build {
	struct unr_text bytes; /* owned */
};

void tar_build_done(struct tar_build *tar);
DEFINE_UNR_CLEANUP(struct tar_build, tar_build_done);

/* One record of a pax header.  @n_value 0: @value is a string. */
struct tar_pax {
	const char *key;
	const char *value;
	size_t n_value;
};

/** tar_header_init() - a ustar header: mode 0644 (0755 for '5'), owner 0:0, no size, time 0. */
void tar_header_init(union tar_header *header, const char *name, char type);

/** tar_header_text() - the text and NULs behind it; no NUL when it fills the field. */
void tar_header_text(char *field, size_t size, const char *text);

/** tar_header_octal() - zero-padded octal digits and a NUL. */
void tar_header_octal(char *field, size_t size, uint64_t value);

/** tar_header_base256() - GNU's binary form, negative numbers too. */
void tar_header_base256(char *field, size_t size, int64_t value);

/** tar_header_owner() - both ids, as octal where they fit and base-256 where not. */
void tar_header_owner(union tar_header *header, int64_t uid, int64_t gid);

/** tar_header_gnu() - "ustar  " instead of ustar's magic and version. */
void tar_header_gnu(union tar_header *header);

/** tar_build_header() - append it with the right checksum. */
void tar_build_header(struct tar_build *tar, const union tar_header *header);

/** tar_build_bytes() - append bytes as they are, e.g. a header with a wrong checksum. */
void tar_build_bytes(struct tar_build *tar, const void *bytes, size_t size);

/** tar_build_zeros() - append @size NUL bytes. */
void tar_build_zeros(struct tar_build *tar, size_t size);

/** tar_build_data() - append content and pad it to a block. */
void tar_build_data(struct tar_build *tar, const void *bytes, size_t size);

/** tar_build_member() - header with its size field set, checksum, content, padding. */
void tar_build_member(struct tar_build *tar, union tar_header *header, const void *bytes,
		      size_t size);

void tar_build_file(struct tar_build *tar, const char *name, const void *bytes, size_t size);
void tar_build_text(struct tar_build *tar, const char *name, const char *text);
void tar_build_directory(struct tar_build *tar, const char *name);

/** tar_build_link() - @type '1' for a hard link, '2' for a symbolic one. */
void tar_build_link(struct tar_build *tar, char type, const char *name, const char *target);

/** tar_build_pax() - an extended header: @type 'x' for the next member, 'g' for all. */
void tar_build_pax(struct tar_build *tar, char type, const struct tar_pax *records, size_t n);

/** tar_build_pax_raw() - the same with a body that may be malformed. */
void tar_build_pax_raw(struct tar_build *tar, char type, const char *body, size_t size);

/** tar_build_gnu_long() - GNU's long name ('L') or long link ('K') for the next member. */
void tar_build_gnu_long(struct tar_build *tar, char type, const char *text);

/** tar_build_end() - two blocks of zeros. */
void tar_build_end(struct tar_build *tar);

/** tar_build_memfd() - the bytes as a memfd at offset 0; the caller closes it. */
int tar_build_memfd(const struct tar_build *tar);

#endif
