/* SPDX-License-Identifier: MIT */
/* cause/: failures and layers in, what brought them and what becomes of them out. */
#include "unr_test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cause/cause.h"
#include "cause/package.h"
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

static ssize_t read_bytes(void *context, void *buffer, size_t size)
{
	struct bench *bench = context;
	size_t left = bench->bytes.length - bench->at;

	size = size < left ? size : left;
	memcpy(buffer, bench->bytes.bytes + bench->at, size);
	bench->at += size;
	return (ssize_t) size;
}

static int read_layer(void *context, uint32_t layer,
		      int (*read)(void *read_context, struct unr_tar *tar), void *read_context,
		      struct unr_error *err)
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

static int next(void *context, struct unr_finding *ret)
{
	struct bench *bench = context;

	if (bench->n_read == bench->n)
		return 0;
	*ret = bench->findings[bench->n_read++];
	ret->path = strdup(ret->path);
	return 1;
}

static int tell(void *context, uint32_t layer, const struct unr_cause *cause)
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

static void add_entry(struct bench *bench, uint32_t layer, const char *name, char type, int64_t uid)
{
	union tar_header header;

	tar_header_init(&header, name, type);
	tar_header_owner(&header, uid, 0);
	tar_build_member(&bench->layers[layer], &header, "", 0);
}

/* An entry with an owner that has no place. */
static void add_failure(struct bench *bench, uint32_t layer, char *name, enum unr_entry_type type)
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

static void find_causes(struct bench *bench)
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

static void drop(struct bench *bench)
{
	for (size_t i = 0; i < LAYERS; i++)
		tar_build_done(&bench->layers[i]);
	for (size_t i = 0; i < bench->n_told; i++)
		unr_cause_done(&bench->causes[i]);
}

static char A[] = "a", A_F[] = "a/f", A_B_F[] = "a/b/f";

#define DONE_BY(bench_, i_, fate_, layer_)                                                         \
	do {                                                                                       \
		assert_string_equal(unr_fate_name((bench_).causes[i_].fate), fate_);               \
		assert_int_equal((bench_).causes[i_].fate_layer, layer_);                          \
	} while (0)

/* What one entry of layer 3 makes of the file a/b/f of layer 1. */
static void entry__decides_over_a_path(void **state)
{
	static const struct {
		const char *name;
		char type;
		int64_t uid;
		const char *fate;
		uint32_t layer;
	} cases[] = {
		{ "c", '0', 0, "kept", 0 },
		{ "a/b/ff", '0', 0, "kept", 0 },
		{ "a", '5', 0, "kept", 0 },
		{ "a/b/f", '0', 70000, "kept", 0 },
		{ "a/b/f", '0', 0, "reowned", 3 },
		{ "./a//x/../b/f", '0', 0, "reowned", 3 },
		{ "/a/b/f", '0', 0, "reowned", 3 },
		{ "a/b/f", '5', 0, "replaced", 3 },
		{ "a/b/f", '2', 70000, "replaced", 3 },
		{ "a/b/f", '1', 0, "", 0 },
		{ "a/b/.wh.f", '0', 0, "removed", 3 },
		{ "a/.wh.b", '0', 0, "removed", 3 },
		{ ".wh.a", '0', 0, "removed", 3 },
		{ "a/.wh..wh..opq", '0', 0, "removed", 3 },
		{ ".wh..wh..opq", '0', 0, "removed", 3 },
		{ "a/b/f/.wh..wh..opq", '0', 0, "kept", 0 },
		{ "a/.wh.f", '0', 0, "kept", 0 },
		{ "a/b", '2', 0, "removed", 3 },
		{ "a", '0', 0, "removed", 3 },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct bench bench = { .n = 0 };

		add_failure(&bench, 1, A_B_F, UNR_ENTRY_FILE);
		add_entry(&bench, 3, cases[i].name, cases[i].type, cases[i].uid);
		find_causes(&bench);
		DONE_BY(bench, 0, cases[i].fate, cases[i].layer);
		drop(&bench);
	}
}

static void layers__the_last_owner_and_the_first_end_count(void **state)
{
	struct bench bench = { .n = 0 };

	(void) state;
	add_failure(&bench, 0, A, UNR_ENTRY_DIRECTORY);
	add_failure(&bench, 0, A_F, UNR_ENTRY_FILE);
	add_failure(&bench, 0, A_B_F, UNR_ENTRY_FILE);
	add_entry(&bench, 1, "a", '5', 1);
	add_entry(&bench, 1, "a/f", '0', 1);
	add_entry(&bench, 2, "a/f", '0', 70000); /* and back again */
	add_entry(&bench, 2, "a/.wh.b", '0', 0);
	add_failure(&bench, 3, A_F, UNR_ENTRY_FILE);
	add_failure(&bench, 3, A_B_F, UNR_ENTRY_FILE);
	add_entry(&bench, 4, ".wh.a", '0', 0);
	add_entry(&bench, 4, "a", '5', 2);
	find_causes(&bench);
	DONE_BY(bench, 0, "reowned", 4);
	DONE_BY(bench, 1, "removed", 4);
	DONE_BY(bench, 2, "removed", 2);
	DONE_BY(bench, 3, "removed", 4);
	DONE_BY(bench, 4, "removed", 4);
	drop(&bench);
}

/* A whiteout hides what is below, not what its own layer has. */
static void whiteout__spares_its_own_layer(void **state)
{
	struct bench bench = { .n = 0 };

	(void) state;
	add_failure(&bench, 1, A_F, UNR_ENTRY_FILE);
	add_entry(&bench, 2, "a/.wh..wh..opq", '0', 0);
	add_failure(&bench, 2, A_F, UNR_ENTRY_FILE);
	add_entry(&bench, 3, "a/f", '0', 5);
	find_causes(&bench);
	DONE_BY(bench, 0, "reowned", 3);
	DONE_BY(bench, 1, "reowned", 3);
	drop(&bench);
}

static void layer__that_breaks_off_leaves_doubt(void **state)
{
	struct bench bench = { .broken = 3 };

	(void) state;
	add_failure(&bench, 0, A_F, UNR_ENTRY_FILE);
	add_failure(&bench, 0, A_B_F, UNR_ENTRY_FILE);
	add_entry(&bench, 2, "a/.wh.b", '0', 0);
	add_entry(&bench, 3, "c", '0', 0);
	add_failure(&bench, 4, A, UNR_ENTRY_DIRECTORY);
	find_causes(&bench);
	DONE_BY(bench, 0, "", 0);
	DONE_BY(bench, 1, "removed", 2);
	DONE_BY(bench, 2, "kept", 0);
	drop(&bench);
}

static void package__is_named_by_its_own_file(void **state)
{
	static char file[] = "app/node_modules/content-type/lib/x.js",
		    nested[] = "app/node_modules/content-type/node_modules/@s/n/y",
		    none[] = "app/node_modules/other/z";
	struct bench bench = { .n = 0 };

	(void) state;
	add_failure(&bench, 1, file, UNR_ENTRY_FILE);
	add_failure(&bench, 1, nested, UNR_ENTRY_FILE);
	add_failure(&bench, 1, none, UNR_ENTRY_FILE);
	tar_build_text(&bench.layers[1], "app/node_modules/content-type/package.json",
		       "{\"name\": \"content-type\", \"version\": \"1.0.4\"}");
	tar_build_text(&bench.layers[1],
		       "app/node_modules/content-type/node_modules/@s/n/package.json",
		       "{\"name\": \"@s/n\"}");
	tar_build_text(&bench.layers[1], "app/node_modules/other/package.json", "{\"name\": [");
	find_causes(&bench);
	assert_string_equal(bench.causes[0].package, "content-type");
	assert_string_equal(bench.causes[0].package_version, "1.0.4");
	assert_string_equal(bench.causes[1].package, "@s/n");
	assert_null(bench.causes[1].package_version);
	assert_null(bench.causes[2].package);
	DONE_BY(bench, 0, "kept", 0);
	drop(&bench);
}

static void package_folder__is_the_innermost(void **state)
{
	static const struct {
		const char *path;
		const char *folder;
	} cases[] = {
		{ "node_modules/a/b/c", "node_modules/a" },
		{ "x/node_modules/a", "x/node_modules/a" },
		{ "x/node_modules/@s/a/lib", "x/node_modules/@s/a" },
		{ "x/node_modules/@s", "" },
		{ "x/node_modules/a/node_modules/b/c", "x/node_modules/a/node_modules/b" },
		{ "x/node_modules/.pnpm/a@1/node_modules/a/i",
		  "x/node_modules/.pnpm/a@1/node_modules/a" },
		{ "x/node_modules/.bin/a", "" },
		{ "x/node_modules", "" },
		{ "x/node_modules/", "" },
		{ "x/my_node_modules/a", "" },
		{ "", "" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++)
		assert_int_equal(unr_package_folder(cases[i].path, strlen(cases[i].path)),
				 strlen(cases[i].folder));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(entry__decides_over_a_path),
	cmocka_unit_test(layers__the_last_owner_and_the_first_end_count),
	cmocka_unit_test(whiteout__spares_its_own_layer),
	cmocka_unit_test(layer__that_breaks_off_leaves_doubt),
	cmocka_unit_test(package__is_named_by_its_own_file),
	cmocka_unit_test(package_folder__is_the_innermost),
};

UNR_TEST_MAIN("cause", tests, NULL);
