/* SPDX-License-Identifier: MIT */
/* tar/reader: the ways to take content, the source's own errors, what stays after an end. */
#include "tar_read.h"

#include "base/cleanup.h"

/* Small and large files, a sparse one, a directory, a global header. */
static void build_mixture(struct tar_build *tar)
{
	static const struct tar_pax sparse[] = { { "GNU.sparse.size", "900000", 0 },
						 { "GNU.sparse.numblocks", "1", 0 },
						 { "GNU.sparse.map", "700000,3", 0 } };
	static char large[200000];

	memset(large, 'l', sizeof(large));
	tar_build_text(tar, "a", "small");
	tar_build_file(tar, "b", large, sizeof(large));
	tar_build_directory(tar, "d");
	tar_build_pax(tar, 'g', NULL, 0);
	tar_build_pax(tar, 'x', sparse, UNR_COUNT(sparse));
	tar_build_text(tar, "s", "abc");
	tar_build_file(tar, "c", large, 512);
	tar_build_end(tar);
}

static struct unr_tar *start(const struct tar_build *tar, struct bytes_source *bytes)
{
	const struct unr_tar_source source = { .read = bytes_read,
					       .skip = bytes_skip,
					       .context = bytes };
	struct unr_tar *reader = NULL;

	*bytes =
		(struct bytes_source) { unr_text_string(&tar->bytes), tar->bytes.length, 65536, 0 };
	assert_int_equal(unr_tar_new(&source, &reader), 0);
	return reader;
}

/* Read, drained or passed over: the same entries. */
static void entries__are_the_same_however_content_is_taken(void **state)
{
	static const char expected[] = "0 a size=5\n0 b size=200000\n5 d\ng GlobalHead.0\n"
				       "0 s size=900000\n0 c size=512\nend";
	unr_auto(tar_build_done) struct tar_build tar = { 0 };

	(void) state;
	build_mixture(&tar);
	for (size_t step = 511; step < 200000; step *= 19)
		for (int taking = TAKE_DRAIN; taking <= TAKE_SKIP; taking++) {
			unr_autofree char *text = read_bytes(&tar, step, (enum taking) taking);

			assert_string_equal(text, expected);
		}
}

/* Draining finds what reading finds; passing over a sparse file does not look at its map. */
static void faults__show_when_content_is_taken(void **state)
{
	static const struct tar_pax sparse[] = { { "GNU.sparse.size", "9", 0 },
						 { "GNU.sparse.numblocks", "1", 0 },
						 { "GNU.sparse.map", "0,5", 0 } };
	static const struct {
		const char *data;
		enum taking taking;
		const char *expected;
	} cases[] = {
		{ "abc", TAKE_READ,
		  "0 f size=9 \"abc\"\narchive/tar: sparse file references non-existent data" },
		{ "abc", TAKE_DRAIN,
		  "0 f size=9\narchive/tar: sparse file references non-existent data" },
		{ "abc", TAKE_SKIP, "0 f size=9\nend" },
		{ "abcdef", TAKE_READ,
		  "0 f size=9 \"abcde....\"\narchive/tar: sparse file contains unreferenced data" },
		{ "abcdef", TAKE_DRAIN,
		  "0 f size=9\narchive/tar: sparse file contains unreferenced data" },
		{ "abcdef", TAKE_SKIP, "0 f size=9\nend" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		unr_auto(tar_build_done) struct tar_build tar = { 0 };
		unr_autofree char *text = NULL;

		tar_build_pax(&tar, 'x', sparse, UNR_COUNT(sparse));
		tar_build_text(&tar, "f", cases[i].data);
		tar_build_end(&tar);
		text = read_bytes(&tar, 65536, cases[i].taking);
		assert_string_equal(text, cases[i].expected);
	}
}

/* The end of the stream in a stretch that nobody reads is noticed in each way. */
static void cut__is_noticed_in_every_way(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };

	(void) state;
	build_mixture(&tar);
	tar.bytes.length = 1024 + 512 + 199999; /* one byte of "b" is missing */
	for (int taking = TAKE_READ; taking <= TAKE_SKIP; taking++) {
		unr_autofree char *text = read_bytes(&tar, 65536, (enum taking) taking);
		const char *last = strrchr(text, '\n');

		assert_non_null(last);
		assert_string_equal(last + 1, SHORT);
		assert_null(strstr(text, "5 d"));
	}
}

static void read__gives_up_to_what_is_asked(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	const struct unr_tar_entry *entry;
	struct bytes_source bytes;
	struct unr_tar *reader;
	char buffer[8] = "";

	(void) state;
	build_mixture(&tar);
	reader = start(&tar, &bytes);
	assert_int_equal(unr_tar_next(reader, &entry), 1);
	assert_int_equal(unr_tar_read(reader, buffer, 2), 2);
	assert_string_equal(buffer, "sm");
	assert_int_equal(unr_tar_read(reader, buffer, 8), 3);
	assert_memory_equal(buffer, "all", 3);
	assert_int_equal(unr_tar_read(reader, buffer, 8), 0);
	assert_int_equal(unr_tar_read(reader, buffer, 8), 0);
	assert_int_equal(unr_tar_drain(reader), 0);
	unr_tar_free(reader);
}

static void read__of_part_then_next_passes_over_the_rest(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	const struct unr_tar_entry *entry;
	struct bytes_source bytes;
	struct unr_tar *reader;
	char buffer[1000];

	(void) state;
	build_mixture(&tar);
	reader = start(&tar, &bytes);
	assert_int_equal(unr_tar_next(reader, &entry), 1);
	assert_int_equal(unr_tar_read(reader, buffer, 2), 2);
	assert_int_equal(unr_tar_next(reader, &entry), 1);
	assert_string_equal(entry->name, "b");
	assert_int_equal(unr_tar_read(reader, buffer, sizeof(buffer)), sizeof(buffer));
	assert_int_equal(unr_tar_next(reader, &entry), 1);
	assert_string_equal(entry->name, "d");
	assert_int_equal(unr_tar_read(reader, buffer, sizeof(buffer)), 0); /* has none */
	unr_tar_free(reader);
}

static void source__is_asked_to_move_on_over_large_content_only(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	const struct unr_tar_entry *entry;
	struct bytes_source bytes;
	struct unr_tar *reader;

	(void) state;
	tar_build_file(&tar, "small", "x", 1);
	tar_build_end(&tar);
	reader = start(&tar, &bytes);
	while (unr_tar_next(reader, &entry) == 1)
		;
	assert_int_equal(bytes.skips, 0);
	unr_tar_free(reader);
	tar_build_done(&tar);
	build_mixture(&tar);
	reader = start(&tar, &bytes);
	while (unr_tar_next(reader, &entry) == 1)
		;
	assert_int_equal(bytes.skips, 1);
	unr_tar_free(reader);
}

static void position__counts_entries_and_global_headers(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	const struct unr_tar_entry *entry;
	struct bytes_source bytes;
	struct unr_tar *reader;
	uint64_t wanted = 0;

	(void) state;
	build_mixture(&tar);
	reader = start(&tar, &bytes);
	while (unr_tar_next(reader, &entry) == 1)
		assert_int_equal(entry->position, wanted++);
	assert_int_equal(wanted, 6);
	unr_tar_free(reader);
}

static void offset__is_where_the_content_begins(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	const struct unr_tar_entry *entry;
	struct bytes_source bytes;
	struct unr_tar *reader;

	(void) state;
	build_mixture(&tar);
	reader = start(&tar, &bytes);
	assert_int_equal(unr_tar_offset(reader), 0);
	assert_int_equal(unr_tar_next(reader, &entry), 1);
	assert_int_equal(unr_tar_offset(reader), 512);
	assert_memory_equal(tar.bytes.bytes + unr_tar_offset(reader), "small", 5);
	assert_int_equal(unr_tar_next(reader, &entry), 1);
	assert_int_equal(unr_tar_offset(reader), 1536);
	assert_memory_equal(tar.bytes.bytes + unr_tar_offset(reader), "lll", 3);
	assert_int_equal(unr_tar_next(reader, &entry), 1);
	/* "b" was passed over by the source: 200000 bytes and their padding. */
	assert_int_equal(unr_tar_offset(reader), 1536 + 200192 + 512);
	unr_tar_free(reader);
}

static void end__stays_the_end(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	const struct unr_tar_entry *entry = NULL;
	struct bytes_source bytes;
	struct unr_tar *reader;
	char byte;

	(void) state;
	tar_build_end(&tar);
	tar_build_text(&tar, "late", "abc");
	reader = start(&tar, &bytes);
	for (int i = 0; i < 3; i++)
		assert_int_equal(unr_tar_next(reader, &entry), 0);
	assert_null(entry);
	assert_int_equal(unr_tar_read(reader, &byte, 1), 0);
	assert_int_equal(unr_tar_drain(reader), 0);
	assert_string_equal(unr_tar_error_text(reader), "");
	unr_tar_free(reader);
}

static void fault__stays_the_fault(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	const struct unr_tar_entry *entry = NULL;
	struct bytes_source bytes;
	struct unr_tar *reader;
	char byte;

	(void) state;
	tar_build_bytes(&tar, "junk", 4);
	tar_build_zeros(&tar, 508);
	tar_build_text(&tar, "good", "abc");
	reader = start(&tar, &bytes);
	assert_string_equal(unr_tar_error_text(reader), "");
	for (int i = 0; i < 3; i++)
		assert_int_equal(unr_tar_next(reader, &entry), -EBADMSG);
	assert_null(entry);
	assert_int_equal(unr_tar_read(reader, &byte, 1), -EBADMSG);
	assert_int_equal(unr_tar_drain(reader), -EBADMSG);
	assert_string_equal(unr_tar_error_text(reader), INVALID);
	unr_tar_free(reader);
}

/* A source that fails once so many bytes were read. */
static ssize_t failing_read(void *context, void *buffer, size_t size)
{
	struct bytes_source *source = context;

	return source->left == 0 ? -EIO : bytes_read(context, buffer, size);
}

static int failing_skip(void *context, uint64_t size)
{
	(void) context;
	(void) size;
	return -ESPIPE;
}

/* Wherever it fails, its error comes out: no verdict on the archive. */
static void source__its_error_is_passed_on(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };

	(void) state;
	tar_build_pax(&tar, 'x', (const struct tar_pax[]) { { "uid", "5", 0 } }, 1);
	tar_build_text(&tar, "f", "abc");
	tar_build_gnu_long(&tar, 'L', "l");
	tar_build_text(&tar, "g", "abc");
	for (size_t length = 0; length < tar.bytes.length; length++) {
		struct bytes_source bytes = { tar.bytes.bytes, length, 100, 0 };
		const struct unr_tar_source source = { .read = failing_read, .context = &bytes };
		unr_autofree char *text = read_source(&source, length % 2 ? TAKE_READ : TAKE_DRAIN);
		const char *last = strrchr(text, '\n');

		assert_string_equal(last == NULL ? text : last + 1, "errno 5");
	}
}

static void source__its_error_in_moving_on_is_passed_on(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	struct bytes_source bytes = { .step = 512 };
	const struct unr_tar_source source = { .read = bytes_read,
					       .skip = failing_skip,
					       .context = &bytes };
	unr_autofree char *text = NULL;

	(void) state;
	build_mixture(&tar);
	bytes.bytes = tar.bytes.bytes;
	bytes.left = tar.bytes.length;
	text = read_source(&source, TAKE_SKIP);
	assert_string_equal(text, "0 a size=5\n0 b size=200000\nerrno 29");
}

static void free__accepts_nothing(void **state)
{
	(void) state;
	unr_tar_free(NULL);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(entries__are_the_same_however_content_is_taken),
	cmocka_unit_test(faults__show_when_content_is_taken),
	cmocka_unit_test(cut__is_noticed_in_every_way),
	cmocka_unit_test(read__gives_up_to_what_is_asked),
	cmocka_unit_test(read__of_part_then_next_passes_over_the_rest),
	cmocka_unit_test(source__is_asked_to_move_on_over_large_content_only),
	cmocka_unit_test(position__counts_entries_and_global_headers),
	cmocka_unit_test(offset__is_where_the_content_begins),
	cmocka_unit_test(end__stays_the_end),
	cmocka_unit_test(fault__stays_the_fault),
	cmocka_unit_test(source__its_error_is_passed_on),
	cmocka_unit_test(source__its_error_in_moving_on_is_passed_on),
	cmocka_unit_test(free__accepts_nothing),
};

UNR_TEST_MAIN("tar_reader", tests, NULL);
