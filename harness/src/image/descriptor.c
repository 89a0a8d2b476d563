/* SPDX-License-Identifier: MIT */
/* Reading descriptors out of a document: see descriptor.h. */
#include "image/descriptor.h"

#define REF_NAME "org.opencontainers.image.ref.name"

static int read_platform(const struct unr_json_at *at, struct unr_descriptor *ret,
			 struct unr_error *err)
{
	const char *os, *architecture, *variant;
	struct unr_json_at platform;
	int r;

	r = unr_json_member(at, "platform", &platform, err);
	if (r == 0)
		r = unr_json_member_string(&platform, "os", "", &os, err);
	if (r == 0)
		r = unr_json_member_string(&platform, "architecture", "", &architecture, err);
	if (r == 0)
		r = unr_json_member_string(&platform, "variant", "", &variant, err);
	if (r == 0)
		ret->platform = unr_platform_make(os, architecture, variant);
	return r;
}

int unr_descriptor_read(const struct unr_json_at *at, struct unr_descriptor *ret,
			struct unr_error *err)
{
	struct unr_json_at annotations, digest;
	int r;

	if (at->value == NULL)
		return unr_json_wrong(at, err, "is missing");
	r = unr_json_member_string(at, "mediaType", "", &ret->media_type, err);
	if (r == 0)
		r = unr_json_member(at, "digest", &digest, err);
	if (r == 0)
		r = unr_json_string(&digest, NULL, &ret->digest, err);
	if (r == 0 && !unr_digest_to_blob(ret->digest, ret->blob))
		r = unr_json_wrong(&digest, err, "is not a digest");
	if (r == 0)
		r = unr_json_member_size(at, "size", &ret->size, err);
	if (r == 0)
		r = unr_json_member(at, "annotations", &annotations, err);
	if (r == 0)
		r = unr_json_member_string(&annotations, REF_NAME, "", &ret->ref_name, err);
	return r < 0 ? r : read_platform(at, ret, err);
}
