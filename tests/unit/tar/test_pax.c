/* SPDX-License-Identifier: MIT */
/* tar/pax: records good and bad, and what their values do to the entry. */
#include "tar_read.h"

/* An x header with this body, the file "f" of owner 7:8 and three bytes, and "z". */
static void build_raw(struct tar_build *tar, char type, const char *body, size_t size)
{
	union tar_header header;

	tar_build_pax_raw(tar, type, body, size);
	tar_header_init(&header, "f", '0');
	tar_header_owner(&header, 7, 8);
	tar_build_member(tar, &header, "abc", 3);
	tar_build_text(tar, "z", "");
	tar_build_end(tar);
}

static const char UNCHANGED[] = "0 f uid=7 gid=8 size=3 \"abc\"\n0 z\nend";

static void record__accepted(void **state)
{
	static const struct {
		const char *body;
		size_t size;
		const char *expected;
	} cases[] = {
		{ B(""), UNCHANGED },
		{ B("5 a=\n"), UNCHANGED },
		{ B("8 uid=5\n"), "0 f uid=5 gid=8 size=3 \"abc\"\n0 z\nend" },
		{ B("09 uid=5\n"), "0 f uid=5 gid=8 size=3 \"abc\"\n0 z\nend" },
		{ B("+9 uid=5\n"), "0 f uid=5 gid=8 size=3 \"abc\"\n0 z\nend" },
		{ B("8 uid=5\n8 gid=6\n"), "0 f uid=5 gid=6 size=3 \"abc\"\n0 z\nend" },
		{ B("8 uid=5\n8 uid=6\n"), "0 f uid=6 gid=8 size=3 \"abc\"\n0 z\nend" },
		{ B("8 uid=5\n7 uid=\n"), UNCHANGED }, /* the last of a key counts, even empty */
		{ B("7 uid=\n8 uid=5\n"), "0 f uid=5 gid=8 size=3 \"abc\"\n0 z\nend" },
		{ B("10 path=p\n"), "0 p uid=7 gid=8 size=3 \"abc\"\n0 z\nend" },
		{ B("12 path=a=b\n"), "0 a=b uid=7 gid=8 size=3 \"abc\"\n0 z\nend" },
		{ B("12 path=a\nb\n"), "0 a\\nb uid=7 gid=8 size=3 \"abc\"\n0 z\nend" },
		{ B("11 path=\xff\xfe\n"), "0 \\377\\376 uid=7 gid=8 size=3 \"abc\"\n0 z\nend" },
		{ B("15 comment=a\0b\n"), UNCHANGED },
		{ B("21 hdrcharset=BINARY\n"), UNCHANGED },
		{ B("10 UID=70\n"), UNCHANGED },
		{ B("10  uid=7\n"), UNCHANGED }, /* the key " uid" */
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct tar_build tar = { 0 };

		build_raw(&tar, 'x', cases[i].body, cases[i].size);
		assert_reads(&tar, cases[i].expected);
	}
}

static const struct {
	const char *body;
	size_t size;
} BAD_RECORDS[] = {
	{ B("\0") },
	{ B(" ") },
	{ B("\n") },
	{ B("7 uid=5\n") }, /* one too small */
	{ B("9 uid=5\n") }, /* one too large */
	{ B("10 uid=5\n") },
	{ B("8 uid=5x") }, /* no newline at its end */
	{ B("8 uid=5") },
	{ B("8 uid=5\n\0") },
	{ B("8 uid=5\n\n") },
	{ B("8 uid=5\n8 gid=") },
	{ B("6 =ab\n") }, /* no key */
	{ B("6 abc\n") }, /* no equals sign */
	{ B("4 a=") },
	{ B("4 =\n") },
	{ B("5\0a=\n") },
	{ B("5a=\n5 a=\n") },
	{ B("uid=5\n") },
	{ B("0 a=\n") },
	{ B("-8 uid=5\n") },
	{ B("--8 uid=5\n") },
	{ B(" 9 uid=5\n") },
	{ B("0x8 uid=5\n") },
	{ B("8\tuid=5\n") },
	{ B("999999999999999999999999999999 a=b\n") },
	{ B("9223372036854775807 a=b\n") },
	{ B("-9223372036854775808 a=b\n") },
	{ B("0000000000008 a=\n") }, /* its digits alone are longer */
	{ B("0005 \n") },
	{ B("9 u\0d=5\n") }, /* NUL in a key */
	{ B("12 path=a\0b\n") },
	{ B("10 path=\0\n") },
	{ B("16 linkpath=a\0b\n") },
	{ B("13 uname=a\0b\n") },
	{ B("13 gname=a\0b\n") },
};

static void record__refused(void **state)
{
	(void) state;
	for (size_t i = 0; i < UNR_COUNT(BAD_RECORDS); i++) {
		struct tar_build tar = { 0 };

		build_raw(&tar, 'x', BAD_RECORDS[i].body, BAD_RECORDS[i].size);
		assert_reads(&tar, INVALID);
	}
}

static void record__refused_in_a_global_header_too(void **state)
{
	(void) state;
	for (size_t i = 0; i < UNR_COUNT(BAD_RECORDS); i++) {
		struct tar_build tar = { 0 };

		build_raw(&tar, 'g', BAD_RECORDS[i].body, BAD_RECORDS[i].size);
		assert_reads(&tar, INVALID);
	}
}

/* One record before the file "f" of owner 7:8. */
static void assert_record(const char *key, const char *value, size_t n_value, const char *expected)
{
	struct tar_build tar = { 0 };
	union tar_header header;

	tar_build_pax(&tar, 'x', (const struct tar_pax[]) { { key, value, n_value } }, 1);
	tar_header_init(&header, "f", '0');
	tar_header_owner(&header, 7, 8);
	tar_build_header(&tar, &header);
	tar_build_end(&tar);
	assert_reads(&tar, expected);
}

static void owner__replaces_the_header(void **state)
{
	static const struct {
		const char *value, *expected;
	} cases[] = {
		{ "5", "0 f uid=5 gid=8\nend" },
		{ "+5", "0 f uid=5 gid=8\nend" },
		{ "-5", "0 f uid=-5 gid=8\nend" },
		{ "0", "0 f gid=8\nend" },
		{ "007", "0 f uid=7 gid=8\nend" },
		{ "", "0 f uid=7 gid=8\nend" },
		{ "65536", "0 f uid=65536 gid=8\nend" },
		{ "4294967296", "0 f uid=4294967296 gid=8\nend" },
		{ "9223372036854775807", "0 f uid=9223372036854775807 gid=8\nend" },
		{ "-9223372036854775808", "0 f uid=-9223372036854775808 gid=8\nend" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++)
		assert_record("uid", cases[i].value, 0, cases[i].expected);
	assert_record("gid", "70000", 0, "0 f uid=7 gid=70000\nend");
}

static void number__refused(void **state)
{
	static const char *const keys[] = { "uid", "gid", "size" };
	static const char *const values[] = { " 5",
					      "5 ",
					      "abc",
					      "1e3",
					      "0x5",
					      "1_0",
					      "5.0",
					      "-",
					      "9223372036854775808",
					      "-9223372036854775809" };

	(void) state;
	for (size_t k = 0; k < UNR_COUNT(keys); k++) {
		for (size_t i = 0; i < UNR_COUNT(values); i++)
			assert_record(keys[k], values[i], 0, INVALID);
		assert_record(keys[k], "5\0", 2, INVALID);
	}
}

static void times__replace_the_header(void **state)
{
	(void) state;
	assert_record("mtime", "12.5", 0, "0 f uid=7 gid=8 mtime=12.500000000\nend");
	assert_record("mtime", "-1.5", 0, "0 f uid=7 gid=8 mtime=-2.500000000\nend");
	assert_record("atime", "12", 0, "0 f uid=7 gid=8 atime=12\nend");
	assert_record("ctime", "12", 0, "0 f uid=7 gid=8\nend");
	assert_record("mtime", "", 0, "0 f uid=7 gid=8\nend");
	assert_record("atime", "", 0, "0 f uid=7 gid=8\nend");
}

static void times__refused(void **state)
{
	static const char *const keys[] = { "mtime", "atime", "ctime" };
	static const char *const values[] = { ".5", "1e5", "12 ", " 12", "abc", "1.2.3", "-" };

	(void) state;
	for (size_t k = 0; k < UNR_COUNT(keys); k++)
		for (size_t i = 0; i < UNR_COUNT(values); i++)
			assert_record(keys[k], values[i], 0, INVALID);
}

static void size__replaces_the_header(void **state)
{
	struct tar_build tar = { 0 };

	(void) state;
	tar_build_pax(&tar, 'x', (const struct tar_pax[]) { { "size", "3", 0 } }, 1);
	tar_build_link(&tar, '0', "f", ""); /* size 0 */
	tar_build_data(&tar, "abc", 3);
	tar_build_text(&tar, "z", "");
	assert_reads(&tar, "0 f size=3 \"abc\"\n0 z\nend");
	assert_record("size", "-1", 0, INVALID);
	assert_record("size", "1", 0, "0 f uid=7 gid=8 size=1 \".\"\nend");
}

static void size__of_a_directory_means_nothing(void **state)
{
	struct tar_build tar = { 0 };

	(void) state;
	tar_build_pax(&tar, 'x', (const struct tar_pax[]) { { "size", "700", 0 } }, 1);
	tar_build_directory(&tar, "d");
	tar_build_text(&tar, "z", "");
	assert_reads(&tar, "5 d size=700\n0 z\nend");
}

static void link__comes_from_a_record(void **state)
{
	struct tar_build tar = { 0 };

	(void) state;
	tar_build_pax(&tar, 'x', (const struct tar_pax[]) { { "linkpath", "t", 0 } }, 1);
	tar_build_link(&tar, '2', "l", "");
	tar_build_pax(&tar, 'x', (const struct tar_pax[]) { { "linkpath", "", 0 } }, 1);
	tar_build_link(&tar, '1', "h", "target");
	assert_reads(&tar, "2 l -> t\n1 h -> target\nend");
}

/* Keys that other readers know and Go does not. */
static void record__ignored(void **state)
{
	static const char *const keys[] = { "SCHILY.devmajor",
					    "SCHILY.devminor",
					    "SCHILY.acl.access",
					    "SCHILY.fflags",
					    "SCHILY.ino",
					    "comment",
					    "uname",
					    "LIBARCHIVE.xattr.user.a",
					    "GNU.sparse.name",
					    "SCHILY.xattr",
					    "GNU.volume.label" };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(keys); i++)
		assert_record(keys[i], "9", 0, "0 f uid=7 gid=8\nend");
}

/* A record does not make a broken field good. */
static void record__does_not_rescue_the_header(void **state)
{
	struct tar_build tar = { 0 };
	union tar_header header;

	(void) state;
	tar_build_pax(&tar, 'x', (const struct tar_pax[]) { { "uid", "5", 0 } }, 1);
	tar_header_init(&header, "f", '0');
	tar_header_text(header.field.uid, sizeof(header.field.uid), "9x");
	tar_build_header(&tar, &header);
	assert_reads(&tar, INVALID);
}

static void header_owner__is_kept_beside_the_records(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	struct bytes_source bytes = { .step = 512 };
	const struct unr_tar_source source = { .read = bytes_read, .context = &bytes };
	const struct unr_tar_entry *e = NULL;
	struct unr_tar *reader = NULL;
	union tar_header header;

	(void) state;
	tar_build_pax(&tar, 'x',
		      (const struct tar_pax[]) { { "uid", "70000", 0 }, { "gid", "-2", 0 } }, 2);
	tar_header_init(&header, "f", '0');
	tar_header_owner(&header, 7, 8);
	tar_build_header(&tar, &header);
	bytes.bytes = tar.bytes.bytes;
	bytes.left = tar.bytes.length;
	assert_int_equal(unr_tar_new(&source, &reader), 0);
	assert_int_equal(unr_tar_next(reader, &e), 1);
	assert_int_equal(e->uid, 70000);
	assert_int_equal(e->gid, -2);
	assert_int_equal(e->header_uid, 7);
	assert_int_equal(e->header_gid, 8);
	unr_tar_free(reader);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(record__accepted),
	cmocka_unit_test(record__refused),
	cmocka_unit_test(record__refused_in_a_global_header_too),
	cmocka_unit_test(owner__replaces_the_header),
	cmocka_unit_test(number__refused),
	cmocka_unit_test(times__replace_the_header),
	cmocka_unit_test(times__refused),
	cmocka_unit_test(size__replaces_the_header),
	cmocka_unit_test(size__of_a_directory_means_nothing),
	cmocka_unit_test(link__comes_from_a_record),
	cmocka_unit_test(record__ignored),
	cmocka_unit_test(record__does_not_rescue_the_header),
	cmocka_unit_test(header_owner__is_kept_beside_the_records),
};

UNR_TEST_MAIN("tar_pax", tests, NULL);
