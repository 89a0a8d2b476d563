/* SPDX-License-Identifier: MIT */
/* run/collect: frames to result and verdict, and frames that a hostile child might send. */
#include "bench.h"

/* There are @n findings, the last one in @layer. */
static void assert_findings(struct bench *b, uint64_t n, uint32_t layer)
{
	struct unr_finding_cursor *cursor = unr_finding_cursor_new(b->result.findings);
	const struct unr_finding *finding = NULL;

	assert_int_equal(unr_finding_store_count(b->result.findings), n);
	for (uint64_t i = 0; i < n; i++)
		assert_int_equal(unr_finding_cursor_next(cursor, &finding, &b->err), 1);
	assert_int_equal(finding->layer, layer);
	assert_string_equal(finding->path, "a/b");
	assert_int_equal(unr_finding_cursor_next(cursor, &finding, &b->err), 0);
	unr_finding_cursor_free(cursor);
}

static void frames__become_the_result(void **state)
{
	struct bench *b = *state;

	send_image(b, 2);
	SEND(b, UNR_FRAME_PROGRESS, 0, 100, 3);
	send_finding(b, 0, true);
	send_finding(b, 1, false);
	SEND(b, UNR_FRAME_PROGRESS, 1, 200, 4);
	send_layer(b, 0, UNR_STOP_NONE, false);
	send_layer(b, 1, UNR_STOP_NONE, false);
	send_done(b);
	assert_int_equal(unr_collect(&b->collector, &b->err), 0);
	assert_int_equal(b->result.image.n_layers, 2);
	assert_string_equal(b->result.image.user, "node");
	assert_findings(b, 2, 1);
	assert_int_equal(b->result.layers[1].entries, 11);
	assert_int_equal(b->result.stand_ins, 2);
	assert_int_equal(b->result.skipped_xattrs, 4);
	/* Both layers are known, one is read, then the other; both are complete. */
	assert_string_equal(b->states, "005566");
	assert_int_equal(b->progress.layer, 1);
	assert_int_equal(b->progress.bytes, 600);
	assert_int_equal(b->progress.entries, 11);
	assert_int_equal(b->progress.failures, 0);
	assert_null(b->progress.message);
	assert_true(b->progress.when.tv_sec > 0);
	assert_ptr_equal(b->progress.image, &b->result.image);
	assert_int_equal(b->collector.way, UNR_WAY_PULL);
}

/* More than the first room, fewer than a socket holds unread. */
static void findings__may_be_many(void **state)
{
	struct bench *b = *state;

	send_image(b, 1);
	for (int i = 0; i < 70; i++)
		send_finding(b, 0, true);
	for (int i = 0; i < 70; i++)
		SEND(b, UNR_FRAME_PROGRESS, 0, (uint64_t) i, 1);
	send_done(b);
	assert_int_equal(unr_collect(&b->collector, &b->err), 0);
	assert_findings(b, 70, 0);
	assert_int_equal(b->n_progress, 71);
	assert_int_equal(b->progress.bytes, 69);
	assert_int_equal(b->progress.failures, 70);
}

static void assert_refused(struct bench *b)
{
	assert_int_equal(unr_collect(&b->collector, &b->err), -EPROTO);
	assert_int_equal(b->err.kind, UNR_ERROR_FAILED);
	assert_string_equal(b->err.message, "the extracting child: Protocol error");
}

static void done__before_the_image_is_refused(void **state)
{
	struct bench *b = *state;

	send_done(b);
	assert_refused(b);
}

/* Workers are started after it: who speaks before is not heard. */
static void frame__of_a_worker_waits_for_the_image(void **state)
{
	struct bench *b = *state;

	send_finding(b, 0, true);
	send_layer(b, 0, UNR_STOP_CHILD, false);
	unr_close(&b->child);
	assert_int_equal(unr_collect(&b->collector, &b->err), -EPIPE);
	assert_int_equal(unr_finding_store_count(b->result.findings), 0);
}

static void frame__of_unknown_type_is_refused(void **state)
{
	static const uint32_t types[] = { 0, UNR_FRAME_PRIVILEGED + 1, 255, UINT32_MAX };

	for (size_t i = 0; i < UNR_COUNT(types); i++) {
		struct bench *b = *state;

		SEND(b, types[i], 0);
		assert_refused(b);
		assert_int_equal(drop_bench(state), 0);
		assert_int_equal(make_bench(state), 0);
	}
}

static void frame__for_a_layer_that_is_not_there_is_refused(void **state)
{
	for (int which = 0; which < 3; which++) {
		struct bench *b = *state;

		send_image(b, 2);
		if (which == 0)
			SEND(b, UNR_FRAME_PROGRESS, 2, 1, 2);
		else if (which == 1)
			send_finding(b, 2, true);
		else
			send_layer(b, 2, UNR_STOP_CHILD, false);
		assert_refused(b);
		assert_int_equal(drop_bench(state), 0);
		assert_int_equal(make_bench(state), 0);
	}
}

static void copying__is_told_before_anything_is_known(void **state)
{
	struct bench *b = *state;

	SEND(b, UNR_FRAME_KEPT, 1000);
	send_image(b, 1);
	send_done(b);
	assert_int_equal(unr_collect(&b->collector, &b->err), 0);
	assert_int_equal(b->first.bytes, 1000);
	assert_null(b->first.image);
	assert_true(b->first.when.tv_sec > 0);
	assert_string_equal(b->states, "00");
}

static void copying__of_an_image_that_is_known_is_refused(void **state)
{
	struct bench *b = *state;

	send_image(b, 1);
	SEND(b, UNR_FRAME_KEPT, 1000);
	assert_refused(b);
}

static void frame__of_too_few_numbers_is_refused(void **state)
{
	static const uint32_t types[] = { UNR_FRAME_ASK,   UNR_FRAME_PROGRESS, UNR_FRAME_FINDING,
					  UNR_FRAME_LAYER, UNR_FRAME_ERROR,    UNR_FRAME_FAILED,
					  UNR_FRAME_KEPT };

	for (size_t i = 0; i < UNR_COUNT(types); i++) {
		struct bench *b = *state;
		struct unr_text empty = { 0 };

		send_image(b, 1);
		send_frame(b, types[i], &empty);
		assert_refused(b);
		assert_int_equal(drop_bench(state), 0);
		assert_int_equal(make_bench(state), 0);
	}
}

static void image__twice_is_refused(void **state)
{
	struct bench *b = *state;

	send_image(b, 1);
	send_image(b, 2);
	assert_refused(b);
	assert_int_equal(b->result.image.n_layers, 1);
}

/* The second layer's stop is told with the words of a pull, or of what was asked for. */
static void stop__is_told_in_the_words_of_the_client(void **state)
{
	static const struct {
		const char *as;
		const char *message;
	} cases[] = {
		{ NULL, "failed to register layer: Error processing tar file(exit status 1): "
			"a log line\nthe reason" },
		{ "load", "Error processing tar file(exit status 1): a log line\nthe reason" },
	};

	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct bench *b = *state;

		b->options.as = cases[i].as;
		send_image(b, 2);
		send_layer(b, 0, UNR_STOP_NONE, false);
		send_layer(b, 1, UNR_STOP_CHILD, false);
		send_done(b);
		assert_int_equal(unr_collect(&b->collector, &b->err), 0);
		assert_string_equal(b->states, "0067");
		assert_string_equal(b->message, cases[i].message);
		assert_int_equal(drop_bench(state), 0);
		assert_int_equal(make_bench(state), 0);
	}
}

static void end__before_done_is_for_the_caller_to_explain(void **state)
{
	struct bench *b = *state;

	send_image(b, 1);
	unr_close(&b->child);
	assert_int_equal(unr_collect(&b->collector, &b->err), -EPIPE);
}

static void error__of_the_child_is_passed_on(void **state)
{
	struct bench *b = *state;
	struct unr_error theirs = { 0 };
	struct unr_text payload = { 0 };

	(void) unr_fail(&theirs, UNR_ERROR_CANNOT_RUN, -EPERM, "cannot mount");
	unr_protocol_put_error(&payload, &theirs);
	send_frame(b, UNR_FRAME_ERROR, &payload);
	assert_int_equal(unr_collect(&b->collector, &b->err), -EPERM);
	assert_int_equal(b->err.kind, UNR_ERROR_CANNOT_RUN);
	assert_string_equal(b->err.message, "cannot mount");
}

static int ask(const struct bench *b, const char *name)
{
	struct unr_text payload = { 0 };

	unr_wire_put_string(&payload, name);
	send_frame(b, UNR_FRAME_ASK, &payload);
	return 0;
}

/* Files of the directory come as descriptors, anything else as an error. */
static void ask__is_answered_with_a_file_or_an_error(void **state)
{
	struct bench *b = *state;
	struct unr_tmp tmp;
	struct unr_error refusal = { 0 };
	unr_autoclose int fd = -EBADF;
	uint8_t answer = 0;
	char buffer[8] = "";

	assert_int_equal(unr_tmp_make(&tmp), 0);
	assert_int_equal(unr_tmp_write(&tmp, "index.json", "{}"), 0);
	assert_int_equal(unr_image_input_from_fd(UNR_TRANSPORT_OCI,
						 fcntl(tmp.fd, F_DUPFD_CLOEXEC, 0), tmp.path, NULL,
						 &b->input, &b->err),
			 0);
	(void) ask(b, "index.json");
	(void) ask(b, "../index.json");
	assert_int_equal(shutdown(b->child, SHUT_WR), 0);
	assert_int_equal(unr_collect(&b->collector, &b->err), -EPIPE);
	assert_int_equal(unr_recv_fd(b->child, &answer, &fd), 0);
	assert_int_equal(answer, 'F');
	assert_int_equal(read(fd, buffer, sizeof(buffer)), 2);
	assert_string_equal(buffer, "{}");
	unr_close(&fd);
	assert_int_equal(unr_recv_fd(b->child, &answer, &fd), 0);
	assert_int_equal(answer, 'E');
	assert_int_equal(fd, -EBADF);
	assert_int_equal(unr_read_full(b->child, &refusal, sizeof(refusal)), sizeof(refusal));
	assert_int_equal(refusal.code, -EINVAL);
	assert_int_equal(unr_tmp_remove(&tmp), 0);
}

static void verdict__is_of_the_lowest_layer_that_stops(void **state)
{
	struct bench *b = *state;
	const struct unr_verdict *v = &b->result.verdict;

	send_image(b, 2);
	send_layer(b, 0, UNR_STOP_CHILD, false);
	send_layer(b, 1, UNR_STOP_FEED, true);
	send_done(b);
	assert_int_equal(unr_collect(&b->collector, &b->err), 0);
	assert_int_equal(unr_collect_verdict(&b->collector, &b->err), 0);
	assert_false(v->ok);
	assert_int_equal(v->stage, UNR_STAGE_LAYER);
	assert_int_equal(v->layer, 0);
	assert_string_equal(v->path, "a/b");
	assert_int_equal(v->path_length, 3);
	assert_true(v->has_id);
	assert_int_equal(v->id, 0);
	assert_int_equal(v->id_kind, UNR_GID);
	assert_string_equal(v->message, "failed to register layer: Error processing tar file(exit "
					"status 1): a log line\nthe reason");
}

/* Whichever ends first. */
static void verdict__is_of_the_lowest_layer_in_any_order(void **state)
{
	struct bench *b = *state;

	send_image(b, 2);
	send_layer(b, 1, UNR_STOP_FEED, true);
	send_layer(b, 0, UNR_STOP_CHILD, true);
	send_done(b);
	assert_int_equal(unr_collect(&b->collector, &b->err), 0);
	assert_int_equal(b->collector.end.layer, 0);
	assert_int_equal(b->collector.end.stop.kind, UNR_STOP_CHILD);
	assert_int_equal(b->collector.differs_layer, 0);
}

static void send_failed(const struct bench *bench, uint32_t layer, const char *message)
{
	struct unr_error theirs = { 0 };
	struct unr_text payload = { 0 };

	(void) unr_fail(&theirs, UNR_ERROR_FAILED, -ENOSPC, "%s", message);
	unr_wire_put_u64(&payload, layer);
	unr_protocol_put_error(&payload, &theirs);
	send_frame(bench, UNR_FRAME_FAILED, &payload);
}

/* The child says that there was one; the first to fail need not be the one to tell. */
static void error__of_the_lowest_layer_is_told(void **state)
{
	struct bench *b = *state;
	struct unr_error theirs = { 0 };
	struct unr_text payload = { 0 };

	send_image(b, 2);
	send_failed(b, 1, "upper");
	send_failed(b, 0, "lower");
	send_failed(b, 1, "upper again");
	(void) unr_fail(&theirs, UNR_ERROR_FAILED, -EIO, "the extraction of layer 1 failed");
	unr_protocol_put_error(&payload, &theirs);
	send_frame(b, UNR_FRAME_ERROR, &payload);
	assert_int_equal(unr_collect(&b->collector, &b->err), -ENOSPC);
	assert_int_equal(b->err.kind, UNR_ERROR_FAILED);
	assert_string_equal(b->err.message, "lower");
}

static void done__after_half_a_frame_is_refused(void **state)
{
	struct bench *b = *state;

	send_image(b, 1);
	assert_int_equal(unr_write_full(b->worker, "\4\0\0\0\1", 5), 0);
	send_done(b);
	assert_refused(b);
}

static void verdict__of_layers_that_differ(void **state)
{
	struct bench *b = *state;

	send_image(b, 2);
	send_layer(b, 0, UNR_STOP_NONE, true);
	send_layer(b, 1, UNR_STOP_NONE, false);
	send_done(b);
	assert_int_equal(unr_collect(&b->collector, &b->err), 0);
	assert_int_equal(unr_collect_verdict(&b->collector, &b->err), 0);
	assert_false(b->result.verdict.ok);
	assert_int_equal(b->result.verdict.stage, UNR_STAGE_LAYER);
	assert_null(b->result.verdict.path);
	assert_string_equal(b->result.verdict.message,
			    "layers from manifest don't match image configuration");
}

static void verdict__is_good_where_nothing_stops(void **state)
{
	struct bench *b = *state;

	send_image(b, 0);
	send_done(b);
	assert_int_equal(unr_collect(&b->collector, &b->err), 0);
	assert_int_equal(unr_collect_verdict(&b->collector, &b->err), 0);
	assert_true(b->result.verdict.ok);
	assert_null(b->result.verdict.message);
}

static const struct CMUnitTest tests[] = {
	WITH_BENCH(frames__become_the_result),
	WITH_BENCH(findings__may_be_many),
	WITH_BENCH(done__before_the_image_is_refused),
	WITH_BENCH(frame__of_a_worker_waits_for_the_image),
	WITH_BENCH(frame__of_unknown_type_is_refused),
	WITH_BENCH(frame__for_a_layer_that_is_not_there_is_refused),
	WITH_BENCH(copying__is_told_before_anything_is_known),
	WITH_BENCH(copying__of_an_image_that_is_known_is_refused),
	WITH_BENCH(frame__of_too_few_numbers_is_refused),
	WITH_BENCH(image__twice_is_refused),
	WITH_BENCH(stop__is_told_in_the_words_of_the_client),
	WITH_BENCH(end__before_done_is_for_the_caller_to_explain),
	WITH_BENCH(error__of_the_child_is_passed_on),
	WITH_BENCH(ask__is_answered_with_a_file_or_an_error),
	WITH_BENCH(verdict__is_of_the_lowest_layer_that_stops),
	WITH_BENCH(verdict__is_of_the_lowest_layer_in_any_order),
	WITH_BENCH(error__of_the_lowest_layer_is_told),
	WITH_BENCH(done__after_half_a_frame_is_refused),
	WITH_BENCH(verdict__of_layers_that_differ),
	WITH_BENCH(verdict__is_good_where_nothing_stops),
};

UNR_TEST_MAIN("collect", tests, NULL);
