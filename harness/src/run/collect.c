/* SPDX-License-Identifier: MIT */
/* Frames to result: see collect.h. */
#include "run/collect.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/tempfile.h"
#include "run/accept.h"
#include "run/downloads.h"

void unr_collector_done(struct unr_collector *c)
{
	unr_lines_done(&c->lines);
	unr_layer_end_done(&c->end);
	free(c->states);
	c->states = NULL;
}

static int on_ask(struct unr_collector *c, struct unr_wire_reader *reader, struct unr_error *err)
{
	unr_autofree char *name = unr_wire_get_string(reader);
	struct unr_error refusal = { 0 };
	unr_autoclose int fd = -EBADF;
	int r;

	(void) err;
	if (name == NULL)
		return -EPROTO;
	r = unr_image_input_serve(c->input, name, &fd, &refusal);
	if (r == 0)
		return unr_send_fd(c->from, 'F', fd);
	r = unr_send_fd(c->from, 'E', -EBADF);
	return r < 0 ? r : unr_write_full(c->from, &refusal, sizeof(refusal));
}

static int on_image(struct unr_collector *c, struct unr_wire_reader *reader, struct unr_error *err)
{
	struct unr_result *result = c->result;
	int r;

	(void) err;
	if (c->has_image)
		return -EPROTO;
	r = unr_protocol_get_image(reader, &result->image);
	if (r < 0)
		return r;
	result->layers = calloc(result->image.n_layers + 1, sizeof(*result->layers));
	result->findings = unr_finding_store_new();
	c->states = calloc(result->image.n_layers + 1, sizeof(*c->states));
	if (result->layers == NULL || result->findings == NULL || c->states == NULL)
		return -ENOMEM;
	c->has_image = true;
	if (c->fetcher != NULL)
		c->lines.other = c->fetcher->news;
	/* As job.c settles it. */
	c->way = result->image.archived ? UNR_WAY_LOAD : UNR_WAY_PULL;
	if (c->options->as != NULL)
		c->way = (enum unr_way) unr_way_from_name(c->options->as);
	for (uint32_t i = 0; i < result->image.n_layers; i++)
		unr_collect_tell(c, &(struct unr_progress) { .layer = i });
	return 0;
}

static void tell(const struct unr_collector *c, struct unr_progress *event)
{
	(void) clock_gettime(CLOCK_REALTIME, &event->when);
	if (c->options->progress != NULL)
		c->options->progress(c->options->progress_context, event);
}

void unr_collect_tell(struct unr_collector *c, struct unr_progress *event)
{
	c->states[event->layer] = event->state;
	event->image = &c->result->image;
	event->failures = c->result->layers[event->layer].failures;
	tell(c, event);
}

static int on_kept(struct unr_collector *c, struct unr_wire_reader *reader, struct unr_error *err)
{
	struct unr_progress event = { .bytes = unr_wire_get_u64(reader) };

	(void) err;
	if (reader->failed || c->has_image)
		return -EPROTO;
	tell(c, &event);
	return 0;
}

static int on_progress(struct unr_collector *c, struct unr_wire_reader *reader,
		       struct unr_error *err)
{
	struct unr_progress event = { .state = UNR_LAYER_EXTRACTING };

	(void) err;
	event.layer = (uint32_t) unr_wire_get_u64_max(reader, UINT32_MAX);
	event.bytes = unr_wire_get_u64(reader);
	event.entries = unr_wire_get_u64(reader);
	if (reader->failed || !c->has_image || event.layer >= c->result->image.n_layers)
		return -EPROTO;
	unr_collect_tell(c, &event);
	return 0;
}

static int on_finding(struct unr_collector *c, struct unr_wire_reader *reader,
		      struct unr_error *err)
{
	struct unr_result *result = c->result;
	struct unr_finding finding = { 0 };
	int r = unr_wire_get_finding(reader, &finding);

	if (r < 0)
		return r;
	if (!c->has_image || finding.layer >= result->image.n_layers) {
		unr_finding_done(&finding);
		return -EPROTO;
	}
	r = unr_finding_store_add(result->findings, &finding, err);
	result->layers[finding.layer].failures += finding.engine_refused;
	c->failures += finding.engine_refused;
	unr_finding_done(&finding);
	return r;
}

/* What the engine's client prints where it stops in a layer; owned, NULL when out of memory. */
static char *word_stop(const struct unr_collector *c, const struct unr_layer_end *end)
{
	const struct unr_layer *layer = &c->result->image.layers[end->layer];
	const struct unr_said said = {
		.kind = end->stop.kind,
		.text = end->stop.text,
		.output = end->output == NULL ? "" : end->output,
		.log = end->log == NULL ? "" : end->log,
		.digest = layer->digest,
		.diff_id = layer->diff_id,
	};

	return unr_engine_message(c->engine, c->driver, c->way, &said);
}

static int tell_layer(struct unr_collector *c, const struct unr_layer_end *end)
{
	bool stopped = end->stop.kind != UNR_STOP_NONE;
	unr_autofree char *message = stopped ? word_stop(c, end) : NULL;
	struct unr_progress event = { .layer = end->layer,
				      .state = stopped ? UNR_LAYER_REFUSED : UNR_LAYER_COMPLETE,
				      .bytes = c->result->image.layers[end->layer].size,
				      .entries = end->result.entries,
				      .message = message };

	if (stopped && message == NULL)
		return -ENOMEM;
	unr_collect_tell(c, &event);
	return 0;
}

static int on_layer(struct unr_collector *c, struct unr_wire_reader *reader, struct unr_error *err)
{
	struct unr_result *result = c->result;
	struct unr_layer_end end = { 0 };
	int r = unr_protocol_get_layer(reader, &end);

	(void) err;
	if (r < 0)
		return r;
	if (!c->has_image || end.layer >= result->image.n_layers) {
		unr_layer_end_done(&end);
		return -EPROTO;
	}
	result->layers[end.layer] = end.result;
	result->stand_ins += end.stand_ins;
	result->skipped_xattrs += end.skipped_xattrs;
	result->skipped_owners += end.skipped_owners;
	if (end.differs && (!c->differs || end.layer < c->differs_layer)) {
		c->differs = true;
		c->differs_layer = end.layer;
	}
	r = tell_layer(c, &end);
	if (end.stop.kind != UNR_STOP_NONE &&
	    (c->end.stop.kind == UNR_STOP_NONE || end.layer < c->end.layer)) {
		unr_layer_end_done(&c->end);
		c->end = end;
	} else {
		unr_layer_end_done(&end);
	}
	return r;
}

/* Others may still be at work, one of them on a lower layer: the child's own error ends it. */
static int on_failed(struct unr_collector *c, struct unr_wire_reader *reader, struct unr_error *err)
{
	uint32_t layer = (uint32_t) unr_wire_get_u64_max(reader, UINT32_MAX);
	struct unr_error failed = { 0 };

	(void) err;
	if (unr_protocol_get_error(reader, &failed) < 0 && failed.kind == UNR_ERROR_NONE)
		return -EPROTO;
	if (c->failed.kind == UNR_ERROR_NONE || layer < c->failed_layer) {
		c->failed = failed;
		c->failed_layer = layer;
	}
	return 0;
}

static int on_error(struct unr_collector *c, struct unr_wire_reader *reader, struct unr_error *err)
{
	int r = unr_protocol_get_error(reader, err);

	if (c->failed.kind == UNR_ERROR_NONE || err->kind == UNR_ERROR_NONE)
		return r;
	*err = c->failed;
	return err->code;
}

static int on_privileged(struct unr_collector *c, struct unr_wire_reader *reader,
			 struct unr_error *err)
{
	struct unr_broker_request request = { 0 };
	int32_t answer;
	int r = unr_protocol_get_request(reader, &request);

	if (r < 0)
		return r;
	answer = unr_broker_do(&c->broker, &request);
	unr_protocol_request_done(&request);
	if (answer == -EBADRQC)
		return unr_fail(err, UNR_ERROR_FAILED, answer,
				"the extracting child asked for what it may not have");
	if (answer == -ENOSYS)
		return unr_fail(err, UNR_ERROR_CANNOT_RUN, answer,
				"this kernel has no openat2(2), Linux 5.6, which keeping the tree "
				"takes as root; run it as an ordinary user");
	return unr_write_full(c->from, &answer, sizeof(answer));
}

static int on_runtime(struct unr_collector *c, struct unr_wire_reader *reader,
		      struct unr_error *err)
{
	(void) err;
	if (!c->has_image || c->result->runtime.user != NULL)
		return -EPROTO;
	return unr_protocol_get_runtime(reader, &c->result->runtime);
}

/* All failures as FINDING frames in a file without a name. */
static int write_failures(const struct unr_finding_store *findings, int fd, struct unr_error *err)
{
	struct unr_finding_cursor *cursor = unr_finding_cursor_new(findings);
	const struct unr_finding *finding;
	unr_auto(unr_text_done) struct unr_text payload = { 0 }, queue = { 0 };
	int r = cursor == NULL ? unr_fail_memory(err) : 1;
	int written = 0;

	while (r > 0 && written == 0) {
		r = unr_finding_cursor_next(cursor, &finding, err);
		if (r <= 0 || !finding->engine_refused)
			continue;
		unr_text_clear(&payload);
		unr_wire_put_finding(&payload, finding);
		written = unr_frame_queue(&queue, fd, UNR_FRAME_FINDING, &payload);
	}
	unr_finding_cursor_free(cursor);
	if (r == 0 && written == 0)
		written = unr_frame_flush(&queue, fd);
	if (written < 0)
		return unr_fail(err, UNR_ERROR_FAILED, written,
				"the failures cannot be put into a temporary file: %s",
				strerror(-written));
	return r;
}

static int on_failures(struct unr_collector *c, struct unr_wire_reader *reader,
		       struct unr_error *err)
{
	unr_autoclose int fd = -EBADF;
	const char *folder;
	int r;

	(void) reader;
	if (!c->has_image || c->has_failures)
		return -EPROTO;
	c->has_failures = true;
	if (c->failures == 0)
		return unr_send_fd(c->from, 'N', -EBADF);
	fd = unr_tempfile_open(&folder);
	if (fd < 0)
		return unr_fail(err, UNR_ERROR_FAILED, fd, "a temporary file in %s: %s", folder,
				strerror(-fd));
	r = write_failures(c->result->findings, fd, err);
	if (r == 0 && lseek(fd, 0, SEEK_SET) < 0)
		r = unr_fail_errno(err, "the failures in a temporary file");
	return r < 0 ? r : unr_send_fd(c->from, 'F', fd);
}

static int on_cause(struct unr_collector *c, struct unr_wire_reader *reader, struct unr_error *err)
{
	struct unr_cause cause = { 0 };
	uint32_t layer;
	int r = unr_wire_get_cause(reader, &layer, &cause);

	if (r < 0)
		return r;
	/* Each failure has one, and it is made by a layer above. */
	if (!c->has_failures || layer >= c->result->image.n_layers ||
	    cause.fate_layer >= c->result->image.n_layers || c->causes >= c->failures)
		r = -EPROTO;
	else
		r = unr_finding_store_add_cause(c->result->findings, layer, &cause, err);
	c->causes++;
	unr_cause_done(&cause);
	return r;
}

static int on_done(struct unr_collector *c, struct unr_wire_reader *reader, struct unr_error *err)
{
	(void) err;
	(void) reader;
	if (!c->has_image || !unr_lines_are_empty(&c->lines))
		return -EPROTO;
	c->done = true;
	return 0;
}

static int take_frame(struct unr_collector *c, uint32_t type, struct unr_wire_reader *payload,
		      struct unr_error *err)
{
	static int (*const handlers[])(struct unr_collector *, struct unr_wire_reader *,
				       struct unr_error *) = {
		[UNR_FRAME_ASK] = on_ask,
		[UNR_FRAME_IMAGE] = on_image,
		[UNR_FRAME_PROGRESS] = on_progress,
		[UNR_FRAME_FINDING] = on_finding,
		[UNR_FRAME_LAYER] = on_layer,
		[UNR_FRAME_FAILED] = on_failed,
		[UNR_FRAME_ERROR] = on_error,
		[UNR_FRAME_DONE] = on_done,
		[UNR_FRAME_PRIVILEGED] = on_privileged,
		[UNR_FRAME_RUNTIME] = on_runtime,
		[UNR_FRAME_FAILURES] = on_failures,
		[UNR_FRAME_CAUSE] = on_cause,
		[UNR_FRAME_KEPT] = on_kept,
	};

	if (type >= UNR_COUNT(handlers) || handlers[type] == NULL)
		return -EPROTO;
	return handlers[type](c, payload, err);
}

/* The next frame, or news of a fetcher where those come first. */
static int take_next(struct unr_collector *c, struct unr_error *err)
{
	struct unr_wire_reader payload;
	struct unr_line *line;
	uint32_t type = 0;
	/* No worker has anything to say before the image is known. */
	int r = unr_lines_wait(&c->lines, c->has_image, &line, &type, &payload);

	if (r == UNR_LINES_OTHER)
		return unr_downloads_pass_on(c, err);
	if (r == -ETIME)
		return unr_fail(err, UNR_ERROR_FAILED, r, "reading the image takes too long");
	if (r == -EPIPE) /* it has gone without a word: the caller knows how it ended */
		return r;
	if (r == 0) {
		c->from = line->fd;
		r = take_frame(c, type, &payload, err);
	}
	if (r < 0 && err->kind == UNR_ERROR_NONE)
		return unr_fail(err, UNR_ERROR_FAILED, r, "the extracting child: %s", strerror(-r));
	return r;
}

int unr_collect(struct unr_collector *c, struct unr_error *err)
{
	int r = 0;

	while (r == 0 && !c->done)
		r = take_next(c, err);
	return r;
}

/* The stop's facts move into the verdict. */
static int layer_verdict(struct unr_collector *c, struct unr_verdict *verdict)
{
	struct unr_stop *stop = &c->end.stop;

	*verdict = (struct unr_verdict) {
		.stage = UNR_STAGE_LAYER,
		.layer = c->end.layer,
		.path = unr_take_ptr(stop->path),
		.path_length = stop->path_length,
		.has_id = stop->has_id,
		.id = stop->id,
		.id_kind = stop->id_kind,
		.message = word_stop(c, &c->end),
	};
	return verdict->message == NULL ? -ENOMEM : 0;
}

/* The first id of the container's process without a place: uid, gid, then the groups. */
static void find_unmapped(const struct unr_result *result, struct unr_verdict *verdict)
{
	const struct unr_runtime *runtime = &result->runtime;

	if (!runtime->resolved)
		return;
	verdict->id_kind = unr_result_is_mapped(result, UNR_UID, runtime->uid) ? UNR_GID : UNR_UID;
	verdict->id = verdict->id_kind == UNR_UID ? runtime->uid : runtime->gid;
	verdict->has_id = !unr_result_is_mapped(result, verdict->id_kind, (uint32_t) verdict->id);
	for (size_t i = 0; i < runtime->n_groups && !verdict->has_id; i++) {
		verdict->id = runtime->groups[i];
		verdict->has_id = !unr_result_is_mapped(result, UNR_GID, runtime->groups[i]);
	}
}

/* As `docker run` prints it. */
static int runtime_verdict(const struct unr_collector *c, struct unr_verdict *verdict)
{
	const struct unr_runtime *runtime = &c->result->runtime;
	unr_auto(unr_text_done) struct unr_text message = { 0 };

	find_unmapped(c->result, verdict);
	unr_text_printf(&message, "%s%s", c->engine->start->client, runtime->message);
	verdict->stage = UNR_STAGE_RUNTIME;
	verdict->message = unr_text_take(&message);
	return verdict->message == NULL ? -ENOMEM : 0;
}

int unr_collect_verdict(struct unr_collector *c, struct unr_error *err)
{
	struct unr_verdict *verdict = &c->result->verdict;
	unr_auto(unr_text_done) struct unr_text words = { 0 };
	int r = 0;

	if (c->end.stop.kind != UNR_STOP_NONE) {
		r = layer_verdict(c, verdict);
	} else if (c->differs) {
		/* distribution/pull_v2.go, v20.10: compared once all layers are extracted */
		verdict->message = strdup("layers from manifest don't match image configuration");
		verdict->stage = UNR_STAGE_LAYER;
		verdict->layer = c->differs_layer;
		r = verdict->message == NULL ? -ENOMEM : 0;
	} else if (!unr_accept_image(c->engine, c->way, &c->result->image, &words)) {
		verdict->message = unr_text_take(&words);
		r = verdict->message == NULL ? -ENOMEM : 0;
	} else if (c->result->runtime.checked && !c->result->runtime.ok) {
		r = runtime_verdict(c, verdict);
	} else {
		verdict->ok = true;
	}
	return r < 0 ? unr_fail_memory(err) : 0;
}
