/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: the payload of a frame; its first byte says of which kind.
 * Property: what was decoded, encoded again, decodes to the same; a finding
 * gives the very bytes back.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "finding/wire.h"
#include "must.h"
#include "run/protocol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Decodes and encodes once; false when the bytes are refused. */
typedef bool (*recode_fn)(struct unr_wire_reader *reader, struct unr_text *ret);

static bool recode_finding(struct unr_wire_reader *reader, struct unr_text *ret)
{
	const char *bytes = reader->bytes;
	struct unr_finding finding = { 0 };

	if (unr_wire_get_finding(reader, &finding) < 0)
		return false;
	unr_wire_put_finding(ret, &finding);
	must(ret->length == (size_t) (reader->bytes - bytes));
	must(memcmp(ret->bytes, bytes, ret->length) == 0);
	unr_finding_done(&finding);
	return true;
}

static bool recode_image(struct unr_wire_reader *reader, struct unr_text *ret)
{
	struct unr_image image = { 0 };

	if (unr_protocol_get_image(reader, &image) < 0)
		return false;
	must(image.n_layers <= UNR_PROTOCOL_MAX_LAYERS);
	unr_protocol_put_image(ret, &image);
	unr_image_done(&image);
	return true;
}

static bool recode_layer(struct unr_wire_reader *reader, struct unr_text *ret)
{
	struct unr_layer_end end = { 0 };

	if (unr_protocol_get_layer(reader, &end) < 0)
		return false;
	unr_protocol_put_layer(ret, &end);
	unr_layer_end_done(&end);
	return true;
}

static bool recode_error(struct unr_wire_reader *reader, struct unr_text *ret)
{
	struct unr_error err = { 0 };
	int r = unr_protocol_get_error(reader, &err);

	must(r < 0);
	if (err.kind == UNR_ERROR_NONE) {
		must(r == -EPROTO);
		return false;
	}
	must(err.code == r);
	unr_protocol_put_error(ret, &err);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const recode_fn recoders[] = { recode_finding, recode_image, recode_layer,
					      recode_error };
	unr_auto(unr_text_done) struct unr_text once = { 0 }, twice = { 0 };
	struct unr_wire_reader reader;
	recode_fn recode;
	bool good;

	if (size == 0)
		return 0;
	recode = recoders[data[0] % UNR_COUNT(recoders)];
	reader = (struct unr_wire_reader) { .bytes = (const char *) data + 1, .left = size - 1 };
	if (!recode(&reader, &once))
		return 0;
	reader = (struct unr_wire_reader) { .bytes = once.bytes, .left = once.length };
	good = recode(&reader, &twice);
	must(good && reader.left == 0 && once.length == twice.length);
	must(memcmp(once.bytes, twice.bytes, once.length) == 0);
	return 0;
}
