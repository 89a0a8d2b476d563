/* SPDX-License-Identifier: MIT */
/* run/profile: maps from profiles and options, and which options go together. */
#include "unr_test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "run/profile.h"
#include "usernsrepro/obstacle.h"
#include "usernsrepro/subid.h"

int __wrap_unr_subid_ranges(const char *owner, enum unr_id_kind kind, uint32_t first,
			    struct unr_idmap *ret, struct unr_error *err);

/* The subordinate ranges of this host: the owner is "none", "broken" or has two ranges. */
int __wrap_unr_subid_ranges(const char *owner, enum unr_id_kind kind, uint32_t first,
			    struct unr_idmap *ret, struct unr_error *err)
{
	uint32_t outside = kind == UNR_UID ? 200000 : 300000;

	if (strcmp(owner, "broken") == 0)
		return unr_fail(err, UNR_ERROR_FAILED, -EIO, "no database");
	if (strcmp(owner, "none") == 0 || (strcmp(owner, "nogid") == 0 && kind == UNR_GID))
		return 0;
	if (strcmp(owner, "group") == 0)
		outside += 50000;
	if (strcmp(owner, "dockremap") == 0)
		outside += 200000;
	assert_int_equal(unr_idmap_add(ret, (struct unr_id_range) { first, outside, 10 }), 0);
	return unr_idmap_add(ret, (struct unr_id_range) { first + 10, outside + 1000, 5 });
}

static void add_range(struct unr_run_options *options, enum unr_id_kind kind, const char *text)
{
	struct unr_id_range range;

	assert_int_equal(unr_id_range_parse(text, &range, NULL), 0);
	assert_int_equal(unr_idmap_add(&options->maps.of[kind], range), 0);
}

/* Both maps as "uids/gids", ranges separated by commas. */
static void assert_maps(const char *profile, const struct unr_run_options *options,
			const char *expected)
{
	unr_auto(unr_text_done) struct unr_text text = { 0 };
	struct unr_idmaps maps = { 0 };
	struct unr_error err = { 0 };

	assert_int_equal(unr_profile_maps(unr_profile_find(profile), options, &maps, &err), 0);
	assert_string_equal(err.message, "");
	for (int kind = 0; kind < UNR_ID_KIND_COUNT_; kind++)
		for (size_t i = 0; i < maps.of[kind].n_ranges; i++) {
			struct unr_id_range r = maps.of[kind].ranges[i];

			unr_text_printf(&text, "%s%u:%u:%u",
					i > 0           ? "," :
					kind == UNR_GID ? "/" :
							  "",
					r.inside, r.outside, r.count);
		}
	assert_string_equal(unr_text_string(&text), expected);
	unr_idmaps_done(&maps);
}

static void assert_refused(const char *profile, struct unr_run_options *options,
			   enum unr_error_kind kind, int code, const char *message)
{
	struct unr_idmaps maps = { 0 };
	struct unr_error err = { 0 };

	assert_int_equal(unr_profile_maps(unr_profile_find(profile), options, &maps, &err), code);
	assert_int_equal(err.kind, kind);
	assert_string_equal(err.message, message);
	assert_null(maps.of[UNR_UID].ranges);
	assert_null(maps.of[UNR_GID].ranges);
	unr_run_options_done(options);
}

static void profile__is_found_by_its_name(void **state)
{
	static const struct {
		const char *name, *engine, *driver;
	} cases[] = {
		{ "appservice", "docker-20.10.9", "overlay2" },
		{ "docker", "docker-20.10", "overlay2" },
		{ "rootless", "docker-rootless-20.10", "overlay2" },
		{ "single", "docker-20.10", "overlay2" },
	};
	static const char *const absent[] = { "app", "", "APPSERVICE", "dockers" };

	(void) state;
	assert_string_equal(unr_profile_find(NULL)->name, "appservice");
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		const struct unr_profile *profile = unr_profile_find(cases[i].name);

		assert_string_equal(profile->name, cases[i].name);
		assert_string_equal(profile->engine, cases[i].engine);
		assert_string_equal(profile->driver, cases[i].driver);
	}
	for (size_t i = 0; i < UNR_COUNT(absent); i++)
		assert_null(unr_profile_find(absent[i]));
}

/* Every name in the list can be found again. */
static void profile__names_are_listed(void **state)
{
	unr_auto(unr_text_done) struct unr_text text = { 0 };
	char *rest = NULL;
	int n = 0;

	(void) state;
	unr_profile_list(&text);
	assert_non_null(unr_starts_with(unr_text_string(&text), "appservice, "));
	for (char *name = strtok_r(text.bytes, ",", &rest); name != NULL;
	     name = strtok_r(NULL, ",", &rest), n++)
		assert_non_null(unr_profile_find(name + (n > 0)));
	assert_true(n >= 3);
}

static void maps__of_the_profiles(void **state)
{
	const struct unr_run_options options = { 0 };
	char single[100];

	(void) state;
	assert_maps(NULL, &options, "0:100000:65536/0:100000:65536");
	assert_maps("docker", &options, "0:400000:10,10:401000:5/0:500000:10,10:501000:5");
	(void) snprintf(single, sizeof(single), "0:%u:1/0:%u:1", geteuid(), getegid());
	assert_maps("single", &options, single);
}

static void uidmap__replaces_and_serves_for_gids_too(void **state)
{
	struct unr_run_options options = { 0 };

	(void) state;
	add_range(&options, UNR_UID, "0:5000:100");
	add_range(&options, UNR_UID, "100:9000:1");
	assert_maps("docker", &options, "0:5000:100,100:9000:1/0:5000:100,100:9000:1");
	add_range(&options, UNR_GID, "0:7000:10");
	assert_maps(NULL, &options, "0:5000:100,100:9000:1/0:7000:10");
	unr_run_options_done(&options);
}

static void userns_remap__takes_the_ranges_of_user_and_group(void **state)
{
	struct unr_run_options options = { .userns_remap = "user" };

	(void) state;
	assert_maps(NULL, &options, "0:200000:10,10:201000:5/0:300000:10,10:301000:5");
	options.userns_remap = "user:group";
	assert_maps(NULL, &options, "0:200000:10,10:201000:5/0:350000:10,10:351000:5");
	options.userns_remap = "group:user";
	assert_maps(NULL, &options, "0:250000:10,10:251000:5/0:300000:10,10:301000:5");
	options.userns_remap = "default";
	assert_maps(NULL, &options, "0:400000:10,10:401000:5/0:500000:10,10:501000:5");
}

static void userns_remap__malformed_is_refused(void **state)
{
	static const char *const texts[] = { "", ":", ":group", "user:" };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(texts); i++) {
		struct unr_run_options options = { .userns_remap = texts[i] };
		char message[100];

		(void) snprintf(message, sizeof(message),
				"--userns-remap '%s': USER[:GROUP] is wanted", texts[i]);
		assert_refused(NULL, &options, UNR_ERROR_USAGE, -EINVAL, message);
	}
}

/* Who has none hears whose, of which kind, and what to type. */
static void userns_remap__without_ranges_cannot_run(void **state)
{
	static const struct {
		const char *option, *owner;
		enum unr_id_kind kind;
	} cases[] = {
		{ "none", "none", UNR_UID },
		{ "nogid", "nogid", UNR_GID },
		{ "user:none", "none", UNR_GID },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct unr_run_options options = { .userns_remap = cases[i].option };
		struct unr_obstacle obstacle;
		char message[480];

		unr_subid_obstacle_none(&obstacle, cases[i].owner, cases[i].kind);
		unr_obstacle_text(&obstacle, unr_distribution_here(), sizeof(message), message);
		assert_non_null(strstr(message, "no subordinate"));
		assert_refused(NULL, &options, UNR_ERROR_CANNOT_RUN, -ENOENT, message);
	}
}

static void userns_remap__whose_ranges_cannot_be_read(void **state)
{
	struct unr_run_options options = { .userns_remap = "broken" };

	(void) state;
	assert_refused(NULL, &options, UNR_ERROR_FAILED, -EIO, "no database");
}

static void options__that_exclude_each_other_are_refused(void **state)
{
	static const char both[] = "--userns-remap and --uidmap or --gidmap exclude each other";
	struct unr_run_options options = { .userns_remap = "user" };

	(void) state;
	add_range(&options, UNR_UID, "0:5000:100");
	assert_refused(NULL, &options, UNR_ERROR_USAGE, -EINVAL, both);
	add_range(&options, UNR_GID, "0:5000:100");
	assert_refused(NULL, &options, UNR_ERROR_USAGE, -EINVAL, both);
	options.userns_remap = NULL;
	add_range(&options, UNR_GID, "0:5000:100");
	assert_refused(NULL, &options, UNR_ERROR_USAGE, -EINVAL,
		       "--gidmap needs --uidmap beside it");
}

static void maps__without_inside_0_are_refused(void **state)
{
	static const char message[] = "the %s map has no place for inside 0, which every engine "
				      "needs: begin it with 0:OUTSIDE:COUNT";
	struct unr_run_options options = { 0 };
	char text[200];

	(void) state;
	add_range(&options, UNR_UID, "1:5000:100");
	(void) snprintf(text, sizeof(text), message, "uid");
	assert_refused(NULL, &options, UNR_ERROR_USAGE, -EINVAL, text);
	add_range(&options, UNR_UID, "0:5000:100");
	add_range(&options, UNR_GID, "1:5000:100");
	(void) snprintf(text, sizeof(text), message, "gid");
	assert_refused(NULL, &options, UNR_ERROR_USAGE, -EINVAL, text);
}

/* What the kernel would refuse is refused here; the texts are the map's own business. */
static void maps__that_no_kernel_takes_are_refused(void **state)
{
	static const char *const ranges[][2] = {
		{ "0:5000:0", NULL },
		{ "0:5000:100", "50:9000:100" },
		{ "0:5000:100", "100:5050:100" },
		{ "0:4294967290:100", NULL },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(ranges); i++) {
		struct unr_run_options options = { 0 };
		struct unr_idmaps maps = { 0 };
		struct unr_error err = { 0 };

		for (size_t k = 0; k < 2 && ranges[i][k] != NULL; k++)
			add_range(&options, UNR_UID, ranges[i][k]);
		assert_int_equal(unr_profile_maps(unr_profile_find(NULL), &options, &maps, &err),
				 -EINVAL);
		assert_int_equal(err.kind, UNR_ERROR_USAGE);
		assert_string_not_equal(err.message, "");
		assert_null(maps.of[UNR_UID].ranges);
		unr_run_options_done(&options);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(profile__is_found_by_its_name),
	cmocka_unit_test(profile__names_are_listed),
	cmocka_unit_test(maps__of_the_profiles),
	cmocka_unit_test(uidmap__replaces_and_serves_for_gids_too),
	cmocka_unit_test(userns_remap__takes_the_ranges_of_user_and_group),
	cmocka_unit_test(userns_remap__malformed_is_refused),
	cmocka_unit_test(userns_remap__without_ranges_cannot_run),
	cmocka_unit_test(userns_remap__whose_ranges_cannot_be_read),
	cmocka_unit_test(options__that_exclude_each_other_are_refused),
	cmocka_unit_test(maps__without_inside_0_are_refused),
	cmocka_unit_test(maps__that_no_kernel_takes_are_refused),
};

UNR_TEST_MAIN("profile", tests, NULL);
