/* SPDX-License-Identifier: MIT */
/* Who brought failing entries, and why no later step helps, in words. */
#include "report_fixture.h"

/* Renders with the causes that the findings have, looks for a piece, and gives the result back. */
static void expect_with_causes(struct unr_result *result, const char *expected)
{
	struct unr_error err = { 0 };
	const struct unr_report_options options = { .color = false };
	int fd = memfd_create("report", MFD_CLOEXEC);
	char text[16384] = "";

	fixture_store_findings(result);
	for (size_t i = 0; i < fixture_n_findings; i++)
		assert_int_equal(unr_finding_store_add_cause(result->findings,
							     fixture_findings[i].layer,
							     &fixture_findings[i].cause, &err),
				 0);
	assert_int_equal(unr_report_write(result, UNR_REPORT_TEXT, &options, fd, &err), 0);
	assert_true(pread(fd, text, sizeof(text) - 1, 0) > 0);
	(void) close(fd);
	if (strstr(text, expected) == NULL)
		fail_msg("not in the report:\n%s\nthe report:\n%s", expected, text);
	fixture_done(result);
}

static struct unr_result with_fate(enum unr_fate fate)
{
	struct unr_result result = fixture_high_uid();

	fixture_layer(&result, "sha256:2", 1, 1, "RUN rm -rf\tit # buildkit");
	fixture_findings[0].cause = (struct unr_cause) { .fate = fate, .fate_layer = 2 };
	return result;
}

static void fate__says_why_find_is_silent(void **state)
{
	static const struct {
		enum unr_fate fate;
		const char *expected;
	} cases[] = {
		{ UNR_FATE_REOWNED,
		  "why     Layer 2 (RUN rm -rf it) gives another owner to 1 entry. That comes too\n"
		  "        late: it is a copy in its own layer. This layer keeps its headers and is\n"
		  "        extracted first; find in a container sees only the copy.\n" },
		{ UNR_FATE_REPLACED,
		  "why     Layer 2 (RUN rm -rf it) puts something else in the place of 1 entry.\n"
		  "        This layer still has what was there and is extracted first; find in a\n"
		  "        container sees only what took its place.\n" },
		{ UNR_FATE_REMOVED,
		  "why     Layer 2 (RUN rm -rf it) removes 1 entry. That is a mark in its own\n"
		  "        layer, which hides what is below. This layer still has it and is\n"
		  "        extracted first; find in a container finds nothing.\n" },
		{ UNR_FATE_KEPT, "file-with-high-id\n\ncure" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct unr_result result = with_fate(cases[i].fate);

		expect_with_causes(&result, cases[i].expected);
	}
}

static void set_package(struct unr_finding *finding, enum unr_package_kind kind, const char *name,
			const char *version, uint32_t folder_depth)
{
	finding->cause = (struct unr_cause) { .fate = UNR_FATE_KEPT,
					      .kind = kind,
					      .package = fixture_string(name),
					      .package_version = fixture_string(version),
					      .folder_depth = folder_depth };
}

/* More layers than are told one by one. */
static void fates__are_counted(void **state)
{
	struct unr_result result = fixture_high_uid();

	(void) state;
	for (uint32_t i = 2; i < 8; i++) {
		fixture_layer(&result, "sha256:2", 1, 1, "RUN rm it # buildkit");
		fixture_failure(&result, 1, "x", 70000, 0)->cause =
			(struct unr_cause) { .fate = UNR_FATE_REMOVED, .fate_layer = i };
	}
	expect_with_causes(&result, "find in a container finds nothing.\n"
				    "        Other layers do such things to 2 entries more, as "
				    "late; --format json\n"
				    "        has them all.\n");
}

/* find -gid finds what is still there, and nothing else. */
static void group__is_named(void **state)
{
	static const struct {
		enum unr_fate fate;
		int64_t other; /* gid; 0: there is one entry alone */
		const char *expected;
	} cases[] = {
		{ UNR_FATE_KEPT, 0,
		  "70000 is the id of a group, not of a user: in a container find / -uid\n"
		  "        70000 finds nothing, find / -gid 70000 does.\n" },
		{ UNR_FATE_REMOVED, 0, "70000 is the id of a group, not of a user.\n" },
		{ UNR_FATE_UNKNOWN, 0, "70000 is the id of a group, not of a user.\n" },
		{ UNR_FATE_REMOVED, 70001, "These are ids of groups, not of users.\n" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct unr_result result = with_fate(cases[i].fate);

		fixture_findings[0].uid = 0;
		fixture_findings[0].uid_unmapped = false;
		fixture_findings[0].gid = 70000;
		if (cases[i].other != 0)
			(void) fixture_failure(&result, 1, "x", 0, cases[i].other);
		expect_with_causes(&result, cases[i].expected);
	}
}

static void packages__have_a_line_each(void **state)
{
	struct unr_result result = fixture_high_uid();

	(void) state;
	set_package(&fixture_findings[0], UNR_PACKAGE_DEB, "a\nb", NULL, 0);
	set_package(fixture_failure(&result, 1, "m/a/x", 70000, 0), UNR_PACKAGE_NPM, "a", "1.0", 2);
	set_package(fixture_failure(&result, 1, "m/a/y", 70001, 0), UNR_PACKAGE_NPM, "a", "1.0", 2);
	set_package(fixture_failure(&result, 1, "n/a/y", 0, 70001), UNR_PACKAGE_NPM, "a", "2.0", 2);
	expect_with_causes(&result,
			   "  dpkg a\\nb   1 file  uid 1000000, gid 1000000  var/www/html/\n"
			   "  npm a 1.0  2 files  several owners            m/a/\n"
			   "  npm a 2.0   1 file  gid 70001                 n/a/\n"
			   "\n-rw");
}

static void whiteout__has_an_owner(void **state)
{
	struct unr_result result = fixture_high_uid();

	(void) state;
	fixture_findings[0].type = UNR_ENTRY_WHITEOUT;
	expect_with_causes(&result, "\nwhy     A whiteout removes what a layer below has. The mark "
				    "has an owner of its\n        own, and find in a container "
				    "finds nothing.\n");
}

/* Where the ids come from, by the step; of what a step gives away itself nothing is said. */
static void origin__is_told_by_the_step(void **state)
{
	static const struct {
		const char *step, *expected;
	} cases[] = {
		{ "RUN npm ci", "packed them, and\n        npm as root keeps them.\n" },
		{ "RUN pnpm i", "packed them, and\n        pnpm as root keeps them.\n" },
		{ "RUN yarn", "packed them, and\n        yarn as root keeps them.\n" },
		{ "COPY a b", "packed them, and\n        whoever installs them as root" },
		{ "RUN npm ci && chown -R $(id) /m", "m/a/x\n\ncure" },
		{ "RUN npm ci && give 1000000 /m", "m/a/x\n\ncure" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct unr_result result = fixture_result();

		free(result.image.layers[1].created_by);
		result.image.layers[1].created_by = fixture_string(cases[i].step);
		set_package(fixture_failure(&result, 1, "m/a/x", 1000000, 0), UNR_PACKAGE_NPM, "a",
			    "1.0", 2);
		fixture_verdict(&result, &fixture_findings[0], "m");
		expect_with_causes(&result, cases[i].expected);
	}
}

static void hints__are_not_cut(void **state)
{
	struct unr_result result = fixture_high_uid();

	(void) state;
	for (int i = 0; i < 4; i++)
		(void) fixture_failure(&result, 1, "x", 100001 + i, 0);
	expect_with_causes(&result,
			   "uid 100003, gid 0: probably uid 3 mapped twice (100000..165535 "
			   "are\n        subordinate ids).\n        Something is known of "
			   "other owners, too: --format json has it.\n");
}

static void inherited_layer__is_the_base_s_affair(void **state)
{
	struct unr_result result = fixture_high_uid();

	(void) state;
	result.image.layers[1].inherited = true;
	fixture_expect_part(
		&result, UNR_REPORT_TEXT, NULL,
		"cure    This layer seems to come with the image that FROM names: no "
		"step of\n"
		"        yours changes it. That image has to be built again, or another "
		"one be\n"
		"        taken. In its Dockerfile:\n"
		"        In the same RUN");
}

static void map__that_can_be_changed_is_written_out(void **state)
{
	struct unr_result result = fixture_high_uid();

	(void) state;
	result.map_fixed = false;
	result.map_change = "root does it.";
	fixture_expect_part(
		&result, UNR_REPORT_TEXT, NULL,
		"        gids from 0; root does it.\n"
		"        /etc/subuid: dockremap:100000:1000001\n"
		"        /etc/subgid: dockremap:100000:1000001\n"
		"        dockerd: --userns-remap=default\n"
		"        podman: --uidmap 0:100000:1000001 --gidmap 0:100000:1000001\n");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(fate__says_why_find_is_silent),
	cmocka_unit_test(fates__are_counted),
	cmocka_unit_test(group__is_named),
	cmocka_unit_test(packages__have_a_line_each),
	cmocka_unit_test(origin__is_told_by_the_step),
	cmocka_unit_test(hints__are_not_cut),
	cmocka_unit_test(whiteout__has_an_owner),
	cmocka_unit_test(inherited_layer__is_the_base_s_affair),
	cmocka_unit_test(map__that_can_be_changed_is_written_out),
};

UNR_TEST_MAIN("report.text_why", tests, NULL);
