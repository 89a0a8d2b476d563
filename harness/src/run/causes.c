/* SPDX-License-Identifier: MIT */
/*
 * The child's last task: the parent gives it the failures, and it reads the
 * layers again for what brought them and what becomes of them.
 */
#include <errno.h>
#include <string.h>

#include "base/fd.h"
#include "cause/cause.h"
#include "run/job.h"
#include "run/protocol.h"
#include "stream/stream.h"

struct causes {
	const struct unr_job *job;
	const struct unr_blob *blobs;
	int socket;
	int list_fd; /* owned; of all failures */
	struct unr_inbox list;
	struct unr_stream *stream;      /* owned; while a layer is read */
	struct unr_text payload, queue; /* owned; on their way to the parent */
};

static int next_failure(void *context, struct unr_finding *ret)
{
	struct causes *causes = context;
	struct unr_wire_reader payload;
	uint32_t type;
	int r;

	while ((r = unr_inbox_next(&causes->list, &type, &payload)) == 0) {
		r = unr_inbox_fill(&causes->list, causes->list_fd);
		if (r <= 0)
			return r;
	}
	if (r < 0)
		return r;
	r = unr_wire_get_finding(&payload, ret);
	return r < 0 ? r : 1;
}

static ssize_t read_stream(void *context, void *buffer, size_t size)
{
	struct causes *causes = context;

	return unr_stream_read(causes->stream, buffer, size);
}

static int skip_stream(void *context, uint64_t size)
{
	struct causes *causes = context;

	return unr_stream_skip(causes->stream, size);
}

static int read_tar(struct causes *causes, int (*read)(void *read_context, struct unr_tar *tar),
		    void *read_context)
{
	const struct unr_tar_source source = {
		.read = read_stream,
		.skip = skip_stream,
		.context = causes,
	};
	struct unr_tar *tar = NULL;
	int r = unr_job_tar(causes->job, &source, &tar);

	if (r == 0)
		r = read(read_context, tar);
	unr_tar_free(tar);
	if (r == 0 && *unr_stream_fault_text(causes->stream) != '\0')
		r = 1;
	return r;
}

/* 1 when the layer breaks off, which the one who extracted it has told already. */
static int read_layer(void *context, uint32_t layer,
		      int (*read)(void *read_context, struct unr_tar *tar), void *read_context,
		      struct unr_error *err)
{
	struct causes *causes = context;
	unsigned int options = UNR_STREAM_FAST | (causes->job->engine->zstd ? UNR_STREAM_ZSTD : 0);
	int r;

	if (causes->blobs[layer].fd < 0)
		return 1;
	r = unr_stream_open(&causes->blobs[layer], options, &causes->stream, err);
	if (r < 0)
		return r;
	if (*unr_stream_open_text(causes->stream) != '\0')
		r = 1;
	else
		r = read_tar(causes, read, read_context);
	unr_stream_free(causes->stream);
	causes->stream = NULL;
	return r;
}

static int tell_cause(void *context, uint32_t layer, const struct unr_cause *cause)
{
	struct causes *causes = context;

	unr_text_clear(&causes->payload);
	unr_wire_put_cause(&causes->payload, layer, cause);
	return unr_frame_queue(&causes->queue, causes->socket, UNR_FRAME_CAUSE, &causes->payload);
}

/* 1 with the list, 0 when there is nothing in it, or -errno. */
static int ask_for_failures(int socket, int *ret_fd)
{
	const struct unr_text nothing = { 0 };
	uint8_t answer = 0;
	int r = unr_frame_send(socket, UNR_FRAME_FAILURES, &nothing);

	if (r == 0)
		r = unr_recv_fd(socket, &answer, ret_fd);
	if (r < 0)
		return r;
	if (answer == 'N')
		return 0;
	return answer == 'F' && *ret_fd >= 0 ? 1 : -EPROTO;
}

int unr_job_causes(const struct unr_job *job, const struct unr_image *image,
		   const struct unr_blob *blobs, int socket, struct unr_error *err)
{
	struct causes causes = { .job = job, .blobs = blobs, .socket = socket, .list_fd = -EBADF };
	const struct unr_cause_job cause_job = { .n_layers = (uint32_t) image->n_layers,
						 .next = next_failure,
						 .read_layer = read_layer,
						 .tell = tell_cause,
						 .context = &causes };
	int r = ask_for_failures(socket, &causes.list_fd);

	if (r < 0)
		r = unr_fail(err, UNR_ERROR_FAILED, r, "ask for the failures: %s", strerror(-r));
	else if (r > 0)
		r = unr_cause_find(&cause_job, err);
	if (r == 0) {
		r = unr_frame_flush(&causes.queue, socket);
		if (r < 0)
			(void) unr_fail(err, UNR_ERROR_FAILED, r, "tell the causes: %s",
					strerror(-r));
	}
	unr_text_done(&causes.payload);
	unr_text_done(&causes.queue);
	unr_inbox_done(&causes.list);
	unr_close(&causes.list_fd);
	return r;
}
