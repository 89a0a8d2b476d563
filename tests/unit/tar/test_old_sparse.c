/* SPDX-License-Identifier: MIT */
/* tar/next: old GNU sparse files (type S): only their map is looked at, no engine takes them. */
#include "tar_read.h"

enum { MAP_AT = 386, EXTENDED_AT = 482, REALSIZE_AT = 483 };

/* One stretch of data, as octal digits; NULL: none. */
struct stretch {
	const char *offset, *length;
};

static void init_old(union tar_header *header, const char *realsize)
{
	tar_header_init(header, "f", 'S');
	tar_header_gnu(header);
	set_field(header, REALSIZE_AT, 12, realsize, strlen(realsize));
}

static void put_stretch(unsigned char *at, struct stretch stretch)
{
	memcpy(at, stretch.offset, strlen(stretch.offset));
	memcpy(at + 12, stretch.length, strlen(stretch.length));
}

static void old__is_an_entry_of_its_real_size(void **state)
{
	struct tar_build tar = { 0 };
	union tar_header header;

	(void) state;
	init_old(&header, "20");
	put_stretch(header.bytes + MAP_AT, (struct stretch) { "1", "2" });
	put_stretch(header.bytes + MAP_AT + 24, (struct stretch) { "5", "1" });
	tar_build_member(&tar, &header, "abc", 3);
	tar_build_text(&tar, "z", "");
	assert_reads(&tar, "S f size=16\n0 z\nend");
	init_old(&header, "");
	tar_build_member(&tar, &header, "", 0);
	assert_reads(&tar, "S f\nend");
}

static void old__map_goes_on_in_further_blocks(void **state)
{
	struct tar_build tar = { 0 };
	union tar_header header;
	unsigned char more[512] = "";

	(void) state;
	init_old(&header, "100");
	header.bytes[EXTENDED_AT] = 1;
	tar_build_header(&tar, &header);
	put_stretch(more, (struct stretch) { "1", "2" });
	more[504] = 1;
	tar_build_bytes(&tar, more, 512);
	memset(more, 0, sizeof(more));
	put_stretch(more, (struct stretch) { "3", "2" });
	tar_build_bytes(&tar, more, 512);
	tar_build_text(&tar, "z", "");
	assert_reads(&tar, "S f size=64\n0 z\nend");
	tar_build_header(&tar, &header);
	assert_reads(&tar, SHORT);
	tar_build_header(&tar, &header);
	more[12] = '9';
	tar_build_bytes(&tar, more, 512);
	assert_reads(&tar, INVALID);
}

static void old__refused(void **state)
{
	static const struct {
		const char *realsize;
		struct stretch first, second;
	} cases[] = {
		{ "x", { "", "" }, { "", "" } },      { "20", { "x", "1" }, { "", "" } },
		{ "20", { "1", "x" }, { "", "" } },   { "20", { "20", "1" }, { "", "" } },
		{ "20", { "1", "5" }, { "2", "1" } }, { "20", { "5", "1" }, { "1", "1" } },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct tar_build tar = { 0 };
		union tar_header header;

		init_old(&header, cases[i].realsize);
		put_stretch(header.bytes + MAP_AT, cases[i].first);
		put_stretch(header.bytes + MAP_AT + 24, cases[i].second);
		tar_build_header(&tar, &header);
		tar_build_end(&tar);
		assert_reads(&tar, INVALID);
	}
}

static void old__negative_size_is_refused(void **state)
{
	struct tar_build tar = { 0 };
	union tar_header header;

	(void) state;
	init_old(&header, "");
	tar_header_base256((char *) header.bytes + REALSIZE_AT, 12, -1);
	tar_build_header(&tar, &header);
	assert_reads(&tar, INVALID);
}

static void old__needs_its_own_magic(void **state)
{
	struct tar_build tar = { 0 };
	union tar_header header;

	(void) state;
	tar_header_init(&header, "f", 'S');
	tar_build_header(&tar, &header);
	tar_build_end(&tar);
	assert_reads(&tar, INVALID);
	tar_header_init(&header, "f", 'S');
	memset(header.field.magic, 0, 8);
	tar_build_header(&tar, &header);
	assert_reads(&tar, INVALID);
}

/* An offset that begins with NUL ends the map. */
static void old__map_ends_at_nul(void **state)
{
	struct tar_build tar = { 0 };
	union tar_header header;

	(void) state;
	init_old(&header, "20");
	header.bytes[MAP_AT + 1] = 'x';
	put_stretch(header.bytes + MAP_AT + 24, (struct stretch) { "x", "x" });
	tar_build_header(&tar, &header);
	assert_reads(&tar, "S f size=16\nend");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(old__is_an_entry_of_its_real_size),
	cmocka_unit_test(old__map_goes_on_in_further_blocks),
	cmocka_unit_test(old__refused),
	cmocka_unit_test(old__negative_size_is_refused),
	cmocka_unit_test(old__needs_its_own_magic),
	cmocka_unit_test(old__map_ends_at_nul),
};

UNR_TEST_MAIN("tar_old_sparse", tests, NULL);
