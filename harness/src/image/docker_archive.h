/* SPDX-License-Identifier: MIT */
/*
 * What `docker save` writes, read through its manifest.json: the layout with
 * one folder a layer and the one that is an OCI layout besides.
 */
#ifndef UNR_IMAGE_DOCKER_ARCHIVE_H
#define UNR_IMAGE_DOCKER_ARCHIVE_H

#include "image/blob.h"
#include "image/store.h"
#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"
#include "usernsrepro/image.h"

/**
 * unr_docker_archive_load() - find an image's layers
 * @reference: "app", "app:1.0", "@1"; NULL when the archive is to have one image only
 * @ret:       zeroed; on failure what was filled in is the caller's to release, as is @ret_blobs
 * @ret_blobs: owned by the caller; @ret->n_layers of them; the descriptors are the store's
 *
 * Return: 0, -EINVAL (kind USAGE) when @reference decides nothing, or the errors of reading.
 */
UNR_MUST_CHECK int unr_docker_archive_load(const struct unr_store *store, const char *reference,
					   struct unr_image *ret, struct unr_blob **ret_blobs,
					   struct unr_error *err);

#endif
