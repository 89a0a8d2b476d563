/* SPDX-License-Identifier: MIT */
/*
 * One 512-byte header block by Go's rules: every numeric field is parsed
 * strictly, also those that the type does not use.  Source of each rule:
 * go1.19 src/archive/tar/{reader,format,strconv}.go.
 */
#include <errno.h>
#include <string.h>

#include "tar/internal.h"

/* Where the fields lie: offset and size in the block. */
struct field {
	unsigned short offset, size;
};

static const struct field NAME = { 0, 100 }, MODE = { 100, 8 }, UID = { 108, 8 }, GID = { 116, 8 },
			  SIZE = { 124, 12 }, MTIME = { 136, 12 }, CHECKSUM = { 148, 8 },
			  LINK = { 157, 100 }, DEVMAJOR = { 329, 8 }, DEVMINOR = { 337, 8 },
			  USTAR_PREFIX = { 345, 155 }, STAR_PREFIX = { 345, 131 },
			  STAR_ATIME = { 476, 12 }, STAR_CTIME = { 488, 12 },
			  GNU_ATIME = { 345, 12 }, GNU_CTIME = { 357, 12 };

enum format { FORMAT_V7, FORMAT_USTAR, FORMAT_STAR, FORMAT_GNU };

static bool is_pad(unsigned char c)
{
	return c == ' ' || c == '\0';
}

static bool parse_octal(const unsigned char *field, size_t size, int64_t *ret)
{
	uint64_t value = 0;

	while (size > 0 && is_pad(field[0])) {
		field++;
		size--;
	}
	while (size > 0 && is_pad(field[size - 1]))
		size--;
	for (size_t i = 0; i < size && field[i] != '\0'; i++) {
		if (field[i] < '0' || field[i] > '7')
			return false;
		value = value << 3 | (uint64_t) (field[i] - '0'); /* 12 digits at most: 36 bits */
	}
	*ret = (int64_t) value;
	return true;
}

static bool parse_base256(const unsigned char *field, size_t size, int64_t *ret)
{
	unsigned char invert = (field[0] & 0x40) != 0 ? 0xff : 0x00;
	uint64_t value = 0;

	for (size_t i = 0; i < size; i++) {
		unsigned char c = field[i] ^ invert;

		if (i == 0)
			c &= 0x7f;
		if (value >> 56 != 0)
			return false;
		value = value << 8 | c;
	}
	if (value >> 63 != 0)
		return false;
	*ret = invert != 0 ? (int64_t) ~value : (int64_t) value;
	return true;
}

bool tar_parse_numeric(const unsigned char *field, size_t size, int64_t *ret)
{
	if ((field[0] & 0x80) != 0)
		return parse_base256(field, size, ret);
	return parse_octal(field, size, ret);
}

static bool numeric(const unsigned char *block, struct field field, int64_t *ret)
{
	return tar_parse_numeric(block + field.offset, field.size, ret);
}

/* Copies a text field up to its first NUL; @ret has room for field.size + 1. */
static size_t copy_string(const unsigned char *block, struct field field, char *ret)
{
	size_t length = strnlen((const char *) block + field.offset, field.size);

	memcpy(ret, block + field.offset, length);
	ret[length] = '\0';
	return length;
}

/* Of the block with spaces in the place of the checksum; a plain loop is what compilers make fast. */
static bool checksum_fits(const unsigned char *block)
{
	const unsigned char *own = block + CHECKSUM.offset;
	int64_t stored;
	uint32_t sum = ' ' * CHECKSUM.size, high = 0;

	if (!parse_octal(own, CHECKSUM.size, &stored))
		return false;
	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += block[i];
	for (size_t i = 0; i < CHECKSUM.size; i++)
		sum -= own[i];
	if (stored == sum)
		return true;
	/* Each byte above 127 is 256 less as a signed one. */
	for (size_t i = 0; i < TAR_BLOCK; i++)
		high += block[i] >> 7;
	for (size_t i = 0; i < CHECKSUM.size; i++)
		high -= own[i] >> 7;
	return stored == (int64_t) sum - 256 * (int64_t) high;
}

static enum format format_of(const unsigned char *block)
{
	if (memcmp(block + 257, "ustar\0", 6) == 0)
		return memcmp(block + 508, "tar\0", 4) == 0 ? FORMAT_STAR : FORMAT_USTAR;
	if (memcmp(block + 257, "ustar  \0", 8) == 0)
		return FORMAT_GNU;
	return FORMAT_V7;
}

static bool is_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char) *text >= 0x80)
			return false;
	return true;
}

static bool is_set(const unsigned char *block, struct field field)
{
	return block[field.offset] != '\0';
}

/*
 * GNU headers have access and change time where ustar has its prefix.  Go
 * before 1.8 wrote a prefix there, so where the times do not parse and the
 * area is ASCII it counts as one (golang.org/issue/12594).
 */
static void parse_gnu_times(const unsigned char *block, struct tar_header *header, char *prefix)
{
	int64_t atime = 0, ctime = 0;
	bool has_atime = is_set(block, GNU_ATIME);
	bool good = !has_atime || numeric(block, GNU_ATIME, &atime);

	if (is_set(block, GNU_CTIME) && !numeric(block, GNU_CTIME, &ctime))
		good = false;
	if (good) {
		if (has_atime)
			header->atime.seconds = atime;
		return;
	}
	(void) copy_string(block, USTAR_PREFIX, prefix);
	if (!is_ascii(prefix))
		prefix[0] = '\0';
}

/* What the magic adds to a V7 header: device numbers, prefix, times. */
static bool parse_extension(const unsigned char *block, struct tar_header *header, char *prefix)
{
	enum format format = format_of(block);
	int64_t ctime;
	bool good = true;

	if (format == FORMAT_V7)
		return true;
	good &= numeric(block, DEVMAJOR, &header->devmajor);
	good &= numeric(block, DEVMINOR, &header->devminor);
	switch (format) {
	case FORMAT_USTAR:
		(void) copy_string(block, USTAR_PREFIX, prefix);
		break;
	case FORMAT_STAR:
		(void) copy_string(block, STAR_PREFIX, prefix);
		good &= numeric(block, STAR_ATIME, &header->atime.seconds);
		good &= numeric(block, STAR_CTIME, &ctime);
		break;
	case FORMAT_GNU:
		header->gnu = true;
		parse_gnu_times(block, header, prefix);
		break;
	case FORMAT_V7:
		break;
	}
	return good;
}

bool tar_header_parse(const unsigned char *block, struct tar_header *ret)
{
	struct tar_header header = { .type = (char) block[156],
				     .atime = { .seconds = UNR_TAR_ZERO_TIME } };
	char prefix[155 + 1] = "";
	size_t used = 0;
	bool good = true;

	if (!checksum_fits(block))
		return false;
	(void) copy_string(block, LINK, header.link);
	good &= numeric(block, SIZE, &header.size);
	good &= numeric(block, MODE, &header.mode);
	good &= numeric(block, UID, &header.uid);
	good &= numeric(block, GID, &header.gid);
	good &= numeric(block, MTIME, &header.mtime.seconds);
	good &= parse_extension(block, &header, prefix);
	if (!good)
		return false;
	if (prefix[0] != '\0') {
		used = strlen(prefix);
		memcpy(header.name, prefix, used);
		header.name[used++] = '/';
	}
	(void) copy_string(block, NAME, header.name + used);
	*ret = header;
	return true;
}
