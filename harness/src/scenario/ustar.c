/* SPDX-License-Identifier: MIT */
/* Patching ustar headers in memory: see ustar.h and pax(1) for the layout. */
#include "scenario/ustar.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define BLOCK 512
#define ID_MAX 07777777

/* A field of the header: where, and how long. */
struct field {
	size_t offset, size;
};

static const struct field uid_field = { 108, 8 };
static const struct field gid_field = { 116, 8 };
static const struct field size_field = { 124, 12 };
static const struct field checksum_field = { 148, 8 };
#define TYPE_OFFSET 156

/* What the pax header in front of the next entry says. */
struct records {
	bool uid, gid;
};

/* Octal digits up to a space or NUL; the writers in use pad on the left with zeros. */
static int read_octal(const char *header, struct field field, uint64_t *ret)
{
	uint64_t value = 0;

	for (size_t i = 0; i < field.size; i++) {
		char c = header[field.offset + i];

		if (c == ' ' || c == '\0')
			break;
		if (c < '0' || c > '7')
			return -EBADMSG;
		value = value * 8 + (uint64_t) (c - '0');
	}
	*ret = value;
	return 0;
}

static void fix_checksum(char *header)
{
	unsigned int sum = 0;

	memset(header + checksum_field.offset, ' ', checksum_field.size);
	for (size_t i = 0; i < BLOCK; i++)
		sum += (unsigned char) header[i];
	/* Six digits and a NUL; the space behind them stays. */
	(void) snprintf(header + checksum_field.offset, checksum_field.size - 1, "%06o",
			sum & 0777777U);
}

static void write_id(char *header, struct field field, uint32_t id)
{
	(void) snprintf(header + field.offset, field.size, "%07o", id & ID_MAX);
}

/* Looks for uid and gid among the "LENGTH KEY=VALUE\n" records of a pax header. */
static int read_records(const char *body, size_t size, struct records *ret)
{
	*ret = (struct records) { 0 };
	while (size > 0) {
		size_t length = 0, digits = 0;

		while (digits < size && digits < 9 && body[digits] >= '0' && body[digits] <= '9')
			length = length * 10 + (size_t) (body[digits++] - '0');
		if (length < digits + 3 || length > size || body[digits] != ' ' ||
		    body[length - 1] != '\n')
			return -EBADMSG;
		if (length > digits + 5 && memcmp(body + digits, " uid=", 5) == 0)
			ret->uid = true;
		if (length > digits + 5 && memcmp(body + digits, " gid=", 5) == 0)
			ret->gid = true;
		body += length;
		size -= length;
	}
	return 0;
}

static void patch_header(char *header, const struct records *records,
			 const struct unr_ustar_ids *ids)
{
	if (records->uid && ids->uid != NULL)
		write_id(header, uid_field, *ids->uid);
	if (records->gid && ids->gid != NULL)
		write_id(header, gid_field, *ids->gid);
	fix_checksum(header);
}

int unr_ustar_patch_ids(char *tar, size_t size, const struct unr_ustar_ids *ids)
{
	struct records records = { 0 };
	size_t at = 0;

	if ((ids->uid != NULL && *ids->uid > ID_MAX) || (ids->gid != NULL && *ids->gid > ID_MAX))
		return -ERANGE;
	while (size - at >= BLOCK && tar[at] != '\0') {
		char *header = tar + at;
		uint64_t body;
		int r = read_octal(header, size_field, &body);

		at += BLOCK;
		if (r < 0 || body > size - at)
			return -EBADMSG;
		if (header[TYPE_OFFSET] == 'x') {
			r = read_records(tar + at, (size_t) body, &records);
			if (r < 0)
				return r;
		} else {
			patch_header(header, &records, ids);
			records = (struct records) { 0 };
		}
		at += ((size_t) body + BLOCK - 1) / BLOCK * BLOCK;
		if (at > size)
			return -EBADMSG;
	}
	return size - at >= BLOCK ? 0 : -EBADMSG;
}
