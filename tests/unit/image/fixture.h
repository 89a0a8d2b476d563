/* SPDX-License-Identifier: MIT */
/*
 * Shared by the tests of image/: small images built in memory, loaded in one
 * call, with what came of it in one value.
 */
#ifndef UNR_TEST_IMAGE_FIXTURE_H
#define UNR_TEST_IMAGE_FIXTURE_H

#include "unr_test.h"

#include <errno.h>
#include <string.h>

#include "base/fd.h"
#include "image/digest.h"
#include "image/load.h"
#include "tar_build.h"

#define HEX_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HEX_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define DIFF_A "sha256:" HEX_A
#define DIFF_B "sha256:" HEX_B

/* A config of two layers with three steps, one of which made none. */
#define TWO_LAYERS                                                                                 \
	"{\"config\":{\"User\":\"node\"},"                                                         \
	"\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" DIFF_A "\",\"" DIFF_B "\"]},"           \
	"\"history\":[{\"created_by\":\"ADD root\"},"                                              \
	"{\"created_by\":\"ENV A=1\",\"empty_layer\":true},{\"created_by\":\"RUN npm i\"}]}"
#define NO_LAYERS "{\"rootfs\":{\"diff_ids\":[]}}"

struct outcome {
	int r;
	struct unr_error err;
	struct unr_image_input input;
	struct unr_image image;
	struct unr_blob *blobs;
};

static inline void outcome_done(struct outcome *outcome)
{
	unr_image_done(&outcome->image);
	free(outcome->blobs);
	unr_image_input_done(&outcome->input);
}

/* Loads from @fd, which it takes over. */
static inline struct outcome load_fd(enum unr_transport transport, int fd, const char *reference,
				     const struct unr_image_services *services)
{
	struct outcome outcome = { .input = UNR_IMAGE_INPUT_NONE };

	outcome.r = unr_image_input_from_fd(transport, fd, "app.tar", reference, &outcome.input,
					    &outcome.err);
	if (outcome.r < 0)
		unr_close(&fd);
	else
		outcome.r = unr_image_load(&outcome.input, services, &outcome.image, &outcome.blobs,
					   &outcome.err);
	return outcome;
}

static inline struct outcome load_tar(enum unr_transport transport, struct tar_build *tar,
				      const char *reference)
{
	return load_fd(transport, tar_build_memfd(tar), reference, NULL);
}

static inline void assert_blob(const struct unr_blob *blob, const char *text)
{
	char bytes[256] = { 0 };

	assert_int_equal(blob->size, strlen(text));
	assert_int_equal(unr_pread_full(blob->fd, bytes, (size_t) blob->size, blob->offset),
			 (ssize_t) strlen(text));
	assert_string_equal(bytes, text);
}

static inline void assert_refused(struct outcome *outcome, int code, enum unr_error_kind kind,
				  const char *message)
{
	assert_string_equal(outcome->err.message, message);
	assert_int_equal(outcome->r, code);
	assert_int_equal(outcome->err.kind, kind);
	assert_null(outcome->blobs);
	assert_null(outcome->image.layers);
	outcome_done(outcome);
}

/* A docker archive in the old layout: two layers, the config, and that manifest. */
static inline void build_docker(struct tar_build *tar, const char *config, const char *manifest)
{
	tar_build_directory(tar, HEX_A "/");
	tar_build_text(tar, HEX_A "/VERSION", "1.0");
	tar_build_text(tar, HEX_A "/layer.tar", "bottom layer");
	tar_build_text(tar, HEX_B "/layer.tar", "upper layer");
	if (config != NULL)
		tar_build_text(tar, "config.json", config);
	if (manifest != NULL)
		tar_build_text(tar, "manifest.json", manifest);
	tar_build_end(tar);
}

#define MANIFEST                                                                                   \
	"[{\"Config\":\"config.json\",\"RepoTags\":[\"app:latest\"],"                              \
	"\"Layers\":[\"" HEX_A "/layer.tar\",\"" HEX_B "/layer.tar\"]}]"

#endif
