/* SPDX-License-Identifier: MIT */
/* unpack/ on a real tree: whiteouts, duplicates, times, attributes, and which fault comes first. */
#include "layer_run.h"

#define DUPLICATE "duplicates of file paths not supported\n"

static void whiteout__is_a_device_of_no_number(void **state)
{
	static const struct layer_case cases[] = {
		{ { "0 .wh.a" }, ". d755 @now\na c0 dev=0:0 @now\n" },
		{ { "5 d/.wh.a" }, ". d755 @now\nd d755 @now\nd/a c0 dev=0:0 @now\n" },
		{ { "2 .wh.a|x" }, ". d755 @now\na c0 dev=0:0 @now\n" },
		{ { "7 .wh.a" }, ". d755 @now\na c0 dev=0:0 @now\n" },
		{ { "0 .wh..wh.foo" }, ". d755 @now\n.wh.foo c0 dev=0:0 @now\n" },
		{ { "5 .wh..wh.plnk", "0 .wh..wh.aufs" },
		  ". d755 @now\n.wh.aufs c0 dev=0:0 @now\n.wh.plnk c0 dev=0:0 @now\n" },
		/* The entry of that name takes its place. */
		{ { "0 .wh.a", "0 a" }, ". d755 @now\na -644 @0\n" },
	};

	(void) state;
	assert_cases(cases, UNR_COUNT(cases), assert_layer);
}

static void whiteout__refused(void **state)
{
	static const struct layer_case cases[] = {
		{ { "0 a", "0 .wh.a" },
		  "stop child 1 .wh.a: failed to mknod(\"/a\", S_IFCHR, 0): file exists\n" },
		{ { "0 .wh." },
		  "stop child 0 .wh.: failed to mknod(\"/\", S_IFCHR, 0): file exists\n" },
		{ { "0 d/.wh." },
		  "stop child 0 d/.wh.: failed to mknod(\"/d\", S_IFCHR, 0): file exists\n" },
		{ { "0 d/.wh.." },
		  "stop child 0 d/.wh..: failed to mknod(\"/d\", S_IFCHR, 0): file exists\n" },
		{ { "0 d/.wh..." },
		  "stop child 0 d/.wh...: failed to mknod(\"/\", S_IFCHR, 0): file exists\n" },
		{ { "0 .wh.d", "0 d/x" }, "stop child 1 d/x: open /d/x: not a directory\n" },
		{ { "0 f", "0 f/.wh.g" },
		  "stop child 1 f/.wh.g: failed to mknod(\"/f/g\", S_IFCHR, 0): not a directory\n" },
		{ { "2 l|x", "0 l/.wh.p" },
		  "stop child 1 l/.wh.p: failed to mknod(\"/l/p\", S_IFCHR, "
		  "0): no such file or directory\n" },
		{ { "0 a\"\xc3\xa9\x01\xff", "0 .wh.a\"\xc3\xa9\x01\xff" },
		  "stop child 1 .wh.a\"\xc3\xa9\\001\\377: failed to mknod(\"/a\\\"\xc3\xa9\\x01\\xff\", "
		  "S_IFCHR, 0): file exists\n" },
	};

	(void) state;
	assert_cases(cases, UNR_COUNT(cases), assert_stops);
}

/* The attribute needs real root; that the directory is there is looked at all the same. */
static void opaque__needs_its_directory(void **state)
{
	static const struct layer_case good[] = {
		{ { "5 d", "0 d/.wh..wh..opq" }, ". d755 @now\nd d755 @0\n" },
		{ { "0 d/.wh..wh..opq" }, ". d755 @now\nd d755 @now\n" },
		{ { "0 .wh..wh..opq" }, ". d755 @now\n" },
	};
	static const struct layer_case bad[] = {
		{ { "2 l|x", "0 l/.wh..wh..opq" },
		  "stop child 1 l/.wh..wh..opq: setxattr(\"/l\", trusted.overlay.opaque=y): no such "
		  "file or directory\n" },
		{ { "2 l\"\n|x", "0 l\"\n/.wh..wh..opq" },
		  "stop child 1 l\"\\n/.wh..wh..opq: setxattr(\"/l\\\"\\n\", "
		  "trusted.overlay.opaque=y): no such file or directory\n" },
	};

	(void) state;
	assert_cases(good, UNR_COUNT(good), assert_layer);
	assert_cases(bad, UNR_COUNT(bad), assert_stops);
}

/* The second reader of the same bytes speaks last: the entry itself comes first. */
static void duplicate__is_refused_after_its_entry(void **state)
{
	static const struct layer_case cases[] = {
		{ { "0 a", "0 a" }, "stop feed 1 a: " DUPLICATE },
		{ { "0 ./a", "0 a" }, "stop feed 1 a: " DUPLICATE },
		{ { "5 d/", "5 d" }, "stop feed 1 d: " DUPLICATE },
		{ { "0 d//a", "0 d/./a" }, "stop feed 1 d/a: " DUPLICATE },
		{ { "5 ./", "5 ." }, "stop feed 1 .: " DUPLICATE },
		{ { "0 ../a", "0 ../b/../a" }, "stop feed 1 ../a: " DUPLICATE },
		{ { "0 a", "0 b", "0 a", "7 u" }, "stop feed 2 a: " DUPLICATE },
		/* Other spellings are other names. */
		{ { "0 a", "0 /a" }, "" },
		{ { "0 a", "0 ../a" }, "" },
		/* Its own fault wins... */
		{ { "0 a", "7 a" }, "stop child 1 a: unhandled tar header type 55\n" },
		{ { "0 .wh.a", "0 .wh.a" },
		  "stop child 1 .wh.a: failed to mknod(\"/a\", S_IFCHR, 0): file exists\n" },
		/* ...and so does that of an earlier one, and of the last pass. */
		{ { "0 f", "0 f/g", "0 f/g" }, "stop child 1 f/g: open /f/g: not a directory\n" },
		{ { "5 d", "2 /d|x", "0 a", "0 a" },
		  "stop child 3 a: chtimes /d: no such file or directory\n" },
	};

	(void) state;
	assert_cases(cases, UNR_COUNT(cases), assert_stops);
}

static void duplicate__of_a_global_header(void **state)
{
	struct tar_build tar = { 0 };

	(void) state;
	tar_build_pax(&tar, 'g', NULL, 0);
	tar_build_pax(&tar, 'g', NULL, 0);
	assert_stops(&tar, "stop feed 1 GlobalHead.0: " DUPLICATE);
	tar_build_pax(&tar, 'g', (const struct tar_pax[]) { { "path", "s/q", 0 } }, 1);
	tar_build_text(&tar, "s/q", "");
	assert_stops(&tar, "stop feed 1 s/q: " DUPLICATE);
}

static void damage__is_told_after_the_entries_before_it(void **state)
{
	struct tar_build tar = { 0 };
	union tar_header header;

	(void) state;
	tar_build_text(&tar, "f", "abc");
	tar_build_bytes(&tar, "junk", 4);
	tar_build_zeros(&tar, 508);
	assert_layer(&tar, "stop child: archive/tar: invalid tar header\n"
			   ". d755 @now\nf -644 size=3 @0\n");
	tar_header_init(&header, "f", '0');
	tar_header_octal(header.field.size, sizeof(header.field.size), 1000);
	tar_build_header(&tar, &header);
	tar_build_bytes(&tar, "abc", 3);
	assert_layer(&tar, "stop child 0 f: unexpected EOF\n. d755 @now\nf -644 @now\n");
	tar_build_text(&tar, "a", "");
	tar_build_text(&tar, "a", "");
	tar_build_bytes(&tar, "junk", 4);
	assert_stops(&tar, "stop feed 1 a: " DUPLICATE);
}

/* The last pass gives each directory its times again, in the archive's order. */
static void directory_times__are_set_last(void **state)
{
	static const struct layer_case cases[] = {
		{ { "5 d", "2 /d|x" }, "stop child: chtimes /d: no such file or directory\n" },
		{ { "5 d/y", "0 /d" }, "stop child: chtimes /d/y: not a directory\n" },
		{ { "5 d", "2 /d|d" },
		  "stop child: chtimes /d: too many levels of symbolic links\n" },
		{ { "5 d", "5 e", "2 /d|e" }, "" },
		{ { "5 d", "0 /d" }, "" },
		/* An entry's fault comes before. */
		{ { "5 d", "2 /d|x", "7 u" }, "stop child 2 u: unhandled tar header type 55\n" },
	};

	(void) state;
	assert_cases(cases, UNR_COUNT(cases), assert_stops);
}

/* tar-split reads what the extractor passes over, here "./". */
static void unread__content_has_its_faults_found(void **state)
{
	static const struct tar_pax records[] = { { "GNU.sparse.size", "9", 0 },
						  { "GNU.sparse.numblocks", "1", 0 },
						  { "GNU.sparse.map", "0,5", 0 },
						  { "GNU.sparse.name", ".", 0 } };
	static const struct {
		const char *content, *expected;
	} cases[] = {
		{ "abc", "stop feed 0 .: archive/tar: sparse file references non-existent data\n" },
		{ "abcdefgh", "stop child 0 .: unexpected EOF\n" },
		{ "abcde", "" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct tar_build tar = { 0 };

		tar_build_pax(&tar, 'x', records, UNR_COUNT(records));
		tar_build_text(&tar, "GNUSparseFile.0/x", cases[i].content);
		tar_build_end(&tar);
		assert_stops(&tar, cases[i].expected);
	}
}

/* A member of type @type with these times in a pax header. */
static void put_times(struct tar_build *tar, char type, const char *name, const char *mtime,
		      const char *atime)
{
	tar_build_pax(tar, 'x',
		      (const struct tar_pax[]) { { "mtime", mtime, 0 }, { "atime", atime, 0 } }, 2);
	tar_build_link(tar, type, name, type == '2' ? "x" : "");
}

static void times__of_a_file(void **state)
{
	static const struct {
		const char *mtime, *atime, *expected;
	} cases[] = {
		{ "0", "", "@0" },
		{ "1000000000.123456789", "", "@1000000000.123456789" },
		{ "5", "9", "@5 atime@9" },
		{ "9", "5", "@9" }, /* never used before it was changed */
		{ "5.5", "5.25", "@5.500000000" },
		{ "-5", "", "@0" },
		{ "-0.5", "", "@0" },
		{ "9223372036", "", "@9223372036" },
		{ "9223372037", "", "@0" },
		{ "17179869184", "", "@0" },
		{ "5", "9223372037", "@5 atime@0" },
	};

	(void) state;
	for (const char *type = "06"; *type != '\0'; type++)
		for (size_t i = 0; i < UNR_COUNT(cases); i++) {
			struct tar_build tar = { 0 };
			char expected[100];

			put_times(&tar, *type, "f", cases[i].mtime, cases[i].atime);
			tar_build_end(&tar);
			(void) snprintf(expected, sizeof(expected), ". d755 @now\nf %c644 %s\n",
					*type == '0' ? '-' : 'p', cases[i].expected);
			assert_layer(&tar, expected);
		}
}

/* Without an access time of its own a directory gets 1970 in the last pass. */
static void times__of_a_directory(void **state)
{
	struct tar_build tar = { 0 };

	(void) state;
	put_times(&tar, '5', "a", "7", "");
	put_times(&tar, '5', "b", "7", "9");
	put_times(&tar, '5', "c", "7", "5");
	put_times(&tar, '5', "d", "-7", "-5");
	tar_build_text(&tar, "a/f", "");
	tar_build_end(&tar);
	assert_tree(&tar, ". d755 @now\na d755 @7 atime@0\na/f -644 @0\nb d755 @7 atime@9\n"
			  "c d755 @7 atime@5\nd d755 @0\n");
}

/* What became of the directory takes the times that it was to have. */
static void times__of_what_a_directory_became(void **state)
{
	struct tar_build tar = { 0 };

	(void) state;
	put_times(&tar, '5', "d", "7", "");
	put_times(&tar, '0', "/d", "9", "");
	put_times(&tar, '5', "e", "7", "8");
	put_times(&tar, '5', "g", "5", "6");
	tar_build_link(&tar, '2', "/e", "g");
	tar_build_end(&tar);
	assert_tree(&tar, ". d755 @now\nd -644 @7 atime@0\ne l777 @0 -> g\ng d755 @5 atime@6\n");
}

/* Not cut, but wrapped: nanoseconds in 64 bits. */
static void times__of_a_symlink(void **state)
{
	static const struct {
		const char *mtime, *expected;
	} cases[] = {
		{ "5.5", "@5.500000000" },
		{ "-5", "@-5" },
		{ "-5.25", "@-6.750000000" },
		{ "9223372037", "@-9223372037.290448384" },
		{ "17179869184", "@-1266874890.290448384" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct tar_build tar = { 0 };
		char expected[100];

		put_times(&tar, '2', "l", cases[i].mtime, "");
		tar_build_end(&tar);
		(void) snprintf(expected, sizeof(expected), ". d755 @now\nl l777 %s -> x\n",
				cases[i].expected);
		assert_tree(&tar, expected);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(whiteout__is_a_device_of_no_number),
	cmocka_unit_test(whiteout__refused),
	cmocka_unit_test(opaque__needs_its_directory),
	cmocka_unit_test(duplicate__is_refused_after_its_entry),
	cmocka_unit_test(duplicate__of_a_global_header),
	cmocka_unit_test(damage__is_told_after_the_entries_before_it),
	cmocka_unit_test(directory_times__are_set_last),
	cmocka_unit_test(unread__content_has_its_faults_found),
	cmocka_unit_test(times__of_a_file),
	cmocka_unit_test(times__of_a_directory),
	cmocka_unit_test(times__of_what_a_directory_became),
	cmocka_unit_test(times__of_a_symlink),
};

UNR_TEST_MAIN("unpack_order", tests, can_extract);
