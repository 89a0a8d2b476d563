/* SPDX-License-Identifier: MIT */
/* tar/next: which of the x, g, L and K headers before an entry count, and their limits. */
#include "tar_read.h"

/* One header of an archive; @text is a record's value or a long name. */
struct part {
	char type;
	const char *key, *text;
};

static void build_part(struct tar_build *tar, const struct part *part)
{
	const struct tar_pax record = { part->key, part->text, 0 };

	switch (part->type) {
	case 'x':
	case 'g':
		tar_build_pax(tar, part->type, &record, part->key == NULL ? 0 : 1);
		break;
	case 'L':
	case 'K':
		tar_build_gnu_long(tar, part->type, part->text);
		break;
	default:
		tar_build_link(tar, part->type, part->text, part->type == '2' ? "target" : "");
		break;
	}
}

#define PARTS_MAX 6

struct combination {
	struct part parts[PARTS_MAX];
	const char *expected;
};

static void assert_combination(const struct combination *combination)
{
	struct tar_build tar = { 0 };

	for (size_t i = 0; i < PARTS_MAX && combination->parts[i].type != '\0'; i++)
		build_part(&tar, &combination->parts[i]);
	tar_build_end(&tar);
	assert_reads(&tar, combination->expected);
}

static void x__only_the_last_counts(void **state)
{
	static const struct combination cases[] = {
		{ { { 'x', "uid", "5" }, { '0', NULL, "f" }, { '0', NULL, "g" } },
		  "0 f uid=5\n0 g\nend" },
		{ { { 'x', "uid", "5" }, { 'x', "gid", "6" }, { '0', NULL, "f" } },
		  "0 f gid=6\nend" },
		{ { { 'x', "uid", "5" }, { 'x', NULL, NULL }, { '0', NULL, "f" } }, "0 f\nend" },
		/* What is not applied is not judged. */
		{ { { 'x', "uid", "abc" }, { 'x', "gid", "6" }, { '0', NULL, "f" } },
		  "0 f gid=6\nend" },
		{ { { 'x', "uid", "5" }, { 'L', NULL, "l" }, { '0', NULL, "f" } },
		  "0 l uid=5\nend" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++)
		assert_combination(&cases[i]);
}

static void g__is_an_entry_that_gives_nothing_on(void **state)
{
	static const struct combination cases[] = {
		{ { { 'g', "uid", "5" }, { '0', NULL, "f" } }, "g GlobalHead.0\n0 f\nend" },
		{ { { 'g', NULL, NULL }, { '0', NULL, "f" } }, "g GlobalHead.0\n0 f\nend" },
		/* Well-formed records of senseless values. */
		{ { { 'g', "uid", "abc" }, { 'g', "size", "-1" }, { 'g', "mtime", "x" } },
		  "g GlobalHead.0\ng GlobalHead.0\ng GlobalHead.0\nend" },
		{ { { 'g', "path", "s/q" }, { '0', NULL, "f" } }, "g s/q\n0 f\nend" },
		{ { { 'g', "path", "" }, { '0', NULL, "f" } }, "g GlobalHead.0\n0 f\nend" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++)
		assert_combination(&cases[i]);
}

static void g__drops_what_came_before_it(void **state)
{
	static const struct combination cases[] = {
		{ { { 'x', "uid", "5" }, { 'g', NULL, NULL }, { '0', NULL, "f" } },
		  "g GlobalHead.0\n0 f\nend" },
		{ { { 'L', NULL, "l" }, { 'g', NULL, NULL }, { '0', NULL, "f" } },
		  "g GlobalHead.0\n0 f\nend" },
		{ { { 'K', NULL, "k" }, { 'g', NULL, NULL }, { '2', NULL, "s" } },
		  "g GlobalHead.0\n2 s -> target\nend" },
		{ { { 'g', NULL, NULL }, { 'x', "uid", "5" }, { '0', NULL, "f" } },
		  "g GlobalHead.0\n0 f uid=5\nend" },
		/* Nor does any of it apply to the g header itself. */
		{ { { 'x', "path", "p" }, { 'g', NULL, NULL } }, "g GlobalHead.0\nend" },
		{ { { 'L', NULL, "l" }, { 'g', NULL, NULL } }, "g GlobalHead.0\nend" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++)
		assert_combination(&cases[i]);
}

static void long_name__wins_in_any_order(void **state)
{
	static const struct combination cases[] = {
		{ { { 'L', NULL, "l" }, { '0', NULL, "f" }, { '0', NULL, "g" } }, "0 l\n0 g\nend" },
		{ { { 'x', "path", "p" }, { 'L', NULL, "l" }, { '0', NULL, "f" } }, "0 l\nend" },
		{ { { 'L', NULL, "l" }, { 'x', "path", "p" }, { '0', NULL, "f" } }, "0 l\nend" },
		{ { { 'L', NULL, "k" }, { 'L', NULL, "l" }, { '0', NULL, "f" } }, "0 l\nend" },
		{ { { 'L', NULL, "" }, { '0', NULL, "f" } }, "0 f\nend" },
		{ { { 'x', "path", "p" }, { 'L', NULL, "" }, { '0', NULL, "f" } }, "0 p\nend" },
		{ { { 'L', NULL, "l" }, { 'L', NULL, "" }, { '0', NULL, "f" } }, "0 f\nend" },
		{ { { 'L', NULL, "\xff \n" }, { '0', NULL, "f" } }, "0 \\377\\ \\n\nend" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++)
		assert_combination(&cases[i]);
}

static void long_link__wins_in_any_order(void **state)
{
	static const struct combination cases[] = {
		{ { { 'K', NULL, "k" }, { '2', NULL, "s" }, { '2', NULL, "t" } },
		  "2 s -> k\n2 t -> target\nend" },
		{ { { 'x', "linkpath", "p" }, { 'K', NULL, "k" }, { '2', NULL, "s" } },
		  "2 s -> k\nend" },
		{ { { 'K', NULL, "k" }, { 'x', "linkpath", "p" }, { '2', NULL, "s" } },
		  "2 s -> k\nend" },
		{ { { 'K', NULL, "j" }, { 'K', NULL, "k" }, { '1', NULL, "h" } }, "1 h -> k\nend" },
		{ { { 'K', NULL, "" }, { '2', NULL, "s" } }, "2 s -> target\nend" },
		{ { { 'K', NULL, "k" }, { 'L', NULL, "l" }, { '2', NULL, "s" } }, "2 l -> k\nend" },
		{ { { 'K', NULL, "k" }, { '0', NULL, "f" } }, "0 f -> k\nend" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++)
		assert_combination(&cases[i]);
}

static void extension__at_the_end_means_nothing(void **state)
{
	static const struct combination cases[] = {
		{ { { '0', NULL, "f" }, { 'x', "uid", "5" } }, "0 f\nend" },
		{ { { '0', NULL, "f" }, { 'x', "uid", "abc" } }, "0 f\nend" },
		{ { { '0', NULL, "f" }, { 'L', NULL, "l" } }, "0 f\nend" },
		{ { { '0', NULL, "f" }, { 'K', NULL, "k" } }, "0 f\nend" },
		{ { { '0', NULL, "f" }, { 'g', NULL, NULL } }, "0 f\ng GlobalHead.0\nend" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++)
		assert_combination(&cases[i]);
}

/* The body of a long name is cut at its first NUL, and needs none. */
static void long_name__ends_at_nul_or_with_its_body(void **state)
{
	static const struct {
		const char *body;
		size_t size;
		const char *expected;
	} cases[] = {
		{ B("l\0x"), "0 l\nend" },
		{ B("l"), "0 l\nend" },
		{ B("\0x"), "0 f\nend" },
		{ B(""), "0 f\nend" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct tar_build tar = { 0 };
		union tar_header header;

		tar_header_init(&header, "././@LongLink", 'L');
		tar_build_member(&tar, &header, cases[i].body, cases[i].size);
		tar_build_text(&tar, "f", "");
		tar_build_end(&tar);
		assert_reads(&tar, cases[i].expected);
	}
}

static void extension__cut_short(void **state)
{
	static const char types[] = "xgLK";

	(void) state;
	for (const char *type = types; *type != '\0'; type++) {
		struct tar_build tar = { 0 };
		union tar_header header;

		tar_header_init(&header, "e", *type);
		tar_header_octal(header.field.size, sizeof(header.field.size), 8);
		tar_build_header(&tar, &header);
		tar_build_bytes(&tar, "8 uid=5", 7);
		assert_reads(&tar, SHORT);
	}
}

/* One mebibyte is the most; whatever is in it. */
static void extension__of_more_than_a_mebibyte(void **state)
{
	static char body[(1 << 20) + 1];

	(void) state;
	memset(body, 'c', sizeof(body));
	for (const char *type = "xgLK"; *type != '\0'; type++) {
		unr_auto(tar_build_done) struct tar_build tar = { 0 };
		unr_autofree char *text = NULL;
		union tar_header header;

		tar_header_init(&header, "e", *type);
		tar_build_member(&tar, &header, body, sizeof(body));
		tar_build_end(&tar);
		text = read_bytes(&tar, 65536, TAKE_READ);
		assert_string_equal(text, "archive/tar: header field too long");
	}
}

static void extension__of_a_mebibyte(void **state)
{
	static char body[1 << 20];
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	unr_autofree char *text = NULL;
	union tar_header header;

	(void) state;
	memset(body, 'c', sizeof(body));
	memcpy(body, "1048576 comment=", 16);
	body[sizeof(body) - 1] = '\n';
	tar_build_pax_raw(&tar, 'x', body, sizeof(body));
	tar_build_text(&tar, "f", "");
	body[3] = '\0';
	tar_header_init(&header, "e", 'L');
	tar_build_member(&tar, &header, body, sizeof(body));
	tar_build_text(&tar, "g", "");
	text = read_bytes(&tar, 65536, TAKE_READ);
	assert_string_equal(text, "0 f\n0 104\nend");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(x__only_the_last_counts),
	cmocka_unit_test(g__is_an_entry_that_gives_nothing_on),
	cmocka_unit_test(g__drops_what_came_before_it),
	cmocka_unit_test(long_name__wins_in_any_order),
	cmocka_unit_test(long_link__wins_in_any_order),
	cmocka_unit_test(extension__at_the_end_means_nothing),
	cmocka_unit_test(long_name__ends_at_nul_or_with_its_body),
	cmocka_unit_test(extension__cut_short),
	cmocka_unit_test(extension__of_more_than_a_mebibyte),
	cmocka_unit_test(extension__of_a_mebibyte),
};

UNR_TEST_MAIN("tar_combine", tests, NULL);
