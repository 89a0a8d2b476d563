/* SPDX-License-Identifier: MIT */
/* unpack/vfs on a real tree: a layer onto what lies below it. */
#include "layer_run.h"

struct vfs_case {
	const char *lower[ENTRIES_MAX];
	const char *upper[ENTRIES_MAX];
	const char *expected;
};

static void assert_vfs(const struct vfs_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct tar_build lower = { 0 }, upper = { 0 };
		unr_autofree char *text = NULL;

		build_short(&lower, cases[i].lower, ENTRIES_MAX);
		build_short(&upper, cases[i].upper, ENTRIES_MAX);
		text = tell_run((struct layer_run) { .tar_fd = tar_build_memfd(&upper),
						     .lower_fd = tar_build_memfd(&lower),
						     .driver = UNR_DRIVER_VFS,
						     .maps = docker_maps() });
		tar_build_done(&lower);
		tar_build_done(&upper);
		assert_string_equal(text, cases[i].expected);
	}
}

static void whiteout__removes_what_lies_below(void **state)
{
	static const struct vfs_case cases[] = {
		{ { "0 a", "0 b" }, { "0 .wh.a" }, ". d755 @now\nb -644 @0\n" },
		{ { "5 d", "0 d/x" }, { "0 .wh.d" }, ". d755 @now\n" },
		{ { "5 d", "0 d/x" }, { "0 d/.wh." }, ". d755 @now\n" },
		/* A directory that goes under its own entries is no longer what it was. */
		{ { NULL },
		  { "5 d", "5 d/a", "5 d/b", "0 d/.wh.", "5 d/c", "5 d/e" },
		  "stop child: chtimes /d/a: no such file or directory\n"
		  ". d755 @now\nd d600 @0\nd/c d755 @0\nd/e d755 @0\n" },
		/* Nothing of that name is fine, in this layer too. */
		{ { "0 a" }, { "0 .wh.b", "0 .wh.c" }, ". d755 @now\na -644 @0\n" },
		{ { "0 f" },
		  { "0 f/.wh.x" },
		  "stop child 0 f/.wh.x: unlinkat /f/x: not a directory\n. d755 @now\nf -644 @0\n" },
		{ { "2 l|l" },
		  { "0 l/.wh.x" },
		  "stop child 0 l/.wh.x: open /l: too many levels of symbolic links\n"
		  ". d755 @now\nl l777 @0 -> l\n" },
	};

	(void) state;
	assert_vfs(cases, UNR_COUNT(cases));
}

static void opaque__keeps_what_this_layer_made(void **state)
{
	static const struct vfs_case cases[] = {
		{ { "5 d", "0 d/a", "5 d/e", "0 d/e/f" },
		  { "5 d", "0 d/b", "0 d/.wh..wh..opq" },
		  ". d755 @now\nd d755 @0\nd/b -644 @0\n" },
		/* An implied directory was made by no entry, so it goes with what is in it. */
		{ { "5 d" }, { "0 d/i/b", "0 d/.wh..wh..opq" }, ". d755 @now\nd d755 @now\n" },
		{ { "5 d", "5 d/e", "0 d/e/f" },
		  { "5 d/e", "0 d/.wh..wh..opq" },
		  ". d755 @now\nd d755 @0\nd/e d755 @0\n" },
	};

	(void) state;
	assert_vfs(cases, UNR_COUNT(cases));
}

static void lower__is_seen(void **state)
{
	static const struct vfs_case cases[] = {
		{ { "0 f" }, { "1 h|f" }, ". d755 @now\nf -644 @0 links=2\nh -644 @0 links=2\n" },
		{ { "0 f" },
		  { "0 f/x" },
		  "stop child 0 f/x: open /f/x: not a directory\n. d755 @now\nf -644 @0\n" },
		{ { "5 d", "2 l|d" },
		  { "0 l/x" },
		  ". d755 @now\nd d755 @now atime@0\nd/x -644 @0\nl l777 @0 -> d\n" },
		{ { "5 d", "0 d/x" }, { "0 d" }, ". d755 @now\nd -644 @0\n" },
	};

	(void) state;
	assert_vfs(cases, UNR_COUNT(cases));
}

static void parents__are_bare(void **state)
{
	static const struct vfs_case cases[] = {
		{ { NULL },
		  { "0 p/q/x" },
		  ". d755 @now\np d600 @now\np/q d600 @now\np/q/x -644 @0\n" },
	};

	(void) state;
	assert_vfs(cases, UNR_COUNT(cases));
}

static void plink__becomes_a_copy(void **state)
{
	static const struct vfs_case cases[] = {
		{ { NULL },
		  { "0 .wh..wh.plnk/12.34", "1 a|.wh..wh.plnk/12.34" },
		  ". d755 @now\n.wh..wh.plnk d600 @now\na -644 @0\n" },
		{ { NULL },
		  { "1 a|.wh..wh.plnk/12.34" },
		  "stop child 0 a: Invalid aufs hardlink\n. d755 @now\n" },
		/* The kept header has the host's root by then, which counts as mapped. */
		{ { NULL },
		  { "0 .wh..wh.plnk/1", "1 a|.wh..wh.plnk/1", "1 b|.wh..wh.plnk/1" },
		  "found 2 b file 100000:100000 mapped lchown EINVAL\n. d755 @now\n"
		  ".wh..wh.plnk d600 @now\na -644 @0\nb -644 @0\n" },
		{ { NULL }, { "5 .wh..wh.orph", "0 .wh..wh.aufs" }, ". d755 @now\n" },
	};

	(void) state;
	assert_vfs(cases, UNR_COUNT(cases));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(whiteout__removes_what_lies_below),
	cmocka_unit_test(opaque__keeps_what_this_layer_made),
	cmocka_unit_test(lower__is_seen),
	cmocka_unit_test(parents__are_bare),
	cmocka_unit_test(plink__becomes_a_copy),
};

UNR_TEST_MAIN("unpack_vfs", tests, can_extract);
