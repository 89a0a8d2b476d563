/* SPDX-License-Identifier: MIT */
/* stream/gzip: members whole and damaged, with the words of Go's compress/gzip. */
#include "gz.h"

#define SHORT "unexpected EOF"
#define CHECKSUM "gzip: invalid checksum"
#define HEADER "gzip: invalid header"

static const char CONTENT[] = "some text, some text, some text";

static void member__is_inflated(void **state)
{
	unr_auto(unr_text_done) struct unr_text bytes = { 0 };

	(void) state;
	put_gzip(&bytes, CONTENT);
	assert_stream(&bytes, CONTENT, "");
}

static void member__may_be_of_nothing(void **state)
{
	unr_auto(unr_text_done) struct unr_text bytes = { 0 };

	(void) state;
	put_gzip(&bytes, "");
	assert_stream(&bytes, "", "");
}

static void member__may_be_large(void **state)
{
	const size_t size = (size_t) 3 << 20;
	unr_auto(unr_text_done) struct unr_text bytes = { 0 };
	unr_autofree char *content = malloc(size);
	uint32_t random = 1;

	(void) state;
	/* Half of it does not compress, so the blob is larger than the buffer. */
	for (size_t i = 0; i < size; i++) {
		random = random * 1664525 + 1013904223;
		content[i] = i < size / 2 ? (char) (random >> 24) : 'x';
	}
	put_member(&bytes, &(struct gz_member) { .bytes = content, .size = size });
	assert_true(bytes.length > size / 2);
	for (size_t step = 100; step < size * 10; step *= 1000) {
		unr_auto(outcome_done) struct outcome outcome =
			read_stream(bytes.bytes, bytes.length, step);

		assert_string_equal(outcome.fault_text, "");
		assert_int_equal(outcome.content.length, size);
		assert_memory_equal(outcome.content.bytes, content, size);
		assert_int_equal(outcome.consumed, bytes.length);
	}
}

static void members__follow_each_other(void **state)
{
	unr_auto(unr_text_done) struct unr_text bytes = { 0 };

	(void) state;
	put_gzip(&bytes, "one, ");
	put_gzip(&bytes, "");
	put_member(&bytes,
		   &(struct gz_member) {
			   .bytes = "two, ", .size = 5, .flags = GZ_NAME, .name = "other name" });
	put_gzip(&bytes, "three");
	assert_stream(&bytes, "one, two, three", "");
}

/* All optional fields, alone and together. */
static void header__with_optional_fields(void **state)
{
	(void) state;
	for (unsigned char flags = 0; flags < 32; flags++) {
		const struct gz_member member = { .bytes = CONTENT,
						  .size = strlen(CONTENT),
						  .flags = flags,
						  .extra = "Ap\4\0\1\2\3\4",
						  .n_extra = 8,
						  .name = "layer.tar",
						  .comment = "nothing to see" };
		unr_auto(unr_text_done) struct unr_text bytes = { 0 };

		put_member(&bytes, &member);
		put_member(&bytes, &member);
		assert_stream(&bytes,
			      "some text, some text, some text"
			      "some text, some text, some text",
			      "");
	}
}

static void header__flags_without_meaning_are_passed_over(void **state)
{
	unr_auto(unr_text_done) struct unr_text bytes = { 0 };

	(void) state;
	put_member(&bytes, &(struct gz_member) { .bytes = "x", .size = 1, .flags = 0xe0 });
	assert_stream(&bytes, "x", "");
}

/* Go's buffer takes 511 bytes and the NUL. */
static void header__name_has_a_longest_length(void **state)
{
	char name[600];

	(void) state;
	memset(name, 'n', sizeof(name));
	for (size_t length = 510; length <= 513; length++) {
		unr_auto(unr_text_done) struct unr_text bytes = { 0 };

		name[length] = '\0';
		put_member(&bytes,
			   &(struct gz_member) {
				   .bytes = "x", .size = 1, .flags = GZ_NAME, .name = name });
		name[length] = 'n';
		if (length <= 511)
			assert_stream(&bytes, "x", "");
		else
			assert_not_opened(&bytes, HEADER);
	}
}

static void header__extra_may_be_long(void **state)
{
	static char extra[65535];
	unr_auto(unr_text_done) struct unr_text bytes = { 0 };

	(void) state;
	put_member(&bytes, &(struct gz_member) { .bytes = "x",
						 .size = 1,
						 .flags = GZ_EXTRA,
						 .extra = extra,
						 .n_extra = sizeof(extra) });
	assert_stream(&bytes, "x", "");
}

static void header__cut_short_is_not_begun(void **state)
{
	const struct gz_member member = { .flags = GZ_EXTRA | GZ_NAME | GZ_COMMENT | GZ_HEADER_CRC,
					  .extra = "ab",
					  .n_extra = 2,
					  .name = "n",
					  .comment = "c" };
	unr_auto(unr_text_done) struct unr_text bytes = { 0 };

	(void) state;
	put_member(&bytes, &member);
	/* 10, extra 2 + 2, name 2, comment 2, checksum 2; the first 3 make it gzip. */
	for (bytes.length = 3; bytes.length < 20; bytes.length++)
		assert_not_opened(&bytes, SHORT);
}

static void header__checksum_must_fit(void **state)
{
	(void) state;
	for (int at = 0; at < 2; at++) {
		unr_auto(unr_text_done) struct unr_text bytes = { 0 };

		put_member(&bytes, &(struct gz_member) { .flags = GZ_HEADER_CRC });
		bytes.bytes[GZ_HEADER + at] = (char) (bytes.bytes[GZ_HEADER + at] ^ 1);
		assert_not_opened(&bytes, HEADER);
	}
}

/* Behind the trailer: another member or nothing. */
static void behind__anything_else_is_an_invalid_header(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
		const char *fault;
	} cases[] = {
		{ "garbage that is long enough", 27, HEADER },
		{ "0123456789", 10, HEADER },
		{ "\0\0\0\0\0\0\0\0\0\0\0\0", 12, HEADER },
		{ "\x1f\x8b\x07\0\0\0\0\0\0\0", 10, HEADER },
		{ "\x1f\x8c\x08\0\0\0\0\0\0\0", 10, HEADER },
		{ "\x1e\x8b\x08\0\0\0\0\0\0\0", 10, HEADER },
		{ "x", 1, SHORT },
		{ "012345678", 9, SHORT },
		{ "\0\0\0", 3, SHORT },
		{ "\x1f\x8b\x08\0\0\0\0\0\0\0", 10, SHORT },
		{ "\x1f\x8b\x08\x08\0\0\0\0\0\0n", 11, SHORT },
		{ "\x1f\x8b\x08\x02\0\0\0\0\0\0xx", 12, HEADER },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		unr_auto(unr_text_done) struct unr_text bytes = { 0 };

		put_gzip(&bytes, CONTENT);
		unr_text_append(&bytes, cases[i].bytes, cases[i].size);
		assert_stream(&bytes, CONTENT, cases[i].fault);
	}
}

static void trailer__must_fit(void **state)
{
	(void) state;
	for (size_t at = 1; at <= GZ_TRAILER; at++) {
		unr_auto(unr_text_done) struct unr_text bytes = { 0 };

		put_gzip(&bytes, CONTENT);
		bytes.bytes[bytes.length - at] = (char) (bytes.bytes[bytes.length - at] ^ 1);
		assert_stream(&bytes, CONTENT, CHECKSUM);
	}
}

static void trailer__of_each_member_must_fit(void **state)
{
	unr_auto(unr_text_done) struct unr_text bytes = { 0 };

	(void) state;
	put_gzip(&bytes, "one");
	bytes.bytes[bytes.length - 1] = 'x';
	put_gzip(&bytes, "two");
	assert_stream(&bytes, "one", CHECKSUM);
}

static void trailer__cut_short(void **state)
{
	unr_auto(unr_text_done) struct unr_text bytes = { 0 };

	(void) state;
	put_gzip(&bytes, CONTENT);
	for (size_t cut = 1; cut <= GZ_TRAILER; cut++) {
		bytes.length--;
		assert_stream(&bytes, CONTENT, SHORT);
	}
}

static void body__cut_short(void **state)
{
	unr_auto(unr_text_done) struct unr_text bytes = { 0 };
	size_t body;

	(void) state;
	put_gzip(&bytes, CONTENT);
	body = bytes.length - GZ_HEADER - GZ_TRAILER;
	bytes.length -= GZ_TRAILER;
	for (size_t cut = 1; cut <= body; cut++) {
		unr_auto(outcome_done) struct outcome outcome =
			read_stream(bytes.bytes, --bytes.length, 512);

		assert_string_equal(outcome.open_text, "");
		assert_string_equal(outcome.fault_text, SHORT);
		assert_memory_equal(unr_text_string(&outcome.content), CONTENT,
				    outcome.content.length);
		assert_true(outcome.content.length < strlen(CONTENT) || cut == 1);
	}
}

/* The offset counts the bytes of the deflate stream, as Go's does. */
static void body__corrupt(void **state)
{
	static const struct {
		const char *body;
		size_t size;
		const char *content, *fault;
	} cases[] = {
		{ "\x07", 1, "", "flate: corrupt input before offset 1" }, /* block type 3 */
		{ "\x01\x05\0\xfb\xff", 5, "",
		  "flate: corrupt input before offset 5" }, /* length */
		{ "\x01\x05\0\xff\xff"
		  "hello",
		  10, "", "flate: corrupt input before offset 5" },
		{ "\0\x02\0\xfd\xff"
		  "hi\x07",
		  8, "hi", "flate: corrupt input before offset 8" },
		/* a distance before the beginning */
		{ "\x4b\x04\x43\0", 4, "a", "flate: corrupt input before offset 3" },
		{ "\x01\x05\0\xfa\xff"
		  "hel",
		  8, "hel", SHORT },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		unr_auto(unr_text_done) struct unr_text bytes = { 0 };

		unr_text_append(&bytes, "\x1f\x8b\x08\0\0\0\0\0\0\0", GZ_HEADER);
		unr_text_append(&bytes, cases[i].body, cases[i].size);
		assert_stream(&bytes, cases[i].content, cases[i].fault);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(member__is_inflated),
	cmocka_unit_test(member__may_be_of_nothing),
	cmocka_unit_test(member__may_be_large),
	cmocka_unit_test(members__follow_each_other),
	cmocka_unit_test(header__with_optional_fields),
	cmocka_unit_test(header__flags_without_meaning_are_passed_over),
	cmocka_unit_test(header__name_has_a_longest_length),
	cmocka_unit_test(header__extra_may_be_long),
	cmocka_unit_test(header__cut_short_is_not_begun),
	cmocka_unit_test(header__checksum_must_fit),
	cmocka_unit_test(behind__anything_else_is_an_invalid_header),
	cmocka_unit_test(trailer__must_fit),
	cmocka_unit_test(trailer__of_each_member_must_fit),
	cmocka_unit_test(trailer__cut_short),
	cmocka_unit_test(body__cut_short),
	cmocka_unit_test(body__corrupt),
};

UNR_TEST_MAIN("gzip", tests, NULL);
