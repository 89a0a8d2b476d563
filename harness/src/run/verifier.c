/* SPDX-License-Identifier: MIT */
/* Blobs against their digests, beside the extraction: see verifier.h. */
#include "run/verifier.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "image/digest.h"
#include "userns/namespace.h"

/* Are its blobs named by digests, and did nobody look at them on their way? */
static bool is_wanted(const struct unr_job *job)
{
	return job->verify && job->way == UNR_WAY_PULL &&
	       (job->input->transport == UNR_TRANSPORT_OCI ||
		job->input->transport == UNR_TRANSPORT_OCI_ARCHIVE);
}

/*
 * Of several the topmost is told: a pull has each layer's own blob checked before it
 * waits for those below (distribution/xfer).
 */
static int verify_all(const struct unr_job *job, const struct unr_image *image,
		      const struct unr_blob *blobs, struct unr_error *err)
{
	char found[UNR_DIGEST_SIZE];
	int r = 0;

	for (size_t i = image->n_layers; r == 0 && i > 0; i--) {
		const char *digest = image->layers[i - 1].digest;

		r = unr_digest_of_blob(digest, &blobs[i - 1], found, err);
		if (r == 0 && strcmp(found, digest) != 0)
			r = unr_fail(err, UNR_ERROR_FAILED, -EBADMSG,
				     "%s: filesystem layer verification failed for digest %s",
				     job->input->name, digest);
	}
	return r;
}

/* It keeps nobody's line open: the end of those who write to one must show. */
UNR_NORETURN static void run(const struct unr_job *job, const struct unr_image *image,
			     const struct unr_blob *blobs, int fd)
{
	struct unr_error answer = { 0 };

	for (size_t i = 0; i < job->ends->n; i++)
		(void) close(job->ends->fds[i]);
	(void) close(job->helpers.switcher.socket);
	(void) close(job->helpers.mounter.socket);
	(void) !verify_all(job, image, blobs, &answer);
	unr_child_exit(unr_write_full(fd, &answer, sizeof(answer)) < 0 ? 1 : 0);
}

int unr_verifier_start(const struct unr_job *job, const struct unr_image *image,
		       const struct unr_blob *blobs, struct unr_verifier *ret,
		       struct unr_error *err)
{
	unr_autoclose int telling = -EBADF, hearing = -EBADF;
	int ends[2];
	pid_t pid;

	if (!is_wanted(job))
		return 0;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return unr_fail_errno(err, "pipe");
	hearing = ends[0];
	telling = ends[1];
	pid = fork();
	if (pid < 0)
		return unr_fail_errno(err, "fork");
	if (pid == 0)
		run(job, image, blobs, telling);
	ret->fd = unr_take_fd(&hearing);
	return 0;
}

int unr_verifier_end(struct unr_verifier *verifier, struct unr_error *err)
{
	struct unr_error answer;
	ssize_t n;

	if (verifier->fd < 0)
		return 0;
	n = unr_read_full(verifier->fd, &answer, sizeof(answer));
	unr_close(&verifier->fd);
	if (n != (ssize_t) sizeof(answer)) {
		*err = (struct unr_error) { 0 };
		return unr_fail(err, UNR_ERROR_FAILED, -EPIPE,
				"who verifies the image's blobs ended without an answer");
	}
	if (answer.kind == UNR_ERROR_NONE)
		return 0;
	*err = answer;
	return answer.code;
}
