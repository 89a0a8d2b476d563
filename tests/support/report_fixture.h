/* SPDX-License-Identifier: MIT */
/*
 * Results made by hand for the tests of report/ and advice/: what run/ would deliver for
 * small images, and a report as a string to compare with.
 */
#ifndef UNR_TEST_SUPPORT_REPORT_FIXTURE_H
#define UNR_TEST_SUPPORT_REPORT_FIXTURE_H

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "unr_test.h"
#include "usernsrepro/report.h"

/* 2022-07-01T00:02:29Z, a second before which the seeds' file was made. */
#define FIXTURE_NOW 1656633749
#define FIXTURE_MTIME 1656624240 /* 2022-06-30T21:24:00Z */

/*
 * The findings of the result in the making, which tests may still change; they
 * go into its store when it is rendered.
 */
static struct unr_finding *fixture_findings;
static size_t fixture_n_findings;

static inline char *fixture_string(const char *text)
{
	char *copy = text == NULL ? NULL : strdup(text);

	assert_true(text == NULL || copy != NULL);
	return copy;
}

/* Grows an array by one zeroed element and returns that. */
static inline void *fixture_grow(void *array_pointer, size_t n, size_t size)
{
	void **array = array_pointer;
	void *grown = reallocarray(*array, n + 1, size);

	assert_non_null(grown);
	*array = grown;
	return memset((char *) grown + n * size, 0, size);
}

static inline void fixture_map(struct unr_idmaps *maps, uint32_t inside, uint32_t outside,
			       uint32_t count)
{
	const struct unr_id_range range = { inside, outside, count };

	assert_int_equal(unr_idmap_add(&maps->of[UNR_UID], range), 0);
	assert_int_equal(unr_idmap_add(&maps->of[UNR_GID], range), 0);
}

static inline void fixture_layer(struct unr_result *result, const char *digest, uint64_t size,
				 uint64_t entries, const char *created_by)
{
	size_t n = result->image.n_layers;
	struct unr_layer *layer;
	struct unr_layer_result *layer_result;

	layer = fixture_grow(&result->image.layers, n, sizeof(*layer));
	layer_result = fixture_grow(&result->layers, n, sizeof(*layer_result));
	layer->digest = fixture_string(digest);
	layer->diff_id = fixture_string("sha256:d1ffd1ffd1ff0000");
	layer->created_by = fixture_string(created_by);
	layer->size = size;
	layer_result->done = true;
	layer_result->entries = entries;
	layer_result->chowns = entries;
	result->image.n_layers = n + 1;
}

static inline void fixture_drop_findings(void)
{
	for (size_t i = 0; i < fixture_n_findings; i++)
		unr_finding_done(&fixture_findings[i]);
	free(fixture_findings);
	fixture_findings = NULL;
	fixture_n_findings = 0;
}

/* As run/ would do it while they are found. */
static inline void fixture_store_findings(struct unr_result *result)
{
	struct unr_error err = { 0 };

	unr_finding_store_free(result->findings);
	result->findings = unr_finding_store_new();
	assert_non_null(result->findings);
	for (size_t i = 0; i < fixture_n_findings; i++)
		assert_int_equal(
			unr_finding_store_add(result->findings, &fixture_findings[i], &err), 0);
}

static inline void fixture_done(struct unr_result *result)
{
	fixture_drop_findings();
	unr_result_done(result);
}

/* An image of two layers on App Service's map; nothing is wrong with it yet. */
static inline struct unr_result fixture_result(void)
{
	struct unr_result result = {
		.source = "docker-archive:app.tar",
		.profile = "appservice",
		.map_change = "App Service's range cannot be changed.",
		.map_fixed = true,
		.engine = "docker-20.10.9",
		.driver = "overlay2",
		.kernel = "6.1.0-41-amd64",
		.verdict = { .ok = true },
		.started = { FIXTURE_NOW, 30000000 },
		.ended = { FIXTURE_NOW + 55, 124000000 },
	};

	fixture_drop_findings();
	result.image.reference = fixture_string("app:latest");
	result.image.config_digest = fixture_string("sha256:c0ffee");
	result.image.user = fixture_string("node");
	fixture_map(&result.map, 0, 100000, 65536);
	fixture_map(&result.engine_map, 0, 100000, 65536);
	fixture_layer(&result, "sha256:6f199d2c4d2fa7cf69b4fa1b", 315392, 60000,
		      "/bin/sh -c #(nop) ADD file:1 in / ");
	fixture_layer(&result, "sha256:fe1c00ff3ffe19d18a3b9b52", 202, 122,
		      "RUN /bin/sh -c npm i -g npm@9.1.1 &&     npm i # buildkit");
	return result;
}

static inline struct unr_finding *fixture_finding(struct unr_result *result, uint32_t layer,
						  const char *path, int64_t uid, int64_t gid)
{
	struct unr_finding *finding;
	uint32_t outside;

	finding = fixture_grow(&fixture_findings, fixture_n_findings, sizeof(*finding));
	finding->layer = layer;
	finding->entry = fixture_n_findings++;
	finding->path = fixture_string(path);
	finding->path_length = strlen(path);
	finding->mode = 0644;
	finding->mtime = FIXTURE_MTIME;
	finding->uid = uid;
	finding->gid = gid;
	finding->uid_unmapped =
		!unr_idmap_to_outside(&result->engine_map.of[UNR_UID], uid, &outside);
	finding->gid_unmapped =
		!unr_idmap_to_outside(&result->engine_map.of[UNR_GID], gid, &outside);
	finding->call = UNR_CALL_LCHOWN;
	return finding;
}

/* The engine refuses it, and so did the kernel. */
static inline struct unr_finding *fixture_failure(struct unr_result *result, uint32_t layer,
						  const char *path, int64_t uid, int64_t gid)
{
	struct unr_finding *finding = fixture_finding(result, layer, path, uid, gid);

	finding->engine_refused = true;
	finding->error = EINVAL;
	result->layers[layer].failures++;
	result->layers[layer].refused++;
	return finding;
}

/* The engine maps it, the kernel refused. */
static inline struct unr_finding *fixture_kernel_only(struct unr_result *result, uint32_t layer,
						      const char *path, int64_t uid, int64_t gid)
{
	struct unr_finding *finding = fixture_finding(result, layer, path, uid, gid);

	finding->uid_unmapped = finding->gid_unmapped = false;
	finding->error = EINVAL;
	result->layers[layer].refused++;
	return finding;
}

/* The engine stops at this finding. */
static inline void fixture_verdict(struct unr_result *result, const struct unr_finding *finding,
				   const char *message)
{
	result->verdict = (struct unr_verdict) {
		.stage = UNR_STAGE_LAYER,
		.layer = finding->layer,
		.path = fixture_string(finding->path),
		.path_length = finding->path_length,
		.has_id = true,
		.id = finding->uid_unmapped ? finding->uid : finding->gid,
		.id_kind = finding->uid_unmapped ? UNR_UID : UNR_GID,
		.message = fixture_string(message),
	};
}

/* The engine stops for another reason than an id. */
static inline void fixture_damage(struct unr_result *result, uint32_t layer, const char *path,
				  const char *message)
{
	result->verdict = (struct unr_verdict) {
		.stage = UNR_STAGE_LAYER,
		.layer = layer,
		.path = fixture_string(path),
		.path_length = path == NULL ? 0 : strlen(path),
		.message = fixture_string(message),
	};
	result->layers[layer].done = false;
}

/* The seeds' first case: one empty file in the second layer. */
static inline struct unr_result fixture_high_uid(void)
{
	struct unr_result result = fixture_result();
	const struct unr_finding *finding =
		fixture_failure(&result, 1, "var/www/html/file-with-high-id", 1000000, 1000000);

	fixture_verdict(&result, finding,
			"failed to register layer: Error processing tar file(exit status 1): "
			"Container ID 1000000 cannot be mapped to a host ID");
	return result;
}

/* The report as a string, which the caller frees. */
static inline char *fixture_render(struct unr_result *result, enum unr_report_format format,
				   const struct unr_report_options *options)
{
	struct unr_error err = { 0 };
	int fd = memfd_create("report", MFD_CLOEXEC);
	off_t size;
	char *text;

	assert_true(fd >= 0);
	fixture_store_findings(result);
	assert_int_equal(unr_report_write(result, format, options, fd, &err), 0);
	size = lseek(fd, 0, SEEK_END);
	text = calloc(1, (size_t) size + 1);
	assert_non_null(text);
	assert_int_equal(pread(fd, text, (size_t) size, 0), size);
	(void) close(fd);
	return text;
}

/* Renders, compares whole, and gives the result back. */
static inline void fixture_expect(struct unr_result *result, enum unr_report_format format,
				  const struct unr_report_options *options, const char *expected)
{
	char *text = fixture_render(result, format, options);

	assert_string_equal(text, expected);
	free(text);
	fixture_done(result);
}

/* Renders, looks for a piece, and gives the result back. */
static inline void fixture_expect_part(struct unr_result *result, enum unr_report_format format,
				       const struct unr_report_options *options,
				       const char *expected)
{
	char *text = fixture_render(result, format, options);

	if (strstr(text, expected) == NULL)
		fail_msg("not in the report:\n%s\nthe report:\n%s", expected, text);
	free(text);
	fixture_done(result);
}

#endif
