/* SPDX-License-Identifier: MIT */
/*
 * unpack/ on a real tree: owners, by the engine's arithmetic and by the kernel's
 * answer, and when they are looked at.
 */
#include "layer_run.h"

/* An entry with an owner; "a" is 3 bytes long. */
struct owned {
	char type;
	const char *name, *link;
	int64_t uid, gid;
};

#define OWNED_MAX 4

static void build_owned(struct tar_build *tar, const struct owned *entries)
{
	for (size_t i = 0; i < OWNED_MAX && entries[i].type != '\0'; i++) {
		union tar_header header;

		tar_header_init(&header, entries[i].name, entries[i].type);
		if (entries[i].link != NULL)
			tar_header_text(header.field.link, 100, entries[i].link);
		tar_header_owner(&header, entries[i].uid, entries[i].gid);
		tar_build_header(tar, &header);
	}
	tar_build_end(tar);
}

struct owner_case {
	struct owned entries[OWNED_MAX];
	const char *expected;
};

static void assert_owners(const struct owner_case *cases, size_t n,
			  void (*compare)(struct tar_build *, const char *))
{
	for (size_t i = 0; i < n; i++) {
		struct tar_build tar = { 0 };

		build_owned(&tar, cases[i].entries);
		compare(&tar, cases[i].expected);
	}
}

#define ID(n) "Container ID " #n " cannot be mapped to a host ID\n"

static void owner__is_given_to_every_type(void **state)
{
	static const struct owner_case cases[] = {
		{ { { '0', "f", NULL, 65535, 0 } }, ". d755 @now\nf -644 65535:0 @0\n" },
		{ { { '5', "d", NULL, 1, 65535 } }, ". d755 @now\nd d755 1:65535 @0\n" },
		{ { { '2', "l", "x", 1, 2 } }, ". d755 @now\nl l777 1:2 @0 -> x\n" },
		{ { { '6', "p", NULL, 1, 2 } }, ". d755 @now\np p644 1:2 @0\n" },
		{ { { '3', "c", NULL, 1, 2 } }, ". d755 @now\nc c644 1:2 dev=0:0 @0\n" },
		{ { { '0', ".wh.a", NULL, 1, 2 } }, ". d755 @now\na c0 1:2 dev=0:0 @now\n" },
		{ { { '5', "/", NULL, 1, 2 } }, ". d755 1:2 @0\n" },
		/* Implied directories are the root's. */
		{ { { '0', "d/f", NULL, 1, 2 } }, ". d755 @now\nd d755 @now\nd/f -644 1:2 @0\n" },
		/* A hard link gives its own owner to the file. */
		{ { { '0', "f", NULL, 1, 2 }, { '1', "h", "f", 3, 4 } },
		  ". d755 @now\nf -644 3:4 @0 links=2\nh -644 3:4 @0 links=2\n" },
		{ { { '5', "d", NULL, 1, 2 }, { '5', "/d", NULL, 3, 4 } },
		  ". d755 @now\nd d755 3:4 @0\n" },
	};

	(void) state;
	assert_owners(cases, UNR_COUNT(cases), assert_layer);
}

/* The first that has no place stops the engine; the kernel is asked for all. */
static void owner__without_a_place(void **state)
{
	static const struct owner_case cases[] = {
		{ { { '0', "f", NULL, 65536, 0 } },
		  "found 0 f file 65536:0 uid lchown EINVAL\nstop child 0 f: " ID(65536) },
		{ { { '0', "f", NULL, 0, 65536 } },
		  "found 0 f file 0:65536 gid lchown EINVAL\nstop child 0 f: " ID(65536) },
		{ { { '0', "f", NULL, 70000, 80000 } },
		  "found 0 f file 70000:80000 uid gid lchown EINVAL\nstop child 0 f: " ID(70000) },
		{ { { '5', "d", NULL, 70000, 0 } },
		  "found 0 d directory 70000:0 uid lchown EINVAL\nstop child 0 d: " ID(70000) },
		{ { { '2', "l", "x", 0, 70000 } },
		  "found 0 l symlink 0:70000 gid lchown EINVAL\nstop child 0 l: " ID(70000) },
		{ { { '6', "p", NULL, 70000, 0 } },
		  "found 0 p fifo 70000:0 uid lchown EINVAL\nstop child 0 p: " ID(70000) },
		{ { { '3', "c", NULL, 70000, 0 } },
		  "found 0 c char 70000:0 uid lchown EINVAL\nstop child 0 c: " ID(70000) },
		{ { { '0', "d/.wh.a", NULL, 70000, 0 } },
		  "found 0 d/.wh.a whiteout 70000:0 uid lchown EINVAL\nstop child 0 d/.wh.a: " ID(
			  70000) },
		{ { { '0', "f", NULL, 0, 0 }, { '1', "h", "f", 70000, 0 } },
		  "found 1 h hardlink 70000:0 uid lchown EINVAL\nstop child 1 h: " ID(70000) },
		{ { { '0', "a", NULL, 70000, 0 },
		    { '0', "b", NULL, 5, 5 },
		    { '0', "c", NULL, 0, 80000 } },
		  "found 0 a file 70000:0 uid lchown EINVAL\n"
		  "found 2 c file 0:80000 gid lchown EINVAL\nstop child 0 a: " ID(70000) },
	};

	(void) state;
	assert_owners(cases, UNR_COUNT(cases), assert_stops);
}

/* Nothing has to be chowned for the opaque marker, yet its owner is looked at. */
static void owner__of_what_is_not_chowned(void **state)
{
	static const struct owner_case cases[] = {
		{ { { '0', "d/.wh..wh..opq", NULL, 70000, 0 } },
		  "found 0 d/.wh..wh..opq whiteout 70000:0 uid\nstop child 0 d/.wh..wh..opq: " ID(
			  70000) },
		{ { { '7', "u", NULL, 70000, 0 } },
		  "found 0 u other 70000:0 uid\nstop child 0 u: " ID(70000) },
		{ { { '1', "h", "gone", 70000, 0 } },
		  "found 0 h hardlink 70000:0 uid\nstop child 0 h: " ID(70000) },
	};

	(void) state;
	assert_owners(cases, UNR_COUNT(cases), assert_stops);
}

static void owner__is_never_looked_at(void **state)
{
	static const struct owner_case cases[] = {
		{ { { '5', "./", NULL, 70000, 70000 } }, "" },
		{ { { '5', "", NULL, 70000, 0 } }, "" },
		{ { { '0', ".", NULL, 70000, 0 } }, "" },
		{ { { '5', "d/..", NULL, 70000, 0 } }, "" },
	};
	struct tar_build tar = { 0 };
	union tar_header header;

	(void) state;
	assert_owners(cases, UNR_COUNT(cases), assert_stops);
	tar_header_init(&header, "global", 'g');
	tar_header_owner(&header, 70000, 70000);
	tar_build_header(&tar, &header);
	assert_stops(&tar, "");
}

static void owner__of_the_root_by_other_names_is(void **state)
{
	static const char *const names[] = { "/", "..", "../" };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(names); i++) {
		const struct owner_case one = { { { '5', names[i], NULL, 70000, 0 } }, NULL };
		struct tar_build tar = { 0 };
		const char *shown = i == 0 ? "/" : "..";
		char expected[200];

		build_owned(&tar, one.entries);
		(void) snprintf(
			expected, sizeof(expected),
			"found 0 %s directory 70000:0 uid lchown EINVAL\nstop child 0 %s: " ID(
				70000),
			shown, shown);
		assert_stops(&tar, expected);
	}
}

/* What comes before the owner wins, what comes after it loses. */
static void owner__among_other_faults(void **state)
{
	static const struct owner_case cases[] = {
		{ { { '2', "l", "x", 0, 0 }, { '0', "l/d/f", NULL, 70000, 0 } },
		  "stop child 1 l/d/f: mkdir /l: file exists\n" },
		{ { { '0', "/", NULL, 70000, 0 } },
		  "stop child 0 /: unlinkat .//: device or resource busy\n" },
		{ { { '0', "f", NULL, 0, 0 }, { '0', "f/g", NULL, 70000, 0 } },
		  "found 1 f/g file 70000:0 uid\nstop child 1 f/g: " ID(70000) },
		{ { { '0', "a", NULL, 0, 0 }, { '0', "a", NULL, 70000, 0 } },
		  "found 1 a file 70000:0 uid lchown EINVAL\nstop child 1 a: " ID(70000) },
		/* An earlier stop stays the stop; the owner is found all the same. */
		{ { { '7', "u", NULL, 0, 0 }, { '0', "f", NULL, 70000, 0 } },
		  "found 1 f file 70000:0 uid lchown EINVAL\n"
		  "stop child 0 u: unhandled tar header type 55\n" },
	};

	(void) state;
	assert_owners(cases, UNR_COUNT(cases), assert_stops);
}

/* Engine and kernel do not agree on these. */
static void owner__engine_and_kernel_disagree(void **state)
{
	static const struct owner_case cases[] = {
		/* The host's root: mapped already for one, without a place for the other. */
		{ { { '0', "f", NULL, 100000, 7 } },
		  "found 0 f file 100000:7 mapped lchown EINVAL\n. d755 @now\nf -644 0:7 @0\n" },
		{ { { '0', "f", NULL, 7, 100000 } },
		  "found 0 f file 7:100000 mapped lchown EINVAL\n. d755 @now\nf -644 7:0 @0\n" },
		/* 32 bits of ones leave an owner as it is. */
		{ { { '0', "f", NULL, 4294967295, 5 } },
		  "found 0 f file 4294967295:5 uid lchown ok\nstop child 0 f: " ID(
			  4294967295) ". d755 @now\nf -644 0:5 @0\n" },
		{ { { '0', "f", NULL, -1, -1 } },
		  "found 0 f file -1:-1 uid gid lchown ok\nstop child 0 f: " ID(
			  -1) ". d755 @now\nf -644 @0\n" },
		/* The kernel sees 32 bits of the 64. */
		{ { { '0', "f", NULL, 4294967296 + 7, 0 } },
		  "found 0 f file 4294967303:0 uid lchown ok\nstop child 0 f: " ID(
			  4294967303) ". d755 @now\nf -644 7:0 @0\n" },
	};

	(void) state;
	assert_owners(cases, UNR_COUNT(cases), assert_layer);
}

/* By default all is extracted, else nothing behind the stop. */
static void stop_at_first__leaves_the_rest(void **state)
{
	static const struct owned entries[OWNED_MAX] = {
		{ '0', "a", NULL, 1, 1 },
		{ '0', "b", NULL, 70000, 1 },
		{ '0', "c", NULL, 80000, 1 },
	};
	static const char *const expected[] = {
		"found 1 b file 70000:1 uid lchown EINVAL\n"
		"found 2 c file 80000:1 uid lchown EINVAL\n"
		"stop child 1 b: " ID(70000) ". d755 @now\na -644 1:1 @0\nb -644 @0\nc -644 @0\n",
		"found 1 b file 70000:1 uid lchown EINVAL\n"
		"stop child 1 b: " ID(70000) ". d755 @now\na -644 1:1 @0\nb -644 @0\n",
	};

	(void) state;
	for (int first = 0; first <= 1; first++) {
		struct tar_build tar = { 0 };
		unr_autofree char *text = NULL;

		build_owned(&tar, entries);
		text = run_layer(&tar, first == 1, false);
		assert_string_equal(text, expected[first]);
	}
}

/* Capabilities go with the owner, modes are set after it. */
static void owner__does_not_cost_the_mode(void **state)
{
	struct tar_build tar = { 0 };
	union tar_header header;

	(void) state;
	tar_header_init(&header, "f", '0');
	tar_header_octal(header.field.mode, 8, 07777);
	tar_header_owner(&header, 5, 6);
	tar_build_header(&tar, &header);
	tar_build_end(&tar);
	assert_layer(&tar, ". d755 @now\nf -7777 5:6 @0\n");
}

/* These need owners other than 0:0 to be possible. */
static bool can_have_all_owners(const char **ret_why)
{
	return unr_needs_ranges(ret_why) && can_extract(ret_why);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(owner__is_given_to_every_type),
	cmocka_unit_test(owner__without_a_place),
	cmocka_unit_test(owner__of_what_is_not_chowned),
	cmocka_unit_test(owner__is_never_looked_at),
	cmocka_unit_test(owner__of_the_root_by_other_names_is),
	cmocka_unit_test(owner__among_other_faults),
	cmocka_unit_test(owner__engine_and_kernel_disagree),
	cmocka_unit_test(stop_at_first__leaves_the_rest),
	cmocka_unit_test(owner__does_not_cost_the_mode),
};

UNR_TEST_MAIN("unpack_owner", tests, can_have_all_owners);
