/* SPDX-License-Identifier: MIT */
/*
 * A collector at one end of a socket, for the tests of run/: the test plays the
 * child at the other, and the fetcher at a pipe.  Nothing is forked.
 */
#ifndef UNR_TEST_RUN_BENCH_H
#define UNR_TEST_RUN_BENCH_H

#include "unr_test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "fetch/protocol.h"
#include "run/collect.h"
#include "run/downloads.h"
#include "tmp.h"

struct bench {
	struct unr_collector collector;
	struct unr_run_options options;
	struct unr_result result;
	struct unr_image_input input;
	struct unr_error err;
	int child, worker; /* the others' ends of the first two lines */
	int n_progress;
	struct unr_progress first, progress; /* and the last */
	char message[200];                   /* of the last that had one */
	char states[40];                     /* all of them, a digit each */
	struct unr_fetcher fetcher;
	int fetching; /* where the test tells news, as a fetcher; -EBADF: there is none */
};

static inline void take_progress(void *context, const struct unr_progress *progress)
{
	struct bench *bench = context;

	if (bench->n_progress < (int) sizeof(bench->states) - 1)
		bench->states[bench->n_progress] = (char) ('0' + progress->state);
	if (bench->n_progress++ == 0)
		bench->first = *progress;
	bench->progress = *progress;
	if (progress->message != NULL)
		(void) snprintf(bench->message, sizeof(bench->message), "%s", progress->message);
}

static inline int make_bench(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	struct unr_lines lines;
	struct unr_line_ends ends;
	int fds[2];

	if (bench == NULL || unr_lines_open(1, &lines, &ends) < 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return -1;
	lines.of[0].fd = fds[0];
	bench->child = fds[1];
	bench->worker = ends.fds[0];
	bench->options.progress = take_progress;
	bench->options.progress_context = bench;
	bench->input = (struct unr_image_input) UNR_IMAGE_INPUT_NONE;
	bench->fetcher = (struct unr_fetcher) UNR_FETCHER_NONE;
	bench->fetching = -EBADF;
	bench->collector = (struct unr_collector) { .options = &bench->options,
						    .engine = unr_engine_find("docker-20.10"),
						    .input = &bench->input,
						    .lines = lines,
						    .fetcher = &bench->fetcher,
						    .result = &bench->result };
	*state = bench;
	return 0;
}

static inline int drop_bench(void **state)
{
	struct bench *bench = *state;

	unr_close(&bench->child);
	unr_close(&bench->worker);
	unr_close(&bench->fetching);
	unr_close(&bench->fetcher.news);
	unr_collector_done(&bench->collector);
	unr_result_done(&bench->result);
	unr_image_input_done(&bench->input);
	free(bench);
	return 0;
}

/* Over the line of the process that sends such frames. */
static inline void send_frame(const struct bench *bench, uint32_t type, struct unr_text *payload)
{
	const bool works = type == UNR_FRAME_PROGRESS || type == UNR_FRAME_FINDING ||
			   type == UNR_FRAME_LAYER || type == UNR_FRAME_PRIVILEGED;

	assert_int_equal(unr_frame_send(works ? bench->worker : bench->child, type, payload), 0);
	unr_text_done(payload);
}

static inline void send_image(const struct bench *bench, size_t n_layers)
{
	static char user[] = "node", digest[] = "sha256:a", other[] = "sha256:b";
	struct unr_layer layers[] = { { .digest = digest, .created_by = user, .size = 500 },
				      { .digest = other, .created_by = user, .size = 600 } };
	const struct unr_image image = { .user = user, .layers = layers, .n_layers = n_layers };
	struct unr_text payload = { 0 };

	unr_protocol_put_image(&payload, &image);
	send_frame(bench, UNR_FRAME_IMAGE, &payload);
}

static inline void send_done(const struct bench *bench)
{
	struct unr_text nothing = { 0 };

	send_frame(bench, UNR_FRAME_DONE, &nothing);
}

static inline void send_numbers(const struct bench *bench, uint32_t type, const uint64_t *numbers,
				size_t n)
{
	struct unr_text payload = { 0 };

	for (size_t i = 0; i < n; i++)
		unr_wire_put_u64(&payload, numbers[i]);
	send_frame(bench, type, &payload);
}

#define SEND(bench, type, ...)                                                                     \
	send_numbers(bench, type, (const uint64_t[]) { __VA_ARGS__ },                              \
		     sizeof((const uint64_t[]) { __VA_ARGS__ }) / sizeof(uint64_t))

static inline void send_finding(const struct bench *bench, uint32_t layer, bool engine_refused)
{
	char path[] = "a/b";
	const struct unr_finding finding = {
		.layer = layer, .engine_refused = engine_refused, .path = path, .path_length = 3
	};
	struct unr_text payload = { 0 };

	unr_wire_put_finding(&payload, &finding);
	send_frame(bench, UNR_FRAME_FINDING, &payload);
}

static inline void send_layer(const struct bench *bench, uint32_t layer, enum unr_stop_kind kind,
			      bool differs)
{
	static char text[] = "the reason", path[] = "a/b", log[] = "a log line\n";
	const struct unr_layer_end end = {
		.layer = layer,
		.result = { .entries = 10 + layer },
		.stand_ins = 1,
		.skipped_xattrs = 2,
		.stop = { .kind = kind,
			  .text = text,
			  .path = path,
			  .path_length = 3,
			  .has_id = true,
			  .id = layer,
			  .id_kind = UNR_GID },
		.log = log,
		.differs = differs,
	};
	struct unr_text payload = { 0 };

	unr_protocol_put_layer(&payload, &end);
	send_frame(bench, UNR_FRAME_LAYER, &payload);
}

#define WITH_BENCH(test) cmocka_unit_test_setup_teardown(test, make_bench, drop_bench)

#endif
