/* SPDX-License-Identifier: MIT */
/* The layers that a manifest names, beside what its config says of them. */
#include "oci.h"

static void load__refuses_layers_that_do_not_fit_the_config(void **state)
{
	struct layout layout = { 0 };
	char manifest[2048];
	struct outcome o;

	(void) state;
	(void) snprintf(manifest, sizeof(manifest), "{\"config\":%s,\"layers\":[]}",
			put_blob(&layout, "x", ONE_LAYER, ""));
	o = load_manifest(&layout, manifest);
	assert_int_equal(o.r, -EBADMSG);
	assert_string_equal(o.err.message,
			    "app.tar: layers from manifest don't match image configuration");
	outcome_done(&o);
}

/* Engines do not either: the digest decides, and that is looked at later. */
static void load__does_not_compare_a_layer_with_its_size(void **state)
{
	struct layout layout = { 0 };
	char manifest[2048];
	struct outcome o;

	(void) state;
	put_file(&layout, "blobs/sha256/" HEX_A, "short");
	(void) snprintf(manifest, sizeof(manifest),
			"{\"config\":%s,\"layers\":[{\"digest\":\"" DIFF_A "\",\"size\":6}]}",
			put_blob(&layout, "x", ONE_LAYER, ""));
	o = load_manifest(&layout, manifest);
	assert_int_equal(o.r, 0);
	assert_int_equal(o.image.layers[0].size, 5);
	assert_blob(&o.blobs[0], "short");
	outcome_done(&o);
}

/* The manifest's number of layers counts; that it is wrong shows at the last one's diffID. */
static void load__keeps_other_layers_than_the_config_names(void **state)
{
	static const char *const configs[] = {
		"{\"rootfs\":{\"diff_ids\":[]}}",
		"{\"rootfs\":{\"diff_ids\":[\"" DIFF_A "\"]}}",
		"{\"rootfs\":{\"diff_ids\":[\"" DIFF_A "\",\"" DIFF_A "\",\"" DIFF_A "\"]}}",
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(configs); i++) {
		struct layout layout = { 0 };
		char manifest[4096], layer[1024];
		struct outcome o;

		(void) snprintf(layer, sizeof(layer), "%s", put_blob(&layout, "x", "layer", ""));
		(void) snprintf(manifest, sizeof(manifest), "{\"config\":%s,\"layers\":[%s,%s]}",
				put_blob(&layout, "x", configs[i], ""), layer, layer);
		o = load_manifest(&layout, manifest);
		assert_int_equal(o.r, 0);
		assert_int_equal(o.image.n_layers, 2);
		assert_string_equal(o.image.layers[1].diff_id, "");
		assert_string_equal(o.image.layers[1].created_by, "");
		if (i > 0)
			assert_string_equal(o.image.layers[0].diff_id, DIFF_A);
		assert_blob(&o.blobs[1], "layer");
		outcome_done(&o);
	}
}

static void load__refuses_a_layer_that_is_not_there(void **state)
{
	struct layout layout = { 0 };
	char manifest[2048];
	struct outcome o;

	(void) state;
	(void) snprintf(manifest, sizeof(manifest),
			"{\"config\":%s,\"layers\":[{\"digest\":\"" DIFF_B "\",\"size\":6}]}",
			put_blob(&layout, "x", ONE_LAYER, ""));
	o = load_manifest(&layout, manifest);
	assert_refused(&o, -ENOENT, UNR_ERROR_FAILED, "app.tar: has no member blobs/sha256/" HEX_B);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(load__refuses_layers_that_do_not_fit_the_config),
	cmocka_unit_test(load__does_not_compare_a_layer_with_its_size),
	cmocka_unit_test(load__keeps_other_layers_than_the_config_names),
	cmocka_unit_test(load__refuses_a_layer_that_is_not_there),
};

UNR_TEST_MAIN("image.oci_layers", tests, NULL);
