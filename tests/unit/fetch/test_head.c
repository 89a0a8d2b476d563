/* SPDX-License-Identifier: MIT */
/* fetch/head: challenges, ranges and pauses, as registries write them and as a bad one might. */
#include "unr_test.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "fetch/head.h"
#include "usernsrepro/attr.h"

/* A status line and these, as libcurl hands them over. */
static struct unr_http_head read_head(const char *const *lines)
{
	struct unr_http_head head;

	memset(&head, 'x', sizeof(head));
	unr_http_head_line(&head, "HTTP/1.1 401 Unauthorized\r\n", 27);
	for (; *lines != NULL; lines++)
		unr_http_head_line(&head, *lines, strlen(*lines));
	return head;
}

#define HEAD(...) read_head((const char *const[]) { __VA_ARGS__, NULL })

static void status__begins_anew(void **state)
{
	struct unr_http_head head =
		HEAD("WWW-Authenticate: Basic realm=x\r\n", "Retry-After: 7\r\n",
		     "Content-Range: bytes 1-2/3\r\n", "HTTP/2 200 \r\n");

	(void) state;
	assert_string_equal(head.challenge, "");
	assert_true(head.range == UNR_HEAD_NO_RANGE);
	assert_int_equal(head.retry_after, -1);
}

static void challenge__is_the_one_that_can_be_met_best(void **state)
{
	static const struct {
		const char *first, *second;
		const char *expected;
	} cases[] = {
		{ "WWW-Authenticate: Basic realm=\"a\"\r\n", "\r\n", "Basic realm=\"a\"" },
		{ "www-authenticate:bearer realm=\"a\"  \r\n", "\r\n", "bearer realm=\"a\"" },
		{ "WWW-Authenticate: Basic x\r\n", "WWW-Authenticate: Bearer y\r\n", "Bearer y" },
		{ "WWW-Authenticate: Bearer y\r\n", "WWW-Authenticate: Basic x\r\n", "Bearer y" },
		{ "WWW-Authenticate: Basic x\r\n", "WWW-Authenticate: Basic y\r\n", "Basic x" },
		{ "WWW-Authenticate: Negotiate\r\n", "WWW-Authenticate: Basic\r\n", "Basic" },
		{ "WWW-Authenticate: Negotiate\r\n", "WWW-Authenticate:\r\n", "" },
		{ "WWW-Authenticate-2: Basic x\r\n", "X-WWW-Authenticate: Basic x\r\n", "" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct unr_http_head head = HEAD(cases[i].first, cases[i].second);

		assert_string_equal(head.challenge, cases[i].expected);
	}
}

static void line__that_is_too_long_or_has_a_nul_is_left_out(void **state)
{
	char line[1200];
	static const char nul[] = "WWW-Authenticate: Basic\0x\r\n";
	struct unr_http_head head = HEAD("\r\n");

	(void) state;
	(void) snprintf(line, sizeof(line), "WWW-Authenticate: Basic %01100d", 0);
	unr_http_head_line(&head, line, strlen(line));
	unr_http_head_line(&head, nul, sizeof(nul) - 1);
	unr_http_head_line(&head, "", 0);
	assert_string_equal(head.challenge, "");
	/* The longest that has room. */
	(void) snprintf(line, sizeof(line), "WWW-Authenticate: Bearer %01015d", 0);
	unr_http_head_line(&head, line, strlen(line));
	assert_int_equal(strlen(head.challenge), 1022);
}

static void range__is_its_first_byte(void **state)
{
	static const struct {
		const char *line;
		uint64_t first;
	} cases[] = {
		{ "Content-Range: bytes 100-199/200\r\n", 100 },
		{ "content-range: bytes 0-0/*\r\n", 0 },
		{ "Content-Range: bytes 18446744073709551614-/1\r\n", UINT64_MAX - 1 },
		{ "Content-Range: bytes 18446744073709551615-/1\r\n", UNR_HEAD_NO_RANGE },
		{ "Content-Range: bytes 99999999999999999999999999-1/2\r\n", UNR_HEAD_NO_RANGE },
		{ "Content-Range: bytes */200\r\n", UNR_HEAD_NO_RANGE },
		{ "Content-Range: bytes -5/200\r\n", UNR_HEAD_NO_RANGE },
		{ "Content-Range: bytes 5\r\n", UNR_HEAD_NO_RANGE },
		{ "Content-Range: lines 5-6/7\r\n", UNR_HEAD_NO_RANGE },
		{ "Content-Range:\r\n", UNR_HEAD_NO_RANGE },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++)
		assert_true(HEAD(cases[i].line).range == cases[i].first);
}

static void pause__is_seconds_or_a_date(void **state)
{
	char line[80], date[60];
	time_t then = time(NULL) + 3600;
	int64_t left;

	(void) state;
	assert_int_equal(HEAD("Retry-After: 120\r\n").retry_after, 120);
	assert_int_equal(HEAD("retry-after:0\r\n").retry_after, 0);
	assert_int_equal(HEAD("Retry-After: -1\r\n").retry_after, -1);
	assert_int_equal(HEAD("Retry-After: soon\r\n").retry_after, -1);
	assert_int_equal(HEAD("Retry-After:\r\n").retry_after, -1);
	assert_int_equal(HEAD("Retry-After: 99999999999999\r\n").retry_after, -1);
	assert_int_equal(HEAD("Retry-After: Fri, 01 Jul 2022 00:02:29 GMT\r\n").retry_after, 0);
	(void) strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", gmtime(&then));
	(void) snprintf(line, sizeof(line), "Retry-After: %s\r\n", date);
	left = HEAD(line).retry_after;
	assert_in_range(left, 3500, 3600);
}

static void parameter__is_found_by_its_name(void **state)
{
	static const char challenge[] =
		"Bearer realm=\"https://a/t?x=1,2\",Service=reg, scope=\"\","
		"error=\"in\"valid, empty=,last=z";
	static const struct {
		const char *key, *value;
	} cases[] = {
		{ "realm", "https://a/t?x=1,2" },
		{ "REALM", "https://a/t?x=1,2" },
		{ "service", "reg" },
		{ "scope", "" },
		{ "error", "in" },
		{ "empty", "" },
		{ "last", "z" },
		{ "real", "" },
		{ "x", "" },
		{ "", "" },
	};
	char value[40], small[4] = "abc";

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		unr_challenge_parameter(challenge, cases[i].key, value, sizeof(value));
		assert_string_equal(value, cases[i].value);
	}
	unr_challenge_parameter("Bearer a=\"1234\"", "a", small, sizeof(small));
	assert_string_equal(small, "");
	unr_challenge_parameter("Bearer a=\"123", "a", small, sizeof(small));
	assert_string_equal(small, "123");
	unr_challenge_parameter("Basic", "a", small, sizeof(small));
	assert_string_equal(small, "");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(status__begins_anew),
	cmocka_unit_test(challenge__is_the_one_that_can_be_met_best),
	cmocka_unit_test(line__that_is_too_long_or_has_a_nul_is_left_out),
	cmocka_unit_test(range__is_its_first_byte),
	cmocka_unit_test(pause__is_seconds_or_a_date),
	cmocka_unit_test(parameter__is_found_by_its_name),
};

UNR_TEST_MAIN("head", tests, NULL);
