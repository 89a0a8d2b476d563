/* SPDX-License-Identifier: MIT */
/* unpack/ on a real tree: content that is kept or only measured, and extended attributes. */
#include "layer_run.h"

#define X "SCHILY.xattr."

/* A file of some text, an empty one, and a sparse one of 5 GB. */
static void build_contents(struct tar_build *tar)
{
	static const struct tar_pax sparse[] = { { "GNU.sparse.size", "5000000000", 0 },
						 { "GNU.sparse.numblocks", "1", 0 },
						 { "GNU.sparse.map", "10,3", 0 } };

	tar_build_text(tar, "f", "some text");
	tar_build_text(tar, "g", "");
	tar_build_pax(tar, 'x', sparse, UNR_COUNT(sparse));
	tar_build_text(tar, "s", "abc");
	tar_build_end(tar);
}

static void content__is_measured(void **state)
{
	struct tar_build tar = { 0 };

	(void) state;
	build_contents(&tar);
	assert_layer(&tar, ". d755 @now\nf -644 size=9 @0\ng -644 @0\ns -644 size=5000000000 @0\n");
}

/* A file with another mode. */
static void build_with_mode(struct tar_build *tar, const char *name, mode_t mode, const char *text)
{
	union tar_header header;

	tar_header_init(&header, name, '0');
	tar_header_octal(header.field.mode, sizeof(header.field.mode), mode);
	tar_build_member(tar, &header, text, strlen(text));
}

/*
 * What nobody will look at is not set; directories count on the way.  The sticky bit says that
 * contents are missing, and nothing else: a hard link neither takes nor brings it.
 */
static void fleeting_tree__has_no_times_of_files(void **state)
{
	static const char expected[] = ". d755 @now\nd d755 @0\ne -644 @now\nf -1600 @0 links=2\n"
				       "passwd -644 size=1 @now\nt -604 @0 links=2\n"
				       "u -604 @0 links=2\nv -1600 @0 links=2\n";
	struct tar_build tar = { 0 };
	unr_autofree char *text = NULL;
	union tar_header link;

	(void) state;
	tar_build_text(&tar, "f", "some text");
	tar_build_text(&tar, "e", "");
	tar_build_text(&tar, "passwd", ":");
	build_with_mode(&tar, "t", 01604, "");
	tar_build_directory(&tar, "d");
	tar_header_init(&link, "u", '1');
	tar_header_text(link.field.link, sizeof(link.field.link), "t");
	tar_header_octal(link.field.mode, sizeof(link.field.mode), 01604);
	tar_build_header(&tar, &link);
	tar_header_init(&link, "v", '1');
	tar_header_text(link.field.link, sizeof(link.field.link), "f");
	tar_header_octal(link.field.mode, sizeof(link.field.mode), 0600);
	tar_build_header(&tar, &link);
	tar_build_end(&tar);
	text = tell_run((struct layer_run) { .tar_fd = tar_build_memfd(&tar),
					     .lower_fd = -1,
					     .fleeting = true,
					     .maps = docker_maps() });
	assert_string_equal(text, expected);
	tar_build_done(&tar);
}

static void content__is_stored(void **state)
{
	static const struct tar_pax sparse[] = { { "GNU.sparse.size", "5", 0 },
						 { "GNU.sparse.numblocks", "1", 0 },
						 { "GNU.sparse.map", "1,3", 0 } };
	struct tar_build tar = { 0 };
	unr_autofree char *text = NULL;

	(void) state;
	tar_build_text(&tar, "f", "some text");
	tar_build_text(&tar, "g", "");
	tar_build_pax(&tar, 'x', sparse, UNR_COUNT(sparse));
	tar_build_text(&tar, "s", "abc");
	tar_build_end(&tar);
	text = run_layer(&tar, false, true);
	assert_string_equal(text, ". d755 @now\nf -644 size=9 @0 \"some\\ text\"\n"
				  "g -644 @0 \"\"\ns -644 size=5 @0 \"\\000abc\\000\"\n");
}

/* A map that does not fit is found without keeping anything. */
static void content__that_does_not_fit_its_map(void **state)
{
	static const struct tar_pax sparse[] = { { "GNU.sparse.size", "9", 0 },
						 { "GNU.sparse.numblocks", "1", 0 },
						 { "GNU.sparse.map", "0,5", 0 } };
	static const struct {
		const char *data, *expected;
	} cases[] = {
		{ "abc",
		  "stop child 0 s: archive/tar: sparse file references non-existent data\n" },
		{ "abcdef",
		  "stop child 0 s: archive/tar: sparse file contains unreferenced data\n" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases) * 2; i++) {
		struct tar_build tar = { 0 };
		unr_autofree char *text = NULL;

		tar_build_pax(&tar, 'x', sparse, UNR_COUNT(sparse));
		tar_build_text(&tar, "s", cases[i / 2].data);
		tar_build_end(&tar);
		text = run_layer(&tar, false, i % 2 == 1);
		*find_tree(text) = '\0';
		assert_string_equal(text, cases[i / 2].expected);
	}
}

static void old_sparse__is_an_unknown_type(void **state)
{
	struct tar_build tar = { 0 };
	union tar_header header;

	(void) state;
	tar_header_init(&header, "s", 'S');
	tar_header_gnu(&header);
	tar_build_header(&tar, &header);
	tar_build_end(&tar);
	assert_stops(&tar, "stop child 0 s: unhandled tar header type 83\n");
}

/* One record before a file, then an entry that the engine refuses. */
static void assert_attribute(const char *key, const char *value, size_t n_value,
			     const char *expected)
{
	struct tar_build tar = { 0 };

	tar_build_pax(&tar, 'x', (const struct tar_pax[]) { { key, value, n_value } }, 1);
	tar_build_text(&tar, "f", "");
	tar_build_link(&tar, '7', "u", "");
	tar_build_end(&tar);
	assert_stops(&tar, expected);
}

static void attribute__that_ends_it(void **state)
{
	static char large[65537];
	char name[sizeof(X "user.") + 251] = X "user.";

	(void) state;
	memset(large, 'v', sizeof(large));
	memset(name + strlen(name), 'n', 251);
	assert_attribute(name, "1", 0, "stop child 0 f: numerical result out of range\n");
	assert_attribute(X, "1", 0, "stop child 0 f: numerical result out of range\n");
	assert_attribute(X "user.a", large, sizeof(large),
			 "stop child 0 f: argument list too long\n");
	assert_attribute(X "security.capability", "junk", 0, "stop child 0 f: invalid argument\n");
	assert_attribute(X "user.", "1", 0, "stop child 0 f: invalid argument\n");
	assert_attribute(X "trusted.", "1", 0, "stop child 0 f: invalid argument\n");
}

static void attribute__that_does_not(void **state)
{
	static const char *const keys[] = { X "trusted.a",  X "trusted.overlay.opaque",
					    X "security.a", "LIBARCHIVE.xattr.nothing.a",
					    X "user.a",     "SCHILY.acl.access" };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(keys); i++)
		assert_attribute(keys[i], "x", 0, "stop child 1 u: unhandled tar header type 55\n");
}

/* The engine's child logs these, and its log is part of what it says. */
static void attribute__that_is_logged(void **state)
{
	static const char rest[] =
		"\" level=warning msg=\"ignored xattrs in archive: underlying filesystem doesn't "
		"support them\" errors=\"[operation not supported]\"\n";
	struct tar_build tar = { 0 };
	unr_autofree char *text = NULL;
	const char *line;

	(void) state;
	tar_build_pax(&tar, 'x', (const struct tar_pax[]) { { X "nothing.a", "1", 0 } }, 1);
	tar_build_text(&tar, "f", "");
	tar_build_link(&tar, '7', "u", "");
	/* What is logged behind the stop the engine never gets to. */
	tar_build_pax(&tar, 'x', (const struct tar_pax[]) { { X "nothing.a", "1", 0 } }, 1);
	tar_build_text(&tar, "g", "");
	tar_build_end(&tar);
	text = run_layer(&tar, false, false);
	*find_tree(text) = '\0';
	line = strstr(text, "log time=\"");
	assert_non_null(line);
	assert_string_equal(line + strlen("log time=\"0000-00-00T00:00:00Z"), rest);
	assert_memory_equal(text, "stop child 1 u: ", 16);
}

/* Owner first, so an attribute's fault loses against it, and content before both. */
static void attribute__comes_after_the_owner(void **state)
{
	struct tar_build tar = { 0 };
	union tar_header header;

	(void) state;
	tar_build_pax(&tar, 'x', (const struct tar_pax[]) { { X, "1", 0 } }, 1);
	tar_header_init(&header, "f", '0');
	tar_header_owner(&header, 70000, 0);
	tar_build_header(&tar, &header);
	tar_build_end(&tar);
	assert_stops(&tar, "found 0 f file 70000:0 uid lchown EINVAL\n"
			   "stop child 0 f: Container ID 70000 cannot be mapped to a host ID\n");
	tar_build_pax(&tar, 'x', (const struct tar_pax[]) { { X, "1", 0 } }, 1);
	tar_header_init(&header, "f", '0');
	tar_header_octal(header.field.size, sizeof(header.field.size), 9);
	tar_build_header(&tar, &header);
	assert_stops(&tar, "stop child 0 f: unexpected EOF\n");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(content__is_measured),
	cmocka_unit_test(content__is_stored),
	cmocka_unit_test(fleeting_tree__has_no_times_of_files),
	cmocka_unit_test(content__that_does_not_fit_its_map),
	cmocka_unit_test(old_sparse__is_an_unknown_type),
	cmocka_unit_test(attribute__that_ends_it),
	cmocka_unit_test(attribute__that_does_not),
	cmocka_unit_test(attribute__that_is_logged),
	cmocka_unit_test(attribute__comes_after_the_owner),
};

UNR_TEST_MAIN("unpack_content", tests, can_extract);
