/* SPDX-License-Identifier: MIT */
/* base/nameset: new or there already, for few names, many names and odd ones. */
#include "unr_test.h"

#include <endian.h>
#include <stdio.h>
#include <string.h>

#include "base/nameset.h"
#include "base/siphash.h"

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

/* Each is asked for alone, through the table's growth too, and both are one name. */
static void mark__stands_for_itself(void **state)
{
	unr_auto(unr_nameset_done) struct unr_nameset set = { { 0 }, NULL, 0, 0 };

	(void) state;
	assert_int_equal(unr_nameset_init(&set), 0);
	assert_false(unr_nameset_has(&set, UNR_MARK_SECOND, "a", 1));
	for (uint32_t i = 0; i < 1000; i++)
		assert_int_equal(unr_nameset_mark(&set, UNR_MARK_SECOND, &i, sizeof(i)), 1);
	for (uint32_t i = 0; i < 1000; i++) {
		assert_false(unr_nameset_has(&set, UNR_MARK_FIRST, &i, sizeof(i)));
		assert_true(unr_nameset_has(&set, UNR_MARK_SECOND, &i, sizeof(i)));
		assert_int_equal(unr_nameset_add(&set, &i, sizeof(i)), 1);
		assert_int_equal(unr_nameset_add(&set, &i, sizeof(i)), 0);
		assert_int_equal(unr_nameset_mark(&set, UNR_MARK_SECOND, &i, sizeof(i)), 0);
	}
	assert_int_equal(set.n_used, 1000);
}

/* Key 00 to 0f, messages 00 01 02..., 128 bits, as another implementation has it. */
static void hash__is_siphash(void **state)
{
	static const struct {
		size_t length;
		const char *hash;
	} cases[] = {
		{ 0, "a3817f04ba25a8e66df67214c7550293" },
		{ 1, "da87c1d86b99af44347659119b22fc45" },
		{ 7, "a1f1ebbed8dbc153c0b84aa61ff08239" },
		{ 8, "3b62a9ba6258f5610f83e264f31497b4" },
		{ 9, "264499060ad9baabc47f8b02bb6d71ed" },
		{ 15, "5493e99933b0a8117e08ec0f97cfc3d9" },
		{ 16, "6ee2a4ca67b054bbfd3315bf85230577" },
		{ 23, "c9d184ddd5a9f5e0cf8ce29a9abf691c" },
		{ 64, "1eaf077dc0d4cd3f8cad4d383658a74b" },
	};
	const uint64_t key[2] = { htole64(UINT64_C(0x0706050403020100)),
				  htole64(UINT64_C(0x0f0e0d0c0b0a0908)) };
	unsigned char message[64];

	(void) state;
	for (size_t i = 0; i < sizeof(message); i++)
		message[i] = (unsigned char) i;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		uint64_t hash[2];
		char text[33];

		unr_siphash(key, message, cases[i].length, hash);
		for (size_t k = 0; k < sizeof(hash); k++)
			(void) snprintf(text + 2 * k, 3, "%02x", ((const unsigned char *) hash)[k]);
		assert_string_equal(text, cases[i].hash);
	}
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
	cmocka_unit_test(mark__stands_for_itself),
	cmocka_unit_test(hash__is_siphash),
	cmocka_unit_test(done__is_safe_twice),
};

UNR_TEST_MAIN("nameset", tests, NULL);
