/* SPDX-License-Identifier: MIT */
/*
 * The blobs of a pulled image against their digests, in a process of its own beside
 * the extraction: an engine has looked at them before, and what it would not have
 * begun to extract counts for nothing.  Inside run/ only; looks into no blob.
 */
#ifndef UNR_RUN_VERIFIER_H
#define UNR_RUN_VERIFIER_H

#include "run/job.h"

struct unr_verifier {
	int fd; /* owned; its answer; -EBADF: nothing is to be verified */
};

/* clang-format off */
#define UNR_VERIFIER_NONE { -EBADF }
/* clang-format on */

/**
 * unr_verifier_start() - verify what has digests and has not been verified on its way
 * @blobs: of the image's layers
 *
 * Return: 0, or a negative errno with @err.
 */
UNR_MUST_CHECK int unr_verifier_start(const struct unr_job *job, const struct unr_image *image,
				      const struct unr_blob *blobs, struct unr_verifier *ret,
				      struct unr_error *err);

/**
 * unr_verifier_end() - wait for its answer
 *
 * Return: 0, or a negative errno; then @err tells of the blob, whatever was in it before.
 */
UNR_MUST_CHECK int unr_verifier_end(struct unr_verifier *verifier, struct unr_error *err);

#endif
