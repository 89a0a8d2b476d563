/* SPDX-License-Identifier: MIT */
/* fetch/retry: which faults pass, how long is waited, and that it has an end. */
#include "unr_test.h"

#include "fetch/retry.h"
#include "usernsrepro/attr.h"

static void faults__that_pass(void **state)
{
	static const long passing[] = { 408, 425, 429, 500, 502, 503, 504 };
	static const long lasting[] = { 200, 206, 400, 401, 403, 404, 416, 501 };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(passing); i++)
		assert_true(unr_retry_is_passing(CURLE_OK, passing[i]));
	for (size_t i = 0; i < UNR_COUNT(lasting); i++)
		assert_false(unr_retry_is_passing(CURLE_OK, lasting[i]));
	assert_true(unr_retry_is_passing(CURLE_PARTIAL_FILE, 200));
	assert_true(unr_retry_is_passing(CURLE_RECV_ERROR, 0));
	assert_false(unr_retry_is_passing(CURLE_COULDNT_RESOLVE_HOST, 0));
	assert_false(unr_retry_is_passing(CURLE_PEER_FAILED_VERIFICATION, 0));
	assert_false(unr_retry_is_passing(CURLE_WRITE_ERROR, 503));
}

static void pause__is_doubled_until_it_is_enough(void **state)
{
	static const long expected[] = { 250, 500, 1000, 2000, -1, -1 };
	struct unr_retry retry = { 0 };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(expected); i++)
		assert_int_equal(unr_retry_next(&retry, -1, 100), expected[i]);
}

static void pause__is_what_the_server_wants(void **state)
{
	static const struct {
		int64_t after;
		long expected;
	} cases[] = { { 0, 0 }, { 1, 1000 }, { 60, 60000 }, { 61, 60000 }, { INT64_MAX, 60000 } };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct unr_retry retry = { 0 };

		assert_int_equal(unr_retry_next(&retry, cases[i].after, 0), cases[i].expected);
	}
}

static void piece__that_is_large_enough_counts_anew(void **state)
{
	struct unr_retry retry = { 0 };
	uint64_t have = 0;

	(void) state;
	for (int i = 0; i < 100; i++)
		assert_int_equal(unr_retry_next(&retry, -1, have += 1 << 20), 250);
	assert_int_equal(unr_retry_next(&retry, -1, have + (1 << 20) - 1), 500);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(faults__that_pass),
	cmocka_unit_test(pause__is_doubled_until_it_is_enough),
	cmocka_unit_test(pause__is_what_the_server_wants),
	cmocka_unit_test(piece__that_is_large_enough_counts_anew),
};

UNR_TEST_MAIN("retry", tests, NULL);
