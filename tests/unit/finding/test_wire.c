/* SPDX-License-Identifier: MIT */
/* finding/wire: a finding there and back, and what is not believed. */
#include "unr_test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "finding/wire.h"

static struct unr_wire_reader reader_of(const struct unr_text *text)
{
	return (struct unr_wire_reader) { .bytes = unr_text_string(text), .left = text->length };
}

/* Every field has a value of its own. */
static struct unr_finding full_finding(void)
{
	static char path[] = "etc/\xff\n", link[] = "a\0b";

	return (struct unr_finding) {
		.layer = UINT32_MAX,
		.entry = UINT64_MAX,
		.type = UNR_ENTRY_SYMLINK,
		.mode = 07531,
		.size = (UINT64_C(1) << 40) + 3,
		.mtime = -5,
		.uid = INT64_MIN,
		.gid = INT64_MAX,
		.header_uid = -1,
		.header_gid = 70000,
		.uid_unmapped = true,
		.engine_refused = true,
		.call = UNR_CALL_LCHOWN,
		.error = EINVAL,
		.path = path,
		.path_length = 6,
		.link = link,
		.link_length = 3,
	};
}

static void assert_same_finding(const struct unr_finding *a, const struct unr_finding *b)
{
	assert_int_equal(a->layer, b->layer);
	assert_true(a->entry == b->entry);
	assert_int_equal(a->type, b->type);
	assert_int_equal(a->mode, b->mode);
	assert_true(a->size == b->size);
	assert_true(a->mtime == b->mtime);
	assert_true(a->uid == b->uid);
	assert_true(a->gid == b->gid);
	assert_true(a->header_uid == b->header_uid);
	assert_true(a->header_gid == b->header_gid);
	assert_int_equal(a->uid_unmapped, b->uid_unmapped);
	assert_int_equal(a->gid_unmapped, b->gid_unmapped);
	assert_int_equal(a->engine_refused, b->engine_refused);
	assert_int_equal(a->call, b->call);
	assert_int_equal(a->error, b->error);
	assert_int_equal(a->path_length, b->path_length);
	assert_memory_equal(a->path, b->path, b->path_length + 1);
	assert_int_equal(a->link_length, b->link_length);
	assert_int_equal(a->link == NULL, b->link == NULL);
	if (b->link != NULL)
		assert_memory_equal(a->link, b->link, b->link_length + 1);
}

static void assert_round_trip(const struct unr_finding *finding)
{
	unr_auto(unr_text_done) struct unr_text frame = { 0 };
	struct unr_wire_reader reader;
	struct unr_finding got = { 0 };

	unr_wire_put_finding(&frame, finding);
	reader = reader_of(&frame);
	assert_int_equal(unr_wire_get_finding(&reader, &got), 0);
	assert_same_finding(&got, finding);
	assert_int_equal(reader.left, 0);
	unr_finding_done(&got);
}

static void finding__comes_back_with_every_field(void **state)
{
	struct unr_finding finding = full_finding();
	char empty[] = "";

	(void) state;
	assert_round_trip(&finding);
	for (int flags = 0; flags < 8; flags++) {
		finding.uid_unmapped = (flags & 1) != 0;
		finding.gid_unmapped = (flags & 2) != 0;
		finding.engine_refused = (flags & 4) != 0;
		assert_round_trip(&finding);
	}
	for (int type = 0; type < UNR_ENTRY_TYPE_COUNT_; type++) {
		finding.type = (enum unr_entry_type) type;
		assert_round_trip(&finding);
	}
	finding = (struct unr_finding) { .path = empty };
	assert_round_trip(&finding);
	finding.link = empty; /* an empty one is not an absent one */
	assert_round_trip(&finding);
}

/* Cut anywhere, it is refused, and nothing is handed out. */
static void finding__cut_short_is_refused(void **state)
{
	const struct unr_finding finding = full_finding();
	unr_auto(unr_text_done) struct unr_text frame = { 0 };

	(void) state;
	unr_wire_put_finding(&frame, &finding);
	for (size_t length = 0; length < frame.length; length++) {
		struct unr_wire_reader reader = { .bytes = frame.bytes, .left = length };
		struct unr_finding got = { .layer = 7 };

		assert_int_equal(unr_wire_get_finding(&reader, &got), -EPROTO);
		assert_int_equal(got.layer, 7);
		assert_null(got.path);
	}
}

enum { AT_LAYER, AT_ENTRY, AT_TYPE, AT_MODE, AT_FLAGS = 10, AT_CALL, AT_ERROR, AT_PATH };

/* Puts a number in place of the one at @at, in units of 8 bytes. */
static int get_with(int at, uint64_t number)
{
	const struct unr_finding finding = full_finding();
	unr_auto(unr_text_done) struct unr_text frame = { 0 }, little = { 0 };
	struct unr_wire_reader reader;
	struct unr_finding got = { 0 };
	int r;

	unr_wire_put_finding(&frame, &finding);
	unr_wire_put_u64(&little, number);
	memcpy(frame.bytes + (ptrdiff_t) at * 8, little.bytes, 8);
	reader = reader_of(&frame);
	r = unr_wire_get_finding(&reader, &got);
	unr_finding_done(&got);
	return r;
}

static void finding__numbers_without_meaning_are_refused(void **state)
{
	static const struct {
		int at;
		uint64_t last_good;
	} fields[] = {
		{ AT_LAYER, UINT32_MAX },
		{ AT_TYPE, UNR_ENTRY_TYPE_COUNT_ - 1 },
		{ AT_MODE, 07777 },
		{ AT_FLAGS, 7 },
		{ AT_CALL, UNR_CALL_COUNT_ - 1 },
		{ AT_ERROR, 4095 },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(fields); i++) {
		assert_int_equal(get_with(fields[i].at, fields[i].last_good), 0);
		assert_int_equal(get_with(fields[i].at, fields[i].last_good + 1), -EPROTO);
		assert_int_equal(get_with(fields[i].at, UINT64_MAX), -EPROTO);
		assert_int_equal(get_with(fields[i].at, UINT64_C(1) << 32), -EPROTO);
	}
}

static void finding__without_a_path_is_refused(void **state)
{
	struct unr_finding finding = full_finding(), got = { 0 };
	unr_auto(unr_text_done) struct unr_text frame = { 0 };
	struct unr_wire_reader reader;

	(void) state;
	finding.path = NULL;
	unr_wire_put_finding(&frame, &finding);
	reader = reader_of(&frame);
	assert_int_equal(unr_wire_get_finding(&reader, &got), -EPROTO);
	assert_null(got.path);
	assert_null(got.link);
}

static void finding__length_longer_than_the_frame_is_refused(void **state)
{
	static const uint64_t lengths[] = { 7 + 8 + 3, 1000, UINT32_MAX, UINT64_MAX - 1,
					    UINT64_C(1) << 63 };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(lengths); i++)
		assert_int_equal(get_with(AT_PATH, lengths[i]), -EPROTO);
}

static void reader__stays_failed(void **state)
{
	static const char bytes[20] = { 5 };
	struct unr_wire_reader reader = { .bytes = bytes, .left = 4 };
	size_t length = 99;

	(void) state;
	assert_int_equal(unr_wire_get_u64(&reader), 0);
	assert_true(reader.failed);
	reader.left = sizeof(bytes);
	assert_int_equal(unr_wire_get_u64(&reader), 0);
	assert_null(unr_wire_get_string(&reader));
	assert_null(unr_wire_get_bytes(&reader, &length));
	assert_int_equal(length, 0);
	assert_int_equal(reader.left, sizeof(bytes));
}

static void reader__bounds_a_number(void **state)
{
	unr_auto(unr_text_done) struct unr_text frame = { 0 };
	struct unr_wire_reader reader;

	(void) state;
	unr_wire_put_u64(&frame, 5);
	reader = reader_of(&frame);
	assert_int_equal(unr_wire_get_u64_max(&reader, 5), 5);
	assert_false(reader.failed);
	reader = reader_of(&frame);
	assert_int_equal(unr_wire_get_u64_max(&reader, 4), 0);
	assert_true(reader.failed);
}

static void string__absent_empty_and_long(void **state)
{
	unr_auto(unr_text_done) struct unr_text frame = { 0 };
	struct unr_wire_reader reader;
	unr_autofree char *text = NULL, *empty = NULL;

	(void) state;
	unr_wire_put_string(&frame, NULL);
	unr_wire_put_string(&frame, "");
	unr_wire_put_string(&frame, "text");
	assert_int_equal(frame.length, 8 + 8 + 8 + 4);
	reader = reader_of(&frame);
	assert_null(unr_wire_get_string(&reader));
	empty = unr_wire_get_string(&reader);
	text = unr_wire_get_string(&reader);
	assert_string_equal(empty, "");
	assert_string_equal(text, "text");
	assert_false(reader.failed);
}

static void number__is_little_endian(void **state)
{
	unr_auto(unr_text_done) struct unr_text frame = { 0 };

	(void) state;
	unr_wire_put_u64(&frame, UINT64_C(0x0807060504030201));
	assert_memory_equal(frame.bytes, "\1\2\3\4\5\6\7\10", 8);
}

static char package[] = "content-type", version[] = "1.0.4";

static void cause__comes_back_with_every_field(void **state)
{
	const struct unr_cause sent = { .fate = UNR_FATE_REOWNED,
					.fate_layer = 5,
					.kind = UNR_PACKAGE_NPM,
					.package = package,
					.package_version = version,
					.folder_depth = 3 };
	unr_auto(unr_text_done) struct unr_text frame = { 0 };
	struct unr_wire_reader reader;
	struct unr_cause got;
	uint32_t layer;

	(void) state;
	unr_wire_put_cause(&frame, 4, &sent);
	for (size_t length = 0; length < frame.length; length++) {
		reader = (struct unr_wire_reader) { .bytes = frame.bytes, .left = length };
		assert_int_equal(unr_wire_get_cause(&reader, &layer, &got), -EPROTO);
	}
	reader = reader_of(&frame);
	assert_int_equal(unr_wire_get_cause(&reader, &layer, &got), 0);
	assert_int_equal(layer, 4);
	assert_int_equal(got.fate, sent.fate);
	assert_int_equal(got.fate_layer, sent.fate_layer);
	assert_int_equal(got.kind, sent.kind);
	assert_int_equal(got.folder_depth, sent.folder_depth);
	assert_string_equal(got.package, package);
	assert_string_equal(got.package_version, version);
	unr_cause_done(&got);
}

static void cause__without_meaning_is_refused(void **state)
{
	static const struct unr_cause causes[] = {
		{ .fate = UNR_FATE_COUNT_ },
		{ .kind = UNR_PACKAGE_KIND_COUNT_, .package = package },
		{ .kind = UNR_PACKAGE_PIP }, /* of no name */
		{ .kind = UNR_PACKAGE_NONE, .package = package },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(causes); i++) {
		unr_auto(unr_text_done) struct unr_text frame = { 0 };
		struct unr_wire_reader reader;
		struct unr_cause got;
		uint32_t layer;

		unr_wire_put_cause(&frame, 0, &causes[i]);
		reader = reader_of(&frame);
		assert_int_equal(unr_wire_get_cause(&reader, &layer, &got), -EPROTO);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(finding__comes_back_with_every_field),
	cmocka_unit_test(finding__cut_short_is_refused),
	cmocka_unit_test(finding__numbers_without_meaning_are_refused),
	cmocka_unit_test(finding__without_a_path_is_refused),
	cmocka_unit_test(finding__length_longer_than_the_frame_is_refused),
	cmocka_unit_test(reader__stays_failed),
	cmocka_unit_test(reader__bounds_a_number),
	cmocka_unit_test(string__absent_empty_and_long),
	cmocka_unit_test(number__is_little_endian),
	cmocka_unit_test(cause__comes_back_with_every_field),
	cmocka_unit_test(cause__without_meaning_is_refused),
};

UNR_TEST_MAIN("wire", tests, NULL);
