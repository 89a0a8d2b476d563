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
		  "        extracted first; find in a container sees only the copies.\n" },
		{ UNR_FATE_REPLACED,
		  "why     Layer 2 (RUN rm -rf it) puts something else in the place of 1 entry.\n"
		  "        This layer has them still and is extracted first; find in a container\n"
		  "        sees only what took their place.\n" },
		{ UNR_FATE_REMOVED,
		  "why     Layer 2 (RUN rm -rf it) removes 1 entry. A mark in its own layer hides\n"
		  "        them. This layer has them still and is extracted first; find in a\n"
		  "        container finds nothing.\n" },
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
	cmocka_unit_test(packages__have_a_line_each),
	cmocka_unit_test(inherited_layer__is_the_base_s_affair),
	cmocka_unit_test(map__that_can_be_changed_is_written_out),
};

UNR_TEST_MAIN("report.text_why", tests, NULL);
