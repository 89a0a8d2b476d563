/* SPDX-License-Identifier: MIT */
/* run/downloads: news of a fetcher to events, and news that a hostile one might tell. */
#include "bench.h"

/* Makes a fetcher of the test itself. */
static void start_fetching(struct bench *b)
{
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	b->fetcher.news = fds[0];
	b->fetching = fds[1];
}

static void tell_news(const struct bench *b, const char *digest, uint32_t state, uint64_t have)
{
	struct unr_fetch_news news = { .state = state, .have = have };

	(void) snprintf(news.digest, sizeof(news.digest), "%s", digest);
	assert_int_equal(unr_write_full(b->fetching, &news, sizeof(news)), 0);
}

static void pass_on(struct bench *b)
{
	assert_int_equal(unr_downloads_pass_on(&b->collector, &b->err), 0);
}

static void news__are_told_of_layers_that_are_not_extracted_yet(void **state)
{
	struct bench *b = *state;

	start_fetching(b);
	send_image(b, 2);
	unr_close(&b->child);
	assert_int_equal(unr_collect(&b->collector, &b->err), -EPIPE);
	assert_int_equal(b->collector.lines.other, b->fetcher.news);
	tell_news(b, "sha256:b", UNR_LAYER_WAITING, 0);
	tell_news(b, "sha256:config", UNR_LAYER_DOWNLOADED, 0);
	tell_news(b, "sha256:b", UNR_LAYER_DOWNLOADING, 601);
	for (int i = 0; i < 3; i++)
		pass_on(b);
	assert_string_equal(b->states, "0012");
	assert_int_equal(b->progress.layer, 1);
	assert_int_equal(b->progress.bytes, 600); /* never more than there is */
	b->collector.states[1] = UNR_LAYER_EXTRACTING;
	tell_news(b, "sha256:b", UNR_LAYER_DOWNLOADED, 600);
	pass_on(b);
	assert_string_equal(b->states, "0012");
}

/* Each is taken as it comes, and nobody waits for more than the last. */
static void news__end(void **state)
{
	struct bench *b = *state;

	start_fetching(b);
	send_image(b, 2);
	tell_news(b, "sha256:b", UNR_LAYER_WAITING, 0);
	unr_close(&b->fetching);
	send_finding(b, 0, false);
	assert_int_equal(shutdown(b->child, SHUT_WR), 0);
	assert_int_equal(unr_collect(&b->collector, &b->err), -EPIPE);
	assert_string_equal(b->states, "001");
	pass_on(b);
	assert_int_equal(b->fetcher.news, -EBADF);
	assert_int_equal(b->collector.lines.other, -EBADF);
}

static void news__without_sense_end_the_run(void **state)
{
	static const uint32_t states[] = { UNR_LAYER_KNOWN, UNR_LAYER_EXTRACTING, UINT32_MAX };

	for (size_t i = 0; i < UNR_COUNT(states) + 2; i++) {
		struct bench *b = *state;
		struct unr_fetch_news news = { .state = UNR_LAYER_WAITING };
		size_t size = i == UNR_COUNT(states) ? sizeof(news) - 1 : sizeof(news);

		start_fetching(b);
		send_image(b, 2);
		if (i < UNR_COUNT(states))
			news.state = states[i];
		else
			memset(news.digest, 'a', sizeof(news.digest));
		assert_int_equal(unr_write_full(b->fetching, &news, size), 0);
		unr_close(&b->fetching);
		assert_int_equal(unr_collect(&b->collector, &b->err), -EPROTO);
		assert_string_equal(b->err.message, "the fetching process: Protocol error");
		assert_int_equal(drop_bench(state), 0);
		assert_int_equal(make_bench(state), 0);
	}
}

static const struct CMUnitTest tests[] = {
	WITH_BENCH(news__are_told_of_layers_that_are_not_extracted_yet),
	WITH_BENCH(news__end),
	WITH_BENCH(news__without_sense_end_the_run),
};

UNR_TEST_MAIN("downloads", tests, NULL);
