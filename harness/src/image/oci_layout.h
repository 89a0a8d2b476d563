/* SPDX-License-Identifier: MIT */
/*
 * An OCI image layout: index.json, then manifests and indexes by digest down
 * to one image, whose small files are checked against their digests here.  The
 * layers' own digests are checked by whoever reads or fetches the layers.
 */
#ifndef UNR_IMAGE_OCI_LAYOUT_H
#define UNR_IMAGE_OCI_LAYOUT_H

#include "image/blob.h"
#include "image/platform.h"
#include "image/store.h"
#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"
#include "usernsrepro/image.h"

/**
 * unr_oci_layout_load() - find an image's layers
 * @reference: the annotation org.opencontainers.image.ref.name, or "@1"; NULL when the layout is
 *             to have one image only
 * @platform:  which one to take where there is an image for several; its os "": this host's
 * @ret:       zeroed; on failure what was filled in is the caller's to release, as is @ret_blobs
 * @ret_blobs: owned by the caller; @ret->n_layers of them; the descriptors are the store's
 *
 * Return: 0, -EINVAL (kind USAGE) when @reference decides nothing, or the errors of reading.
 */
UNR_MUST_CHECK int unr_oci_layout_load(const struct unr_store *store, const char *reference,
				       const struct unr_platform *platform, struct unr_image *ret,
				       struct unr_blob **ret_blobs, struct unr_error *err);

/**
 * unr_registry_load() - the same for the image of a registry, from the manifest that was named
 * @store:     unr_store_registry()
 * @ret_blobs: as above, but without descriptors: the blobs are announced and still on their way
 *
 * Return: as unr_oci_layout_load().
 */
UNR_MUST_CHECK int unr_registry_load(const struct unr_store *store,
				     const struct unr_platform *platform, struct unr_image *ret,
				     struct unr_blob **ret_blobs, struct unr_error *err);

#endif
