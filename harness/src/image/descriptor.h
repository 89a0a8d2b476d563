/* SPDX-License-Identifier: MIT */
/*
 * One line of an index or manifest: a blob by digest, and for images whose
 * they are.
 */
#ifndef UNR_IMAGE_DESCRIPTOR_H
#define UNR_IMAGE_DESCRIPTOR_H

#include <stdint.h>

#include "image/digest.h"
#include "image/json.h"
#include "image/platform.h"
#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"

/* Strings are borrowed from the document; "" when it does not say. */
struct unr_descriptor {
	const char *media_type;
	const char *digest;         /* of valid grammar */
	char blob[UNR_DIGEST_SIZE]; /* the blob's name */
	uint64_t size;
	const char *ref_name; /* annotation org.opencontainers.image.ref.name */
	struct unr_platform platform;
};

/** unr_descriptor_read() - 0, or -EBADMSG for what is no descriptor. */
UNR_MUST_CHECK int unr_descriptor_read(const struct unr_json_at *at, struct unr_descriptor *ret,
				       struct unr_error *err);

#endif
