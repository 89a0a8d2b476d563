/* SPDX-License-Identifier: MIT */
/* Which advice is given, with which commands, for results made by hand. */
#include <stdio.h>

#include "report_fixture.h"

#include "advice/advice.h"

static void set_step(struct unr_result *result, uint32_t layer, const char *created_by)
{
	free(result->image.layers[layer].created_by);
	result->image.layers[layer].created_by = fixture_string(created_by);
}

/* The failure is npm's, of a package in a folder so deep. */
static void set_npm(struct unr_finding *finding, uint32_t folder_depth)
{
	finding->cause = (struct unr_cause) { .kind = UNR_PACKAGE_NPM,
					      .package = fixture_string("p"),
					      .folder_depth = folder_depth };
}

/* The advice for layer 1; gives the result back. */
static void expect_advice(struct unr_result *result, enum unr_advice_kind kind, const char *diff)
{
	unr_auto(unr_advice_done) struct unr_advice advice = { .inherited = false };
	struct unr_error err = { 0 };

	fixture_store_findings(result);
	for (size_t i = 0; i < fixture_n_findings; i++)
		assert_int_equal(unr_finding_store_add_cause(result->findings, 1,
							     &fixture_findings[i].cause, &err),
				 0);
	assert_int_equal(unr_advice_for_layer(result, 1, &advice, &err), 0);
	assert_int_equal(advice.kind, kind);
	assert_int_equal(advice.inherited, result->image.layers[1].inherited);
	assert_string_equal(unr_text_string(&advice.diff), diff);
	assert_true((unr_advice_scenario(&advice) == NULL) == (kind == UNR_ADVICE_NONE));
	fixture_done(result);
}

#define AFTER_RUN(command_) "  RUN npm i && \\\n+     " command_ "\n"
#define FIND "find /app/node_modules"

static void npm__is_what_is_not_root_s(void **state)
{
	static const struct {
		int64_t uid, gid;
		const char *diff;
	} cases[] = {
		{ 70000, 0, AFTER_RUN(FIND " ! -user root -exec chown -h root {} +") },
		{ 0, 70000, AFTER_RUN(FIND " ! -group root -exec chgrp -h root {} +") },
		{ 70000, 70000,
		  AFTER_RUN(
			  FIND
			  " \\( ! -user root -o ! -group root \\) -exec chown -h root:root {} +") },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct unr_result result = fixture_result();

		set_step(&result, 1, "RUN npm i");
		set_npm(fixture_failure(&result, 1, "app/node_modules/p/node_modules/q/x",
					cases[i].uid, cases[i].gid),
			5);
		expect_advice(&result, UNR_ADVICE_SAME_RUN, cases[i].diff);
	}
}

/* Of few entries the entries, of few ids the ids, else the folder. */
static void chown__names_as_little_as_it_can(void **state)
{
	static const struct {
		const char *before, *behind; /* of a number in the path */
		int n, ids;
		const char *diff;
	} cases[] = {
		{ "srv/", "", 2, 1, AFTER_RUN("chown -h root /srv/0 /srv/1") },
		{ "srv/", "", 9, 1, AFTER_RUN("find /srv -user 70000 -exec chown -h root {} +") },
		{ "srv/", "", 9, 2,
		  AFTER_RUN(
			  "find /srv \\( -user 70000 -o -user 70001 \\) -exec chown -h root {} +") },
		{ "srv/", "", 9, 9, AFTER_RUN("chown -hR root /srv") },
		{ "d", "/x", 9, 1, AFTER_RUN("find / -xdev -user 70000 -exec chown -h root {} +") },
		{ "d", "/x", 9, 9, "" }, /* all of the root would be too much */
		{ "srv/$(rm)/", "", 2, 1,
		  AFTER_RUN("find /srv -user 70000 -exec chown -h root {} +") },
		{ "a b/", "", 9, 1,
		  AFTER_RUN("find / -xdev -user 70000 -exec chown -h root {} +") },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct unr_result result = fixture_result();

		set_step(&result, 1, "RUN npm i");
		for (int k = 0; k < cases[i].n; k++) {
			char path[64];

			(void) snprintf(path, sizeof(path), "%s%d%s", cases[i].before, k,
					cases[i].behind);
			(void) fixture_failure(&result, 1, path, 70000 + k % cases[i].ids, 0);
		}
		expect_advice(&result,
			      *cases[i].diff == '\0' ? UNR_ADVICE_NONE : UNR_ADVICE_SAME_RUN,
			      cases[i].diff);
	}
}

/* Folders that are near each other are joined first, and only then the rest. */
static void folders__are_joined_where_they_meet(void **state)
{
	static const char *const paths[] = { "opt/a/b/1", "usr/lib/x/2", "opt/a/c/3", "var/4",
					     "opt/d/5",   "usr/lib/y/6", "var/7",     "srv/8" };
	struct unr_result result = fixture_result();

	(void) state;
	set_step(&result, 1, "RUN npm i");
	for (size_t i = 0; i < UNR_COUNT(paths); i++)
		(void) fixture_failure(&result, 1, paths[i], 70000 + (int64_t) i, 0);
	expect_advice(&result, UNR_ADVICE_SAME_RUN,
		      AFTER_RUN("chown -hR root /var /usr/lib /opt /srv"));
}

static void low_id__comes_first(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	set_step(&result, 0, "/bin/sh -c useradd -u 70000 a && useradd -u 10001 b");
	set_step(&result, 1, "RUN chgrp 70001 /x");
	(void) fixture_failure(&result, 1, "x", 70000, 70001);
	expect_advice(&result, UNR_ADVICE_LOW_ID,
		      "- RUN useradd -u 70000 a && useradd -u 10001 b\n"
		      "+ RUN useradd -u 10002 a && useradd -u 10001 b\n"
		      "- RUN chgrp 70001 /x\n"
		      "+ RUN chgrp 10003 /x\n");
	/* One of the ids stands nowhere: nothing of it. */
	result = fixture_result();
	set_step(&result, 1, "RUN chgrp 70001 /x");
	(void) fixture_failure(&result, 1, "x", 70000, 70001);
	expect_advice(&result, UNR_ADVICE_SAME_RUN,
		      "  RUN chgrp 70001 /x && \\\n+     chown -h root:root /x\n");
}

/* From a build argument, or from the environment; steps that have the number itself go along. */
static void low_id__may_be_in_a_variable(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	set_step(&result, 0, "RUN |2 A=1 UID=70000 /bin/sh -c useradd -u $UID a # buildkit");
	set_step(&result, 1, "COPY --chown=70000 a b # buildkit");
	(void) fixture_failure(&result, 1, "x", 70000, 0);
	expect_advice(&result, UNR_ADVICE_LOW_ID,
		      "- ARG UID=70000\n+ ARG UID=10001\n"
		      "- COPY --chown=70000 a b\n+ COPY --chown=10001 a b\n");
	result = fixture_result();
	set_step(&result, 0, "|1 UID=70000 /bin/sh -c useradd -u $UID a");
	set_step(&result, 1, "|1 UID=70000 /bin/sh -c chown $UID:$GID x");
	result.image.env = fixture_grow(&result.image.env, 0, sizeof(*result.image.env));
	result.image.env[result.image.n_env++] = fixture_string("GID=70001");
	(void) fixture_failure(&result, 1, "x", 70000, 70001);
	expect_advice(&result, UNR_ADVICE_LOW_ID,
		      "- ARG UID=70000\n+ ARG UID=10001\n- ENV GID=70001\n+ ENV GID=10002\n");
}

/* Where the account is made by a number it is meant by that, too; or files are made as it. */
static void low_id__may_be_that_of_user(void **state)
{
	static const char *const steps[] = { "RUN useradd -u 70000 a && touch /x", "RUN touch /x" };

	(void) state;
	for (int i = 0; i < 2; i++) {
		struct unr_result result = fixture_result();

		free(result.image.user);
		result.image.user = fixture_string("70000");
		set_step(&result, 1, steps[i]);
		(void) fixture_failure(&result, 1, "x", 70000, 0);
		expect_advice(&result, UNR_ADVICE_LOW_ID,
			      i == 0 ? "- RUN useradd -u 70000 a && touch /x\n"
				       "+ RUN useradd -u 10001 a && touch /x\n"
				       "- USER 70000\n+ USER 10001\n" :
				       "- USER 70000\n+ USER 10001\n");
	}
}

static void nothing__where_nothing_is_known_to_help(void **state)
{
	static const char *const steps[] = { "bazel build //app", "", "ADD file:1 in / ",
					     "RUN <<EOF a EOF" };
	struct unr_result result;

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(steps); i++) {
		result = fixture_result();
		set_step(&result, 1, steps[i]);
		(void) fixture_failure(&result, 1, "x", 70000, 0);
		expect_advice(&result, UNR_ADVICE_NONE, "");
	}
	result = fixture_result();
	fixture_failure(&result, 1, "a/.wh.x", 70000, 0)->type = UNR_ENTRY_WHITEOUT;
	expect_advice(&result, UNR_ADVICE_NONE, "");
	result = fixture_result();
	(void) fixture_failure(&result, 1, "x", UNR_ID_NONE, 0);
	expect_advice(&result, UNR_ADVICE_NONE, "");
	result = fixture_result();
	expect_advice(&result, UNR_ADVICE_NONE, "");
}

/* Where its step says nothing the base image is still whose fault it is. */
static void base__is_to_be_another(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	result.image.layers[1].inherited = true;
	set_step(&result, 1, "ADD file:1 in / ");
	(void) fixture_failure(&result, 1, "x", 70000, 0);
	expect_advice(&result, UNR_ADVICE_BASE, "");
}

static void inherited__is_said(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	result.image.layers[1].inherited = true;
	set_step(&result, 1, "RUN npm i");
	(void) fixture_failure(&result, 1, "x", 70000, 0);
	expect_advice(&result, UNR_ADVICE_SAME_RUN, AFTER_RUN("chown -h root /x"));
}

/* An archive's names may begin with a slash; it is the same place. */
static void name__may_be_absolute(void **state)
{
	static const char *const paths[] = { "/", "/x", "/a/x" };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(paths); i++) {
		struct unr_result result = fixture_result();
		unr_auto(unr_advice_done) struct unr_advice advice = { .inherited = false };
		struct unr_error err = { 0 };

		set_step(&result, 1, "RUN npm i");
		(void) fixture_failure(&result, 1, paths[i], 70000, 0);
		fixture_store_findings(&result);
		assert_int_equal(unr_advice_for_layer(&result, 1, &advice, &err), 0);
		assert_int_equal(advice.kind, UNR_ADVICE_SAME_RUN);
		fixture_done(&result);
	}
}

static void start__takes_another_user(void **state)
{
	struct unr_result result = fixture_result();
	unr_auto(unr_advice_done) struct unr_advice advice = { .inherited = false };
	struct unr_error err = { 0 };

	(void) state;
	result.runtime = (struct unr_runtime) { .checked = true, .resolved = true, .uid = 70000 };
	result.runtime.user = fixture_string("node");
	assert_int_equal(unr_advice_for_start(&result, &advice, &err), 0);
	assert_int_equal(advice.kind, UNR_ADVICE_USER);
	assert_string_equal(unr_text_string(&advice.diff), "- USER node\n+ USER 10001\n");
	unr_advice_done(&advice);
	/* A step makes the account, which USER has to be found by. */
	free(result.runtime.user);
	free(result.image.user);
	result.runtime.user = fixture_string("70000");
	result.image.user = fixture_string("70000");
	set_step(&result, 1, "RUN useradd -u 70000 node");
	assert_int_equal(unr_advice_for_start(&result, &advice, &err), 0);
	assert_int_equal(advice.kind, UNR_ADVICE_LOW_ID);
	assert_string_equal(unr_text_string(&advice.diff), "- RUN useradd -u 70000 node\n"
							   "+ RUN useradd -u 10001 node\n"
							   "- USER 70000\n+ USER 10001\n");
	unr_advice_done(&advice);
	free(result.image.user);
	result.image.user = fixture_string("node");
	/* --user is in no Dockerfile. */
	free(result.runtime.user);
	result.runtime.user = fixture_string("70000");
	assert_int_equal(unr_advice_for_start(&result, &advice, &err), 0);
	assert_int_equal(advice.kind, UNR_ADVICE_NONE);
	fixture_done(&result);
}

/* What is not at fault stays as it is. */
static void start__keeps_what_is_mapped(void **state)
{
	static gid_t groups[] = { 50, 70001 };
	static const struct {
		const char *user;
		uint32_t uid, gid;
		size_t n_groups;
		const char *expected;
	} cases[] = {
		{ "node:big", 1000, 70000, 0, "node:10001" },
		{ "0:70000", 0, 70000, 0, "0:10001" },
		{ "node", 1000, 70000, 0, "node:10001" },
		{ "node", 1000, 1001, 2, "node:1001" },
		{ "70000:staff", 70000, 50, 0, "10001:staff" },
		{ "70000:70000", 70000, 70000, 0, "10001" },
		{ ":70000", 0, 70000, 0, "10001" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct unr_result result = fixture_result();
		unr_auto(unr_advice_done) struct unr_advice advice = { .inherited = false };
		unr_auto(unr_text_done) struct unr_text expected = { 0 };
		struct unr_error err = { 0 };

		free(result.image.user);
		result.image.user = fixture_string(cases[i].user);
		result.runtime = (struct unr_runtime) { .checked = true,
							.resolved = true,
							.user = fixture_string(cases[i].user),
							.uid = cases[i].uid,
							.gid = cases[i].gid,
							.groups = groups,
							.n_groups = cases[i].n_groups };
		assert_int_equal(unr_advice_for_start(&result, &advice, &err), 0);
		assert_int_equal(advice.kind, UNR_ADVICE_USER);
		unr_text_printf(&expected, "- USER %s\n+ USER %s\n", cases[i].user,
				cases[i].expected);
		assert_string_equal(unr_text_string(&advice.diff), unr_text_string(&expected));
		result.runtime.groups = NULL;
		result.runtime.n_groups = 0;
		fixture_done(&result);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(npm__is_what_is_not_root_s),
	cmocka_unit_test(chown__names_as_little_as_it_can),
	cmocka_unit_test(folders__are_joined_where_they_meet),
	cmocka_unit_test(low_id__comes_first),
	cmocka_unit_test(low_id__may_be_in_a_variable),
	cmocka_unit_test(base__is_to_be_another),
	cmocka_unit_test(low_id__may_be_that_of_user),
	cmocka_unit_test(nothing__where_nothing_is_known_to_help),
	cmocka_unit_test(inherited__is_said),
	cmocka_unit_test(name__may_be_absolute),
	cmocka_unit_test(start__takes_another_user),
	cmocka_unit_test(start__keeps_what_is_mapped),
};

UNR_TEST_MAIN("advice.advice", tests, NULL);
