/* SPDX-License-Identifier: MIT */
/* Overwriting ids in ustar headers: which headers, which fields, and bad input. */
#include "scenario/ustar.h"

#include <errno.h>

#include "fixture.h"
#include "scenario/archive.h"

/* High ids get a pax record, low ones none.  Each entry has @size bytes. */
static void make_tar(struct unr_text *out, size_t size)
{
	static const struct {
		const char *path;
		int64_t uid, gid;
	} entries[] = {
		{ "high", 1000000, 1000001 },
		{ "low", 501, 20 },
		{ "user", 1000000, 20 },
		{ "group", 501, 1000001 },
	};
	struct archive *writer = NULL;
	struct unr_error err = { 0 };
	char content[1500] = { 0 };

	assert_int_equal(unr_archive_new(out, &writer, &err), 0);
	for (size_t i = 0; i < UNR_COUNT(entries); i++) {
		struct archive_entry *entry = archive_entry_new();

		archive_entry_set_pathname(entry, entries[i].path);
		archive_entry_set_filetype(entry, AE_IFREG);
		archive_entry_set_perm(entry, 0644);
		archive_entry_set_uid(entry, entries[i].uid);
		archive_entry_set_gid(entry, entries[i].gid);
		assert_int_equal(unr_archive_add(writer, entry, content, size, &err), 0);
		archive_entry_free(entry);
	}
	assert_int_equal(unr_archive_finish(writer, out, &err), 0);
	(void) archive_write_free(writer);
}

/* Where the header of an entry is: the last one with that name, behind the pax header. */
static char *find_header(const struct unr_text *tar, const char *name)
{
	for (size_t at = 0; at + 512 <= tar->length; at += 512)
		if (strcmp(tar->bytes + at, name) == 0 && tar->bytes[at + 156] != 'x')
			return tar->bytes + at;
	fail_msg("no header for %s", name);
	return NULL;
}

static long field(const char *header, size_t offset)
{
	return strtol(header + offset, NULL, 8);
}

/* What a reader makes of it: the pax record counts.  A wrong checksum would end the reading. */
static void check_reading(const struct unr_text *tar, int64_t uid, int64_t gid)
{
	struct archive *reader = archive_read_new();
	struct archive_entry *entry;

	assert_int_equal(archive_read_support_format_tar(reader), ARCHIVE_OK);
	assert_int_equal(archive_read_open_memory(reader, tar->bytes, tar->length), ARCHIVE_OK);
	assert_int_equal(archive_read_next_header(reader, &entry), ARCHIVE_OK);
	assert_string_equal(archive_entry_pathname(entry), "high");
	assert_int_equal(archive_entry_uid(entry), uid);
	assert_int_equal(archive_entry_gid(entry), gid);
	assert_int_equal(archive_read_next_header(reader, &entry), ARCHIVE_OK);
	assert_string_equal(archive_entry_pathname(entry), "low");
	assert_int_equal(archive_entry_uid(entry), 501);
	assert_int_equal(archive_entry_gid(entry), 20);
	assert_int_equal(archive_read_next_header(reader, &entry), ARCHIVE_OK);
	assert_int_equal(archive_read_next_header(reader, &entry), ARCHIVE_OK);
	assert_int_equal(archive_read_next_header(reader, &entry), ARCHIVE_EOF);
	(void) archive_read_free(reader);
}

static void patch__only_where_a_record_has_the_id(void **state)
{
	static const size_t sizes[] = { 0, 1, 511, 512, 513, 1500 };
	const uint32_t zero = 0, other = 07654321;
	const struct unr_ustar_ids ids = { .uid = &zero, .gid = &other };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(sizes); i++) {
		struct unr_text tar = { 0 };

		make_tar(&tar, sizes[i]);
		assert_int_equal(unr_ustar_patch_ids(tar.bytes, tar.length, &ids), 0);
		assert_int_equal(field(find_header(&tar, "high"), 108), 0);
		assert_int_equal(field(find_header(&tar, "high"), 116), 07654321);
		assert_int_equal(field(find_header(&tar, "low"), 108), 501);
		assert_int_equal(field(find_header(&tar, "low"), 116), 20);
		assert_int_equal(field(find_header(&tar, "user"), 108), 0);
		assert_int_equal(field(find_header(&tar, "user"), 116), 20);
		assert_int_equal(field(find_header(&tar, "group"), 108), 501);
		assert_int_equal(field(find_header(&tar, "group"), 116), 07654321);
		check_reading(&tar, 1000000, 1000001);
		unr_text_done(&tar);
	}
}

static void patch__one_field_leaves_the_other(void **state)
{
	const uint32_t one = 1;
	struct unr_text tar = { 0 }, before = { 0 };
	const char *was, *is;

	(void) state;
	make_tar(&before, 0);
	make_tar(&tar, 0);
	was = find_header(&before, "high");
	is = find_header(&tar, "high");
	assert_int_equal(
		unr_ustar_patch_ids(tar.bytes, tar.length, &(struct unr_ustar_ids) { .gid = &one }),
		0);
	assert_memory_equal(is + 108, was + 108, 8);
	assert_int_equal(field(is, 116), 1);
	assert_int_equal(
		unr_ustar_patch_ids(tar.bytes, tar.length, &(struct unr_ustar_ids) { .uid = &one }),
		0);
	assert_int_equal(field(is, 108), 1);
	check_reading(&tar, 1000000, 1000001);
	unr_text_done(&before);
	unr_text_done(&tar);
}

static void patch__of_nothing_changes_nothing(void **state)
{
	struct unr_text tar = { 0 }, before = { 0 };

	(void) state;
	make_tar(&before, 513);
	make_tar(&tar, 513);
	assert_int_equal(
		unr_ustar_patch_ids(tar.bytes, tar.length, &(struct unr_ustar_ids) { NULL, NULL }),
		0);
	assert_int_equal(tar.length, before.length);
	assert_memory_equal(tar.bytes, before.bytes, tar.length);
	unr_text_done(&before);
	unr_text_done(&tar);
}

static void patch__refuses_ids_that_do_not_fit(void **state)
{
	const uint32_t largest = 07777777, beyond = 010000000;
	struct unr_text tar = { 0 };

	(void) state;
	make_tar(&tar, 0);
	assert_int_equal(unr_ustar_patch_ids(tar.bytes, tar.length,
					     &(struct unr_ustar_ids) { .uid = &beyond }),
			 -ERANGE);
	assert_int_equal(unr_ustar_patch_ids(tar.bytes, tar.length,
					     &(struct unr_ustar_ids) { .gid = &beyond }),
			 -ERANGE);
	assert_int_equal(unr_ustar_patch_ids(tar.bytes, tar.length,
					     &(struct unr_ustar_ids) { .uid = &largest }),
			 0);
	assert_int_equal(field(find_header(&tar, "high"), 108), 07777777);
	unr_text_done(&tar);
}

/* Every length short of the end mark, in a buffer of just that length: none may be read over. */
static void patch__refuses_a_cut_archive(void **state)
{
	const uint32_t zero = 0;
	const struct unr_ustar_ids ids = { .uid = &zero, .gid = &zero };
	struct unr_text tar = { 0 };
	size_t end;

	(void) state;
	make_tar(&tar, 513);
	end = tar.length - 1024;
	for (size_t size = 1; size < end + 512; size++) {
		char *cut = malloc(size);
		int r;

		memcpy(cut, tar.bytes, size);
		r = unr_ustar_patch_ids(cut, size, &ids);
		free(cut);
		if (r != -EBADMSG)
			fail_msg("%zu bytes of %zu: %d", size, tar.length, r);
	}
	unr_text_done(&tar);
}

static void patch__refuses_broken_records(void **state)
{
	static const struct {
		const char *text;
		size_t size; /* of the body; the text may go on behind it */
	} records[] = {
		{ "7 uid=1\n", 8 },
		{ "99 uid=1\n", 9 },
		{ "18 uid=1\n12345678\n", 9 },
		{ "99999999 uid=1\n", 15 }, /* far beyond the archive */
		{ "0 uid=12\n", 9 },
		{ "2 uid=12\n", 9 },
		{ "999999999999 \n", 14 },
		{ " uid=123\n", 9 },
		{ "8 uid=12", 8 },
		{ "8auid=1\n", 8 },
		{ "x", 1 },
	};
	const uint32_t zero = 0;
	const struct unr_ustar_ids ids = { .uid = &zero };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(records); i++) {
		struct unr_text tar = { 0 };

		make_tar(&tar, 0);
		(void) snprintf(tar.bytes + 124, 12, "%011o", (unsigned int) records[i].size);
		memset(tar.bytes + 512, 0, 512);
		memcpy(tar.bytes + 512, records[i].text, strlen(records[i].text));
		if (unr_ustar_patch_ids(tar.bytes, tar.length, &ids) != -EBADMSG)
			fail_msg("%s", records[i].text);
		unr_text_done(&tar);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(patch__only_where_a_record_has_the_id),
	cmocka_unit_test(patch__one_field_leaves_the_other),
	cmocka_unit_test(patch__of_nothing_changes_nothing),
	cmocka_unit_test(patch__refuses_ids_that_do_not_fit),
	cmocka_unit_test(patch__refuses_a_cut_archive),
	cmocka_unit_test(patch__refuses_broken_records),
};

UNR_TEST_MAIN("scenario.ustar", tests, NULL);
