/* SPDX-License-Identifier: MIT */
/*
 * Copies into the temporary file that the parent made: what comes through a
 * pipe, and archives that are compressed as a whole.  Each copy goes behind
 * the one before, so a blob of the first stays valid.
 */
#ifndef UNR_IMAGE_SPOOL_H
#define UNR_IMAGE_SPOOL_H

#include "image/blob.h"
#include "image/input.h"
#include "image/services.h"
#include "tar/tar.h"
#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"

/**
 * unr_spool_stream() - copy a pipe to its end
 * @services: are told how much it is by now; NULL: nobody is
 *
 * Return: 0, -ENODATA when nothing came, the reason why there is no temporary file, or -errno.
 */
UNR_MUST_CHECK int unr_spool_stream(struct unr_image_input *input,
				    const struct unr_image_services *services, struct unr_blob *ret,
				    struct unr_error *err);

/** unr_spool_source() - copy a source, e.g. one that decompresses, to its end. */
UNR_MUST_CHECK int unr_spool_source(struct unr_image_input *input,
				    const struct unr_image_services *services,
				    const struct unr_tar_source *source, struct unr_blob *ret,
				    struct unr_error *err);

#endif
