/* SPDX-License-Identifier: MIT */
/*
 * One layer, in a process of its own: it changes its root to the layer's empty
 * directory and runs the pipe stream -> tar -> unpack there, so that absolute
 * names and links mean what they mean to the engine, and nothing of one layer is
 * visible to the next.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "run/job.h"
#include "run/privileged.h"
#include "run/protocol.h"
#include "stream/stream.h"
#include "unpack/unpack.h"
#include "unpack/vfs_tree.h"
#include "userns/limits.h"

#define DIRECTORY_SIZE sizeof("4294967295")

struct worker {
	const struct unr_job *job;
	const struct unr_layer *layer; /* its description */
	uint32_t index;
	bool last;                               /* of all layers */
	char directory[DIRECTORY_SIZE];          /* of its tree, below the root */
	const struct unr_privileged *privileged; /* NULL: nobody has that privilege */
	const struct unr_ledger *ledger;         /* of a kept tree of vfs, else NULL */
	int socket;
	struct unr_text findings;  /* owned; frames that are sent before anything else */
	struct unr_stream *stream; /* owned */
	struct unr_tar *tar;       /* owned */
	uint64_t entries;
	uint64_t reported; /* bytes of the last progress frame */
	int64_t reported_ms;
};

static int send_progress(struct worker *w)
{
	unr_auto(unr_text_done) struct unr_text payload = { 0 };
	int r = unr_frame_flush(&w->findings, w->socket);

	w->reported = unr_stream_consumed(w->stream);
	w->reported_ms = unr_now_ms();
	unr_wire_put_u64(&payload, w->index);
	unr_wire_put_u64(&payload, w->reported);
	unr_wire_put_u64(&payload, w->entries);
	return r < 0 ? r : unr_frame_send(w->socket, UNR_FRAME_PROGRESS, &payload);
}

/* Only when the smaller of 1 % and 512 KiB was read since the last (moby progressreader). */
static int tell_progress(struct worker *w)
{
	uint64_t step = w->layer->size / 100;

	if (step > 512 << 10)
		step = 512 << 10;
	if (unr_stream_consumed(w->stream) - w->reported <= step ||
	    unr_now_ms() - w->reported_ms < UNR_PROGRESS_MS)
		return 0;
	return send_progress(w);
}

static ssize_t read_stream(void *context, void *buffer, size_t size)
{
	struct worker *w = context;
	ssize_t n = unr_stream_read(w->stream, buffer, size);
	int r = tell_progress(w);

	return r < 0 ? r : n;
}

static int skip_stream(void *context, uint64_t size)
{
	struct worker *w = context;
	int r = unr_stream_skip(w->stream, size);

	return r < 0 ? r : tell_progress(w);
}

static const char *stream_fault(void *context)
{
	const struct worker *w = context;

	return unr_stream_fault_text(w->stream);
}

static int take_finding(void *context, const struct unr_finding *finding)
{
	struct worker *w = context;
	unr_auto(unr_text_done) struct unr_text payload = { 0 };

	unr_wire_put_finding(&payload, finding);
	return unr_frame_queue(&w->findings, w->socket, UNR_FRAME_FINDING, &payload);
}

static void count_entry(void *context, uint64_t entries)
{
	struct worker *w = context;

	w->entries = entries;
}

static int set_stop(struct unr_stop *stop, enum unr_stop_kind kind, const char *text)
{
	stop->kind = kind;
	stop->text = strdup(text);
	return stop->text == NULL ? -ENOMEM : 0;
}

/* The layer's diffID against the config's; the two ways in say it differently. */
static int check_diff_id(const struct worker *w, struct unr_layer_end *end)
{
	char found[UNR_DIGEST_TEXT_SIZE];
	unr_auto(unr_text_done) struct unr_text text = { 0 };
	int r = unr_stream_diff_id(w->stream, found);

	if (r < 0 || strcmp(found, w->layer->diff_id) == 0)
		return r;
	if (w->job->way == UNR_WAY_PULL) {
		end->differs = true;
		return 0;
	}
	/* image/tarexport/load.go, v20.10 */
	unr_text_printf(&text, "invalid diffID for layer %u: expected ", w->index);
	unr_go_quote(&text, w->layer->diff_id, strlen(w->layer->diff_id));
	unr_text_puts(&text, ", got ");
	unr_go_quote(&text, found, strlen(found));
	return text.failed ? -ENOMEM : set_stop(&end->stop, UNR_STOP_LAYER, unr_text_string(&text));
}

/* After the tar: what only shows at the stream's end. */
static int finish_stream(struct worker *w, bool verify, struct unr_layer_end *end)
{
	/* Behind the tar's end anything may stand, and it counts. */
	int r = end->stop.kind == UNR_STOP_NONE ? skip_stream(w, UINT64_MAX) : 0;

	if (r < 0 || end->stop.kind != UNR_STOP_NONE)
		return r;
	/* In the engine's own process nobody looks at what the rest of the stream came to. */
	if (*unr_stream_fault_text(w->stream) != '\0' && !unr_engine_in_process(w->job->engine))
		return set_stop(&end->stop, UNR_STOP_FEED, unr_stream_fault_text(w->stream));
	return verify ? check_diff_id(w, end) : 0;
}

/* dockerd does not look at such a layer; what would fail in it is listed all the same. */
static int refuse_depth(const struct worker *w, struct unr_layer_end *end)
{
	if (w->index < UNR_ENGINE_MAX_DEPTH || !unr_engine_is_dockerd(w->job->engine))
		return 0;
	unr_stop_done(&end->stop);
	return set_stop(&end->stop, UNR_STOP_DEPTH, "max depth exceeded");
}

int unr_job_tar(const struct unr_job *job, const struct unr_tar_source *source,
		struct unr_tar **ret)
{
	const struct unr_engine *engine = job->engine;
	int r = unr_tar_new(source, ret);

	if (r == 0)
		unr_tar_set_rules(
			*ret, (struct unr_tar_rules) { .any_special = engine->any_header_size,
						       .global_values = engine->checks_global,
						       .empty_xattrs = engine->empty_xattrs,
						       .sparse_maps = engine->limits_sparse_maps });
	return r;
}

static int unpack(struct worker *w, struct unr_layer_end *end, struct unr_error *err)
{
	const struct unr_unpack_options options = { .engine = w->job->engine,
						    .driver = w->job->driver,
						    .maps = w->job->maps,
						    .store = w->job->keep,
						    .fleeting = !w->job->keep,
						    .privileged = w->privileged,
						    .ledger = w->ledger,
						    .limits = &w->job->limits,
						    .for_mount = unr_job_is_mountable(w->job),
						    .opaque_fd = w->job->opaque_fd,
						    .stop_at_first = w->job->stop_at_first,
						    .layer = w->index,
						    .found = take_finding,
						    .step = count_entry,
						    .context = w };
	const struct unr_tar_source source = {
		.read = read_stream,
		.skip = skip_stream,
		/* A child only sees its input end. */
		.fault = unr_engine_in_process(w->job->engine) ? stream_fault : NULL,
		.context = w,
	};
	struct unr_unpack_result result = { 0 };
	int r = unr_job_tar(w->job, &source, &w->tar);

	if (r < 0)
		return unr_fail_memory(err);
	r = unr_unpack(w->tar, &options, &result, err);
	if (r < 0)
		return r;
	end->result = (struct unr_layer_result) { .done = result.complete,
						  .entries = result.entries,
						  .chowns = result.chowns,
						  .refused = result.refused,
						  .failures = result.failures,
						  .highest = { result.highest[UNR_UID],
							       result.highest[UNR_GID] } };
	end->stand_ins = result.stand_ins;
	end->skipped_xattrs = result.skipped_xattrs;
	end->skipped_owners = result.skipped_owners;
	end->stop = result.stop;
	end->log = result.log;
	end->output = result.output;
	return 0;
}

static int extract(struct worker *w, const struct unr_blob *blob, struct unr_layer_end *end,
		   struct unr_error *err)
{
	bool verify = w->job->verify && w->layer->diff_id != NULL;
	unsigned int options = UNR_STREAM_AHEAD | UNR_STREAM_FAST |
			       (verify ? UNR_STREAM_DIGEST : 0) |
			       (w->job->engine->zstd ? UNR_STREAM_ZSTD : 0);
	int r = w->ledger != NULL && w->index > 0 ? unr_vfs_copy(w->ledger, w->privileged, err) : 0;

	if (r == 0)
		r = unr_stream_open(blob, options, &w->stream, err);
	if (r < 0)
		return r;
	if (*unr_stream_open_text(w->stream) != '\0')
		r = set_stop(&end->stop, UNR_STOP_OPEN, unr_stream_open_text(w->stream));
	else
		r = unpack(w, end, err);
	if (r == 0)
		r = finish_stream(w, verify, end);
	if (r == 0)
		r = refuse_depth(w, end);
	if (r == 0)
		r = send_progress(w);
	if (r == 0 && w->ledger != NULL && w->last)
		r = unr_vfs_settle(w->ledger, w->privileged, err);
	if (r < 0 && err->kind == UNR_ERROR_NONE)
		return unr_fail(err, UNR_ERROR_FAILED, r, "read layer %u: %s", w->index,
				strerror(-r));
	return r;
}

/* The tree's directory: one a layer, or one for all. */
static void name_directory(const struct unr_job *job, uint32_t index, char ret[DIRECTORY_SIZE])
{
	if (job->driver == UNR_DRIVER_VFS)
		(void) strcpy(ret, "rootfs");
	else
		(void) snprintf(ret, DIRECTORY_SIZE, "%u", index);
}

static int change_root(const struct worker *w, struct unr_error *err)
{
	if (chroot(w->directory) < 0 || chdir("/") < 0)
		return unr_fail_errno(err, "change the root directory for layer %u", w->index);
	return 0;
}

int unr_layer_prepare(const struct unr_job *job, uint32_t index, struct unr_error *err)
{
	char directory[DIRECTORY_SIZE];

	name_directory(job, index, directory);
	if (mkdir(directory, 0755) < 0 && errno != EEXIST)
		return unr_fail_errno(err, "make the directory of layer %u", index);
	return 0;
}

/* The last frame; false where nobody hears it. */
static bool send_end(const struct worker *w, const struct unr_layer_end *end,
		     const struct unr_error *err)
{
	unr_auto(unr_text_done) struct unr_text payload = { 0 };

	if (err->kind == UNR_ERROR_NONE) {
		unr_protocol_put_layer(&payload, end);
		return unr_frame_send(w->socket, UNR_FRAME_LAYER, &payload) == 0;
	}
	unr_wire_put_u64(&payload, w->index);
	unr_protocol_put_error(&payload, err);
	return unr_frame_send(w->socket, UNR_FRAME_FAILED, &payload) == 0;
}

int unr_layer_main(const struct unr_job *job, const struct unr_image *image,
		   const struct unr_blob *blob, uint32_t index, int socket)
{
	struct worker w = { .job = job,
			    .layer = &image->layers[index],
			    .index = index,
			    .last = index + 1 == image->n_layers,
			    .ledger = job->ledger.directories_fd >= 0 ? &job->ledger : NULL,
			    .socket = socket };
	struct unr_asker asker = { .socket = socket, .directory = w.directory };
	const struct unr_privileged privileged = unr_privileged_by(&asker);
	struct unr_layer_end end = { .layer = index };
	struct unr_error err = { 0 };
	int status = UNR_LAYER_FAILED;

	name_directory(job, index, w.directory);
	if (job->privileged)
		w.privileged = &privileged;
	if (change_root(&w, &err) == 0 && extract(&w, blob, &end, &err) == 0)
		status = end.stop.kind == UNR_STOP_NONE ? UNR_LAYER_WHOLE : UNR_LAYER_STOPPED;
	unr_tar_free(w.tar);
	unr_stream_free(w.stream);
	unr_text_done(&w.findings);
	unr_limits_explain(&job->limits, !job->keep, &err);
	if (!send_end(&w, &end, &err))
		status = UNR_LAYER_FAILED;
	unr_layer_end_done(&end);
	return status;
}
