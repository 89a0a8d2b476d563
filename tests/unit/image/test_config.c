/* SPDX-License-Identifier: MIT */
/* What the history says of layers: their steps, and which come with another image. */
#include "unr_test.h"

#include "image/config.h"

#define LAYER(step_) "{\"created_by\": \"" step_ "\"}"
#define EMPTY(step_) "{\"empty_layer\": true, \"created_by\": \"" step_ "\"}"
#define NOP "/bin/sh -c #(nop)  "
#define D "\"sha256:0000000000000000000000000000000000000000000000000000000000000000\""

/* How many of three layers are inherited, from the bottom. */
static void expect_inherited(const char *history, size_t n)
{
	unr_auto(unr_text_done) struct unr_text text = { 0 };
	struct unr_image image = { 0 };
	struct unr_error err = { 0 };

	unr_text_printf(&text,
			"{\"rootfs\": {\"diff_ids\": [" D "," D "," D "]}, \"history\": [%s]}",
			history);
	assert_int_equal(unr_config_read(&text, "a", "c", NULL, &image, &err), 0);
	assert_int_equal(image.n_layers, 3);
	for (size_t i = 0; i < image.n_layers; i++)
		assert_int_equal(image.layers[i].inherited, i < n);
	unr_image_done(&image);
}

static void layer__below_the_end_of_an_image_is_inherited(void **state)
{
	(void) state;
	expect_inherited(LAYER("a") "," LAYER("b") "," LAYER("c"), 0);
	expect_inherited(LAYER("a") "," LAYER("b") "," LAYER("c") "," EMPTY("CMD [\\\"x\\\"]"), 0);
	expect_inherited(LAYER("a") "," EMPTY(NOP "CMD x") "," LAYER("b") "," LAYER("c"), 1);
	expect_inherited(LAYER("a") "," EMPTY(NOP "CMD x") "," LAYER("b") "," EMPTY(
				 "ENTRYPOINT y") "," LAYER("c") "," EMPTY("CMD z"),
			 2);
	expect_inherited(LAYER("a") "," EMPTY(NOP "ENV CMD x") "," LAYER("RUN CMD") "," LAYER("c"),
			 0);
	expect_inherited(EMPTY("CMD x") "," LAYER("a") "," LAYER("b") "," LAYER("c"), 0);
	expect_inherited("", 0);
}

static bool has_excess(const char *diff_ids, const char *history)
{
	unr_auto(unr_text_done) struct unr_text text = { 0 };
	struct unr_image image = { 0 };
	struct unr_error err = { 0 };
	bool excess;

	unr_text_printf(&text, "{\"rootfs\": {\"diff_ids\": [%s]}, \"history\": [%s]}", diff_ids,
			history);
	assert_int_equal(unr_config_read(&text, "a", "c", NULL, &image, &err), 0);
	excess = image.excess_history;
	unr_image_done(&image);
	return excess;
}

static void history__of_more_layers_than_there_are(void **state)
{
	(void) state;
	assert_false(has_excess(D, ""));
	assert_false(has_excess(D, LAYER("a")));
	assert_false(has_excess(D, EMPTY("x") "," LAYER("a") "," EMPTY("y")));
	assert_true(has_excess(D, LAYER("a") "," LAYER("b")));
	assert_true(has_excess(D, LAYER("a") "," EMPTY("x") "," LAYER("b") "," LAYER("c")));
	assert_true(has_excess("", LAYER("a")));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(layer__below_the_end_of_an_image_is_inherited),
	cmocka_unit_test(history__of_more_layers_than_there_are),
};

UNR_TEST_MAIN("image.config", tests, NULL);
