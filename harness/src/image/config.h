/* SPDX-License-Identifier: MIT */
/*
 * The image config, which docker archives and OCI layouts share: the layers'
 * diff_ids, the history, the user and what else its process gets.
 */
#ifndef UNR_IMAGE_CONFIG_H
#define UNR_IMAGE_CONFIG_H

#include "base/text.h"
#include "image/go_decode.h"
#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"
#include "usernsrepro/image.h"

/* Enough above the 125 of dockerd to show what it does. */
enum { UNR_IMAGE_MAX_LAYERS = 4096 };

/**
 * unr_config_read() - fill in what the config knows of an image
 * @bytes: the config
 * @archive, @member: what it is called in messages
 * @rules: how an engine reads it; NULL: none is asked
 * @ret: its config_digest, user, env, working_dir and layers (diff_id, created_by) are set; on failure some of
 *       them, for the caller to release
 *
 * Of what does not fit the engine's types nothing is read: it has a refusal and no layers, and what
 * has no rootfs is without_rootfs.
 *
 * A history line marked empty_layer belongs to no layer; a layer without a line gets "".
 *
 * Return: 0, -EBADMSG when it is not a config, -E2BIG, -EIO or -ENOMEM.
 */
UNR_MUST_CHECK int unr_config_read(const struct unr_text *bytes, const char *archive,
				   const char *member, const struct unr_go_rules *rules,
				   struct unr_image *ret, struct unr_error *err);

/** unr_config_fits() - is there more to read of an image, its layers? */
bool unr_config_fits(const struct unr_image *image);

#endif
