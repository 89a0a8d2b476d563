/* SPDX-License-Identifier: MIT */
/* unpack/ledger: what the last layer reads of what all have noted. */
#include "unr_test.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "unpack/ledger.h"

static int open_ledger(void **state)
{
	struct unr_ledger *ledger = malloc(sizeof(*ledger));

	*state = ledger;
	return ledger == NULL ? -1 : unr_ledger_open(ledger);
}

static int close_ledger(void **state)
{
	unr_ledger_done(*state);
	free(*state);
	return 0;
}

static void nothing__is_noted(void **state)
{
	unr_autofree struct unr_ledger_directory *directories = NULL;
	unr_autofree struct unr_ledger_attribute *attributes = NULL;

	assert_int_equal(unr_ledger_foreign(*state, &directories), 0);
	assert_int_equal(unr_ledger_attributes(*state, &attributes), 0);
}

static void foreign__goes_by_the_last_note(void **state)
{
	static const struct {
		ino_t inode;
		bool foreign;
	} notes[] = { { 9, true },  { 5, true },  { 7, true }, { 5, false },
		      { 3, false }, { 7, false }, { 9, true }, { 7, true } };
	unr_autofree struct unr_ledger_directory *directories = NULL;

	for (size_t i = 0; i < UNR_COUNT(notes); i++)
		assert_int_equal(
			unr_ledger_note_directory(*state, notes[i].inode, notes[i].foreign), 0);
	assert_int_equal(unr_ledger_foreign(*state, &directories), 2);
	assert_int_equal(directories[0].inode, 7);
	assert_int_equal(directories[1].inode, 9);
}

static void attributes__are_sorted_and_keep_their_order(void **state)
{
	static const char value[29] = "0123456789abcdefghijklmnopqr";
	unr_autofree struct unr_ledger_attribute *a = NULL;

	assert_int_equal(unr_ledger_note_attribute(*state, 8, "b", value, 28), 0);
	assert_int_equal(unr_ledger_note_attribute(*state, 2, "c", value, 29), 0);
	assert_int_equal(unr_ledger_note_attribute(*state, 8, "a", "", 0), 0);
	assert_int_equal(unr_ledger_attributes(*state, &a), 3);
	assert_int_equal(a[0].inode, 2);
	assert_int_equal(a[0].length, 0); /* too long to be a capability */
	assert_string_equal(a[1].name, "b");
	assert_int_equal(a[1].length, 28);
	assert_memory_equal(a[1].value, value, 28);
	assert_string_equal(a[2].name, "a");
	assert_int_equal(a[2].length, 0);
}

#define WITH_LEDGER(test) cmocka_unit_test_setup_teardown(test, open_ledger, close_ledger)

static const struct CMUnitTest tests[] = {
	WITH_LEDGER(nothing__is_noted),
	WITH_LEDGER(foreign__goes_by_the_last_note),
	WITH_LEDGER(attributes__are_sorted_and_keep_their_order),
};

UNR_TEST_MAIN("ledger", tests, NULL);
