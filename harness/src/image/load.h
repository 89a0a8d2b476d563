/* SPDX-License-Identifier: MIT */
/*
 * The half of image/ that runs in the sandboxed child and takes hostile bytes:
 * recognises what the input is, reads manifests and the config, and says where
 * the layers lie.  No layer is read or copied here.
 *
 *   input -> (spool) -> probe -> store -> docker_archive or oci_layout -> config
 */
#ifndef UNR_IMAGE_LOAD_H
#define UNR_IMAGE_LOAD_H

#include "image/blob.h"
#include "image/input.h"
#include "image/services.h"
#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"
#include "usernsrepro/image.h"

/**
 * unr_image_load() - find the layers of an image
 * @input:     its transport is set to what was recognised; it keeps every descriptor
 * @services:  what is needed from outside; may be NULL for plain archives and layers
 * @ret:       release with unr_image_done()
 * @ret_blobs: one for each of @ret's layers; owned by the caller (free()); NULL without layers.
 *             They stay readable until unr_image_input_done().  A registry's have no
 *             descriptor yet: unr_image_await()
 *
 * Layers are as they are stored: compressed or not, an empty one included.
 *
 * Return: 0, -EINVAL (kind USAGE) when the reference decides nothing, or
 *   -ENODATA   empty or cut short
 *   -EBADMSG   no image, or one that contradicts itself
 *   -ENOENT    a file that the image names is not in it
 *   -E2BIG, -ELOOP   over a bound
 *   -ENOMEM, -errno of the input, the temporary file or the services
 */
UNR_MUST_CHECK int unr_image_load(struct unr_image_input *input,
				  const struct unr_image_services *services, struct unr_image *ret,
				  struct unr_blob **ret_blobs, struct unr_error *err);

/**
 * unr_image_await() - wait until a registry's layer is there
 * @ret: its descriptor is the caller's to close
 *
 * Return: 0, or the errors of fetching it, such as -EBADMSG for content of another digest.
 */
UNR_MUST_CHECK int unr_image_await(const struct unr_image_input *input,
				   const struct unr_image_services *services,
				   const struct unr_layer *layer, struct unr_blob *ret,
				   struct unr_error *err);

#endif
