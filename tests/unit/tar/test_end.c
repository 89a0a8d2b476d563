/* SPDX-License-Identifier: MIT */
/* tar/: where an archive ends, where it is cut short, where it is none. */
#include "tar_read.h"

static const char FILE_READ[] = "0 f size=3 \"abc\"\n";

/* "f" with three bytes, then @bytes of @size. */
static void assert_after_file(const char *bytes, size_t size, const char *expected)
{
	struct tar_build tar = { 0 };
	unr_auto(unr_text_done) struct unr_text text = { 0 };

	tar_build_text(&tar, "f", "abc");
	tar_build_bytes(&tar, bytes, size);
	unr_text_printf(&text, "%s%s", FILE_READ, expected);
	assert_reads(&tar, unr_text_string(&text));
}

static void end__is_clean(void **state)
{
	static const char zeros[3 * 512], junk[3 * 512 + 700] = { [2 * 512] = 'j' };
	struct tar_build tar = { 0 };

	(void) state;
	assert_reads(&tar, END);
	tar_build_zeros(&tar, 512);
	assert_reads(&tar, END);
	tar_build_zeros(&tar, 1024);
	assert_reads(&tar, END);
	assert_after_file(NULL, 0, END);
	assert_after_file(zeros, 512, END);
	assert_after_file(zeros, 1024, END);
	assert_after_file(zeros, 1536, END);
	assert_after_file(zeros, 1025, END);
	assert_after_file(junk, sizeof(junk), END);
}

static void end__hides_entries_behind_it(void **state)
{
	struct tar_build tar = { 0 };

	(void) state;
	tar_build_text(&tar, "f", "abc");
	tar_build_end(&tar);
	tar_build_text(&tar, "late", "abc");
	assert_reads(&tar, "0 f size=3 \"abc\"\nend");
}

static void end__of_one_block_must_be_the_end(void **state)
{
	struct tar_build tar = { 0 };
	static const char junk[1024] = { [1023] = 'j' };

	(void) state;
	tar_build_text(&tar, "f", "abc");
	tar_build_zeros(&tar, 512);
	tar_build_text(&tar, "late", "abc");
	assert_reads(&tar, "0 f size=3 \"abc\"\n" INVALID);
	assert_after_file(junk, 1024, INVALID);
}

static void header__cut_short(void **state)
{
	static const size_t sizes[] = { 1, 2, 100, 511 };
	static const char zeros[1024];
	struct tar_build tar = { 0 };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(sizes); i++) {
		tar_build_zeros(&tar, sizes[i]);
		assert_reads(&tar, SHORT);
		assert_after_file("x", 1, SHORT);
		assert_after_file(zeros, sizes[i], SHORT);
		assert_after_file(zeros, 512 + sizes[i], SHORT);
	}
}

static void junk__is_no_header(void **state)
{
	static char junk[512];
	struct tar_build tar = { 0 };

	(void) state;
	memset(junk, 'j', sizeof(junk));
	assert_after_file(junk, sizeof(junk), INVALID);
	tar_build_bytes(&tar, junk, sizeof(junk));
	tar_build_text(&tar, "f", "abc"); /* there is no finding the way back */
	assert_reads(&tar, INVALID);
}

/* A file of @claimed bytes of which @given are there, and nothing behind them. */
static void build_cut(struct tar_build *tar, uint64_t claimed, size_t given)
{
	union tar_header header;

	tar_header_init(&header, "f", '0');
	tar_header_octal(header.field.size, sizeof(header.field.size), claimed);
	tar_build_header(tar, &header);
	for (size_t i = 0; i < given; i++)
		tar_build_bytes(tar, "x", 1);
}

static void padding__may_be_missing_at_the_end(void **state)
{
	struct tar_build tar = { 0 };

	(void) state;
	build_cut(&tar, 3, 3);
	assert_reads(&tar, "0 f size=3 \"xxx\"\nend");
	build_cut(&tar, 3, 3);
	tar_build_zeros(&tar, 100);
	assert_reads(&tar, "0 f size=3 \"xxx\"\nend");
	build_cut(&tar, 3, 3);
	tar_build_zeros(&tar, 508);
	assert_reads(&tar, "0 f size=3 \"xxx\"\nend");
}

static void padding__may_be_anything(void **state)
{
	struct tar_build tar = { 0 };

	(void) state;
	build_cut(&tar, 3, 512);
	tar_build_text(&tar, "z", "");
	assert_reads(&tar, "0 f size=3 \"xxx\"\n0 z\nend");
}

static void content__cut_short(void **state)
{
	struct tar_build tar = { 0 };

	(void) state;
	build_cut(&tar, 1, 0);
	assert_reads(&tar, "0 f size=1\n" SHORT);
	build_cut(&tar, 5, 4);
	assert_reads(&tar, "0 f size=5 \"xxxx\"\n" SHORT);
	build_cut(&tar, UINT64_C(5) << 30, 2);
	assert_reads(&tar, "0 f size=5368709120 \"xx\"\n" SHORT);
	build_cut(&tar, 0, 0);
	assert_reads(&tar, "0 f\nend");
}

/* Nobody reads the content of this type; passing over it finds the same. */
static void content__that_is_passed_over_cut_short(void **state)
{
	static const uint64_t sizes[] = { 5, 600, 200000, UINT64_C(5) << 30 };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(sizes); i++) {
		struct tar_build tar = { 0 };
		union tar_header header;
		char expected[64];

		tar_header_init(&header, "u", '7');
		tar_header_octal(header.field.size, sizeof(header.field.size), sizes[i]);
		tar_build_header(&tar, &header);
		tar_build_bytes(&tar, "xxxx", 4);
		(void) snprintf(expected, sizeof(expected), "7 u size=%" PRIu64 "\n" SHORT,
				sizes[i]);
		assert_reads(&tar, expected);
	}
}

static void size__negative(void **state)
{
	static const char types[] = "0xgLK7S\0";

	(void) state;
	for (size_t i = 0; i < sizeof(types) - 1; i++) {
		struct tar_build tar = { 0 };
		union tar_header header;

		tar_header_init(&header, "f", types[i]);
		tar_header_base256(header.field.size, sizeof(header.field.size), -1);
		tar_build_header(&tar, &header);
		tar_build_end(&tar);
		assert_reads(&tar, INVALID);
	}
}

/* Links, devices, directories, fifos: no content, whatever the size says. */
static void header_only__has_no_content(void **state)
{
	static const int64_t sizes[] = { 700, -1, INT64_MAX };

	(void) state;
	for (int type = '1'; type <= '6'; type++)
		for (size_t i = 0; i < UNR_COUNT(sizes); i++) {
			struct tar_build tar = { 0 };
			union tar_header header;
			char expected[64];

			tar_header_init(&header, "t", (char) type);
			tar_header_base256(header.field.size, sizeof(header.field.size), sizes[i]);
			tar_build_header(&tar, &header);
			tar_build_text(&tar, "z", "");
			(void) snprintf(expected, sizeof(expected),
					"%c t size=%" PRId64 "\n0 z\nend", type, sizes[i]);
			assert_reads(&tar, expected);
		}
}

static void header_only__content_is_read_as_a_header(void **state)
{
	(void) state;
	for (int type = '1'; type <= '6'; type++) {
		struct tar_build tar = { 0 };
		union tar_header header;
		char expected[64];

		tar_header_init(&header, "t", (char) type);
		tar_build_member(&tar, &header, "content", 7);
		tar_build_end(&tar);
		(void) snprintf(expected, sizeof(expected), "%c t size=7\n" INVALID, type);
		assert_reads(&tar, expected);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(end__is_clean),
	cmocka_unit_test(end__hides_entries_behind_it),
	cmocka_unit_test(end__of_one_block_must_be_the_end),
	cmocka_unit_test(header__cut_short),
	cmocka_unit_test(junk__is_no_header),
	cmocka_unit_test(padding__may_be_missing_at_the_end),
	cmocka_unit_test(padding__may_be_anything),
	cmocka_unit_test(content__cut_short),
	cmocka_unit_test(content__that_is_passed_over_cut_short),
	cmocka_unit_test(size__negative),
	cmocka_unit_test(header_only__has_no_content),
	cmocka_unit_test(header_only__content_is_read_as_a_header),
};

UNR_TEST_MAIN("tar_end", tests, NULL);
