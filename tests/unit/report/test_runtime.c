/* SPDX-License-Identifier: MIT */
/* The container's start in each format: what is shown when it starts, and when not. */
#include "report_fixture.h"

#define WORDS "cannot set uid to unmapped user in user namespace"

/* An image that loads, and whose process is to be @uid:@gid with one group more. */
static struct unr_result with_start(const char *user, uint32_t uid, uint32_t gid, uint32_t group)
{
	struct unr_result result = fixture_result();
	struct unr_runtime *runtime = &result.runtime;

	runtime->checked = runtime->ok = runtime->resolved = true;
	runtime->user = fixture_string(user);
	runtime->uid = uid;
	runtime->gid = gid;
	runtime->groups = calloc(2, sizeof(*runtime->groups));
	assert_non_null(runtime->groups);
	runtime->groups[0] = gid;
	runtime->groups[1] = group;
	runtime->n_groups = 2;
	runtime->calls.made = true;
	return result;
}

static struct unr_result refused(void)
{
	struct unr_result result = with_start("veryhigh", 1000000, 7, 70000);
	struct unr_runtime *runtime = &result.runtime;

	runtime->ok = false;
	runtime->line = fixture_string("veryhigh:x:1000000:7");
	runtime->line_number = 4;
	runtime->calls.setuid = EINVAL;
	runtime->calls.setgroups = EINVAL;
	runtime->message = fixture_string(WORDS);
	result.verdict = (struct unr_verdict) { .stage = UNR_STAGE_RUNTIME,
						.has_id = true,
						.id = 1000000,
						.id_kind = UNR_UID,
						.message = fixture_string("docker: " WORDS) };
	return result;
}

static void text__who_it_is_and_the_kernels_answers(void **state)
{
	struct unr_result result = refused();

	(void) state;
	fixture_expect_part(
		&result, UNR_REPORT_TEXT, NULL,
		"engine  docker-20.10.9 on overlay2 does not start it at uid 1000000\n"
		"USER    veryhigh: uid 1000000 (outside the map), gid 7, groups 70000 (outside\n"
		"        the map)\n"
		"        /etc/passwd, line 4: veryhigh:x:1000000:7\n"
		"        the kernel's answers: setgroups EINVAL, setgid ok, setuid EINVAL\n"
		"kernel ");
}

static void text__starts_as(void **state)
{
	struct unr_result result = with_start("low", 5, 6, 7);

	(void) state;
	fixture_expect_part(
		&result, UNR_REPORT_TEXT, NULL,
		"app:latest loads and starts as low, uid 5, gid 6, groups 7: 2 layers,");
	result = with_start("", 0, 0, 0);
	fixture_expect_part(&result, UNR_REPORT_TEXT, NULL,
			    "app:latest loads and starts as root: 2 layers,");
}

static void text__what_could_not_be_found_out(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	result.runtime.user = fixture_string("low");
	result.runtime.unknown = fixture_string("for a reason");
	fixture_expect_part(&result, UNR_REPORT_TEXT, NULL,
			    "real chowns; USER not checked\n(for a");
}

static void json__has_all_of_it(void **state)
{
	struct unr_result result = refused();

	(void) state;
	fixture_expect_part(&result, UNR_REPORT_JSON, NULL,
			    "  \"runtime\": {\n"
			    "    \"user\": \"veryhigh\",\n"
			    "    \"uid\": 1000000,\n"
			    "    \"gid\": 7,\n"
			    "    \"groups\": [\n"
			    "      7,\n"
			    "      70000\n"
			    "    ],\n"
			    "    \"unmapped\": [\n"
			    "      \"uid\",\n"
			    "      \"groups\"\n"
			    "    ],\n"
			    "    \"passwd_line\": 4,\n"
			    "    \"passwd\": \"veryhigh:x:1000000:7\",\n"
			    "    \"kernel\": {\n"
			    "      \"setgroups\": \"EINVAL\",\n"
			    "      \"setgid\": null,\n"
			    "      \"setuid\": \"EINVAL\"\n"
			    "    },\n"
			    "    \"ok\": false,\n"
			    "    \"message\": \"" WORDS "\"\n"
			    "  },\n");
}

static void json__null_where_it_is_not_known(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	result.runtime.user = fixture_string("low");
	result.runtime.unknown = fixture_string("for a reason");
	fixture_expect_part(&result, UNR_REPORT_JSON, NULL,
			    "  \"runtime\": {\n"
			    "    \"user\": \"low\",\n"
			    "    \"ok\": null,\n"
			    "    \"unknown\": \"for a reason\"\n"
			    "  },\n");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(text__who_it_is_and_the_kernels_answers),
	cmocka_unit_test(text__starts_as),
	cmocka_unit_test(text__what_could_not_be_found_out),
	cmocka_unit_test(json__has_all_of_it),
	cmocka_unit_test(json__null_where_it_is_not_known),
};

UNR_TEST_MAIN("report.runtime", tests, NULL);
