/* SPDX-License-Identifier: MIT */
/* src/subid_table: what is free, and what two have at once; userns/ has real files. */
#include "unr_test.h"

#include <stdio.h>
#include <string.h>

#include "usernsrepro/subid.h"

#define LINES_MAX 4

/* Lines as in the file, of which the owner is one of two words of a test. */
struct table_case {
	struct unr_subid_line lines[LINES_MAX];
	uint64_t count;
	uint32_t first;
};

static char alice[] = "alice", bob[] = "bob", number[] = "1000";

static struct unr_subid_table table_of(struct unr_subid_line lines[LINES_MAX])
{
	struct unr_subid_table table = { .lines = lines };

	while (table.n_lines < LINES_MAX && lines[table.n_lines].owner != NULL)
		table.n_lines++;
	return table;
}

static void free__is_the_lowest_that_has_room(void **state)
{
	struct table_case cases[] = {
		{ { { 0 } }, 65536, 100000 },
		{ { { alice, 100000, 165536 } }, 65536, 165536 },
		/* Below 100000 there is none, whatever lies there. */
		{ { { alice, 1000, 2000 } }, 65536, 100000 },
		{ { { alice, 1000, 100001 } }, 65536, 100001 },
		/* A gap that is wide enough, and one that is not. */
		{ { { alice, 100000, 165536 }, { bob, 231072, 296608 } }, 65536, 165536 },
		{ { { alice, 100000, 165537 }, { bob, 231072, 296608 } }, 65536, 296608 },
		/* In any order, one over the other. */
		{ { { bob, 231072, 296608 }, { alice, 100000, 300000 }, { bob, 90000, 100001 } },
		  1,
		  300000 },
		/* Up to the last id, and not beyond. */
		{ { { alice, 100000, 4294901759 } }, 65536, 4294901759 },
		{ { { alice, 100000, 4294901760 } }, 65536, UNR_ID_NONE },
		{ { { alice, 100000, 8589934590 } }, 1, UNR_ID_NONE },
		{ { { 0 } }, 4294867295, 100000 },
		{ { { 0 } }, 4294867296, UNR_ID_NONE },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct unr_subid_table table = table_of(cases[i].lines);

		assert_int_equal(unr_subid_table_free(&table, cases[i].count), cases[i].first);
	}
}

static void shared__between_two_people(void **state)
{
	struct {
		struct unr_subid_line lines[LINES_MAX];
		int mine, theirs; /* -1: none */
	} cases[] = {
		{ { { 0 } }, -1, -1 },
		{ { { alice, 100000, 165536 }, { bob, 165536, 231072 } }, -1, -1 },
		{ { { alice, 100000, 165536 }, { bob, 165535, 231072 } }, 0, 1 },
		{ { { bob, 0, 100001 }, { alice, 100000, 165536 } }, 1, 0 },
		{ { { bob, 0, 4000000000 }, { alice, 100000, 165536 } }, 1, 0 },
		/* The same person by name and by number. */
		{ { { alice, 100000, 165536 }, { number, 100000, 165536 } }, -1, -1 },
		{ { { number, 100000, 165536 }, { bob, 100000, 165536 } }, 0, 1 },
		/* Others among themselves are not our affair. */
		{ { { bob, 5, 10 }, { bob, 5, 10 }, { alice, 10, 20 } }, -1, -1 },
	};
	const struct unr_subid_user user = { .login = alice, .uid = 1000 };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct unr_subid_table table = table_of(cases[i].lines);
		const struct unr_subid_line *mine = NULL, *theirs = NULL;

		assert_int_equal(unr_subid_table_shared(&table, &user, &mine, &theirs),
				 cases[i].mine >= 0);
		if (cases[i].mine < 0)
			continue;
		assert_ptr_equal(mine, &cases[i].lines[cases[i].mine]);
		assert_ptr_equal(theirs, &cases[i].lines[cases[i].theirs]);
	}
}

static void obstacle__has_a_free_range(void **state)
{
	struct unr_subid_line lines[LINES_MAX] = { { alice, 100000, 165536 } };
	struct unr_subid_line all[LINES_MAX] = { { alice, 0, 4294967295 } };
	struct unr_subid_table table = table_of(lines), full = table_of(all);
	struct unr_obstacle obstacle;

	(void) state;
	unr_subid_obstacle_few(&obstacle, &table, "bob", UNR_UID, 2010, 2000);
	assert_string_equal(obstacle.reason, "bob may map 2,000 of the 2,010 uids that are needed");
	assert_string_equal(obstacle.subject, "165536-165545 bob");
	assert_int_equal(obstacle.remedy, UNR_REMEDY_ADD_SUBUIDS);
	unr_subid_obstacle_few(&obstacle, &full, "bob", UNR_GID, 10, 0);
	assert_string_equal(obstacle.subject, "FIRST-LAST bob");
	assert_int_equal(obstacle.remedy, UNR_REMEDY_ADD_SUBGIDS);
}

static void obstacle__of_an_account_that_is_not_there(void **state)
{
	struct unr_obstacle obstacle;

	(void) state;
	unr_subid_obstacle_none(&obstacle, "no-such-account", UNR_GID);
	assert_string_equal(
		obstacle.reason,
		"'no-such-account' has no subordinate gids on this host, nor an account");
	assert_int_equal(obstacle.remedy, UNR_REMEDY_ACCOUNT);
	/* Which range is free depends on the host. */
	assert_ptr_equal(strstr(obstacle.subject, "no-such-account && usermod --add-subuids "),
			 obstacle.subject);
	assert_non_null(strstr(obstacle.subject, " --add-subgids "));
	assert_string_equal(strrchr(obstacle.subject, ' '), " no-such-account");
	/* One that is there, and a number, which needs none. */
	unr_subid_obstacle_none(&obstacle, "root", UNR_UID);
	assert_string_equal(obstacle.reason, "'root' has no subordinate uids on this host");
	assert_int_equal(obstacle.remedy, UNR_REMEDY_ADD_SUBUIDS);
	unr_subid_obstacle_none(&obstacle, "54321", UNR_UID);
	assert_int_equal(obstacle.remedy, UNR_REMEDY_ADD_SUBUIDS);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(free__is_the_lowest_that_has_room),
	cmocka_unit_test(shared__between_two_people),
	cmocka_unit_test(obstacle__has_a_free_range),
	cmocka_unit_test(obstacle__of_an_account_that_is_not_there),
};

UNR_TEST_MAIN("subid_table", tests, NULL);
