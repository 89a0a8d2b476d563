/* SPDX-License-Identifier: MIT */
/* Known owners, by data/owners.csv and the map of the run. */
#include "report_fixture.h"

#include "advice/owner.h"

static void expect_hint(const struct unr_result *result, int64_t uid, int64_t gid,
			const char *expected)
{
	const struct unr_owner owner = { .failing = { uid > 65535, gid > 65535 },
					 .id = { uid, gid } };
	unr_auto(unr_text_done) struct unr_text words = { 0 };
	struct unr_owner_hint hint;

	if (unr_owner_hint(result, &owner, &hint))
		unr_owner_append(&words, &hint);
	assert_string_equal(unr_text_string(&words), expected);
}

#define TWICE(id_, first_, last_)                                                                  \
	"probably " id_ " mapped twice (" first_ ".." last_ " are subordinate ids)"
#define DIRECTORY "probably an account of a directory service (Active Directory makes such numbers)"

static void owner__is_known(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	expect_hint(&result, 445605, 89939, "build hosts of Google");
	expect_hint(&result, 0, 89939, "build hosts of Google");
	expect_hint(&result, 205001, 5000, "build hosts of Google");
	expect_hint(&result, 301071, 64025, "build hosts of Google");
	expect_hint(&result, 197609, 197121, "an account of Windows (Cygwin or MSYS2 or Git)");
	expect_hint(&result, 0, 1000640000, "a project of OpenShift");
	expect_hint(&result, 1516583083, 0, DIRECTORY);
	expect_hint(&result, 0, 1876110778,
		    "probably a group of a directory service (Active Directory "
		    "makes such numbers)");
	expect_hint(&result, 1000000, 1000000, "");
	expect_hint(&result, 70000, 0, "");
	expect_hint(&result, UNR_ID_NONE, 0, "");
	expect_hint(&result, INT64_MAX, INT64_MAX, "");
	/* 5000 is a low id: of a file that fails for another reason it says nothing. */
	expect_hint(&result, 1000, 5000, "");
	fixture_done(&result);
}

/* Under a map of few ids a Mac's first account fails. */
static void mac__is_known(void **state)
{
	struct unr_result result = fixture_result();
	const struct unr_owner owner = { .failing = { true, true }, .id = { 501, 20 } };
	struct unr_owner_hint hint;

	(void) state;
	assert_true(unr_owner_hint(&result, &owner, &hint));
	assert_string_equal(hint.words, "the first account of a Mac");
	fixture_done(&result);
}

static void id__mapped_twice_is_named(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	expect_hint(&result, 100001, 0, TWICE("uid 1", "100000", "165535"));
	expect_hint(&result, 101000, 100042, TWICE("uid 1000, gid 42", "100000", "165535"));
	expect_hint(&result, 165536, 0, TWICE("uid 0", "165536", "231071"));
	expect_hint(&result, 524321, 0, TWICE("uid 33", "524288", "589823"));
	/* Of etcd's releases: nobody's usual number before, so it may as well be what it is. */
	expect_hint(
		&result, 114762, 114762,
		"perhaps uid 14762, gid 14762 mapped twice (100000..165535 are subordinate ids)");
	expect_hint(&result, 165534, 0, TWICE("uid 65534", "100000", "165535"));
	/* The map of this very run comes first. */
	fixture_map(&result.engine_map, 70000, 700000, 1000);
	expect_hint(&result, 700005, 0,
		    "perhaps uid 70005 mapped twice (700000..700999 are subordinate ids)");
	fixture_done(&result);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(owner__is_known),
	cmocka_unit_test(mac__is_known),
	cmocka_unit_test(id__mapped_twice_is_named),
};

UNR_TEST_MAIN("advice.owner", tests, NULL);
