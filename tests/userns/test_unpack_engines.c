/* SPDX-License-Identifier: MIT */
/* The rules that changed at some version, each by the rows before and behind the change. */
#include "layer_run.h"

#define NO_ATTRIBUTE "nothing.a"

struct engine_case {
	const char *engine;
	const char *entries[ENTRIES_MAX];
	const char *expected;
};

static char *run_engine(const char *engine, enum unr_driver driver, struct tar_build *tar)
{
	char *text = tell_run((struct layer_run) { .tar_fd = tar_build_memfd(tar),
						   .lower_fd = -1,
						   .engine = engine,
						   .driver = driver,
						   .maps = docker_maps() });

	tar_build_done(tar);
	return text;
}

static void assert_engines(enum unr_driver driver, const struct engine_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct tar_build tar = { 0 };
		unr_autofree char *text = NULL;

		build_short(&tar, cases[i].entries, ENTRIES_MAX);
		text = run_engine(cases[i].engine, driver, &tar);
		assert_string_equal(text, cases[i].expected);
	}
}

/* Up to 23.0 the child makes its last pass, whose error wins. */
static void duplicate__ends_a_process_of_its_own_later(void **state)
{
#define VANISHED                                                                                   \
	{                                                                                          \
		"5 d", "2 /d|x", "0 a", "0 ./a"                                                    \
	}
#define TREE ". d755 @now\na -644 @0\nd l777 @0 -> x\n"
	static const struct engine_case cases[] = {
		{ "docker-23.0", VANISHED,
		  "stop child 3 a: chtimes /d: no such file or directory\n" TREE },
		{ "docker-24.0", VANISHED,
		  "stop feed 3 a: duplicates of file paths not supported\n" TREE },
		{ "docker-28.1", VANISHED,
		  "stop feed 3 a: duplicates of file paths not supported\n" TREE },
	};
#undef VANISHED
#undef TREE

	(void) state;
	assert_engines(UNR_DRIVER_OVERLAY2, cases, UNR_COUNT(cases));
}

static void vfs_parents__are_mapped_from_23_0(void **state)
{
#define PARENT                                                                                     \
	{                                                                                          \
		"0 p/x"                                                                            \
	}
	static const struct engine_case cases[] = {
		{ "docker-20.10", PARENT, ". d755 @now\np d600 @now\np/x -644 @0\n" },
		{ "docker-23.0", PARENT, ". d755 @now\np d755 @now\np/x -644 @0\n" },
		{ "docker-28.1", PARENT, ". d755 @now\np d755 @now\np/x -644 @0\n" },
		{ "docker-29.7", PARENT, ". d755 @now\np d755 @now\np/x -644 @0\n" },
	};
#undef PARENT

	(void) state;
	assert_engines(UNR_DRIVER_VFS, cases, UNR_COUNT(cases));
}

/* Up to 23.0 the child has a temporary directory in the root, whose time shows it. */
static void vfs_root__keeps_its_time_from_24_0(void **state)
{
	static const struct engine_case cases[] = {
		{ "docker-23.0", { "5 ./" }, ". d755 @now atime@0\n" },
		{ "docker-24.0", { "5 ./" }, ". d755 @0\n" },
		{ "docker-28.1", { "5 ./" }, ". d755 @0\n" },
		{ "docker-29.7", { "5 ./" }, ". d755 @now\n" },
	};

	(void) state;
	assert_engines(UNR_DRIVER_VFS, cases, UNR_COUNT(cases));
}

static void setgid__of_implied_parents_goes_with_29_7(void **state)
{
	static const struct engine_case cases[] = {
		{ "docker-20.10",
		  { "" },
		  ". d755 @now\nd d2755 @0\nd/e d2755 @now\nd/e/f -644 @0\n" },
		{ "docker-28.1",
		  { "" },
		  ". d755 @now\nd d2755 @0\nd/e d2755 @now\nd/e/f -644 @0\n" },
		{ "docker-29.7",
		  { "" },
		  ". d755 @now\nd d2755 @0\nd/e d755 @now\nd/e/f -644 @0\n" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct tar_build tar = { 0 };
		union tar_header header;
		unr_autofree char *text = NULL;

		tar_header_init(&header, "d", '5');
		tar_header_text(header.field.mode, sizeof(header.field.mode), "0002755");
		tar_build_header(&tar, &header);
		tar_header_init(&header, "d/e/f", '0');
		tar_build_header(&tar, &header);
		tar_build_end(&tar);
		text = run_engine(cases[i].engine, UNR_DRIVER_OVERLAY2, &tar);
		assert_string_equal(text, cases[i].expected);
	}
}

/* @expected: what comes before the tree; NULL: a line of the child's log. */
static void assert_attribute(const char *engine, const char *name, const char *expected)
{
	struct tar_build tar = { 0 };
	unr_autofree char *text = NULL;
	char key[100];

	(void) snprintf(key, sizeof(key), "SCHILY.xattr.%s", name);
	tar_build_pax(&tar, 'x', (const struct tar_pax[]) { { key, "v", 0 } }, 1);
	tar_build_text(&tar, "f", "");
	tar_build_end(&tar);
	text = run_engine(engine, UNR_DRIVER_OVERLAY2, &tar);
	*find_tree(text) = '\0';
	if (expected != NULL)
		assert_string_equal(text, expected);
	else
		assert_non_null(strstr(text, "log time="));
}

static void attribute__words_by_version(void **state)
{
	static const struct {
		const char *engine, *bad, *unsupported; /* NULL: it is only logged */
	} cases[] = {
		{ "docker-23.0", "stop child 0 f: invalid argument\n", NULL },
		{ "docker-24.0", "stop child 0 f: invalid argument\n", NULL },
		{ "docker-25.0",
		  "stop child 0 f: lsetxattr security.capability /f: invalid argument\n",
		  "stop child 0 f: lsetxattr nothing.a /f: operation not supported\n" },
		{ "docker-28.1",
		  "stop child 0 f: lsetxattr /f: xattr \"security.capability\": invalid argument\n",
		  "stop child 0 f: lsetxattr /f: xattr \"nothing.a\": operation not supported\n" },
		{ "docker-29.7",
		  "stop child 0 f: lsetxattr /f: xattr \"security.capability\": invalid argument\n",
		  "stop child 0 f: lsetxattr /f: xattr \"nothing.a\": operation not supported\n" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		assert_attribute(cases[i].engine, "security.capability", cases[i].bad);
		assert_attribute(cases[i].engine, NO_ATTRIBUTE, cases[i].unsupported);
	}
}

/* A symlink of 1969 and a directory with a time but no access time. */
static void assert_times(const char *engine, const char *expected)
{
	struct tar_build tar = { 0 };
	union tar_header header;
	unr_autofree char *text = NULL;

	tar_header_init(&header, "d", '5');
	tar_header_octal(header.field.mtime, sizeof(header.field.mtime), 7);
	tar_build_header(&tar, &header);
	tar_build_pax(&tar, 'x', (const struct tar_pax[]) { { "mtime", "-5", 0 } }, 1);
	tar_build_link(&tar, '2', "l", "x");
	tar_build_end(&tar);
	text = run_engine(engine, UNR_DRIVER_OVERLAY2, &tar);
	assert_string_equal(text, expected);
}

static void times__are_bound_from_28(void **state)
{
	(void) state;
	assert_times("docker-25.0", ". d755 @now\nd d755 @7 atime@0\nl l777 @-5 -> x\n");
	assert_times("docker-28.1", ". d755 @now\nd d755 @7\nl l777 @0 -> x\n");
	assert_times("docker-29.7", ". d755 @now\nd d755 @7\nl l777 @0 -> x\n");
}

static void rooted_name__may_not_leave(void **state)
{
	static const struct engine_case cases[] = {
		{ "docker-28.1", { "0 ../a" }, ". d755 @now\na -644 @0\n" },
		{ "docker-29.7",
		  { "0 ../a" },
		  "stop child 0 ../a: invalid entry name \"../a\"\n. d755 @now\n" },
		{ "docker-29.7", { "0 /a" }, ". d755 @now\na -644 @0\n" },
		{ "docker-29.7", { "0 /", "0 ./" }, ". d755 @now\n" },
		{ "docker-29.7",
		  { "0 f", "1 h|../f" },
		  "stop child 1 h: invalid hardlink target \"../f\"\n. d755 @now\nf -644 @0\n" },
		{ "docker-29.7",
		  { "0 f", "1 h|/f" },
		  ". d755 @now\nf -644 @0 links=2\nh -644 @0 links=2\n" },
		{ "docker-29.7",
		  { "5 d", "2 l|../d", "0 l/f" },
		  "stop child 2 l/f: statat l: path escapes from parent\n"
		  ". d755 @now\nd d755 @0\nl l777 @0 -> ../d\n" },
		{ "docker-29.7",
		  { "5 d", "2 l|/../d", "0 l/f" },
		  ". d755 @now\nd d755 @0\nd/f -644 @0\nl l777 @0 -> /../d\n" },
	};

	(void) state;
	assert_engines(UNR_DRIVER_OVERLAY2, cases, UNR_COUNT(cases));
}

static void rooted_parents__are_looked_up(void **state)
{
	static const struct engine_case cases[] = {
		{ "docker-29.7",
		  { "2 l|x/y", "0 l/f" },
		  ". d755 @now\nl l777 @0 -> x/y\nx d755 @now\nx/y d755 @now\nx/y/f -644 @0\n" },
		{ "docker-29.7",
		  { "0 f", "0 f/g/h" },
		  "stop child 1 f/g/h: statat f/g: not a directory\n. d755 @now\nf -644 @0\n" },
		{ "docker-29.7",
		  { "2 l|l", "0 l/f" },
		  "stop child 1 l/f: statat l: too many levels of symbolic links\n"
		  ". d755 @now\nl l777 @0 -> l\n" },
		/* The text of a link at the beginning is looked up itself, not cleaned. */
		{ "docker-29.7",
		  { "5 e/x", "2 b|/e/x", "2 l|/b/../f", "0 l/g" },
		  ". d755 @now\nb l777 @0 -> /e/x\ne d755 @now\ne/f d755 @now\ne/f/g -644 @0\n"
		  "e/x d755 @0\nl l777 @0 -> /b/../f\n" },
	};

	(void) state;
	assert_engines(UNR_DRIVER_OVERLAY2, cases, UNR_COUNT(cases));
}

static void rooted_words__are_those_of_os_root(void **state)
{
#define BELOW(rest, words)                                                                         \
	{                                                                                          \
		"docker-29.7", { "0 f", rest },                                                    \
			"stop child 1 f/g: " words ": not a directory\n. d755 @now\nf -644 @0\n"   \
	}
	static const struct engine_case cases[] = {
		BELOW("0 f/g", "openat f/g"),
		BELOW("5 f/g", "mkdirat f/g"),
		BELOW("2 f/g|/x", "symlinkat /x f/g"),
		BELOW("1 f/g|f", "linkat f f/g"),
		BELOW("1 f/g|nowhere", "linkat nowhere f/g"),
		BELOW("6 f/g", "openat f"),
		{ "docker-29.7",
		  { "5 d", "2 /d|x" },
		  "stop child: chtimesat d: no such file or directory\n"
		  ". d755 @now\nd l777 @0 -> x\n" },
		{ "docker-29.7",
		  { "5 d", "2 /d|/e", "5 e" },
		  "stop child: chtimesat d: path escapes from parent\n"
		  ". d755 @now\nd l777 @0 -> /e\ne d755 @0\n" },
		{ "docker-29.7",
		  { "0 a", "0 .wh.a" },
		  "stop child 1 .wh.a: failed to mknod('a', S_IFCHR, 0): file exists\n"
		  ". d755 @now\na -644 @0\n" },
		{ "docker-29.7",
		  { "0 .wh.a", "0 a/.wh.b" },
		  "stop child 1 a/.wh.b: openat a: no such device or address\n"
		  ". d755 @now\na c0 dev=0:0 @now\n" },
		{ "docker-29.7",
		  { "0 d/.wh.." },
		  "stop child 0 d/.wh..: invalid whiteout entry \"d/.wh..\"\n"
		  ". d755 @now\nd d755 @now\n" },
	};
#undef BELOW

	(void) state;
	assert_engines(UNR_DRIVER_OVERLAY2, cases, UNR_COUNT(cases));
}

/* The owner is looked at before the parents are made, whose trouble came first until 29.6. */
static void rooted_owner__comes_before_its_parents(void **state)
{
	static const struct {
		const char *engine, *expected;
	} cases[] = {
		{ "docker-28.1", "stop child 1 l/a/b: mkdir /l: file exists\n" },
		{ "docker-29.7", "found 1 l/a/b file 70000:0 uid lchown EINVAL\n"
				 "stop child 1 l/a/b: container ID 70000 cannot be mapped to a "
				 "host ID\n" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct tar_build tar = { 0 };
		union tar_header header;
		unr_autofree char *text = NULL;

		tar_build_link(&tar, '2', "l", "x");
		tar_header_init(&header, "l/a/b", '0');
		tar_header_owner(&header, 70000, 0);
		tar_build_header(&tar, &header);
		tar_build_end(&tar);
		text = run_engine(cases[i].engine, UNR_DRIVER_OVERLAY2, &tar);
		*find_tree(text) = '\0';
		assert_string_equal(text, cases[i].expected);
	}
}

static void rooted_vfs__removes_less(void **state)
{
	static const struct engine_case cases[] = {
		{ "docker-29.7",
		  { "0 d/a", "0 d/.wh..." },
		  "stop child 1 d/.wh...: RemoveAll .: invalid argument\n"
		  ". d755 @now\nd d755 @now\nd/a -644 @0\n" },
		{ "docker-29.7",
		  { "0 .wh..." },
		  "stop child 0 .wh...: RemoveAll ..: path escapes from parent\n. d755 @now\n" },
		{ "docker-29.7",
		  { "0 f", "0 f/.wh.x" },
		  "stop child 1 f/.wh.x: RemoveAll f/x: not a directory\n"
		  ". d755 @now\nf -644 @0\n" },
		{ "docker-29.7",
		  { "1 a|.wh..wh.plnk/12" },
		  "stop child 0 a: invalid aufs hardlink\n. d755 @now\n" },
		{ "docker-29.7",
		  { "0 .wh..wh.plnk/12", "1 a|.wh..wh.plnk/12" },
		  ". d755 @now\na -644 @0\n" },
	};

	(void) state;
	assert_engines(UNR_DRIVER_VFS, cases, UNR_COUNT(cases));
}

static void rooted_device__has_a_range(void **state)
{
	struct tar_build tar = { 0 };
	union tar_header header;
	unr_autofree char *text = NULL;

	(void) state;
	tar_header_init(&header, "c", '3');
	tar_header_base256(header.field.devmajor, sizeof(header.field.devmajor), -1);
	tar_build_header(&tar, &header);
	tar_build_end(&tar);
	text = run_engine("docker-29.7", UNR_DRIVER_OVERLAY2, &tar);
	*find_tree(text) = '\0';
	assert_string_equal(text, "stop child 0 c: device number -1:0 for \"c\" out of range: "
				  "invalid archive\n");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(duplicate__ends_a_process_of_its_own_later),
	cmocka_unit_test(vfs_parents__are_mapped_from_23_0),
	cmocka_unit_test(vfs_root__keeps_its_time_from_24_0),
	cmocka_unit_test(setgid__of_implied_parents_goes_with_29_7),
	cmocka_unit_test(attribute__words_by_version),
	cmocka_unit_test(times__are_bound_from_28),
	cmocka_unit_test(rooted_name__may_not_leave),
	cmocka_unit_test(rooted_parents__are_looked_up),
	cmocka_unit_test(rooted_words__are_those_of_os_root),
	cmocka_unit_test(rooted_owner__comes_before_its_parents),
	cmocka_unit_test(rooted_vfs__removes_less),
	cmocka_unit_test(rooted_device__has_a_range),
};

UNR_TEST_MAIN("unpack_engines", tests, can_extract);
