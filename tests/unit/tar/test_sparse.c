/* SPDX-License-Identifier: MIT */
/* tar/sparse: the pax formats 0.0, 0.1 and 1.0 of GNU tar, and its old one. */
#include "tar_read.h"

#define MISSING "archive/tar: sparse file references non-existent data"
#define UNUSED "archive/tar: sparse file contains unreferenced data"

#define RECORDS_MAX 10

/* A file "f" with the records before it and this in its data. */
struct sparse_case {
	struct tar_pax records[RECORDS_MAX];
	const char *data;
	const char *expected;
};

static void assert_sparse(const struct sparse_case *c)
{
	struct tar_build tar = { 0 };
	size_t n = 0;

	while (n < RECORDS_MAX && c->records[n].key != NULL)
		n++;
	tar_build_pax(&tar, 'x', c->records, n);
	tar_build_text(&tar, "f", c->data);
	tar_build_text(&tar, "z", "");
	assert_reads(&tar, c->expected);
}

#define SIZE(text)                                                                                 \
	{                                                                                          \
		"GNU.sparse.size", text, 0                                                         \
	}
#define BLOCKS(text)                                                                               \
	{                                                                                          \
		"GNU.sparse.numblocks", text, 0                                                    \
	}
#define OFFSET(text)                                                                               \
	{                                                                                          \
		"GNU.sparse.offset", text, 0                                                       \
	}
#define BYTES(text)                                                                                \
	{                                                                                          \
		"GNU.sparse.numbytes", text, 0                                                     \
	}
#define MAP(text)                                                                                  \
	{                                                                                          \
		"GNU.sparse.map", text, 0                                                          \
	}
#define MAJOR(text)                                                                                \
	{                                                                                          \
		"GNU.sparse.major", text, 0                                                        \
	}
#define MINOR(text)                                                                                \
	{                                                                                          \
		"GNU.sparse.minor", text, 0                                                        \
	}
#define NAME(text)                                                                                 \
	{                                                                                          \
		"GNU.sparse.name", text, 0                                                         \
	}
#define REALSIZE(text)                                                                             \
	{                                                                                          \
		"GNU.sparse.realsize", text, 0                                                     \
	}

static void format_0_0__is_expanded(void **state)
{
	static const struct sparse_case cases[] = {
		{ { SIZE("8"), BLOCKS("2"), OFFSET("1"), BYTES("2"), OFFSET("5"), BYTES("1") },
		  "abc",
		  "0 f size=8 \".ab..c..\"\n0 z\nend" },
		{ { SIZE("3"), BLOCKS("1"), OFFSET("0"), BYTES("3") },
		  "abc",
		  "0 f size=3 \"abc\"\n0 z\nend" },
		{ { SIZE("5"), BLOCKS("1"), OFFSET("5"), BYTES("0") },
		  "",
		  "0 f size=5 \".....\"\n0 z\nend" },
		{ { SIZE("4"), BLOCKS("2"), OFFSET("0"), BYTES("0"), OFFSET("3"), BYTES("1") },
		  "a",
		  "0 f size=4 \"...a\"\n0 z\nend" },
		/* The size that is not said is that of the data. */
		{ { BLOCKS("1"), OFFSET("0"), BYTES("3") }, "abc", "0 f size=3 \"abc\"\n0 z\nend" },
		/* Nothing but a size and a count: no sparse file. */
		{ { SIZE("10"), BLOCKS("0") }, "", "0 f\n0 z\nend" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++)
		assert_sparse(&cases[i]);
}

static void format_0_0__refused(void **state)
{
	static const struct sparse_case cases[] = {
		{ { SIZE("8"), BLOCKS("1"), BYTES("2"), OFFSET("1") }, "ab", INVALID },
		{ { SIZE("8"), BLOCKS("1"), OFFSET("1"), OFFSET("2") }, "ab", INVALID },
		{ { SIZE("8"), BLOCKS("1"), OFFSET("1,2"), BYTES("1") }, "ab", INVALID },
		{ { SIZE("8"), BLOCKS("1"), OFFSET("1") }, "ab", INVALID },
		{ { SIZE("8"), BLOCKS("2"), OFFSET("1"), BYTES("2") }, "ab", INVALID },
		{ { SIZE("8"), OFFSET("1"), BYTES("2") }, "ab", INVALID },
		{ { SIZE("8"), BLOCKS("x"), OFFSET("1"), BYTES("2") }, "ab", INVALID },
		{ { SIZE("8"), BLOCKS("1"), OFFSET("x"), BYTES("2") }, "ab", INVALID },
		{ { SIZE("8"), BLOCKS("1"), OFFSET(""), BYTES("2") }, "ab", INVALID },
		{ { SIZE("x"), BLOCKS("1"), OFFSET("1"), BYTES("2") }, "ab", INVALID },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++)
		assert_sparse(&cases[i]);
}

static void format_0_1__is_expanded(void **state)
{
	static const struct sparse_case cases[] = {
		{ { SIZE("8"), BLOCKS("2"), MAP("1,2,5,1"), NAME("n") },
		  "abc",
		  "0 n size=8 \".ab..c..\"\n0 z\nend" },
		{ { REALSIZE("5"), BLOCKS("1"), MAP("0,3") },
		  "abc",
		  "0 f size=5 \"abc..\"\n0 z\nend" },
		/* Where both sizes are there, "size" counts. */
		{ { REALSIZE("9"), SIZE("5"), BLOCKS("1"), MAP("0,3") },
		  "abc",
		  "0 f size=5 \"abc..\"\n0 z\nend" },
		/* The path is replaced by the sparse name. */
		{ { SIZE("3"), BLOCKS("1"), MAP("0,3"), NAME("n"), { "path", "p", 0 } },
		  "abc",
		  "0 n size=3 \"abc\"\n0 z\nend" },
		{ { SIZE("3"), BLOCKS("1"), MAP("+0,+3") }, "abc", "0 f size=3 \"abc\"\n0 z\nend" },
		/* An empty map is none. */
		{ { SIZE("3"), BLOCKS("0"), MAP(""), NAME("n") },
		  "abc",
		  "0 f size=3 \"abc\"\n0 z\nend" },
		{ { MAJOR("0"), MINOR("1"), SIZE("3"), BLOCKS("0") },
		  "",
		  "0 f size=3 \"...\"\n0 z\nend" },
		{ { MAJOR("0"), MINOR("0"), SIZE("3"), BLOCKS("1"), MAP("1,1") },
		  "a",
		  "0 f size=3 \".a.\"\n0 z\nend" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++)
		assert_sparse(&cases[i]);
}

static void format_0_1__refused(void **state)
{
	static const struct sparse_case cases[] = {
		{ { SIZE("8"), BLOCKS("2"), MAP("1,2,2,1") }, "abc", INVALID }, /* overlap */
		{ { SIZE("8"), BLOCKS("2"), MAP("5,1,1,2") }, "abc", INVALID }, /* disorder */
		{ { SIZE("8"), BLOCKS("1"), MAP("7,2") }, "ab", INVALID },      /* past the end */
		{ { SIZE("8"), BLOCKS("1"), MAP("9,0") }, "", INVALID },
		{ { SIZE("8"), BLOCKS("1"), MAP("-1,2") }, "ab", INVALID },
		{ { SIZE("8"), BLOCKS("1"), MAP("1,-1") }, "ab", INVALID },
		{ { SIZE("-8"), BLOCKS("1"), MAP("0,0") }, "", INVALID },
		{ { SIZE("9223372036854775807"), BLOCKS("1"),
		    MAP("9223372036854775807,9223372036854775807") },
		  "",
		  INVALID },
		{ { SIZE("8"), BLOCKS("1"), MAP("1,2,3") }, "ab", INVALID },
		{ { SIZE("8"), BLOCKS("1"), MAP("1") }, "ab", INVALID },
		{ { SIZE("8"), BLOCKS("1"), MAP("1,2,") }, "ab", INVALID },
		{ { SIZE("8"), BLOCKS("1"), MAP("1, 2") }, "ab", INVALID },
		{ { SIZE("8"), BLOCKS("0"), MAP("1,2") }, "ab", INVALID },
		{ { SIZE("8"), BLOCKS("-1"), MAP("1,2") }, "ab", INVALID },
		{ { SIZE("8"), BLOCKS("9223372036854775807"), MAP("1,2") }, "ab", INVALID },
		{ { SIZE("8"), MAP("1,2") }, "ab", INVALID },
		{ { SIZE("1x"), BLOCKS("1"), MAP("1,2") }, "ab", INVALID },
		{ { REALSIZE("x"), BLOCKS("1"), MAP("1,2") }, "ab", INVALID },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++)
		assert_sparse(&cases[i]);
}

static void data__must_be_as_long_as_the_map(void **state)
{
	static const struct sparse_case cases[] = {
		{ { SIZE("9"), BLOCKS("1"), MAP("0,5") }, "abc", "0 f size=9 \"abc\"\n" MISSING },
		{ { SIZE("9"), BLOCKS("1"), MAP("2,5") }, "", "0 f size=9 \"..\"\n" MISSING },
		{ { SIZE("9"), BLOCKS("1"), MAP("0,5") },
		  "abcdefgh",
		  "0 f size=9 \"abcde....\"\n" UNUSED },
		{ { SIZE("9"), BLOCKS("1"), MAP("9,0") },
		  "a",
		  "0 f size=9 \".........\"\n" UNUSED },
		{ { SIZE("0"), BLOCKS("1"), MAP("0,0") }, "a", "0 f\n" UNUSED },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++)
		assert_sparse(&cases[i]);
}

/* Other versions, and a name alone, make no sparse file of it. */
static void version__unknown_means_an_ordinary_file(void **state)
{
	static const struct sparse_case cases[] = {
		{ { MAJOR("2"), MINOR("0"), SIZE("9"), BLOCKS("1"), MAP("0,3"), NAME("n") },
		  "abc",
		  "0 f size=3 \"abc\"\n0 z\nend" },
		{ { MAJOR("1"), MINOR("1"), REALSIZE("9"), NAME("n") },
		  "abc",
		  "0 f size=3 \"abc\"\n0 z\nend" },
		{ { MAJOR("0"), MINOR("2"), SIZE("9"), BLOCKS("1"), MAP("0,3") },
		  "abc",
		  "0 f size=3 \"abc\"\n0 z\nend" },
		{ { MAJOR("1"), REALSIZE("9"), NAME("n") }, "abc", "0 f size=3 \"abc\"\n0 z\nend" },
		{ { MINOR("0"), BLOCKS("1"), MAP("0,3"), NAME("n") },
		  "abc",
		  "0 f size=3 \"abc\"\n0 z\nend" },
		{ { MAJOR("00"), MINOR("1"), BLOCKS("x"), MAP("0,3") },
		  "abc",
		  "0 f size=3 \"abc\"\n0 z\nend" },
		{ { NAME("n") }, "abc", "0 f size=3 \"abc\"\n0 z\nend" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++)
		assert_sparse(&cases[i]);
}

/* Format 1.0: the map stands before the data, in blocks of its own. */
static void assert_1_0(const char *map, const char *data, const char *realsize,
		       const char *expected)
{
	const struct tar_pax records[] = { MAJOR("1"), MINOR("0"), NAME("n"), REALSIZE(realsize) };
	unr_auto(tar_build_done) struct tar_build body = { 0 };
	struct tar_build tar = { 0 };

	tar_build_data(&body, map, strlen(map));
	tar_build_bytes(&body, data, strlen(data));
	tar_build_pax(&tar, 'x', records, UNR_COUNT(records));
	tar_build_file(&tar, "f", body.bytes.bytes, body.bytes.length);
	tar_build_text(&tar, "z", "");
	assert_reads(&tar, expected);
}

static void format_1_0__is_expanded(void **state)
{
	(void) state;
	assert_1_0("2\n1\n2\n5\n1\n", "abc", "8", "0 n size=8 \".ab..c..\"\n0 z\nend");
	assert_1_0("1\n0\n3\n", "abc", "3", "0 n size=3 \"abc\"\n0 z\nend");
	assert_1_0("0\n", "", "3", "0 n size=3 \"...\"\n0 z\nend");
	assert_1_0("01\n+1\n002\nnot looked at", "ab", "3", "0 n size=3 \".ab\"\n0 z\nend");
}

static void format_1_0__map_may_take_several_blocks(void **state)
{
	unr_auto(unr_text_done) struct unr_text map = { 0 };

	(void) state;
	unr_text_puts(&map, "200\n");
	for (int i = 0; i < 200; i++)
		unr_text_printf(&map, "%d\n%d\n", i, i == 7);
	assert_true(map.length > 1024);
	assert_1_0(unr_text_string(&map), "x", "200",
		   "0 n size=200 \".......x....................................................\"\n"
		   "0 z\nend");
}

static void format_1_0__refused(void **state)
{
	(void) state;
	assert_1_0("x\n", "", "8", INVALID);
	assert_1_0("\n", "", "8", INVALID);
	assert_1_0("-1\n", "", "8", INVALID);
	assert_1_0("9223372036854775807\n", "", "8", INVALID);
	assert_1_0("9223372036854775808\n", "", "8", INVALID);
	assert_1_0("1\nx\n2\n", "ab", "8", INVALID);
	assert_1_0("1\n1\n\n", "ab", "8", INVALID);
	assert_1_0("1\n 1\n2\n", "ab", "8", INVALID);
	assert_1_0("2\n1\n2\n2\n1\n", "abc", "8", INVALID);
	assert_1_0("1\n7\n2\n", "ab", "8", INVALID);
	assert_1_0("1\n1\n2\n", "ab", "-8", INVALID);
	assert_1_0("1\n1\n2\n", "ab", "x", INVALID);
}

/* All numbers are read before the first is judged. */
static void format_1_0__map_cut_short(void **state)
{
	(void) state;
	assert_1_0("", "", "8", SHORT);
	assert_1_0("2\n1\n2\n5\n", "", "8", SHORT);
	assert_1_0("2\nx\n2\n5\n", "", "8", SHORT);
	assert_1_0("3", "", "8", SHORT);
	/* A block is whole or not there. */
	assert_1_0("", "1\n0\n3\n", "8", SHORT);
}

static void format_1_0__data_must_fit(void **state)
{
	(void) state;
	assert_1_0("1\n0\n5\n", "abc", "9", "0 n size=9 \"abc\"\n" MISSING);
	assert_1_0("1\n0\n2\n", "abc", "2", "0 n size=2 \"ab\"\n" UNUSED);
}

/* A map on something without content of its own. */
static void type__must_have_content(void **state)
{
	(void) state;
	for (int type = '1'; type <= '6'; type++) {
		const struct tar_pax records[] = { SIZE("0"), BLOCKS("1"), MAP("0,0") };
		struct tar_build tar = { 0 };

		tar_build_pax(&tar, 'x', records, UNR_COUNT(records));
		tar_build_link(&tar, (char) type, "t", "");
		tar_build_end(&tar);
		assert_reads(&tar, INVALID);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(format_0_0__is_expanded),
	cmocka_unit_test(format_0_0__refused),
	cmocka_unit_test(format_0_1__is_expanded),
	cmocka_unit_test(format_0_1__refused),
	cmocka_unit_test(data__must_be_as_long_as_the_map),
	cmocka_unit_test(version__unknown_means_an_ordinary_file),
	cmocka_unit_test(format_1_0__is_expanded),
	cmocka_unit_test(format_1_0__map_may_take_several_blocks),
	cmocka_unit_test(format_1_0__refused),
	cmocka_unit_test(format_1_0__map_cut_short),
	cmocka_unit_test(format_1_0__data_must_fit),
	cmocka_unit_test(type__must_have_content),
};

UNR_TEST_MAIN("tar_sparse", tests, NULL);
