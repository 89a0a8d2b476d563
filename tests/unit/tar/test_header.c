/* SPDX-License-Identifier: MIT */
/* tar/header: magics, prefixes, the checksum, and that every number must be one. */
#include "tar_read.h"

#define AT(name)                                                                                   \
	offsetof(union tar_header, field.name), sizeof(((union tar_header *) 0)->field.name)

/* What a header of name "f" and prefix "p" is called under each magic. */
static void prefix__counts_by_magic(void **state)
{
	static const struct {
		const char *magic; /* and version, 8 bytes */
		const char *expected;
	} cases[] = {
		{ "ustar\0"
		  "00",
		  "0 p/f\nend" },
		{ "ustar\0\xffx", "0 p/f\nend" },
		{ "ustar\0\0\0", "0 p/f\nend" },
		{ "ustar  \0", "0 p/f\nend" }, /* no time, and ASCII: taken as a prefix */
		{ "ustar 00", "0 f\nend" },
		{ "ustar 0\0", "0 f\nend" },
		{ "USTAR\0"
		  "00",
		  "0 f\nend" },
		{ "\0\0\0\0\0\0\0\0", "0 f\nend" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct tar_build tar = { 0 };
		union tar_header header;

		tar_header_init(&header, "f", '0');
		memcpy(header.field.magic, cases[i].magic, 8);
		header.field.prefix[0] = 'p';
		tar_build_header(&tar, &header);
		tar_build_end(&tar);
		assert_reads(&tar, cases[i].expected);
	}
}

static void assert_odd_bytes(void (*prepare)(union tar_header *), size_t offset, const char *bytes,
			     size_t n_bytes, const char *expected)
{
	struct tar_build tar = { 0 };
	union tar_header header;

	tar_header_init(&header, "f", '0');
	prepare(&header);
	memcpy(header.bytes + offset, bytes, n_bytes);
	tar_build_header(&tar, &header);
	tar_build_end(&tar);
	assert_reads(&tar, expected);
}

static void as_star(union tar_header *header)
{
	memcpy(header->bytes + 508, "tar", 4);
}

static void as_v7(union tar_header *header)
{
	memset(header->field.magic, 0, 8);
}

enum { PREFIX = 345, STAR_ATIME = 476, STAR_CTIME = 488, GNU_ATIME = 345, GNU_CTIME = 357 };

static void star__has_a_short_prefix_and_times(void **state)
{
	(void) state;
	assert_odd_bytes(as_star, PREFIX, B("pre"), "0 pre/f atime=0\nend");
	assert_odd_bytes(as_star, STAR_ATIME, B("00000000143\0"), "0 f atime=99\nend");
	assert_odd_bytes(as_star, STAR_CTIME, B("00000000143\0"), "0 f atime=0\nend");
	assert_odd_bytes(as_star, STAR_ATIME, B("x"), INVALID);
	assert_odd_bytes(as_star, STAR_CTIME, B("x"), INVALID);
	assert_odd_bytes(as_star, PREFIX + 130, B("p1"), "0 f atime=1\nend");
	assert_odd_bytes(as_v7, 508, B("tar"), "0 f\nend");
}

static void gnu__has_times_where_the_prefix_would_be(void **state)
{
	(void) state;
	assert_odd_bytes(tar_header_gnu, GNU_ATIME, B("00000000143\0"), "0 f atime=99\nend");
	assert_odd_bytes(tar_header_gnu, GNU_CTIME, B("00000000143\0"), "0 f\nend");
	assert_odd_bytes(tar_header_gnu, GNU_ATIME, B("\x80\0\0\0\0\0\0\0\0\0\0\x63"),
			 "0 f atime=99\nend");
	/* A negative time that begins with a byte of ones is a time too. */
	assert_odd_bytes(tar_header_gnu, GNU_ATIME,
			 B("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
			 "0 f atime=-1\nend");
}

static void gnu__times_that_are_text_are_a_prefix(void **state)
{
	(void) state;
	assert_odd_bytes(tar_header_gnu, PREFIX, B("text/and/more"), "0 text/and/more/f\nend");
	assert_odd_bytes(tar_header_gnu, GNU_CTIME, B("x"), "0 f\nend");
	assert_odd_bytes(tar_header_gnu, GNU_ATIME, B("00000000143\0x"), "0 00000000143/f\nend");
	assert_odd_bytes(tar_header_gnu, PREFIX, B("t\xc3\xa9xt"), "0 f\nend");
	assert_odd_bytes(tar_header_gnu, PREFIX, B("t\0\xff"), "0 t/f\nend");
}

static void v7__knows_no_devices(void **state)
{
	(void) state;
	assert_odd_bytes(as_v7, 329, B("garbage!"), "0 f\nend");
	assert_odd_bytes(as_v7, 337, B("garbage!"), "0 f\nend");
	assert_odd_bytes(as_v7, PREFIX, B("p"), "0 f\nend");
}

static void prefix__of_an_empty_name(void **state)
{
	struct tar_build tar = { 0 };
	union tar_header header;

	(void) state;
	tar_header_init(&header, "", '0');
	tar_header_text(header.field.prefix, sizeof(header.field.prefix), "pre");
	tar_build_header(&tar, &header);
	tar_build_end(&tar);
	assert_reads(&tar, "0 pre/\nend");
}

static void names__fill_their_fields(void **state)
{
	char name[101], prefix[156], link[101], expected[512];
	struct tar_build tar = { 0 };
	union tar_header header;

	(void) state;
	memset(name, 'n', 100);
	memset(prefix, 'p', 155);
	memset(link, 'l', 100);
	name[100] = prefix[155] = link[100] = '\0';
	tar_header_init(&header, name, '2');
	tar_header_text(header.field.link, sizeof(header.field.link), link);
	tar_header_text(header.field.prefix, sizeof(header.field.prefix), prefix);
	tar_build_header(&tar, &header);
	tar_build_end(&tar);
	(void) snprintf(expected, sizeof(expected), "2 %s/%s -> %s\nend", prefix, name, link);
	assert_reads(&tar, expected);
}

/* Go 1.19 looks at all of them, whatever the type; a V7 header has no device numbers. */
static void numbers__must_parse_in_every_header(void **state)
{
	static const struct {
		size_t offset, size;
	} fields[] = { { AT(mode) },  { AT(uid) },      { AT(gid) },     { AT(size) },
		       { AT(mtime) }, { AT(devmajor) }, { AT(devminor) } };
	static const char types[] = "0123456xgLK7S\0Z";

	(void) state;
	for (size_t f = 0; f < UNR_COUNT(fields); f++)
		for (size_t t = 0; t < sizeof(types) - 1; t++) {
			struct tar_build tar = { 0 };
			union tar_header header;

			tar_header_init(&header, "f", types[t]);
			set_field(&header, fields[f].offset, fields[f].size, B("12x4"));
			tar_build_header(&tar, &header);
			tar_build_end(&tar);
			assert_reads(&tar, INVALID);
		}
}

static void owner__is_a_number_of_64_bits(void **state)
{
	static const struct {
		const char *uid;
		size_t n_uid;
		const char *expected;
	} cases[] = {
		{ B("0177777\0"), "0 f uid=65535\nend" },
		{ B("0200000\0"), "0 f uid=65536\nend" },
		{ B("77777777"), "0 f uid=16777215\nend" },
		{ B("\x80\0\0\0\xff\xff\xff\xff"), "0 f uid=4294967295\nend" },
		{ B("\x80\0\0\x01\0\0\0\0"), "0 f uid=4294967296\nend" },
		{ B("\x80\0\x01\0\0\0\0\x05"), "0 f uid=1099511627781\nend" },
		{ B("\xbf\xff\xff\xff\xff\xff\xff\xff"), "0 f uid=4611686018427387903\nend" },
		{ B("\xff\xff\xff\xff\xff\xff\xff\xff"), "0 f uid=-1\nend" },
		{ B(""), "0 f\nend" },
		{ B("17\0 99"), "0 f uid=15\nend" },
		{ B("9"), INVALID },
		{ B("-1"), INVALID },
		{ B("17 99"), INVALID },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct tar_build tar = { 0 };
		union tar_header header;

		tar_header_init(&header, "f", '0');
		set_field(&header, AT(uid), cases[i].uid, cases[i].n_uid);
		tar_build_header(&tar, &header);
		tar_build_end(&tar);
		assert_reads(&tar, cases[i].expected);
	}
}

static void numbers__have_their_own_places(void **state)
{
	struct tar_build tar = { 0 };
	union tar_header header;

	(void) state;
	tar_header_init(&header, "c", '3');
	tar_header_octal(header.field.mode, 8, 04666);
	tar_header_octal(header.field.uid, 8, 1);
	tar_header_octal(header.field.gid, 8, 2);
	tar_header_octal(header.field.mtime, 12, 3);
	tar_header_octal(header.field.devmajor, 8, 4);
	tar_header_octal(header.field.devminor, 8, 5);
	tar_build_header(&tar, &header);
	tar_build_end(&tar);
	assert_reads(&tar, "3 c mode=4666 uid=1 gid=2 mtime=3 dev=4:5\nend");
}

static void devices__may_have_any_number(void **state)
{
	struct tar_build tar = { 0 };
	union tar_header header;

	(void) state;
	tar_header_init(&header, "c", '3');
	tar_header_base256(header.field.devmajor, 8, -1);
	tar_header_base256(header.field.devminor, 8, INT64_C(1) << 40);
	tar_build_header(&tar, &header);
	tar_build_end(&tar);
	assert_reads(&tar, "3 c dev=-1:1099511627776\nend");
}

static void name__may_be_empty(void **state)
{
	struct tar_build tar = { 0 };

	(void) state;
	tar_build_text(&tar, "", "abc");
	tar_build_directory(&tar, "");
	tar_build_end(&tar);
	assert_reads(&tar, "0  size=3 \"abc\"\n5 \nend");
}

enum { SUM = 148 };

static unsigned long stored_sum(const struct tar_build *tar)
{
	return strtoul(tar->bytes.bytes + SUM, NULL, 8);
}

static void store_sum(struct tar_build *tar, unsigned long sum)
{
	(void) snprintf(tar->bytes.bytes + SUM, 7, "%06lo", sum);
}

/* An archive of one header, in which two bytes have their highest bit set. */
static void build_high_bytes(struct tar_build *tar)
{
	union tar_header header;

	tar_header_init(&header,
			"\xff\xfe"
			"f",
			'0');
	tar_build_header(tar, &header);
	tar_build_end(tar);
}

/* As signed bytes each of the two counts 256 less. */
static void checksum__may_be_of_either_sign(void **state)
{
	static const struct {
		unsigned long less;
		const char *expected;
	} cases[] = {
		{ 0, "0 \\377\\376f\nend" },
		{ 512, "0 \\377\\376f\nend" },
		{ 256, INVALID },
		{ 768, INVALID },
		{ 1, INVALID },
		{ 511, INVALID },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct tar_build tar = { 0 };

		build_high_bytes(&tar);
		store_sum(&tar, stored_sum(&tar) - cases[i].less);
		assert_reads(&tar, cases[i].expected);
	}
}

static void checksum__must_be_octal(void **state)
{
	static const char cases[][9] = {
		"", "x", "000001\0 ", "        ", "-00001\0 ", "999999\0 "
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct tar_build tar = { 0 };

		build_high_bytes(&tar);
		memcpy(tar.bytes.bytes + SUM, cases[i], 8);
		assert_reads(&tar, INVALID);
	}
}

/* Go reads this field as octal alone, where other numbers may be base-256. */
static void checksum__must_not_be_base_256(void **state)
{
	struct tar_build tar = { 0 };
	unsigned long sum;

	(void) state;
	build_high_bytes(&tar);
	sum = stored_sum(&tar);
	tar_header_base256(tar.bytes.bytes + SUM, 8, (int64_t) sum);
	assert_reads(&tar, INVALID);
}

static void type__nul_is_a_file(void **state)
{
	struct tar_build tar = { 0 };
	union tar_header header;

	(void) state;
	tar_header_init(&header, "f", '\0');
	tar_build_member(&tar, &header, "x", 1);
	tar_build_end(&tar);
	assert_reads(&tar, "0 f size=1 \"x\"\nend");
}

static void type__nul_with_a_slash_is_a_directory(void **state)
{
	struct tar_build tar = { 0 };
	union tar_header header;

	(void) state;
	tar_header_init(&header, "d/", '\0');
	tar_build_header(&tar, &header);
	tar_header_init(&header, "f/", '0'); /* this one stays a file */
	tar_build_header(&tar, &header);
	tar_build_pax(&tar, 'x', (const struct tar_pax[]) { { "path", "e/", 0 } }, 1);
	tar_header_init(&header, "e", '\0');
	tar_build_header(&tar, &header);
	tar_build_gnu_long(&tar, 'L', "g/");
	tar_header_init(&header, "g", '\0');
	tar_build_header(&tar, &header);
	tar_build_end(&tar);
	assert_reads(&tar, "5 d/ mode=644\n0 f/\n5 e/ mode=644\n5 g/ mode=644\nend");
}

static void type__unknown_ones_are_entries_with_data(void **state)
{
	static const char types[] = "789VXADMNZ~?";

	(void) state;
	for (const char *type = types; *type != '\0'; type++) {
		struct tar_build tar = { 0 };
		union tar_header header;
		char expected[64];

		tar_header_init(&header, "u", *type);
		tar_build_member(&tar, &header, "data", 4);
		tar_build_text(&tar, "z", "behind");
		tar_build_end(&tar);
		(void) snprintf(expected, sizeof(expected),
				"%c u size=4\n0 z size=6 \"behind\"\nend", *type);
		assert_reads(&tar, expected);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(prefix__counts_by_magic),
	cmocka_unit_test(star__has_a_short_prefix_and_times),
	cmocka_unit_test(gnu__has_times_where_the_prefix_would_be),
	cmocka_unit_test(gnu__times_that_are_text_are_a_prefix),
	cmocka_unit_test(v7__knows_no_devices),
	cmocka_unit_test(prefix__of_an_empty_name),
	cmocka_unit_test(names__fill_their_fields),
	cmocka_unit_test(numbers__must_parse_in_every_header),
	cmocka_unit_test(owner__is_a_number_of_64_bits),
	cmocka_unit_test(numbers__have_their_own_places),
	cmocka_unit_test(devices__may_have_any_number),
	cmocka_unit_test(name__may_be_empty),
	cmocka_unit_test(checksum__may_be_of_either_sign),
	cmocka_unit_test(checksum__must_be_octal),
	cmocka_unit_test(checksum__must_not_be_base_256),
	cmocka_unit_test(type__nul_is_a_file),
	cmocka_unit_test(type__nul_with_a_slash_is_a_directory),
	cmocka_unit_test(type__unknown_ones_are_entries_with_data),
};

UNR_TEST_MAIN("tar_header", tests, NULL);
