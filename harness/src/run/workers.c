/* SPDX-License-Identifier: MIT */
/* Layers side by side: see workers.h. */
#include "run/workers.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/protocol.h"
#include "userns/namespace.h"

/* A worker can say nothing of its own death. */
static int tell_death(const struct unr_workers *workers, uint32_t layer, int signal_number,
		      struct unr_error *err)
{
	unr_auto(unr_text_done) struct unr_text payload = { 0 };
	int r = unr_fail(err, UNR_ERROR_FAILED, -EIO,
			 "the extraction of layer %u was killed by signal %d (%s)", layer,
			 signal_number, strsignal(signal_number));

	unr_wire_put_u64(&payload, layer);
	unr_protocol_put_error(&payload, err);
	(void) !unr_frame_send(workers->socket, UNR_FRAME_FAILED, &payload);
	return r;
}

static struct unr_worker *find(struct unr_workers *workers, pid_t pid)
{
	for (size_t i = 0; i < workers->job->ends->n; i++)
		if (workers->of[i].pid == pid)
			return &workers->of[i];
	return NULL;
}

/* Waits for the end of any worker. */
static int reap(struct unr_workers *workers, struct unr_error *err)
{
	struct unr_worker *worker;
	int status;
	pid_t pid = waitpid(-1, &status, 0);

	if (pid < 0 && errno == EINTR)
		return 0;
	if (pid < 0) {
		workers->n_running = 0; /* as far as can be known; they end with this process */
		return unr_fail_errno(err, "waitpid");
	}
	worker = find(workers, pid);
	if (worker == NULL) /* somebody's orphan: this is the first process of its namespace */
		return 0;
	worker->pid = 0;
	workers->n_running--;
	if (WIFSIGNALED(status))
		return tell_death(workers, worker->layer, WTERMSIG(status), err);
	if (WEXITSTATUS(status) > UNR_LAYER_STOPPED) /* it has told its own error */
		return unr_fail(err, UNR_ERROR_FAILED, -EIO, "the extraction of layer %u failed",
				worker->layer);
	workers->stopped = workers->stopped || WEXITSTATUS(status) == UNR_LAYER_STOPPED;
	return 0;
}

int unr_workers_wait(struct unr_workers *workers, size_t n, struct unr_error *err)
{
	int result = 0;

	while (workers->n_running > n) {
		int r = reap(workers, err);

		if (result == 0)
			result = r;
	}
	return result;
}

/*
 * In the worker.  Where it had another's line, the end of that one would not show;
 * and it shall reach nobody but the parent: neither who changes ids nor who fetches.
 */
UNR_NORETURN static void run_worker(struct unr_workers *workers, const struct unr_worker *self,
				    const struct unr_blob *blob)
{
	const struct unr_line_ends *ends = workers->job->ends;
	const int own = ends->fds[self - workers->of];

	for (size_t i = 0; i < ends->n; i++)
		if (ends->fds[i] != own)
			(void) close(ends->fds[i]);
	(void) close(workers->socket);
	(void) close(workers->job->helpers.switcher.socket);
	(void) close(workers->job->helpers.mounter.socket);
	if (workers->job->input->kind == UNR_INPUT_REGISTRY)
		(void) close(workers->job->input->fd);
	unr_child_exit(unr_layer_main(workers->job, workers->image, blob, self->layer, own));
}

int unr_workers_start(struct unr_workers *workers, const struct unr_blob *blob, uint32_t index,
		      struct unr_error *err)
{
	int r = unr_workers_wait(workers, workers->job->ends->n - 1, err);
	struct unr_worker *worker = find(workers, 0);

	if (r == 0 && workers->stopped && workers->job->stop_at_first)
		return 0;
	if (r == 0)
		r = unr_layer_prepare(workers->job, index, err);
	if (r < 0)
		return r;
	worker->layer = index;
	worker->pid = fork();
	if (worker->pid < 0) {
		worker->pid = 0;
		return unr_fail_errno(err, "fork");
	}
	if (worker->pid == 0)
		run_worker(workers, worker, blob);
	workers->n_running++;
	return 0;
}
