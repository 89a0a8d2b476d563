/* SPDX-License-Identifier: MIT */
/* The index of an outer archive: where members lie, links, damage, bounds. */
#include "fixture.h"

#include <stdio.h>

#include "image/archive_index.h"

struct indexed {
	int fd;
	int r;
	struct unr_error err;
	struct unr_archive_index index;
};

static struct indexed read_index(const struct tar_build *tar)
{
	struct indexed indexed = { .fd = tar_build_memfd(tar) };
	struct unr_blob blob = { .fd = indexed.fd, .size = tar->bytes.length };

	indexed.r = unr_archive_index_read(&blob, "app.tar", &indexed.index, &indexed.err);
	return indexed;
}

static void indexed_done(struct indexed *indexed)
{
	unr_archive_index_done(&indexed->index);
	unr_close(&indexed->fd);
}

static void assert_found(const struct indexed *indexed, const char *name, const char *text)
{
	struct unr_blob blob;

	assert_int_equal(unr_archive_index_find(&indexed->index, name, &blob, NULL), 0);
	assert_blob(&blob, text);
}

static void assert_not_found(const struct indexed *indexed, const char *name, int code,
			     const char *message)
{
	struct unr_blob blob;
	struct unr_error err = { 0 };

	assert_int_equal(unr_archive_index_find(&indexed->index, name, &blob, &err), code);
	assert_string_equal(err.message, message);
}

static void find__gives_the_bytes_in_place(void **state)
{
	static const struct tar_pax long_name[] = { { "path", "deep/pax name", 0 } };
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	struct indexed indexed;

	(void) state;
	tar_build_text(&tar, "z", "last in order");
	tar_build_text(&tar, "./dir//a", "first");
	tar_build_text(&tar, "empty", "");
	tar_build_pax(&tar, 'x', long_name, 1);
	tar_build_text(&tar, "short", "by pax");
	tar_build_gnu_long(&tar, 'L', "gnu/long/name");
	tar_build_text(&tar, "short", "by gnu");
	tar_build_end(&tar);
	indexed = read_index(&tar);
	assert_int_equal(indexed.r, 0);
	assert_found(&indexed, "z", "last in order");
	assert_found(&indexed, "dir/a", "first");
	assert_found(&indexed, "/dir/../dir/a", "first");
	assert_found(&indexed, "empty", "");
	assert_found(&indexed, "deep/pax name", "by pax");
	assert_found(&indexed, "gnu/long/name", "by gnu");
	assert_not_found(&indexed, "short", -ENOENT, "app.tar: has no member short");
	indexed_done(&indexed);
}

static void find__counts_offsets_from_the_blob(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	struct unr_archive_index index = { 0 };
	struct unr_blob blob, found;
	int fd;

	(void) state;
	tar_build_bytes(&tar, "something before", 16);
	tar_build_text(&tar, "a", "content");
	fd = tar_build_memfd(&tar);
	blob = (struct unr_blob) { .fd = fd, .offset = 16, .size = tar.bytes.length - 16 };
	assert_int_equal(unr_archive_index_read(&blob, "app.tar", &index, NULL), 0);
	assert_int_equal(unr_archive_index_find(&index, "a", &found, NULL), 0);
	assert_int_equal(found.offset, 16 + 512);
	assert_blob(&found, "content");
	unr_archive_index_done(&index);
	unr_close(&fd);
}

static void find__later_member_replaces_earlier(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	struct indexed indexed;

	(void) state;
	tar_build_text(&tar, "a", "old");
	tar_build_text(&tar, "b", "other");
	tar_build_text(&tar, "./a", "newer");
	tar_build_text(&tar, "a", "newest");
	indexed = read_index(&tar);
	assert_int_equal(indexed.r, 0);
	assert_found(&indexed, "a", "newest");
	indexed_done(&indexed);
}

static void find__follows_links_inside_the_archive(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	struct indexed indexed;

	(void) state;
	tar_build_text(&tar, "one/layer.tar", "bytes");
	tar_build_link(&tar, '2', "two/layer.tar", "../one/layer.tar");
	tar_build_link(&tar, '2', "two/beside", "layer.tar");
	tar_build_link(&tar, '2', "abs", "/two/layer.tar");
	tar_build_link(&tar, '1', "x/hard", "one/layer.tar");
	tar_build_link(&tar, '2', "out", "../../../../etc/passwd");
	tar_build_link(&tar, '2', "loop", "loop");
	tar_build_directory(&tar, "one");
	indexed = read_index(&tar);
	assert_int_equal(indexed.r, 0);
	assert_found(&indexed, "two/layer.tar", "bytes");
	assert_found(&indexed, "two/beside", "bytes");
	assert_found(&indexed, "abs", "bytes");
	assert_found(&indexed, "x/hard", "bytes");
	assert_not_found(&indexed, "out", -ENOENT,
			 "app.tar: member out is a link to etc/passwd, which is not there");
	assert_not_found(&indexed, "loop", -ELOOP,
			 "app.tar: member loop leads through too many links");
	assert_not_found(&indexed, "one", -ENOTSUP, "app.tar: member one is not a regular file");
	indexed_done(&indexed);
}

static void find__follows_links_to_directories(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	struct indexed indexed;

	(void) state;
	tar_build_text(&tar, "one/two/layer.tar", "bytes");
	tar_build_text(&tar, "x/layer.tar", "others");
	tar_build_link(&tar, '2', "abs", "/one");
	tar_build_link(&tar, '2', "x/up", "../../../one");
	tar_build_link(&tar, '2', "x/both", "up/two/../two/");
	tar_build_link(&tar, '1', "hard", "x/up");
	tar_build_link(&tar, '2', "file", "one/two/layer.tar");
	tar_build_link(&tar, '1', "x/file", "file");
	tar_build_link(&tar, '1', "nothing", "nowhere");
	indexed = read_index(&tar);
	assert_int_equal(indexed.r, 0);
	assert_found(&indexed, "abs/two/layer.tar", "bytes");
	assert_found(&indexed, "x/up/two/layer.tar", "bytes");
	assert_found(&indexed, "x/both/layer.tar", "bytes");
	/* A name is cleaned before a link is looked at. */
	assert_found(&indexed, "x/up/../layer.tar", "others");
	assert_found(&indexed, "x/nothing/../layer.tar", "others");
	/* A hard link to a symlink is that symlink, in another place. */
	assert_found(&indexed, "hard/two/layer.tar", "bytes");
	assert_not_found(
		&indexed, "x/file", -ENOENT,
		"app.tar: member x/file is a link to x/one/two/layer.tar, which is not there");
	assert_not_found(&indexed, "nothing", -ENOENT,
			 "app.tar: member nothing is a link to nowhere, which is not there");
	assert_not_found(&indexed, "file/more", -ENOENT,
			 "app.tar: member file/more is a link to one/two/layer.tar/more, which is "
			 "not there");
	indexed_done(&indexed);
}

static void find__does_not_leave_the_archive(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	struct indexed indexed;

	(void) state;
	tar_build_text(&tar, "../d/layer.tar", "bytes");
	indexed = read_index(&tar);
	assert_int_equal(indexed.r, 0);
	assert_found(&indexed, "/d/layer.tar", "bytes");
	assert_found(&indexed, "x/.././d//layer.tar", "bytes");
	assert_not_found(&indexed, "../d/layer.tar", -ENOENT,
			 "app.tar: has no member ../d/layer.tar");
	assert_not_found(&indexed, "/../d/layer.tar", -ENOENT,
			 "app.tar: has no member /../d/layer.tar");
	assert_not_found(&indexed, "x/../../d/layer.tar", -ENOENT,
			 "app.tar: has no member x/../../d/layer.tar");
	indexed_done(&indexed);
}

/* A link, then a link to it, and so on; the last is called as their number. */
static void build_chain(struct tar_build *tar, int length)
{
	char name[16] = "d/file", link[16];

	tar_build_text(tar, name, "bytes");
	for (int i = 1; i <= length; i++) {
		memcpy(link, name, sizeof(link));
		(void) snprintf(name, sizeof(name), "%d", i);
		tar_build_link(tar, '2', name, link);
	}
}

static void find__takes_as_many_steps_as_dockerd(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	struct indexed indexed;

	(void) state;
	build_chain(&tar, 254);
	indexed = read_index(&tar);
	assert_int_equal(indexed.r, 0);
	assert_found(&indexed, "253", "bytes");
	assert_not_found(&indexed, "254", -ELOOP,
			 "app.tar: member 254 leads through too many links");
	indexed_done(&indexed);
}

static void find__bounds_what_links_lead_to(void **state)
{
	enum { LONG = 1000 * 1000 };
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	char *link = malloc(LONG);
	struct indexed indexed;

	(void) state;
	assert_non_null(link);
	memset(link, 'n', LONG);
	memcpy(link, "l/", 2);
	link[LONG - 1] = '\0';
	tar_build_gnu_long(&tar, 'K', link);
	tar_build_link(&tar, '2', "l", "");
	free(link);
	indexed = read_index(&tar);
	assert_int_equal(indexed.r, 0);
	assert_not_found(&indexed, "l", -ELOOP, "app.tar: member l leads through too many links");
	indexed_done(&indexed);
}

static void read__notes_the_first_type_that_is_not_unpacked(void **state)
{
	static const struct {
		const char *name;
		char type, noted;
	} members[] = {
		{ "f", '0', 0 },    { "h", '1', 0 },  { "s", '2', 0 },   { "c", '3', 0 },
		{ "b", '4', 0 },    { "d", '5', 0 },  { "p", '6', 0 },   { "g", 'g', 0 },
		{ "./", 'D', 0 },   { "o", '\0', 0 }, { "a", '7', '7' }, { "v", 'V', '7' },
		{ "f2", '0', '7' },
	};
	unr_auto(tar_build_done) struct tar_build tar = { 0 };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(members); i++) {
		union tar_header header;
		struct indexed indexed;

		tar_header_init(&header, members[i].name, members[i].type);
		tar_build_header(&tar, &header);
		indexed = read_index(&tar);
		assert_int_equal(indexed.r, 0);
		assert_int_equal(indexed.index.oddity.type, members[i].noted);
		indexed_done(&indexed);
	}
}

static void assert_oddity(const struct tar_build *tar, char type, const char *path,
			  const char *xattr)
{
	struct indexed indexed = read_index(tar);

	assert_int_equal(indexed.r, 0);
	assert_int_equal(indexed.index.oddity.type, type);
	if (path == NULL) {
		assert_null(indexed.index.oddity.path);
		assert_null(indexed.index.oddity.xattr);
	} else {
		assert_string_equal(indexed.index.oddity.path, path);
		assert_string_equal(indexed.index.oddity.xattr, xattr);
	}
	indexed_done(&indexed);
}

static void build_odd(struct tar_build *tar, const char *name, char type, const char *record)
{
	const struct tar_pax pax[] = { { record, "v", 0 } };
	union tar_header header;

	tar_build_pax(tar, 'x', pax, 1);
	tar_header_init(&header, name, type);
	tar_build_header(tar, &header);
}

static void read__notes_the_first_attribute_of_no_namespace(void **state)
{
	static const char *const others[] = { "user.a", "trusted.a", "security.a", "system.a" };
	unr_auto(tar_build_done) struct tar_build tar = { 0 };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(others); i++) {
		char record[64];

		(void) snprintf(record, sizeof(record), "SCHILY.xattr.%s", others[i]);
		build_odd(&tar, "f", '0', record);
	}
	build_odd(&tar, "./", '5', "SCHILY.xattr.com.apple.root");
	assert_oddity(&tar, 0, NULL, NULL);
	build_odd(&tar, "./d//m", '0', "SCHILY.xattr.com.apple.a");
	assert_oddity(&tar, 0, "/d/m", "com.apple.a");
	build_odd(&tar, "n", '2', "SCHILY.xattr.user");
	build_odd(&tar, "z", 'Z', "SCHILY.xattr.user");
	assert_oddity(&tar, 'Z', "/d/m", "com.apple.a");
}

static void read__notes_no_attribute_behind_a_type(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };

	(void) state;
	build_odd(&tar, "z", 'Z', "SCHILY.xattr.com.apple.z");
	build_odd(&tar, "f", '0', "SCHILY.xattr.com.apple.f");
	assert_oddity(&tar, 'Z', NULL, NULL);
}

static void assert_unreadable(const struct tar_build *tar, int code, const char *message)
{
	struct indexed indexed = read_index(tar);

	assert_string_equal(indexed.err.message, message);
	assert_int_equal(indexed.r, code);
	assert_null(indexed.index.members);
	indexed_done(&indexed);
}

static void read__says_what_is_cut_short(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	union tar_header header;

	(void) state;
	tar_build_text(&tar, "a", "content");
	tar_build_bytes(&tar, "half a header", 13);
	assert_unreadable(&tar, -ENODATA,
			  "app.tar: is cut short at byte 1037, behind member a: "
			  "unexpected EOF");
	tar_build_done(&tar);

	tar_header_init(&header, "layer.tar", '0');
	tar_header_octal(header.field.size, 12, 1000);
	tar_build_header(&tar, &header);
	tar_build_zeros(&tar, 999);
	assert_unreadable(
		&tar, -ENODATA,
		"app.tar: is cut short: member layer.tar has 1000 bytes from byte 512 on, "
		"the archive ends at 1511: unexpected EOF");
	tar_build_done(&tar);

	tar_header_base256(header.field.size, 12, INT64_MAX);
	tar_build_header(&tar, &header);
	assert_unreadable(&tar, -ENODATA,
			  "app.tar: is cut short: member layer.tar has 9223372036854775807 bytes "
			  "from byte 512 on, the archive ends at 512: unexpected EOF");
}

static void read__says_what_is_no_tar(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };

	(void) state;
	tar_build_bytes(&tar, "hello", 5);
	assert_unreadable(&tar, -EBADMSG, "app.tar: is not a tar archive (unexpected EOF)");
	for (int i = 0; i < 300; i++)
		tar_build_bytes(&tar, "hello", 5);
	assert_unreadable(&tar, -EBADMSG,
			  "app.tar: is not a tar archive (archive/tar: invalid tar header)");
	tar_build_done(&tar);
	tar_build_text(&tar, "a", "");
	for (int i = 0; i < 300; i++)
		tar_build_bytes(&tar, "junk", 4);
	assert_unreadable(&tar, -EBADMSG,
			  "app.tar: is damaged before byte 1024, behind member a: "
			  "archive/tar: invalid tar header");
}

static void read__bounds_the_number_of_members(void **state)
{
	enum { AT_ONCE = 1000 };
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	struct unr_archive_index index = { 0 };
	struct unr_error err = { 0 };
	struct unr_blob blob;
	union tar_header header;
	int fd;

	(void) state;
	tar_header_init(&header, "x", '0');
	for (int i = 0; i < AT_ONCE; i++)
		tar_build_header(&tar, &header);
	fd = tar_build_memfd(&tar);
	for (int i = 0; i <= UNR_ARCHIVE_MAX_MEMBERS / AT_ONCE; i++)
		assert_int_equal(
			pwrite(fd, tar.bytes.bytes, tar.bytes.length, (off_t) tar.bytes.length * i),
			tar.bytes.length);
	blob = (struct unr_blob) { .fd = fd, .size = (uint64_t) UNR_ARCHIVE_MAX_MEMBERS * 512 };
	assert_int_equal(unr_archive_index_read(&blob, "app.tar", &index, NULL), 0);
	unr_archive_index_done(&index);
	blob.size += 512;
	assert_int_equal(unr_archive_index_read(&blob, "app.tar", &index, &err), -E2BIG);
	assert_string_equal(err.message, "app.tar: has more than 250000 members; an image archive "
					 "needs far fewer");
	unr_close(&fd);
}

static void read__bounds_the_length_of_names(void **state)
{
	enum { LONG = 1000 * 1000 };
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	char *name = malloc(LONG);

	(void) state;
	assert_non_null(name);
	memset(name, 'n', LONG);
	name[LONG - 1] = '\0';
	for (int i = 0; i < UNR_ARCHIVE_MAX_NAMES / LONG + 3; i++) {
		tar_build_gnu_long(&tar, 'L', name);
		tar_build_text(&tar, "x", "");
	}
	free(name);
	assert_unreadable(&tar, -E2BIG,
			  "app.tar: the names of its members have more than 33554432 bytes");
}

static void read__of_an_empty_tar_finds_nothing(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	struct indexed indexed;

	(void) state;
	tar_build_end(&tar);
	indexed = read_index(&tar);
	assert_int_equal(indexed.r, 0);
	assert_not_found(&indexed, "../../etc/passwd", -ENOENT,
			 "app.tar: has no member ../../etc/passwd");
	indexed_done(&indexed);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(find__gives_the_bytes_in_place),
	cmocka_unit_test(find__counts_offsets_from_the_blob),
	cmocka_unit_test(find__later_member_replaces_earlier),
	cmocka_unit_test(find__follows_links_inside_the_archive),
	cmocka_unit_test(find__follows_links_to_directories),
	cmocka_unit_test(find__does_not_leave_the_archive),
	cmocka_unit_test(find__takes_as_many_steps_as_dockerd),
	cmocka_unit_test(find__bounds_what_links_lead_to),
	cmocka_unit_test(read__notes_the_first_type_that_is_not_unpacked),
	cmocka_unit_test(read__notes_the_first_attribute_of_no_namespace),
	cmocka_unit_test(read__notes_no_attribute_behind_a_type),
	cmocka_unit_test(read__says_what_is_cut_short),
	cmocka_unit_test(read__says_what_is_no_tar),
	cmocka_unit_test(read__bounds_the_number_of_members),
	cmocka_unit_test(read__bounds_the_length_of_names),
	cmocka_unit_test(read__of_an_empty_tar_finds_nothing),
};

UNR_TEST_MAIN("image.archive_index", tests, NULL);
