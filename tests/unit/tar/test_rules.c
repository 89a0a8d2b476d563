/* SPDX-License-Identifier: MIT */
/* tar/: what not every version of Go's reader does, and streams that break off. */
#include "tar_read.h"

static const char *broken(void *context)
{
	(void) context;
	return "gzip: invalid checksum";
}

/* Reads to the end by @rules; the last line alone is compared. */
static void assert_last(struct tar_build *tar, struct unr_tar_rules rules, bool breaks,
			const char *expected)
{
	struct bytes_source bytes = { unr_text_string(&tar->bytes), tar->bytes.length, 65536, 0 };
	const struct unr_tar_source source = { .read = bytes_read,
					       .fault = breaks ? broken : NULL,
					       .context = &bytes };
	const struct unr_tar_entry *entry;
	struct unr_tar *reader = NULL;
	int r;

	assert_int_equal(unr_tar_new(&source, &reader), 0);
	unr_tar_set_rules(reader, rules);
	do {
		r = unr_tar_next(reader, &entry);
	} while (r == 1);
	assert_string_equal(r == 0 ? END : unr_tar_error_text(reader), expected);
	unr_tar_free(reader);
	tar_build_done(tar);
}

static void fault__is_told_instead_of_an_end(void **state)
{
	const struct unr_tar_rules none = { 0 };
	struct tar_build tar = { 0 };

	(void) state;
	tar_build_text(&tar, "f", "abc"); /* a clean end but for the fault */
	assert_last(&tar, none, true, "gzip: invalid checksum");
	tar_build_text(&tar, "f", "abc");
	assert_last(&tar, none, false, END);
	tar_build_zeros(&tar, 100);
	assert_last(&tar, none, true, "gzip: invalid checksum");
	tar_build_text(&tar, "f", "abc"); /* nobody reads behind the mark */
	tar_build_end(&tar);
	assert_last(&tar, none, true, END);
}

static void global_values__are_checked_by_rule(void **state)
{
	static const char *const keys[] = { "uid", "gid", "size", "mtime" };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(keys) * 2; i++) {
		struct tar_build tar = { 0 };
		const struct tar_pax record = { keys[i / 2], "x", 0 };

		tar_build_pax(&tar, 'g', &record, 1);
		tar_build_end(&tar);
		assert_last(&tar, (struct unr_tar_rules) { .global_values = i % 2 == 1 }, false,
			    i % 2 == 1 ? INVALID : END);
	}
}

static void special__is_limited_by_rule(void **state)
{
	const size_t size = ((size_t) 1 << 20) + 1;
	unr_autofree char *name = malloc(size + 1);

	(void) state;
	assert_non_null(name);
	memset(name, 'n', size);
	name[size] = '\0';
	for (int any = 0; any < 2; any++) {
		struct tar_build tar = { 0 };

		tar_build_gnu_long(&tar, 'L', name);
		tar_build_text(&tar, "f", "");
		tar_build_end(&tar);
		assert_last(&tar, (struct unr_tar_rules) { .any_special = any == 1 }, false,
			    any == 1 ? END : "archive/tar: header field too long");
	}
}

/* An old sparse map in @blocks extension blocks; 2047 are still less than 1 MiB. */
static void build_old_sparse(struct tar_build *tar, size_t blocks)
{
	union tar_header header;
	unsigned char block[512] = { 0 };

	tar_header_init(&header, "f", 'S');
	tar_header_gnu(&header);
	memset(header.bytes + 386, 0, 96);
	header.bytes[482] = 1;
	memcpy(header.bytes + 483, "00000000000", 12);
	tar_build_header(tar, &header);
	for (size_t i = 0; i < blocks; i++) {
		block[504] = i + 1 < blocks;
		tar_build_bytes(tar, block, sizeof(block));
	}
	tar_build_end(tar);
}

static void sparse_map__is_limited_by_rule(void **state)
{
	struct tar_build tar = { 0 };
	const struct unr_tar_rules limited = { .sparse_maps = true };

	(void) state;
	build_old_sparse(&tar, 2047);
	assert_last(&tar, limited, false, END);
	build_old_sparse(&tar, 2048);
	assert_last(&tar, limited, false, "archive/tar: sparse map too long");
	build_old_sparse(&tar, 2048);
	assert_last(&tar, (struct unr_tar_rules) { 0 }, false, END);
}

/* How many attributes the one entry has. */
static size_t count_xattrs(bool empty)
{
	static const struct tar_pax records[] = { { "SCHILY.xattr.user.a", "", 0 },
						  { "SCHILY.xattr.user.b", "1", 0 } };
	struct tar_build tar = { 0 };
	struct bytes_source bytes;
	const struct unr_tar_source source = { .read = bytes_read, .context = &bytes };
	const struct unr_tar_entry *entry;
	struct unr_tar *reader = NULL;
	size_t n;

	tar_build_pax(&tar, 'x', records, UNR_COUNT(records));
	tar_build_text(&tar, "f", "");
	tar_build_end(&tar);
	bytes = (struct bytes_source) { unr_text_string(&tar.bytes), tar.bytes.length, 65536, 0 };
	assert_int_equal(unr_tar_new(&source, &reader), 0);
	unr_tar_set_rules(reader, (struct unr_tar_rules) { .empty_xattrs = empty });
	assert_int_equal(unr_tar_next(reader, &entry), 1);
	n = entry->n_xattrs;
	unr_tar_free(reader);
	tar_build_done(&tar);
	return n;
}

static void empty_xattr__counts_by_rule(void **state)
{
	(void) state;
	assert_int_equal(count_xattrs(false), 1);
	assert_int_equal(count_xattrs(true), 2);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(empty_xattr__counts_by_rule),
	cmocka_unit_test(fault__is_told_instead_of_an_end),
	cmocka_unit_test(global_values__are_checked_by_rule),
	cmocka_unit_test(special__is_limited_by_rule),
	cmocka_unit_test(sparse_map__is_limited_by_rule),
};

UNR_TEST_MAIN("rules", tests, NULL);
