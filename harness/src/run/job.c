/* SPDX-License-Identifier: MIT */
/*
 * The child: everything hostile is read here.  It enters its sandbox, finds the
 * image's layers, lets a process of its own extract each, and ends.
 */
#include "run/job.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/fd.h"
#include "fetch/fetch.h"
#include "image/load.h"
#include "run/accept.h"
#include "run/inflater.h"
#include "run/protocol.h"
#include "run/verifier.h"
#include "run/workers.h"
#include "unpack/opaque.h"
#include "userns/filter.h"
#include "userns/limits.h"
#include "userns/sandbox.h"

static int send_frame(int socket, enum unr_frame type, const struct unr_text *payload)
{
	return unr_frame_send(socket, (uint32_t) type, payload);
}

static int send_image(int socket, const struct unr_image *image, struct unr_error *err)
{
	unr_auto(unr_text_done) struct unr_text payload = { 0 };
	int r;

	unr_protocol_put_image(&payload, image);
	r = send_frame(socket, UNR_FRAME_IMAGE, &payload);
	return r < 0 ? unr_fail(err, UNR_ERROR_FAILED, r, "describe the image: %s", strerror(-r)) :
		       0;
}

/* Who is asked for files. */
struct asked {
	int socket; /* to the parent */
	const struct unr_image_input *input;
	int64_t told_ms; /* when it was told last how much is kept */
};

/* Gets a file of the image's directory from the parent, or of a registry from the fetcher. */
static int ask_for_file(void *context, const char *name, int *ret_fd, struct unr_error *err)
{
	const struct asked *asked = context;
	const int *socket = &asked->socket;
	unr_auto(unr_text_done) struct unr_text payload = { 0 };
	struct unr_error theirs;
	uint8_t answer = 0;
	int fd = -EBADF;
	int r;

	if (asked->input->kind == UNR_INPUT_REGISTRY)
		return unr_fetch_ask(asked->input->fd, name, ret_fd, err);
	unr_wire_put_string(&payload, name);
	r = send_frame(*socket, UNR_FRAME_ASK, &payload);
	if (r == 0)
		r = unr_recv_fd(*socket, &answer, &fd);
	if (r < 0)
		return unr_fail(err, UNR_ERROR_FAILED, r, "ask for a file: %s", strerror(-r));
	if (answer == 'F' && fd >= 0) {
		*ret_fd = fd;
		return 0;
	}
	if (unr_read_full(*socket, &theirs, sizeof(theirs)) != (ssize_t) sizeof(theirs))
		return unr_fail(err, UNR_ERROR_FAILED, -EPIPE, "ask for a file: no answer");
	return unr_fail(err, theirs.kind, theirs.code, "%s", theirs.message);
}

static int tell_kept(void *context, uint64_t bytes)
{
	struct asked *asked = context;
	unr_auto(unr_text_done) struct unr_text payload = { 0 };

	if (unr_now_ms() - asked->told_ms < UNR_PROGRESS_MS)
		return 0;
	asked->told_ms = unr_now_ms();
	unr_wire_put_u64(&payload, bytes);
	return send_frame(asked->socket, UNR_FRAME_KEPT, &payload);
}

static int announce_file(void *context, const char *name, uint64_t size, struct unr_error *err)
{
	const struct asked *asked = context;

	return unr_fetch_announce(asked->input->fd, name, size, err);
}

/*
 * The layer's blob is waited for if it comes from a registry, where those above
 * are on their way meanwhile, and those below are being extracted.  It stays open
 * to the end of this process: who looks for causes reads it again.
 */
static int extract_layer(struct unr_workers *workers, const struct unr_image_services *services,
			 struct unr_blob *blob, uint32_t i, struct unr_error *err)
{
	int r = 0;

	if (blob->fd < 0)
		r = unr_image_await(workers->job->input, services, &workers->image->layers[i], blob,
				    err);
	return r < 0 ? r : unr_workers_start(workers, blob, i, err);
}

/*
 * Of several errors the lowest layer's is told, whichever came first.
 * @ret_stopped: the engine refuses some layer, and starts nothing.
 */
static int extract_all(const struct unr_job *job, const struct unr_image_services *services,
		       const struct unr_image *image, struct unr_blob *blobs, bool *ret_stopped,
		       struct unr_error *err)
{
	const struct asked *asked = services->context;
	struct unr_workers workers = { .job = job, .image = image, .socket = asked->socket };
	struct unr_error *mine = err;
	struct unr_error second = { 0 };
	int r = 0, ended;

	for (uint32_t i = 0; i < image->n_layers && r == 0; i++) {
		if (workers.stopped && job->stop_at_first)
			break;
		r = extract_layer(&workers, services, &blobs[i], i, err);
	}
	if (r < 0)
		mine = &second;
	ended = unr_workers_wait(&workers, 0, mine);
	*ret_stopped = workers.stopped;
	return r < 0 ? r : ended;
}

/* All layers, and then the start of the container, if there is one to start. */
static int extract_and_start(const struct unr_job *job, const struct unr_image_services *services,
			     const struct unr_image *image, struct unr_blob *blobs,
			     struct unr_error *err)
{
	const struct asked *asked = services->context;
	struct unr_verifier verifier = UNR_VERIFIER_NONE;
	unr_auto(unr_text_done) struct unr_text words = { 0 };
	bool stopped = false;
	int verified, r = unr_verifier_start(job, image, blobs, &verifier, err);

	if (r == 0)
		r = extract_all(job, services, image, blobs, &stopped, err);
	verified = unr_verifier_end(&verifier, err);
	/* The collector finds the words again. */
	stopped |= !unr_accept_image(job->engine, job->way, image, &words);
	if (verified < 0 || r < 0 || (stopped && !job->for_shell))
		return verified < 0 ? verified : r;
	return unr_job_start(job, image, &job->helpers, asked->socket, err);
}

/* The helpers are made while there are privileges that they can keep. */
static int restrict_child(struct unr_job *job, int socket, struct unr_error *err)
{
	int keep[4 + UNR_LINES_MAX] = { socket, job->input->fd, job->input->spool_fd,
					job->alive_fd };
	int r = unr_sandbox_leave_terminal(err);

	memcpy(keep + 4, job->ends->fds, job->ends->n * sizeof(*keep));
	if (r == 0)
		r = unr_sandbox_enter(job->keep ? UNR_SANDBOX_CWD : UNR_SANDBOX_TMPFS,
				      job->limits.of[UNR_LIMIT_INODES], err);
	/* The directory of an OCI layout stays with the parent; a registry is a socket. */
	if (r == 0)
		r = unr_sandbox_close_others(keep, 4 + job->ends->n, err);
	if (r == 0)
		r = unr_switcher_start(&job->helpers.switcher, err);
	if (r == 0 && unr_job_is_mountable(job))
		r = unr_mounter_start(&job->helpers.mounter, err);
	if (r == 0)
		r = unr_limits_enter(&job->limits, err);
	if (r == 0)
		r = unr_sandbox_restrict(err);
	return r < 0 ? r : unr_filter_enter(err);
}

/* Does the engine look into it at all?  If not, there are its words in place of layers. */
static int check_image(const struct unr_job *job, struct unr_image *image, struct unr_error *err)
{
	unr_auto(unr_text_done) struct unr_text words = { 0 };

	if ((job->for_shell || unr_accept_archive(job->engine, job->way, image, &words)) &&
	    (image->system == NULL || (image->without_rootfs && job->way == UNR_WAY_LOAD) ||
	     unr_engine_takes_system(job->engine, job->way, image->system, &words)))
		return 0;
	if (words.failed)
		return unr_fail_memory(err);
	if (job->for_shell || !unr_engine_is_dockerd(job->engine))
		return unr_fail(err, UNR_ERROR_FAILED, -EOPNOTSUPP, "%s: %s", job->input->name,
				unr_text_string(&words));
	return unr_image_refuse(image, unr_text_string(&words)) < 0 ? unr_fail_memory(err) : 0;
}

static int do_job(struct unr_job *job, int socket, struct unr_error *err)
{
	struct asked asked = { .socket = socket, .input = job->input, .told_ms = unr_now_ms() };
	const struct unr_go_rules rules = { .newer = job->engine->newer_types,
					    .older = job->engine->older_times };
	bool asks_engine = unr_engine_is_dockerd(job->engine) && !job->for_shell;
	struct unr_image_services services = { .ask = ask_for_file,
					       .announce = announce_file,
					       .kept = tell_kept,
					       .context = &asked,
					       .inflater = unr_inflater(job->engine->zstd),
					       .rules = asks_engine ? &rules : NULL };
	unr_autofree struct unr_blob *blobs = NULL;
	struct unr_image image = { 0 };
	int r = restrict_child(job, socket, err);

	if (r == 0)
		r = unr_image_load(job->input, &services, &image, &blobs, err);
	if (r < 0)
		return r;
	if (!job->way_given && job->input->transport != UNR_TRANSPORT_DOCKER_ARCHIVE)
		job->way = UNR_WAY_PULL;
	r = check_image(job, &image, err);
	if (r == 0)
		r = send_image(socket, &image, err);
	if (r == 0 && job->keep && job->driver == UNR_DRIVER_VFS &&
	    unr_ledger_open(&job->ledger) < 0)
		r = unr_fail_errno(err, "memfd_create");
	if (r == 0) {
		job->opaque_fd = unr_opaque_open();
		if (job->opaque_fd < 0)
			r = unr_fail(err, UNR_ERROR_FAILED, job->opaque_fd,
				     "make a file for notes: %s", strerror(-job->opaque_fd));
	}
	if (r == 0)
		r = extract_and_start(job, &services, &image, blobs, err);
	if (r == 0 && !job->stop_at_first && !job->for_shell)
		r = unr_job_causes(job, &image, blobs, socket, err);
	unr_switcher_done(&job->helpers.switcher);
	unr_mounter_done(&job->helpers.mounter);
	unr_close(&job->opaque_fd);
	unr_ledger_done(&job->ledger);
	unr_image_done(&image);
	return r;
}

int unr_job_main(void *argument, int socket)
{
	unr_auto(unr_text_done) struct unr_text payload = { 0 };
	struct unr_error err = { 0 };
	struct unr_job *job = argument;
	int r = do_job(job, socket, &err);

	if (r < 0)
		unr_limits_explain(&job->limits, !job->keep, &err);
	if (r < 0)
		unr_protocol_put_error(&payload, &err);
	r = send_frame(socket, r < 0 ? UNR_FRAME_ERROR : UNR_FRAME_DONE, &payload);
	return r < 0 ? 1 : 0;
}
