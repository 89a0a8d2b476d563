/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: any bytes as a layer, of which every entry fails, below the same
 * layer once more.  Property: each failure gets one cause, in order; a package
 * has a name that can be printed; no folder is deeper than the path.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cause/cause.h"
#include "must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LAYERS = 2, MAX_FAILURES = 1000 };

struct bench {
	const uint8_t *bytes;
	size_t size, at;
	struct unr_tar *tar; /* owned; that failures are taken from */
	uint32_t layer;
	size_t n, n_told, at_failure;
};

static ssize_t read_bytes(void *context, void *buffer, size_t size)
{
	struct bench *bench = context;
	size_t left = bench->size - bench->at;

	size = size < left ? size : left;
	if (size > 0)
		memcpy(buffer, bench->bytes + bench->at, size);
	bench->at += size;
	return (ssize_t) size;
}

static struct unr_tar *open_tar(struct bench *bench)
{
	const struct unr_tar_source source = { .read = read_bytes, .context = bench };
	struct unr_tar *tar = NULL;

	bench->at = 0;
	must(unr_tar_new(&source, &tar) == 0);
	return tar;
}

static int read_layer(void *context, uint32_t layer,
		      int (*read)(void *read_context, struct unr_tar *tar), void *read_context,
		      struct unr_error *err)
{
	struct bench *bench = context;
	struct unr_tar *tar = open_tar(bench);
	int r = read(read_context, tar);

	(void) layer;
	(void) err;
	unr_tar_free(tar);
	return r;
}

/* Of both layers the same; a reader stands at one entry at a time. */
static int next(void *context, struct unr_finding *ret)
{
	struct bench *bench = context;
	const struct unr_tar_entry *entry;

	while (bench->layer < LAYERS) {
		if (bench->tar == NULL)
			bench->tar = open_tar(bench);
		if (bench->at_failure++ < MAX_FAILURES && unr_tar_next(bench->tar, &entry) > 0) {
			*ret = (struct unr_finding) {
				.layer = bench->layer,
				.type = entry->type == '5' ? UNR_ENTRY_DIRECTORY : UNR_ENTRY_FILE,
				.path = strndup(entry->name, entry->name_length),
				.path_length = entry->name_length,
			};
			must(ret->path != NULL);
			bench->n++;
			return 1;
		}
		unr_tar_free(bench->tar);
		bench->tar = NULL;
		bench->layer++;
		bench->at_failure = 0;
	}
	return 0;
}

static int tell(void *context, uint32_t layer, const struct unr_cause *cause)
{
	struct bench *bench = context;

	bench->n_told++;
	must(layer < LAYERS && cause->fate_layer < LAYERS);
	must((cause->kind == UNR_PACKAGE_NONE) == (cause->package == NULL));
	must(cause->folder_depth <= bench->size);
	if (cause->package == NULL)
		return 0;
	must(*cause->package != '\0');
	for (const char *c = cause->package; *c != '\0'; c++)
		must((unsigned char) *c >= ' ' && *c != 0x7f);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bench bench = { .bytes = data, .size = size };
	const struct unr_cause_job job = { .n_layers = LAYERS,
					   .next = next,
					   .read_layer = read_layer,
					   .tell = tell,
					   .context = &bench };
	struct unr_error err = { 0 };

	must(unr_cause_find(&job, &err) == 0);
	must(bench.n_told == bench.n);
	unr_tar_free(bench.tar);
	return 0;
}
