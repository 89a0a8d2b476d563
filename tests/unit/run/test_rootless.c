/* SPDX-License-Identifier: MIT */
/* run/rootless: the caller, and behind it the ranges by name and by number. */
#include "unr_test.h"

#include <ctype.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "run/rootless.h"
#include "usernsrepro/subid.h"

/* What libsubid knows of the caller by one of its names, for both kinds alike. */
struct grants {
	struct unr_id_range ranges[2]; /* ends before a count of 0 */
	int error;
};

int __wrap_unr_subid_ranges(const char *owner, enum unr_id_kind kind, uint32_t first,
			    struct unr_idmap *ret, struct unr_error *err);

/* Asked for uids by name and by number, then for gids; each answer is one of the test's. */
int __wrap_unr_subid_ranges(const char *owner, enum unr_id_kind kind, uint32_t first,
			    struct unr_idmap *ret, struct unr_error *err)
{
	const struct grants *grants = mock_ptr_type(const struct grants *);
	bool by_number = isdigit((unsigned char) *owner);

	assert_int_equal(by_number, mock_type(int));
	assert_int_equal(first, 0);
	if (grants->error != 0)
		return unr_fail(err, UNR_ERROR_FAILED, grants->error, "no database");
	for (size_t i = 0; i < UNR_COUNT(grants->ranges) && grants->ranges[i].count > 0; i++) {
		struct unr_id_range range = grants->ranges[i];

		range.outside += kind == UNR_GID ? 5 : 0;
		assert_int_equal(unr_idmap_add(ret, range), 0);
	}
	return 0;
}

/* The next two questions: by name, by number. */
static void expect(const struct grants *name, const struct grants *number)
{
	will_return(__wrap_unr_subid_ranges, name);
	will_return(__wrap_unr_subid_ranges, 0);
	will_return(__wrap_unr_subid_ranges, number);
	will_return(__wrap_unr_subid_ranges, 1);
}

static const struct grants nothing = { 0 };
static const struct grants one = { .ranges = { { 0, 100000, 65536 } } };
static const struct grants two = { .ranges = { { 0, 300000, 10 }, { 10, 200000, 20 } } };

/* The uid map, and the gid map, which lies five higher; the own ids are "U" and "G". */
static void assert_maps(const struct grants *name, const struct grants *number,
			const char *const expected[UNR_ID_KIND_COUNT_])
{
	struct unr_idmaps maps = { 0 };
	struct unr_error err = { 0 };

	expect(name, number);
	expect(name, number);
	assert_int_equal(unr_rootless_maps(&maps, &err), 0);
	for (int kind = 0; kind < UNR_ID_KIND_COUNT_; kind++) {
		unr_auto(unr_text_done) struct unr_text text = { 0 };
		const struct unr_id_range *own = &maps.of[kind].ranges[0];

		assert_int_equal(own->inside, 0);
		assert_int_equal(own->outside, kind == UNR_UID ? geteuid() : getegid());
		assert_int_equal(own->count, 1);
		for (size_t i = 1; i < maps.of[kind].n_ranges; i++)
			unr_text_printf(&text, "%s%u:%u:%u", i == 1 ? "" : ",",
					maps.of[kind].ranges[i].inside,
					maps.of[kind].ranges[i].outside,
					maps.of[kind].ranges[i].count);
		assert_string_equal(unr_text_string(&text), expected[kind]);
	}
	unr_idmaps_done(&maps);
}

static void maps__begin_with_the_caller(void **state)
{
	static const char *const alone[] = { "1:100000:65536", "1:100005:65536" };
	static const char *const several[] = { "1:300000:10,11:200000:20",
					       "1:300005:10,11:200005:20" };
	static const char *const both[] = { "1:100000:65536,65537:300000:10,65547:200000:20",
					    "1:100005:65536,65537:300005:10,65547:200005:20" };

	(void) state;
	assert_maps(&one, &nothing, alone);
	assert_maps(&nothing, &one, alone);
	assert_maps(&two, &nothing, several);
	/* libsubid finds entries by number under the name as well. */
	assert_maps(&one, &one, alone);
	assert_maps(&one, &two, both);
}

static void maps__without_ranges(void **state)
{
	struct unr_idmaps maps = { 0 };
	struct unr_error err = { 0 };

	(void) state;
	expect(&nothing, &nothing);
	assert_int_equal(unr_rootless_maps(&maps, &err), -ENOENT);
	assert_int_equal(err.kind, UNR_ERROR_CANNOT_RUN);
	assert_non_null(strstr(err.message, "subordinate uids"));
	/* What to do: another user, or a range. */
	assert_non_null(strstr(err.message, geteuid() == 0 ? "--uidmap 0:UID:1" : "usermod"));
	unr_idmaps_done(&maps);
}

static void maps__without_group_ranges(void **state)
{
	struct unr_idmaps maps = { 0 };
	struct unr_error err = { 0 };

	(void) state;
	expect(&one, &nothing);
	expect(&nothing, &nothing);
	assert_int_equal(unr_rootless_maps(&maps, &err), -ENOENT);
	assert_non_null(strstr(err.message, "subordinate gids"));
	unr_idmaps_done(&maps);
}

static void maps__from_a_database_that_fails(void **state)
{
	static const struct grants broken = { .error = -EIO };
	struct unr_idmaps maps = { 0 };
	struct unr_error err = { 0 };

	(void) state;
	will_return(__wrap_unr_subid_ranges, &broken);
	will_return(__wrap_unr_subid_ranges, 0);
	assert_int_equal(unr_rootless_maps(&maps, &err), -EIO);
	assert_int_equal(err.kind, UNR_ERROR_FAILED);
	unr_idmaps_done(&maps);
}

/* The tests ask by a name; a user without one is asked for by number alone. */
static bool has_name(const char **ret_why)
{
	*ret_why = "the caller has no login name";
	return getpwuid(geteuid()) != NULL;
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(maps__begin_with_the_caller),
	cmocka_unit_test(maps__without_ranges),
	cmocka_unit_test(maps__without_group_ranges),
	cmocka_unit_test(maps__from_a_database_that_fails),
};

UNR_TEST_MAIN("rootless", tests, has_name);
