/* SPDX-License-Identifier: MIT */
/* base/nameset: new or there already, for few names, many names and odd ones. */
#include "unr_test.h"

#include <stdio.h>
#include <string.h>

#include "base/nameset.h"

static int add(struct unr_nameset *set, const char *name)
{
	return unr_nameset_add(set, name, strlen(name));
}

static void add__says_new_then_again(void **state)
{
	unr_auto(unr_nameset_done) struct unr_nameset set = { { 0 }, NULL, 0, 0 };

	(void) state;
	assert_int_equal(unr_nameset_init(&set), 0);
	assert_int_equal(add(&set, "a"), 1);
	assert_int_equal(add(&set, "a"), 0);
	assert_int_equal(add(&set, "a"), 0);
	assert_int_equal(add(&set, "b"), 1);
	assert_int_equal(set.n_used, 2);
}

/* Bytes, not strings: length and NULs count. */
static void add__tells_similar_names_apart(void **state)
{
	static const struct {
		const char *name;
		size_t length;
	} cases[] = {
		{ "", 0 },
		{ "\0", 1 },
		{ "\0\0", 2 },
		{ "a", 1 },
		{ "a\0", 2 },
		{ "A", 1 },
		{ "a/b", 3 },
		{ "/a/b", 4 },
		{ "1234567", 7 },
		{ "12345678", 8 },
		{ "123456789", 9 },
		{ "12345678\0", 9 },
		{ "87654321", 8 },
		{ "\xff\xff", 2 },
		{ "\xff\xff\xff", 3 },
		{ "../a", 4 },
		{ "a ", 2 },
		{ "0123456789abcdef", 16 },
		{ "0123456789abcdeg", 16 },
	};
	unr_auto(unr_nameset_done) struct unr_nameset set = { { 0 }, NULL, 0, 0 };

	(void) state;
	assert_int_equal(unr_nameset_init(&set), 0);
	for (size_t i = 0; i < UNR_COUNT(cases); i++)
		assert_int_equal(unr_nameset_add(&set, cases[i].name, cases[i].length), 1);
	for (size_t i = 0; i < UNR_COUNT(cases); i++)
		assert_int_equal(unr_nameset_add(&set, cases[i].name, cases[i].length), 0);
}

static void add__keeps_many_through_its_growth(void **state)
{
	unr_auto(unr_nameset_done) struct unr_nameset set = { { 0 }, NULL, 0, 0 };
	char name[32];

	(void) state;
	assert_int_equal(unr_nameset_init(&set), 0);
	for (int round = 1; round >= 0; round--)
		for (int i = 0; i < 50000; i++) {
			(void) snprintf(name, sizeof(name), "usr/share/%d", i);
			assert_int_equal(add(&set, name), round);
		}
	assert_int_equal(set.n_used, 50000);
	assert_true(set.n_slots >= 50000 && (set.n_slots & (set.n_slots - 1)) == 0);
}

static void init__draws_a_key_of_its_own(void **state)
{
	struct unr_nameset one, other;

	(void) state;
	assert_int_equal(unr_nameset_init(&one), 0);
	assert_int_equal(unr_nameset_init(&other), 0);
	assert_memory_not_equal(one.key, other.key, sizeof(one.key));
	unr_nameset_done(&one);
	unr_nameset_done(&other);
}

struct unr_nameset_slot {
	uint64_t hash[2];
};

/* The vector of the reference implementation: key 00..0f, message 00..0e, 128 bits. */
static void hash__is_siphash(void **state)
{
	static const unsigned char expected[16] = {
		0x54, 0x93, 0xe9, 0x99, 0x33, 0xb0, 0xa8, 0x11,
		0x7e, 0x08, 0xec, 0x0f, 0x97, 0xcf, 0xc3, 0xd9
	};
	unr_auto(unr_nameset_done) struct unr_nameset set = { { 0 }, NULL, 0, 0 };
	unsigned char message[15];
	bool found = false;

	(void) state;
	set.key[0] = UINT64_C(0x0706050403020100);
	set.key[1] = UINT64_C(0x0f0e0d0c0b0a0908);
	for (unsigned char i = 0; i < sizeof(message); i++)
		message[i] = i;
	assert_int_equal(unr_nameset_add(&set, message, sizeof(message)), 1);
	for (size_t i = 0; i < set.n_slots; i++)
		found = found || memcmp(set.slots[i].hash, expected, sizeof(expected)) == 0;
	assert_true(found);
}

static void done__is_safe_twice(void **state)
{
	struct unr_nameset set;

	(void) state;
	assert_int_equal(unr_nameset_init(&set), 0);
	assert_int_equal(add(&set, "a"), 1);
	unr_nameset_done(&set);
	assert_null(set.slots);
	unr_nameset_done(&set);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(add__says_new_then_again),
	cmocka_unit_test(add__tells_similar_names_apart),
	cmocka_unit_test(add__keeps_many_through_its_growth),
	cmocka_unit_test(init__draws_a_key_of_its_own),
	cmocka_unit_test(hash__is_siphash),
	cmocka_unit_test(done__is_safe_twice),
};

UNR_TEST_MAIN("nameset", tests, NULL);
