/* SPDX-License-Identifier: MIT */
/* run/protocol: the image, the end of a layer and an error, there and back. */
#include "unr_test.h"

#include <errno.h>
#include <string.h>

#include "run/protocol.h"

static struct unr_wire_reader reader_of(const struct unr_text *text)
{
	return (struct unr_wire_reader) { .bytes = unr_text_string(text), .left = text->length };
}

static char reference[] = "app:latest", digest_a[] = "sha256:aa", digest_b[] = "sha256:bb",
	    diff_id[] = "sha256:cc", user[] = "node", step[] = "RUN x\ny", empty[] = "";

static void assert_same_text(const char *got, const char *sent)
{
	if (sent == NULL)
		assert_null(got);
	else
		assert_string_equal(got, sent);
}

static void assert_image_round_trip(const struct unr_image *sent)
{
	unr_auto(unr_text_done) struct unr_text frame = { 0 };
	struct unr_wire_reader reader;
	struct unr_image got = { 0 };

	unr_protocol_put_image(&frame, sent);
	reader = reader_of(&frame);
	assert_int_equal(unr_protocol_get_image(&reader, &got), 0);
	assert_int_equal(reader.left, 0);
	assert_same_text(got.reference, sent->reference);
	assert_same_text(got.config_digest, sent->config_digest);
	assert_same_text(got.user, sent->user);
	assert_int_equal(got.n_layers, sent->n_layers);
	for (size_t i = 0; i < sent->n_layers; i++) {
		assert_same_text(got.layers[i].digest, sent->layers[i].digest);
		assert_same_text(got.layers[i].diff_id, sent->layers[i].diff_id);
		assert_same_text(got.layers[i].created_by, sent->layers[i].created_by);
		assert_true(got.layers[i].size == sent->layers[i].size);
	}
	unr_image_done(&got);
}

static void image__comes_back(void **state)
{
	struct unr_layer layers[] = {
		{ .digest = digest_a, .diff_id = diff_id, .created_by = step, .size = UINT64_MAX },
		{ .digest = NULL, .diff_id = NULL, .created_by = empty, .size = 0 },
	};
	const struct unr_image image = { .reference = reference,
					 .config_digest = digest_b,
					 .user = user,
					 .layers = layers,
					 .n_layers = UNR_COUNT(layers) };
	const struct unr_image bare = { .user = empty, .layers = layers, .n_layers = 1 };
	const struct unr_image nothing = { 0 };

	(void) state;
	assert_image_round_trip(&image);
	assert_image_round_trip(&bare);
	assert_image_round_trip(&nothing);
}

static void image__cut_short_is_refused(void **state)
{
	struct unr_layer layers[] = { { .digest = digest_a, .created_by = step } };
	const struct unr_image image = { .user = user, .layers = layers, .n_layers = 1 };
	unr_auto(unr_text_done) struct unr_text frame = { 0 };

	(void) state;
	unr_protocol_put_image(&frame, &image);
	for (size_t length = 0; length < frame.length; length++) {
		struct unr_wire_reader reader = { .bytes = frame.bytes, .left = length };
		struct unr_image got = { 0 };

		assert_int_equal(unr_protocol_get_image(&reader, &got), -EPROTO);
		assert_null(got.layers);
		assert_null(got.user);
	}
}

/* The count is bounded, and its layers must be there. */
static void image__of_too_many_layers_is_refused(void **state)
{
	static const uint64_t counts[] = { 1, UNR_PROTOCOL_MAX_LAYERS, UNR_PROTOCOL_MAX_LAYERS + 1,
					   UINT64_MAX, UINT64_C(1) << 61 };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(counts); i++) {
		unr_auto(unr_text_done) struct unr_text frame = { 0 };
		struct unr_wire_reader reader;
		struct unr_image got = { 0 };

		unr_wire_put_string(&frame, "r");
		unr_wire_put_string(&frame, "d");
		unr_wire_put_string(&frame, "u");
		unr_wire_put_u64(&frame, counts[i]);
		reader = reader_of(&frame);
		assert_int_equal(unr_protocol_get_image(&reader, &got), -EPROTO);
		assert_null(got.layers);
	}
}

static struct unr_layer_end full_end(void)
{
	static char text[] = "Container ID 7 cannot", path[] = "a\nb", log[] = "time=\"x\"\n";

	return (struct unr_layer_end) {
		.layer = 3,
		.result = { .done = true,
			    .entries = 4,
			    .chowns = 5,
			    .refused = 6,
			    .failures = 7,
			    .highest = { 13, 14 } },
		.stand_ins = 8,
		.skipped_xattrs = 9,
		.skipped_owners = 12,
		.stop = { .kind = UNR_STOP_CHILD,
			  .text = text,
			  .path = path,
			  .path_length = 3,
			  .entry = 10,
			  .has_id = true,
			  .id = -11,
			  .id_kind = UNR_GID },
		.log = log,
		.differs = true,
	};
}

static void assert_end_round_trip(const struct unr_layer_end *sent)
{
	unr_auto(unr_text_done) struct unr_text frame = { 0 };
	struct unr_wire_reader reader;
	struct unr_layer_end got = { 0 };

	unr_protocol_put_layer(&frame, sent);
	reader = reader_of(&frame);
	assert_int_equal(unr_protocol_get_layer(&reader, &got), 0);
	assert_int_equal(reader.left, 0);
	assert_int_equal(got.layer, sent->layer);
	assert_int_equal(got.result.done, sent->result.done);
	assert_int_equal(got.result.entries, sent->result.entries);
	assert_int_equal(got.result.chowns, sent->result.chowns);
	assert_int_equal(got.result.refused, sent->result.refused);
	assert_int_equal(got.result.failures, sent->result.failures);
	assert_int_equal(got.result.highest[UNR_UID], sent->result.highest[UNR_UID]);
	assert_int_equal(got.result.highest[UNR_GID], sent->result.highest[UNR_GID]);
	assert_int_equal(got.stand_ins, sent->stand_ins);
	assert_int_equal(got.skipped_xattrs, sent->skipped_xattrs);
	assert_int_equal(got.skipped_owners, sent->skipped_owners);
	assert_int_equal(got.differs, sent->differs);
	assert_int_equal(got.stop.kind, sent->stop.kind);
	assert_int_equal(got.stop.entry, sent->stop.entry);
	assert_int_equal(got.stop.has_id, sent->stop.has_id);
	assert_int_equal(got.stop.id, sent->stop.id);
	assert_int_equal(got.stop.id_kind, sent->stop.id_kind);
	assert_int_equal(got.stop.path_length, sent->stop.path_length);
	assert_same_text(got.stop.text, sent->stop.text);
	assert_same_text(got.stop.path, sent->stop.path);
	assert_same_text(got.log, sent->log);
	unr_layer_end_done(&got);
	assert_null(got.stop.text);
	assert_null(got.log);
}

static void layer__comes_back(void **state)
{
	struct unr_layer_end end = full_end();

	(void) state;
	assert_end_round_trip(&end);
	for (int flags = 0; flags < 8; flags++) {
		end.result.done = (flags & 1) != 0;
		end.differs = (flags & 2) != 0;
		end.stop.has_id = (flags & 4) != 0;
		assert_end_round_trip(&end);
	}
	for (int kind = UNR_STOP_CHILD; kind < UNR_STOP_COUNT_; kind++) {
		end.stop.kind = (enum unr_stop_kind) kind;
		assert_end_round_trip(&end);
	}
	end = (struct unr_layer_end) { .layer = UNR_PROTOCOL_MAX_LAYERS };
	assert_end_round_trip(&end);
}

static void layer__cut_short_is_refused(void **state)
{
	const struct unr_layer_end end = full_end();
	unr_auto(unr_text_done) struct unr_text frame = { 0 };

	(void) state;
	unr_protocol_put_layer(&frame, &end);
	for (size_t length = 0; length < frame.length; length++) {
		struct unr_wire_reader reader = { .bytes = frame.bytes, .left = length };
		struct unr_layer_end got = { 0 };

		assert_int_equal(unr_protocol_get_layer(&reader, &got), -EPROTO);
		assert_null(got.stop.text);
	}
}

enum { AT_LAYER, AT_FLAGS, AT_HIGHEST = 6, AT_KIND = 11, AT_ID_KIND = 14 };

/* Puts a number in place of the one at @at, in units of 8 bytes. */
static int get_layer_with(int at, uint64_t number)
{
	const struct unr_layer_end end = full_end();
	unr_auto(unr_text_done) struct unr_text frame = { 0 }, little = { 0 };
	struct unr_wire_reader reader;
	struct unr_layer_end got = { 0 };
	int r;

	unr_protocol_put_layer(&frame, &end);
	unr_wire_put_u64(&little, number);
	memcpy(frame.bytes + (ptrdiff_t) at * 8, little.bytes, 8);
	reader = reader_of(&frame);
	r = unr_protocol_get_layer(&reader, &got);
	unr_layer_end_done(&got);
	return r;
}

static void layer__numbers_without_meaning_are_refused(void **state)
{
	static const struct {
		int at;
		uint64_t last_good;
	} fields[] = { { AT_LAYER, UNR_PROTOCOL_MAX_LAYERS },
		       { AT_FLAGS, 7 },
		       { AT_HIGHEST, UNR_ID_NONE - 1 },
		       { AT_KIND, UNR_STOP_COUNT_ - 1 },
		       { AT_ID_KIND, UNR_ID_KIND_COUNT_ - 1 } };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(fields); i++) {
		assert_int_equal(get_layer_with(fields[i].at, fields[i].last_good), 0);
		assert_int_equal(get_layer_with(fields[i].at, fields[i].last_good + 1), -EPROTO);
		assert_int_equal(get_layer_with(fields[i].at, UINT64_MAX), -EPROTO);
	}
}

static void layer__that_stops_needs_a_reason(void **state)
{
	struct unr_layer_end end = full_end(), got = { 0 };
	unr_auto(unr_text_done) struct unr_text frame = { 0 };
	struct unr_wire_reader reader;

	(void) state;
	end.stop.text = NULL;
	unr_protocol_put_layer(&frame, &end);
	reader = reader_of(&frame);
	assert_int_equal(unr_protocol_get_layer(&reader, &got), -EPROTO);
	assert_null(got.stop.path);
}

static void error__comes_back(void **state)
{
	static const enum unr_error_kind kinds[] = { UNR_ERROR_USAGE, UNR_ERROR_FAILED,
						     UNR_ERROR_CANNOT_RUN };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(kinds); i++) {
		unr_auto(unr_text_done) struct unr_text frame = { 0 };
		struct unr_error sent = { 0 }, got = { 0 };
		struct unr_wire_reader reader;

		(void) unr_fail(&sent, kinds[i], -ENOSPC, "write: 100%% full, %s", "%s%n");
		unr_protocol_put_error(&frame, &sent);
		reader = reader_of(&frame);
		assert_int_equal(unr_protocol_get_error(&reader, &got), -ENOSPC);
		assert_int_equal(got.kind, kinds[i]);
		assert_int_equal(got.code, -ENOSPC);
		assert_string_equal(got.message, "write: 100% full, %s%n");
	}
}

static void error__longer_than_its_room_is_cut(void **state)
{
	unr_auto(unr_text_done) struct unr_text frame = { 0 }, text = { 0 };
	struct unr_wire_reader reader;
	struct unr_error got = { 0 };

	(void) state;
	for (int i = 0; i < 1000; i++)
		unr_text_puts(&text, "x");
	unr_wire_put_u64(&frame, UNR_ERROR_FAILED);
	unr_wire_put_u64(&frame, EIO);
	unr_wire_put_string(&frame, unr_text_string(&text));
	reader = reader_of(&frame);
	assert_int_equal(unr_protocol_get_error(&reader, &got), -EIO);
	assert_int_equal(strlen(got.message), sizeof(got.message) - 1);
}

static void error__without_meaning_is_refused(void **state)
{
	static const struct {
		uint64_t kind, code;
		const char *message;
	} cases[] = {
		{ UNR_ERROR_NONE, EIO, "x" },
		{ UNR_ERROR_COUNT_, EIO, "x" },
		{ UINT64_MAX, EIO, "x" },
		{ UNR_ERROR_FAILED, 0, "x" }, /* a success is no error */
		{ UNR_ERROR_FAILED, 4096, "x" },
		{ UNR_ERROR_FAILED, (uint64_t) -EIO, "x" },
		{ UNR_ERROR_FAILED, EIO, NULL },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		unr_auto(unr_text_done) struct unr_text frame = { 0 };
		struct unr_wire_reader reader;
		struct unr_error got = { 0 };

		unr_wire_put_u64(&frame, cases[i].kind);
		unr_wire_put_u64(&frame, cases[i].code);
		unr_wire_put_string(&frame, cases[i].message);
		reader = reader_of(&frame);
		assert_int_equal(unr_protocol_get_error(&reader, &got), -EPROTO);
		assert_int_equal(got.kind, UNR_ERROR_NONE);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(image__comes_back),
	cmocka_unit_test(image__cut_short_is_refused),
	cmocka_unit_test(image__of_too_many_layers_is_refused),
	cmocka_unit_test(layer__comes_back),
	cmocka_unit_test(layer__cut_short_is_refused),
	cmocka_unit_test(layer__numbers_without_meaning_are_refused),
	cmocka_unit_test(layer__that_stops_needs_a_reason),
	cmocka_unit_test(error__comes_back),
	cmocka_unit_test(error__longer_than_its_room_is_cut),
	cmocka_unit_test(error__without_meaning_is_refused),
};

UNR_TEST_MAIN("protocol", tests, NULL);
