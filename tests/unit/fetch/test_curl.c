/* SPDX-License-Identifier: MIT */
/* fetch/curl: libcurl as it is installed, loaded and unloaded. */
#include "unr_test.h"

#include <string.h>

#include "fetch/curl.h"

/* Each function is the one of its name: what it answers could be no other's. */
static void load__finds_libcurl(void **state)
{
	struct unr_curl curl = { 0 };
	struct unr_error err = { 0 };
	char *escaped;
	CURL *easy;

	(void) state;
	assert_int_equal(unr_curl_load(&curl, &err), 0);
	assert_string_equal(curl.easy_strerror(CURLE_OK), "No error");
	escaped = curl.easy_escape(NULL, "a b", 3);
	assert_string_equal(escaped, "a%20b");
	curl.free(escaped);
	easy = curl.easy_init();
	assert_non_null(easy);
	assert_int_equal(curl.easy_setopt(easy, CURLOPT_URL, "nothing://at.all"), CURLE_OK);
	assert_int_equal(curl.easy_perform(easy), CURLE_UNSUPPORTED_PROTOCOL);
	curl.easy_cleanup(easy);
	unr_curl_done(&curl);
	assert_null(curl.library);
}

static void load__may_be_done_again(void **state)
{
	struct unr_error err = { 0 };

	(void) state;
	for (int i = 0; i < 2; i++) {
		struct unr_curl curl = { 0 };

		assert_int_equal(unr_curl_load(&curl, &err), 0);
		unr_curl_done(&curl);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(load__finds_libcurl),
	cmocka_unit_test(load__may_be_done_again),
};

UNR_TEST_MAIN("curl", tests, NULL);
