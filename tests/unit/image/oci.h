/* SPDX-License-Identifier: MIT */
/* Shared by the tests of OCI layouts: one that is put together file by file, and loaded. */
#ifndef UNR_TEST_IMAGE_OCI_H
#define UNR_TEST_IMAGE_OCI_H

#include "fixture.h"

#include <stdio.h>

#define OCI_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define OCI_INDEX "application/vnd.oci.image.index.v1+json"
#define DOCKER_MANIFEST "application/vnd.docker.distribution.manifest.v2+json"
#define DOCKER_LIST "application/vnd.docker.distribution.manifest.list.v2+json"
#define REF(name) "\"annotations\":{\"org.opencontainers.image.ref.name\":\"" name "\"}"
#define ONE_LAYER "{\"rootfs\":{\"diff_ids\":[\"" DIFF_A "\"]}}"

/* A layout that is put together file by file. */
struct layout {
	struct tar_build tar;
	char text[1024]; /* the last descriptor */
};

static inline void put_file(struct layout *layout, const char *name, const char *text)
{
	tar_build_text(&layout->tar, name, text);
}

/* Puts a blob and leaves its descriptor, with @more members, in @layout->text. */
static inline const char *put_blob(struct layout *layout, const char *media_type, const char *text,
				   const char *more)
{
	char digest[UNR_DIGEST_SIZE], name[UNR_DIGEST_SIZE];

	assert_int_equal(unr_digest_sha256(text, strlen(text), digest, NULL), 0);
	assert_true(unr_digest_to_blob(digest, name));
	put_file(layout, name, text);
	(void) snprintf(layout->text, sizeof(layout->text),
			"{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%zu%s%s}", media_type,
			digest, strlen(text), more[0] == '\0' ? "" : ",", more);
	return layout->text;
}

/* An image of one layer; its manifest's descriptor is left in @layout->text. */
static inline const char *put_image(struct layout *layout, const char *media_type,
				    const char *content, const char *more)
{
	char manifest[4096], layer[1024], config[1024];

	(void) snprintf(layer, sizeof(layer), "%s", put_blob(layout, "x", content, ""));
	(void) snprintf(config, sizeof(config), "%s", put_blob(layout, "x", ONE_LAYER, ""));
	(void) snprintf(manifest, sizeof(manifest), "{\"config\":%s,\"layers\":[%s]}", config,
			layer);
	return put_blob(layout, media_type, manifest, more);
}

static inline void put_index(struct layout *layout, const char *first, const char *second)
{
	char text[4096];

	(void) snprintf(text, sizeof(text), "{\"schemaVersion\":2,\"manifests\":[%s%s%s]}", first,
			second[0] == '\0' ? "" : ",", second);
	put_file(layout, "index.json", text);
	put_file(layout, "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
}

static inline struct outcome load_layout(struct layout *layout, const char *reference)
{
	struct outcome o = load_tar(UNR_TRANSPORT_OCI_ARCHIVE, &layout->tar, reference);

	tar_build_done(&layout->tar);
	return o;
}

static inline void assert_content(struct layout *layout, const char *reference, const char *content)
{
	struct outcome o = load_layout(layout, reference);

	assert_string_equal(o.err.message, "");
	assert_int_equal(o.r, 0);
	assert_int_equal(o.image.n_layers, 1);
	assert_blob(&o.blobs[0], content);
	outcome_done(&o);
}

/* Loads a layout whose only manifest is @manifest. */
static inline struct outcome load_manifest(struct layout *layout, const char *manifest)
{
	put_index(layout, put_blob(layout, OCI_MANIFEST, manifest, ""), "");
	return load_layout(layout, NULL);
}

#endif
