/* SPDX-License-Identifier: MIT */
/* Each reason for which engine and kernel answer differently. */
#include "report_fixture.h"

#include "report/why.h"

/* The causes of the result's only finding; gives the result back. */
static void expect(struct unr_result *result, unsigned int causes)
{
	assert_int_equal(unr_why_causes(result, &fixture_findings[0]), causes);
	fixture_done(result);
}

static void narrow_map(struct unr_result *result, uint32_t count)
{
	unr_idmaps_done(&result->map);
	fixture_map(&result->map, 0, 1000, count);
}

static void root__each_half_alone_and_both(void **state)
{
	static const int64_t owners[][2] = { { 100000, 0 }, { 0, 100000 }, { 100000, 100000 } };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(owners); i++) {
		struct unr_result result = fixture_result();

		(void) fixture_kernel_only(&result, 0, "a", owners[i][0], owners[i][1]);
		expect(&result, UNR_WHY_ROOT);
	}
}

static void root__is_of_the_engines_map(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	narrow_map(&result, 65536);
	(void) fixture_kernel_only(&result, 0, "a", 100000, 0);
	expect(&result, UNR_WHY_ROOT);
	/* The id that the kernel's map gives to root means nothing to the engine. */
	result = fixture_result();
	unr_idmaps_done(&result.map);
	fixture_map(&result.map, 0, 200000, 65536);
	(void) fixture_kernel_only(&result, 0, "a", 200000, 0);
	expect(&result, UNR_WHY_NOT_LOOKED_AT);
}

static void narrower__is_in_the_engines_map_alone(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	narrow_map(&result, 1);
	(void) fixture_kernel_only(&result, 0, "a", 33, 0);
	expect(&result, UNR_WHY_NARROWER);
}

static void narrower__beside_root_has_both_causes(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	narrow_map(&result, 1);
	(void) fixture_kernel_only(&result, 0, "a", 100000, 33);
	expect(&result, UNR_WHY_ROOT | UNR_WHY_NARROWER);
}

static void wider__is_in_the_kernels_map_alone(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	narrow_map(&result, 65537);
	fixture_failure(&result, 0, "a", 65536, 0)->error = 0;
	expect(&result, UNR_WHY_WIDER);
}

static void no_change__in_every_width(void **state)
{
	static const int64_t ids[] = { 4294967295, -1, 0x1ffffffff };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(ids); i++) {
		struct unr_result result = fixture_result();

		fixture_failure(&result, 0, "a", 0, ids[i])->error = 0;
		expect(&result, UNR_WHY_NO_CHANGE);
	}
}

static void more_than_32_bits__was_cut(void **state)
{
	static const int64_t ids[] = { 4294967296, 1099511627781, -5 };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(ids); i++) {
		struct unr_result result = fixture_result();

		fixture_failure(&result, 0, "a", ids[i], 0)->error = 0;
		expect(&result, UNR_WHY_32_BITS);
	}
}

static void whiteout__on_either_side(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	fixture_kernel_only(&result, 0, ".wh.a", 900000, 0)->type = UNR_ENTRY_WHITEOUT;
	expect(&result, UNR_WHY_WHITEOUT);
	result = fixture_result();
	fixture_failure(&result, 0, ".wh.a", 900000, 0)->type = UNR_ENTRY_WHITEOUT;
	fixture_findings[0].error = 0;
	expect(&result, UNR_WHY_WHITEOUT);
}

static void other_errno__is_not_about_the_map(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	fixture_kernel_only(&result, 0, "a", 100000, 0)->error = EPERM;
	expect(&result, UNR_WHY_NOT_THE_MAP);
}

static void mapped_yet_refused__is_admitted_to_be_unknown(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	(void) fixture_kernel_only(&result, 0, "a", 33, 33);
	expect(&result, UNR_WHY_UNKNOWN);
	result = fixture_result();
	fixture_failure(&result, 0, "a", 70000, 0)->error = 0;
	expect(&result, UNR_WHY_UNKNOWN);
}

static void next__tells_every_cause_once(void **state)
{
	unsigned int all = (UNR_WHY_UNKNOWN << 1) - 1;
	const char *last = "";
	int n = 0;

	(void) state;
	for (const char *s; (s = unr_why_next(&all)) != NULL; n++) {
		assert_string_not_equal(s, last);
		assert_int_equal(s[strlen(s) - 1], '.');
		last = s;
	}
	assert_int_equal(n, 9);
	assert_int_equal(all, 0);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(root__each_half_alone_and_both),
	cmocka_unit_test(root__is_of_the_engines_map),
	cmocka_unit_test(narrower__is_in_the_engines_map_alone),
	cmocka_unit_test(narrower__beside_root_has_both_causes),
	cmocka_unit_test(wider__is_in_the_kernels_map_alone),
	cmocka_unit_test(no_change__in_every_width),
	cmocka_unit_test(more_than_32_bits__was_cut),
	cmocka_unit_test(whiteout__on_either_side),
	cmocka_unit_test(other_errno__is_not_about_the_map),
	cmocka_unit_test(mapped_yet_refused__is_admitted_to_be_unknown),
	cmocka_unit_test(next__tells_every_cause_once),
};

UNR_TEST_MAIN("report.why", tests, NULL);
