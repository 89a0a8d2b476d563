/* SPDX-License-Identifier: MIT */
/* unpack/ on a real tree: names, parents, what is in the way, types, links. */
#include "layer_run.h"

static void name__decides_where_it_goes(void **state)
{
	static const struct layer_case cases[] = {
		{ { NULL }, ". d755 @now\n" },
		{ { "0 a//b/./c" }, ". d755 @now\na d755 @now\na/b d755 @now\na/b/c -644 @0\n" },
		{ { "0 /a/b" }, ". d755 @now\na d755 @now\na/b -644 @0\n" },
		{ { "0 ../../x/../e" }, ". d755 @now\ne -644 @0\n" },
		{ { "0 d/../e" }, ". d755 @now\ne -644 @0\n" },
		{ { "5 d/" }, ". d755 @now\nd d755 @0\n" },
		{ { "0 f/" }, ". d755 @now\nf -644 @0\n" }, /* type 0 stays a file */
		{ { "0 \xff\xfe", "0 a\nb", "0 \x01" },
		  ". d755 @now\n\\001 -644 @0\na\\nb -644 @0\n\\377\\376 -644 @0\n" },
	};

	(void) state;
	assert_cases(cases, UNR_COUNT(cases), assert_layer);
}

/* "./" leaves the root as it is; "/" and what climbs out do not. */
static void root__by_its_names(void **state)
{
	static const char *const names[] = { "./", ".", "", "d/..", "/", "../", "..", "/." };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(names); i++) {
		struct tar_build tar = { 0 };
		union tar_header header;

		tar_header_init(&header, names[i], '5');
		tar_header_octal(header.field.mode, 8, 0700);
		tar_header_octal(header.field.mtime, 12, 5);
		tar_build_header(&tar, &header);
		tar_build_end(&tar);
		assert_layer(&tar, i < 4 ? ". d755 @now\n" : ". d700 @5 atime@0\n");
	}
}

static void global_header__does_nothing(void **state)
{
	struct tar_build tar = { 0 };

	(void) state;
	tar_build_text(&tar, "s", "abc");
	tar_build_pax(&tar, 'g', (const struct tar_pax[]) { { "path", "p/q", 0 } }, 1);
	tar_build_pax(&tar, 'g', (const struct tar_pax[]) { { "path", "/s", 0 } }, 1);
	tar_build_end(&tar);
	assert_layer(&tar, ". d755 @now\ns -644 size=3 @0\n");
}

static void parents__that_are_missing_are_made(void **state)
{
	static const struct layer_case cases[] = {
		{ { "0 p/q/f" }, ". d755 @now\np d755 @now\np/q d755 @now\np/q/f -644 @0\n" },
		{ { "5 p/q/d" }, ". d755 @now\np d755 @now\np/q d755 @now\np/q/d d755 @0\n" },
		/* One that has an entry of its own later gets that one's times. */
		{ { "0 p/f", "5 p" }, ". d755 @now\np d755 @0\np/f -644 @0\n" },
		{ { "0 .wh.dir/f" }, ". d755 @now\n.wh.dir d755 @now\n.wh.dir/f -644 @0\n" },
	};

	(void) state;
	assert_cases(cases, UNR_COUNT(cases), assert_layer);
}

static void parent__is_a_symlink(void **state)
{
	static const struct layer_case cases[] = {
		{ { "5 d", "2 l|d", "0 l/f" },
		  ". d755 @now\nd d755 @0\nd/f -644 @0\nl l777 @0 -> d\n" },
		{ { "5 d", "2 l|/d", "0 l/f" },
		  ". d755 @now\nd d755 @0\nd/f -644 @0\nl l777 @0 -> /d\n" },
		/* It climbs no further than the layer's own root. */
		{ { "5 d", "2 l|../../../d", "0 l/f" },
		  ". d755 @now\nd d755 @0\nd/f -644 @0\nl l777 @0 -> ../../../d\n" },
		{ { "2 l|/", "0 l/x/f" },
		  ". d755 @now\nl l777 @0 -> /\nx d755 @now\nx/f -644 @0\n" },
	};

	(void) state;
	assert_cases(cases, UNR_COUNT(cases), assert_layer);
}

static void parent__cannot_be_had(void **state)
{
	static const struct layer_case cases[] = {
		{ { "2 l|x", "0 l/f" },
		  "stop child 1 l/f: open /l/f: no such file or directory\n" },
		{ { "2 l|x", "5 l/f" },
		  "stop child 1 l/f: mkdir /l/f: no such file or directory\n" },
		{ { "2 l|x", "2 l/f|t" },
		  "stop child 1 l/f: symlink t /l/f: no such file or directory\n" },
		{ { "2 l|x", "1 l/f|l" },
		  "stop child 1 l/f: link /l /l/f: no such file or directory\n" },
		{ { "2 l|x", "6 l/f" }, "stop child 1 l/f: no such file or directory\n" },
		{ { "2 l|x", "0 l/d/f" }, "stop child 1 l/d/f: mkdir /l: file exists\n" },
		{ { "2 l|l", "0 l/f" },
		  "stop child 1 l/f: open /l/f: too many levels of symbolic links\n" },
		{ { "0 f", "0 f/g" }, "stop child 1 f/g: open /f/g: not a directory\n" },
		{ { "0 f", "0 f/g/h" }, "stop child 1 f/g/h: open /f/g/h: not a directory\n" },
		{ { "0 f", "5 f/g" }, "stop child 1 f/g: mkdir /f/g: not a directory\n" },
		{ { "0 f", "2 f/g|x" }, "stop child 1 f/g: symlink x /f/g: not a directory\n" },
		{ { "0 f", "1 f/g|f" }, "stop child 1 f/g: link /f /f/g: not a directory\n" },
		{ { "0 f", "6 f/g" }, "stop child 1 f/g: not a directory\n" },
	};

	(void) state;
	assert_cases(cases, UNR_COUNT(cases), assert_stops);
}

static void way__is_cleared(void **state)
{
	static const struct layer_case cases[] = {
		{ { "0 d/x/f", "0 /d" }, ". d755 @now\nd -644 @0\n" },
		{ { "0 d/x/f", "2 /d|t" }, ". d755 @now\nd l777 @0 -> t\n" },
		{ { "0 d", "5 /d" }, ". d755 @now\nd d755 @0\n" },
		{ { "2 d|t", "5 /d" }, ". d755 @now\nd d755 @0\n" },
		{ { "0 f", "6 /f" }, ". d755 @now\nf p644 @0\n" },
		/* Through a symlinked parent it is the same place. */
		{ { "6 d/f", "2 l|d", "0 l/f" },
		  ". d755 @now\nd d755 @now\nd/f -644 @0\nl l777 @0 -> d\n" },
		/* A directory on a directory keeps what is in it. */
		{ { "5 d", "0 d/f", "5 /d" }, ". d755 @now\nd d755 @0\nd/f -644 @0\n" },
	};

	(void) state;
	assert_cases(cases, UNR_COUNT(cases), assert_layer);
}

static void directory__again_takes_the_new_header(void **state)
{
	struct tar_build tar = { 0 };
	union tar_header header;

	(void) state;
	tar_build_directory(&tar, "d");
	tar_build_text(&tar, "d/f", "abc");
	tar_header_init(&header, "/d", '5');
	tar_header_octal(header.field.mode, 8, 01700);
	tar_header_octal(header.field.mtime, 12, 9);
	tar_build_header(&tar, &header);
	tar_build_end(&tar);
	assert_layer(&tar, ". d755 @now\nd d1700 @9 atime@0\nd/f -644 size=3 @0\n");
}

/* Wider than one read of a directory, deeper than there are descriptors. */
static void way__of_a_large_tree_is_cleared(void **state)
{
	unr_auto(unr_text_done) struct unr_text deep = { 0 };
	struct tar_build tar = { 0 };
	char name[64];

	(void) state;
	for (int i = 0; i < 300; i++) {
		(void) snprintf(name, sizeof(name), "d/wide/%d/f", i);
		tar_build_text(&tar, name, "");
	}
	tar_build_link(&tar, '2', "d/up", "..");
	for (int i = 0; i < 1500; i++)
		unr_text_puts(&deep, "d/");
	tar_build_gnu_long(&tar, 'L', unr_text_string(&deep));
	tar_build_directory(&tar, "x");
	tar_build_link(&tar, '6', "kept", "");
	tar_build_text(&tar, "/d", "abc");
	tar_build_end(&tar);
	assert_tree(&tar, ". d755 @now\nd -644 size=3 @0\nkept p644 @0\n");
}

static void root__cannot_be_replaced(void **state)
{
	static const struct layer_case cases[] = {
		{ { "0 a/b", "0 /" },
		  "stop child 1 /: unlinkat .//: device or resource busy\n"
		  ". d755 @now\n" },
		{ { "0 a/b", "2 ..|x" },
		  "stop child 1 ..: unlinkat .//: device or resource busy\n"
		  ". d755 @now\n" },
		{ { "0 ." }, ". d755 @now\n" },
		{ { "0 " }, ". d755 @now\n" },
	};

	(void) state;
	assert_cases(cases, UNR_COUNT(cases), assert_layer);
}

static void type__makes_its_node(void **state)
{
	struct tar_build tar = { 0 };
	union tar_header header;

	(void) state;
	for (const char *type = "036"; *type != '\0'; type++) {
		char name[] = { *type, '\0' };

		tar_header_init(&header, name, *type);
		tar_header_octal(header.field.mode, 8, 04671);
		tar_header_octal(header.field.mtime, 12, 7);
		tar_build_header(&tar, &header);
	}
	tar_header_init(&header, "5", '5');
	tar_header_octal(header.field.mode, 8, 07000);
	tar_build_header(&tar, &header);
	tar_build_link(&tar, '2', "2", "../../etc//x/");
	tar_build_end(&tar);
	/* A device 0:0 is the one that a namespace may make. */
	assert_layer(&tar, ". d755 @now\n0 -4671 @7\n2 l777 @0 -> ../../etc//x/\n"
			   "3 c4671 dev=0:0 @7\n5 d7000 @0\n6 p4671 @7\n");
}

static void type__unknown_is_refused(void **state)
{
	static const char types[] = "789VXADMNZ ";

	(void) state;
	for (const char *type = types; *type != '\0'; type++) {
		const char entry[] = { *type, ' ', 'u', '\0' };
		const struct layer_case one = { { entry }, NULL };
		struct tar_build tar = { 0 };
		char expected[64];

		build_short(&tar, one.entries, 1);
		(void) snprintf(expected, sizeof(expected),
				"stop child 0 u: unhandled tar header type %d\n", *type);
		assert_stops(&tar, expected);
	}
}

static void symlink__needs_a_target(void **state)
{
	static const struct layer_case cases[] = {
		{ { "2 s" }, "stop child 0 s: symlink  /s: no such file or directory\n" },
	};

	(void) state;
	assert_cases(cases, UNR_COUNT(cases), assert_stops);
}

static void hard_link__is_one_more_name(void **state)
{
	static const struct layer_case cases[] = {
		{ { "0 f", "1 h|f" }, ". d755 @now\nf -644 @0 links=2\nh -644 @0 links=2\n" },
		{ { "0 f", "1 h|/f" }, ". d755 @now\nf -644 @0 links=2\nh -644 @0 links=2\n" },
		{ { "0 f", "1 h|../../f" }, ". d755 @now\nf -644 @0 links=2\nh -644 @0 links=2\n" },
		{ { "0 d/f", "2 s|d", "1 h|s/f" },
		  ". d755 @now\nd d755 @now\nd/f -644 @0 links=2\nh -644 @0 links=2\n"
		  "s l777 @0 -> d\n" },
		/* To a symlink: the symlink itself. */
		{ { "2 s|x", "1 h|s" },
		  ". d755 @now\nh l777 @0 links=2 -> x\ns l777 @0 links=2 -> x\n" },
	};

	(void) state;
	assert_cases(cases, UNR_COUNT(cases), assert_layer);
}

static void hard_link__refused(void **state)
{
	static const struct layer_case cases[] = {
		{ { "1 h|f" }, "stop child 0 h: link /f /h: no such file or directory\n" },
		{ { "1 h" }, "stop child 0 h: link / /h: operation not permitted\n" },
		{ { "5 d", "1 h|d" }, "stop child 1 h: link /d /h: operation not permitted\n" },
		{ { "0 f", "1 /f|f" }, "stop child 1 /f: link /f /f: no such file or directory\n" },
		{ { "0 d/f", "1 /d|d/f" },
		  "stop child 1 /d: link /d/f /d: no such file or directory\n" },
	};

	(void) state;
	assert_cases(cases, UNR_COUNT(cases), assert_stops);
}

/* The target as it stands in the header decides whether mode and times follow. */
static void hard_link__gives_mode_and_times_to_the_file(void **state)
{
	static const char *const targets[] = { "f", "/f", "../f", "f/", "x/../f" };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(targets); i++) {
		struct tar_build tar = { 0 };
		union tar_header header;

		tar_build_text(&tar, "f", "abc");
		tar_header_init(&header, "h", '1');
		tar_header_text(header.field.link, sizeof(header.field.link), targets[i]);
		tar_header_octal(header.field.mode, 8, 04755);
		tar_header_octal(header.field.mtime, 12, 99);
		tar_build_header(&tar, &header);
		tar_build_end(&tar);
		assert_layer(&tar, i < 3 ? ". d755 @now\nf -4755 size=3 @99 links=2\n"
					   "h -4755 size=3 @99 links=2\n" :
					   ". d755 @now\nf -644 size=3 @0 links=2\n"
					   "h -644 size=3 @0 links=2\n");
	}
}

static void name__too_long(void **state)
{
	static const struct {
		char type;
		const char *before;
	} cases[] = {
		{ '0', "open /" }, { '5', "mkdir /" }, { '2', "symlink t /" }, { '6', NULL }
	};
	char name[257] = "";

	(void) state;
	memset(name, 'n', 256);
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct tar_build tar = { 0 };
		unr_auto(unr_text_done) struct unr_text expected = { 0 };

		tar_build_gnu_long(&tar, 'L', name);
		tar_build_link(&tar, cases[i].type, "x", cases[i].type == '2' ? "t" : "");
		tar_build_end(&tar);
		unr_text_printf(&expected, "stop child 0 %s: ", name);
		if (cases[i].before != NULL)
			unr_text_printf(&expected, "%s%s: ", cases[i].before, name);
		unr_text_puts(&expected, "file name too long\n");
		assert_stops(&tar, unr_text_string(&expected));
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(name__decides_where_it_goes),
	cmocka_unit_test(root__by_its_names),
	cmocka_unit_test(global_header__does_nothing),
	cmocka_unit_test(parents__that_are_missing_are_made),
	cmocka_unit_test(parent__is_a_symlink),
	cmocka_unit_test(parent__cannot_be_had),
	cmocka_unit_test(way__is_cleared),
	cmocka_unit_test(directory__again_takes_the_new_header),
	cmocka_unit_test(way__of_a_large_tree_is_cleared),
	cmocka_unit_test(root__cannot_be_replaced),
	cmocka_unit_test(type__makes_its_node),
	cmocka_unit_test(type__unknown_is_refused),
	cmocka_unit_test(symlink__needs_a_target),
	cmocka_unit_test(hard_link__is_one_more_name),
	cmocka_unit_test(hard_link__refused),
	cmocka_unit_test(hard_link__gives_mode_and_times_to_the_file),
	cmocka_unit_test(name__too_long),
};

UNR_TEST_MAIN("unpack", tests, can_extract);
