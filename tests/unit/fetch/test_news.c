/* SPDX-License-Identifier: MIT */
/* fetch/news: what is told, what is not worth it, and a pipe without room. */
#include "unr_test.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "fetch/fetch.h"
#include "fetch/news.h"
#include "fetch/protocol.h"

#define DIGEST "sha256:0123"
#define SIZE ((uint64_t) 1000)

_Static_assert(sizeof(struct unr_fetch_news) <= PIPE_BUF, "a pipe may tear it");

struct ends {
	int read, write;
	struct unr_news news;
};

static struct ends make_pipe(void)
{
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
	return (struct ends) { .read = fds[0], .write = fds[1] };
}

static bool tell(struct ends *ends, enum unr_layer_state state, uint64_t have)
{
	return unr_news_tell(&ends->news, ends->write, DIGEST, state, have, SIZE);
}

/* How many are in the pipe; the last one is kept. */
static int count(struct ends *ends, struct unr_fetch_news *ret_last)
{
	int n = 0;

	while (read(ends->read, ret_last, sizeof(*ret_last)) == (ssize_t) sizeof(*ret_last))
		n++;
	assert_int_equal(errno, EAGAIN);
	return n;
}

static void close_pipe(struct ends *ends)
{
	unr_close(&ends->read);
	unr_close(&ends->write);
}

static void state__is_told_once(void **state)
{
	struct ends ends = make_pipe();
	struct unr_fetch_news last;

	(void) state;
	assert_true(tell(&ends, UNR_LAYER_WAITING, 0));
	assert_true(tell(&ends, UNR_LAYER_WAITING, 0));
	assert_true(tell(&ends, UNR_LAYER_DOWNLOADING, 7));
	assert_int_equal(count(&ends, &last), 2);
	assert_int_equal(last.state, UNR_LAYER_DOWNLOADING);
	assert_int_equal(last.have, 7);
	assert_string_equal(last.digest, DIGEST);
	close_pipe(&ends);
}

static void bytes__are_told_in_parts_and_when_they_are_all(void **state)
{
	struct ends ends = make_pipe();
	struct unr_fetch_news last;

	(void) state;
	assert_true(tell(&ends, UNR_LAYER_DOWNLOADING, 1));
	ends.news.when -= 1000;
	assert_true(tell(&ends, UNR_LAYER_DOWNLOADING, 11)); /* a percent, and not more */
	assert_int_equal(count(&ends, &last), 1);
	assert_true(tell(&ends, UNR_LAYER_DOWNLOADING, 12));
	assert_true(tell(&ends, UNR_LAYER_DOWNLOADING, 900)); /* just told */
	assert_int_equal(count(&ends, &last), 1);
	assert_int_equal(last.have, 12);
	assert_true(tell(&ends, UNR_LAYER_DOWNLOADING, SIZE));
	assert_true(tell(&ends, UNR_LAYER_DOWNLOADING, SIZE));
	assert_true(tell(&ends, UNR_LAYER_DOWNLOADING, 5)); /* from the first byte on once more */
	assert_int_equal(count(&ends, &last), 2);
	assert_int_equal(last.have, 5);
	close_pipe(&ends);
}

static void pipe__without_room_is_tried_again(void **state)
{
	struct ends ends = make_pipe();
	struct unr_fetch_news last;
	int n = 0;

	(void) state;
	while (tell(&ends, n % 2 == 0 ? UNR_LAYER_WAITING : UNR_LAYER_VERIFYING, 0))
		n++;
	assert_true(n > 10);
	assert_int_equal(count(&ends, &last), n);
	assert_true(tell(&ends, UNR_LAYER_DOWNLOADED, 0));
	assert_int_equal(count(&ends, &last), 1);
	close_pipe(&ends);
}

static void nobody__is_told_nothing(void **state)
{
	struct unr_news news = { 0 };

	(void) state;
	assert_true(unr_news_tell(&news, -EBADF, DIGEST, UNR_LAYER_WAITING, 0, SIZE));
	assert_int_equal(news.state, UNR_LAYER_KNOWN);
}

static void news__arrive(void **state)
{
	struct ends ends = make_pipe();
	struct unr_fetcher fetcher = UNR_FETCHER_NONE;
	char digest[UNR_DIGEST_SIZE];
	enum unr_layer_state found;
	uint64_t have;

	(void) state;
	fetcher.news = ends.read;
	assert_true(tell(&ends, UNR_LAYER_DOWNLOADING, 9));
	assert_int_equal(unr_fetcher_hear(&fetcher, digest, &found, &have), 1);
	assert_string_equal(digest, DIGEST);
	assert_int_equal(found, UNR_LAYER_DOWNLOADING);
	assert_int_equal(have, 9);
	unr_close(&ends.write);
	assert_int_equal(unr_fetcher_hear(&fetcher, digest, &found, &have), 0);
	close_pipe(&ends);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(state__is_told_once),
	cmocka_unit_test(bytes__are_told_in_parts_and_when_they_are_all),
	cmocka_unit_test(pipe__without_room_is_tried_again),
	cmocka_unit_test(nobody__is_told_nothing),
	cmocka_unit_test(news__arrive),
};

UNR_TEST_MAIN("news", tests, NULL);
