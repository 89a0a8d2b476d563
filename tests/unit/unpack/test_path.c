/* SPDX-License-Identifier: MIT */
/* unpack/path: names cleaned, joined and split as Go's path/filepath does. */
#include "unr_test.h"

#include <string.h>

#include "unpack/internal.h"

/* What go1.19 answers: Clean(name), Join("/", name), and Dir and Base of the latter. */
static const struct {
	const char *name, *clean, *joined, *dir, *base;
} NAMES[] = {
	{ "", ".", "/", "/", "/" },
	{ "a", "a", "/a", "/", "a" },
	{ "a/b", "a/b", "/a/b", "/a", "b" },
	{ "a//b/./c", "a/b/c", "/a/b/c", "/a/b", "c" },
	{ "d/", "d", "/d", "/", "d" },
	{ "d//", "d", "/d", "/", "d" },
	{ "./", ".", "/", "/", "/" },
	{ "./a", "a", "/a", "/", "a" },
	{ ".", ".", "/", "/", "/" },
	{ "..", "..", "/", "/", "/" },
	{ "../", "..", "/", "/", "/" },
	{ "../a", "../a", "/a", "/", "a" },
	{ "../../x/../e", "../../e", "/e", "/", "e" },
	{ "/", "/", "/", "/", "/" },
	{ "//", "/", "/", "/", "/" },
	{ "/..", "/", "/", "/", "/" },
	{ "/../..", "/", "/", "/", "/" },
	{ "/../a", "/a", "/a", "/", "a" },
	{ "/a", "/a", "/a", "/", "a" },
	{ "//a//", "/a", "/a", "/", "a" },
	{ "/.", "/", "/", "/", "/" },
	{ "a/..", ".", "/", "/", "/" },
	{ "a/../..", "..", "/", "/", "/" },
	{ "a/../../b", "../b", "/b", "/", "b" },
	{ "a/b/..", "a", "/a", "/", "a" },
	{ "a/b/../..", ".", "/", "/", "/" },
	{ "a/b/../../..", "..", "/", "/", "/" },
	{ "a/b/../../../c", "../c", "/c", "/", "c" },
	{ "../a/..", "..", "/", "/", "/" },
	{ "../a/../..", "../..", "/", "/", "/" },
	{ "../../..", "../../..", "/", "/", "/" },
	{ "...", "...", "/...", "/", "..." },
	{ "....", "....", "/....", "/", "...." },
	{ "a/...", "a/...", "/a/...", "/a", "..." },
	{ "a/.../b", "a/.../b", "/a/.../b", "/a/...", "b" },
	{ "..a", "..a", "/..a", "/", "..a" },
	{ "a..", "a..", "/a..", "/", "a.." },
	{ "/..a/b", "/..a/b", "/..a/b", "/..a", "b" },
	{ ".a", ".a", "/.a", "/", ".a" },
	{ ".a/.", ".a", "/.a", "/", ".a" },
	{ "a/./", "a", "/a", "/", "a" },
	{ "a/.", "a", "/a", "/", "a" },
	{ "a/./.", "a", "/a", "/", "a" },
	{ "/./a", "/a", "/a", "/", "a" },
	{ "/a/../b", "/b", "/b", "/", "b" },
	{ "/a/../../b/", "/b", "/b", "/", "b" },
	{ "a/\xff/../\xfe", "a/\xfe", "/a/\xfe", "/a", "\xfe" },
	{ "a b/\n", "a b/\n", "/a b/\n", "/a b", "\n" },
	{ ".wh.a", ".wh.a", "/.wh.a", "/", ".wh.a" },
	{ "d/.wh.", "d/.wh.", "/d/.wh.", "/d", ".wh." },
	{ "d/.wh..", "d/.wh..", "/d/.wh..", "/d", ".wh.." },
	{ "d/.wh...", "d/.wh...", "/d/.wh...", "/d", ".wh..." },
	{ "..../x", "..../x", "/..../x", "/....", "x" },
	{ "./../a", "../a", "/a", "/", "a" },
	{ "./..", "..", "/", "/", "/" },
	{ "a/b/c/../../d", "a/d", "/a/d", "/a", "d" },
	{ "./.", ".", "/", "/", "/" },
	{ "/a/b/c/../../../..", "/", "/", "/", "/" },
	{ "x/y/../z/..", "x", "/x", "/", "x" },
};

static void name__is_cleaned(void **state)
{
	unr_auto(unr_text_done) struct unr_text got = { 0 };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(NAMES); i++) {
		path_clean(NAMES[i].name, strlen(NAMES[i].name), &got);
		assert_string_equal(unr_text_string(&got), NAMES[i].clean);
		assert_int_equal(got.length, strlen(NAMES[i].clean));
	}
}

static void name__is_joined_to_the_root(void **state)
{
	unr_auto(unr_text_done) struct unr_text got = { 0 };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(NAMES); i++) {
		path_join_root(NAMES[i].name, strlen(NAMES[i].name), &got);
		assert_string_equal(unr_text_string(&got), NAMES[i].joined);
		assert_int_equal(got.length, strlen(NAMES[i].joined));
	}
}

static void path__is_split(void **state)
{
	unr_auto(unr_text_done) struct unr_text path = { 0 }, dir = { 0 };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(NAMES); i++) {
		path_join_root(NAMES[i].name, strlen(NAMES[i].name), &path);
		path_dirname(&path, &dir);
		assert_string_equal(unr_text_string(&dir), NAMES[i].dir);
		assert_string_equal(path_basename(&path), NAMES[i].base);
	}
}

/* Bytes, of which NUL is one. */
static void name__may_hold_nul(void **state)
{
	unr_auto(unr_text_done) struct unr_text got = { 0 };

	(void) state;
	path_clean("a\0b/./c", 7, &got);
	assert_int_equal(got.length, 5);
	assert_memory_equal(got.bytes, "a\0b/c", 6);
	path_clean("x\0", 2, &got);
	assert_int_equal(got.length, 2);
	path_clean("..\0", 3, &got); /* not the parent */
	assert_int_equal(got.length, 3);
	path_join_root("a/b\0/..", 7, &got);
	assert_string_equal(got.bytes, "/a");
	assert_int_equal(got.length, 2);
}

static void name__is_as_long_as_it_is_said(void **state)
{
	unr_auto(unr_text_done) struct unr_text got = { 0 };

	(void) state;
	path_clean("a/bcd", 3, &got);
	assert_string_equal(got.bytes, "a/b");
	path_clean("a/..x", 4, &got);
	assert_string_equal(got.bytes, ".");
	path_clean("..x", 2, &got);
	assert_string_equal(got.bytes, "..");
	path_clean("a/.x", 3, &got);
	assert_string_equal(got.bytes, "a");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(name__is_cleaned),
	cmocka_unit_test(name__is_joined_to_the_root),
	cmocka_unit_test(path__is_split),
	cmocka_unit_test(name__may_hold_nul),
	cmocka_unit_test(name__is_as_long_as_it_is_said),
};

UNR_TEST_MAIN("path", tests, NULL);
