/* SPDX-License-Identifier: MIT */
/* Layers by hand, failures in them, and the causes that cause/ tells of those. */
#ifndef UNR_TEST_CAUSE_BENCH_H
#define UNR_TEST_CAUSE_BENCH_H

#include "unr_test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cause/cause.h"
#include "tar_build.h"

#define LAYERS 5

/* Layers by hand, and the failures that somebody found in them. */
struct bench {
	struct tar_build layers[LAYERS];
	struct unr_finding findings[8];
	size_t n, n_read, n_told;
	struct unr_cause causes[8];
	struct unr_text bytes; /* of the layer that is read */
	size_t at;
	uint32_t broken; /* a layer that breaks off; 0: none */
};

static inline ssize_t read_bytes(void *context, void *buffer, size_t size)
{
	struct bench *bench = context;
	size_t left = bench->bytes.length - bench->at;

	size = size < left ? size : left;
	memcpy(buffer, bench->bytes.bytes + bench->at, size);
	bench->at += size;
	return (ssize_t) size;
}

static inline int read_layer(void *context, uint32_t layer,
			     int (*read)(void *read_context, struct unr_tar *tar),
			     void *read_context, struct unr_error *err)
{
	struct bench *bench = context;
	const struct unr_tar_source source = { .read = read_bytes, .context = bench };
	struct unr_tar *tar = NULL;
	int r;

	(void) err;
	bench->bytes = bench->layers[layer].bytes;
	bench->at = 0;
	if (bench->broken == layer && layer != 0)
		bench->bytes.length -= TAR_BUILD_BLOCK * 3 - 1;
	assert_int_equal(unr_tar_new(&source, &tar), 0);
	r = read(read_context, tar);
	unr_tar_free(tar);
	return r;
}

static inline int next(void *context, struct unr_finding *ret)
{
	struct bench *bench = context;

	if (bench->n_read == bench->n)
		return 0;
	*ret = bench->findings[bench->n_read++];
	ret->path = strdup(ret->path);
	return 1;
}

static inline int tell(void *context, uint32_t layer, const struct unr_cause *cause)
{
	struct bench *bench = context;
	struct unr_cause *told = &bench->causes[bench->n_told];

	assert_int_equal(layer, bench->findings[bench->n_told++].layer);
	*told = *cause;
	if (cause->package != NULL)
		told->package = strdup(cause->package);
	if (cause->package_version != NULL)
		told->package_version = strdup(cause->package_version);
	return 0;
}

static inline void add_entry(struct bench *bench, uint32_t layer, const char *name, char type,
			     int64_t uid)
{
	union tar_header header;

	tar_header_init(&header, name, type);
	tar_header_owner(&header, uid, 0);
	tar_build_member(&bench->layers[layer], &header, "", 0);
}

/* An entry with an owner that has no place. */
static inline void add_failure(struct bench *bench, uint32_t layer, char *name,
			       enum unr_entry_type type)
{
	bench->findings[bench->n++] = (struct unr_finding) {
		.layer = layer,
		.type = type,
		.uid = 70000,
		.path = name,
		.path_length = strlen(name),
	};
	add_entry(bench, layer, name, type == UNR_ENTRY_DIRECTORY ? '5' : '0', 70000);
}

static inline void find_causes(struct bench *bench)
{
	const struct unr_cause_job job = { .n_layers = LAYERS,
					   .next = next,
					   .read_layer = read_layer,
					   .tell = tell,
					   .context = bench };
	struct unr_error err = { 0 };

	for (size_t i = 0; i < LAYERS; i++)
		tar_build_end(&bench->layers[i]);
	assert_int_equal(unr_cause_find(&job, &err), 0);
	assert_int_equal(bench->n_told, bench->n);
}

static inline void drop(struct bench *bench)
{
	for (size_t i = 0; i < LAYERS; i++)
		tar_build_done(&bench->layers[i]);
	for (size_t i = 0; i < bench->n_told; i++)
		unr_cause_done(&bench->causes[i]);
}

#endif
