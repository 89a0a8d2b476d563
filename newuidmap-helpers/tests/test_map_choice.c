/* SPDX-License-Identifier: MIT */
/* src/map_choice: the method that follows from the facts about the caller. */
#include "maps.h"

#include "idmap_auto.h"
#include "map_choice.h"

#define EVERYTHING "0:0:4294967295"
#define NO_HELPERS "newuidmap is not on PATH"
#define NO_CAP(cap, flag) "no " cap ": start the surrounding container with " flag ADVICE_END
#define ADVICE_END ", or run this outside of it; "

/* Facts and wish as texts; sets are maps of which the outside column counts. */
struct choice_case {
	const char *capabilities; /* of "ugf": setuid, setgid, setfcap */
	const char *here;         /* both kinds */
	const char *uids, *gids;  /* granted */
	const char *no_helpers;
	const char *wanted_uids, *wanted_gids;
	enum unr_map_method method;
	const char *laid_uids, *laid_gids;
	const char *why; /* all of it */
};

/* As unr_map_choose() goes through them. */
static int choose(const struct unr_map_caller *caller, const struct unr_idmaps *wanted,
		  struct unr_map_choice *ret)
{
	static int (*const methods[])(const struct unr_map_caller *, const struct unr_idmaps *,
				      struct unr_map_choice *, struct unr_obstacle *) = {
		unr_map_choose_direct,
		unr_map_choose_newuidmap,
		unr_map_choose_self,
	};
	int r = 0;

	for (size_t i = 0; i < UNR_COUNT(methods) && r == 0; i++) {
		struct unr_obstacle obstacle = { 0 };
		char why[sizeof(ret->why)];

		r = methods[i](caller, wanted, ret, &obstacle);
		unr_obstacle_text(&obstacle, caller->distribution, sizeof(why), why);
		if (r == 0)
			unr_map_choice_add_why(ret, why);
	}
	return r;
}

static void run_case(const struct choice_case *c)
{
	struct unr_map_caller caller = {
		.own = { 1000, 1001 },
		.has_setuid = strchr(c->capabilities, 'u') != NULL,
		.has_setgid = strchr(c->capabilities, 'g') != NULL,
		.has_setfcap = strchr(c->capabilities, 'f') != NULL,
		.here = { { map_of(c->here), map_of(c->here) } },
		.granted = { { map_of(c->uids), map_of(c->gids) } },
	};
	unr_auto(unr_idmaps_done) struct unr_idmaps wanted = { { map_of(c->wanted_uids),
								 map_of(c->wanted_gids) } };
	unr_auto(unr_map_choice_done) struct unr_map_choice choice = { 0 };

	unr_obstacle_set(&caller.no_helpers, UNR_REMEDY_NONE, "", "%s", c->no_helpers);
	(void) snprintf(caller.name, sizeof(caller.name), "alice");
	assert_int_equal(choose(&caller, &wanted, &choice), 1);
	unr_map_caller_done(&caller);
	assert_string_equal(choice.why, c->why);
	assert_int_equal(choice.method, c->method);
	assert_map(&choice.maps.of[UNR_UID], c->laid_uids);
	assert_map(&choice.maps.of[UNR_GID], c->laid_gids);
}

static void choose__direct_with_capabilities_and_ids(void **state)
{
	static const struct choice_case cases[] = {
		{ "ugf", EVERYTHING, "", "", NO_HELPERS, "0:100000:65536", "0:200000:65536",
		  UNR_MAP_DIRECT, "0:100000:65536", "0:200000:65536", "" },
		/* No file capabilities are needed for outside ids above 0, nor for gid 0. */
		{ "ug", EVERYTHING, "", "", NO_HELPERS, "0:1:10", "0:0:10", UNR_MAP_DIRECT,
		  "0:1:10", "0:0:10", "" },
		{ "ugf", EVERYTHING, "", "", NO_HELPERS, "0:0:4294967295", "0:0:4294967295",
		  UNR_MAP_DIRECT, "0:0:4294967295", "0:0:4294967295", "" },
		/* A namespace inside another: just fitting, over several lines of the own map. */
		{ "ugf", "0:0:65536", "", "", NO_HELPERS, "0:65535:1", "0:0:65536", UNR_MAP_DIRECT,
		  "0:65535:1", "0:0:65536", "" },
		{ "ugf", "0:0:1,0:1:65536", "", "", NO_HELPERS, "0:0:65537", "0:0:65537",
		  UNR_MAP_DIRECT, "0:0:65537", "0:0:65537", "" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++)
		run_case(&cases[i]);
}

static void choose__not_direct_without_all_of_it(void **state)
{
	static const struct choice_case cases[] = {
		{ "gf", EVERYTHING, "", "", NO_HELPERS, "0:5:1", "0:5:1", UNR_MAP_SELF, "0:1000:1",
		  "0:1001:1", NO_CAP("CAP_SETUID", "--cap-add SETUID") NO_HELPERS },
		{ "uf", EVERYTHING, "", "", NO_HELPERS, "0:5:1", "0:5:1", UNR_MAP_SELF, "0:1000:1",
		  "0:1001:1", NO_CAP("CAP_SETGID", "--cap-add SETGID") NO_HELPERS },
		{ "ug", EVERYTHING, "", "", NO_HELPERS, "0:5:1,1:0:1", "0:5:1", UNR_MAP_SELF,
		  "0:1000:1", "0:1001:1",
		  NO_CAP("CAP_SETFCAP, needed to map outside uid 0", "--cap-add SETFCAP")
			  NO_HELPERS },
		{ "ugf", "0:0:65536", "", "", NO_HELPERS, "0:100000:65536", "0:0:1", UNR_MAP_SELF,
		  "0:1000:1", "0:1001:1",
		  "outside uid 100000 does not exist in this namespace; " NO_HELPERS },
		{ "ugf", "0:0:65536", "", "", NO_HELPERS, "0:0:1", "0:1:65536", UNR_MAP_SELF,
		  "0:1000:1", "0:1001:1",
		  "outside gid 65536 does not exist in this namespace; " NO_HELPERS },
		{ "ugf", "0:0:10,0:11:10", "", "", NO_HELPERS, "0:5:10", "0:0:1", UNR_MAP_SELF,
		  "0:1000:1", "0:1001:1",
		  "outside uid 10 does not exist in this namespace; " NO_HELPERS },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++)
		run_case(&cases[i]);
}

/* "not root" would be no answer to somebody who is. */
static void choose__root_is_told_which_capability(void **state)
{
	struct unr_map_caller caller = { .here = { { map_of(EVERYTHING), map_of(EVERYTHING) } },
					 .no_helpers = { .reason = NO_HELPERS } };
	unr_auto(unr_idmaps_done) struct unr_idmaps wanted = { { map_of("0:5:1"),
								 map_of("0:5:1") } };
	unr_auto(unr_map_choice_done) struct unr_map_choice choice = { 0 };

	(void) state;
	assert_int_equal(choose(&caller, &wanted, &choice), 1);
	unr_map_caller_done(&caller);
	assert_string_equal(choice.why, NO_CAP("CAP_SETUID", "--cap-add SETUID") NO_HELPERS);
}

static void choose__newuidmap_with_enough_grants(void **state)
{
	static const struct choice_case cases[] = {
		{ "", EVERYTHING, "0:100000:65536", "0:300000:65536", "", "0:100000:65536",
		  "0:100000:65536", UNR_MAP_NEWUIDMAP, "0:100000:65536", "0:300000:65536",
		  "not root" },
		/* The rootless layout keeps the own uid and gid. */
		{ "", EVERYTHING, "0:100000:65536", "0:100000:65536", "", "0:1000:1,1:100000:65536",
		  "0:1001:1,1:100000:65536", UNR_MAP_NEWUIDMAP, "0:1000:1,1:100000:65536",
		  "0:1001:1,1:100000:65536", "not root" },
		/* Found by name and by number, or overlapping: each id once. */
		{ "", EVERYTHING, "0:100000:10,0:100000:10,0:100005:10", "0:5:15", "", "0:7:15",
		  "0:7:13", UNR_MAP_NEWUIDMAP, "0:100000:10,10:100010:5", "0:7:13", "not root" },
		/* In a container, the part of the grants that exists there. */
		{ "ugf", "0:0:65536", "0:60000:10000", "0:60000:10000", "", "0:100000:5536",
		  "0:100000:5536", UNR_MAP_NEWUIDMAP, "0:60000:5536", "0:60000:5536",
		  "outside uid 100000 does not exist in this namespace" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++)
		run_case(&cases[i]);
}

static void choose__self_when_grants_are_missing(void **state)
{
	static const struct choice_case cases[] = {
		{ "", EVERYTHING, "", "", "", "0:100000:65536", "0:100000:65536", UNR_MAP_SELF,
		  "0:1000:1", "0:1001:1",
		  "not root; alice may map 0 of the 65,536 uids that are needed: "
		  "usermod --add-subuids 100000-165535 alice" },
		{ "", EVERYTHING, "0:100000:65536", "0:100000:65535", "", "0:100000:65536",
		  "0:100000:65536", UNR_MAP_SELF, "0:1000:1", "0:1001:1",
		  "not root; alice may map 65,535 of the 65,536 gids that are needed: "
		  "usermod --add-subgids 100000-100000 alice" },
		/* The same range twice is not twice as much. */
		{ "", EVERYTHING, "0:5:10,0:5:10", "0:5:20", "", "0:5:20", "0:5:20", UNR_MAP_SELF,
		  "0:1000:1", "0:1001:1",
		  "not root; alice may map 10 of the 20 uids that are needed: "
		  "usermod --add-subuids 100000-100009 alice" },
		{ "", "0:0:65536", "0:60000:10000", "0:60000:10000", "", "0:100000:5537",
		  "0:100000:5537", UNR_MAP_SELF, "0:1000:1", "0:1001:1",
		  "not root; alice may map 5,536 of the 5,537 uids that are needed: "
		  "usermod --add-subuids 100000-100000 alice" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++)
		run_case(&cases[i]);
}

/* A grant of one id each, with holes between: laying the wanted ids makes a range of each. */
static void choose__self_when_the_map_gets_too_long(void **state)
{
	struct unr_map_caller caller = { .here = { { map_of(EVERYTHING), map_of(EVERYTHING) } } };
	unr_auto(unr_idmaps_done) struct unr_idmaps wanted = { { map_of("0:100000:341"),
								 map_of("0:0:1") } };
	unr_auto(unr_map_choice_done) struct unr_map_choice choice = { 0 };

	(void) state;
	for (uint32_t i = 0; i < 341; i++) {
		struct unr_id_range one = { .outside = 2 * i, .count = 1 };

		assert_int_equal(unr_idmap_add(&caller.granted.of[UNR_UID], one), 0);
		assert_int_equal(unr_idmap_add(&caller.granted.of[UNR_GID], one), 0);
	}
	assert_int_equal(choose(&caller, &wanted, &choice), 1);
	unr_map_caller_done(&caller);
	assert_int_equal(choice.method, UNR_MAP_SELF);
	assert_string_equal(
		choice.why,
		NO_CAP("CAP_SETUID",
		       "--cap-add SETUID") "laid on the subordinate ranges, the uid map "
					   "has 341 ranges, the kernel takes 340");
	assert_map(&choice.maps.of[UNR_UID], "0:0:1");
}

/* The ids that others have, and the way of the distribution, are in the command. */
static void choose__advice_is_exact(void **state)
{
	char owner[] = "bob";
	struct unr_subid_line taken = { .owner = owner, .first = 100000, .end = 165536 };
	const struct unr_map_caller caller = {
		.own = { 1000, 1000 },
		.here = { { map_of(EVERYTHING), map_of(EVERYTHING) } },
		.taken = { { .lines = &taken, .n_lines = 1 } },
		.name = "alice",
		.distribution = UNR_DISTRIBUTION_ALPINE,
	};
	unr_auto(unr_idmaps_done) struct unr_idmaps wanted = { { map_of("0:100000:65536"),
								 map_of("0:100000:65536") } };
	unr_auto(unr_map_choice_done) struct unr_map_choice choice = { 0 };
	struct unr_idmaps here = caller.here;

	(void) state;
	assert_int_equal(choose(&caller, &wanted, &choice), 1);
	unr_idmaps_done(&here);
	assert_string_equal(choice.why,
			    "not root; alice may map 0 of the 65,536 uids that are needed: apk add "
			    "shadow && usermod --add-subuids 165536-231071 alice");
}

/* Reasons of any length fit, or are cut at the end. */
static void choose__why_is_bounded(void **state)
{
	struct unr_map_caller caller = { .has_setuid = true };
	unr_auto(unr_idmaps_done) struct unr_idmaps wanted = { { map_of("0:1:1"),
								 map_of("0:1:1") } };
	unr_auto(unr_map_choice_done) struct unr_map_choice choice = { 0 };

	(void) state;
	memset(caller.no_helpers.reason, 'x', sizeof(caller.no_helpers.reason) - 1);
	memset(choice.why, 'y', sizeof(choice.why) - 2);
	assert_int_equal(choose(&caller, &wanted, &choice), 1);
	assert_int_equal(strlen(choice.why), sizeof(choice.why) - 1);
}

static void method__has_a_name(void **state)
{
	(void) state;
	assert_string_equal(unr_map_method_name(UNR_MAP_DIRECT), "direct");
	assert_string_equal(unr_map_method_name(UNR_MAP_NEWUIDMAP), "newuidmap");
	assert_string_equal(unr_map_method_name(UNR_MAP_SELF), "self");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(choose__direct_with_capabilities_and_ids),
	cmocka_unit_test(choose__not_direct_without_all_of_it),
	cmocka_unit_test(choose__root_is_told_which_capability),
	cmocka_unit_test(choose__newuidmap_with_enough_grants),
	cmocka_unit_test(choose__self_when_grants_are_missing),
	cmocka_unit_test(choose__self_when_the_map_gets_too_long),
	cmocka_unit_test(choose__advice_is_exact),
	cmocka_unit_test(choose__why_is_bounded),
	cmocka_unit_test(method__has_a_name),
};

UNR_TEST_MAIN("map_choice", tests, NULL);
