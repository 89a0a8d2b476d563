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

static bool recode_runtime(struct unr_wire_reader *reader, struct unr_text *ret)
{
	struct unr_runtime runtime = { 0 };

	if (unr_protocol_get_runtime(reader, &runtime) < 0)
		return false;
	must(runtime.n_groups <= UNR_PROTOCOL_MAX_GROUPS);
	unr_protocol_put_runtime(ret, &runtime);
	unr_runtime_done(&runtime);
	return true;
}

static bool recode_request(struct unr_wire_reader *reader, struct unr_text *ret)
{
	struct unr_broker_request request = { 0 };

	if (unr_protocol_get_request(reader, &request) < 0)
		return false;
	unr_protocol_put_request(ret, &request);
	unr_protocol_request_done(&request);
	return true;
}

static bool recode_cause(struct unr_wire_reader *reader, struct unr_text *ret)
{
	struct unr_cause cause = { 0 };
	uint32_t layer = 0;

	if (unr_wire_get_cause(reader, &layer, &cause) < 0)
		return false;
	unr_wire_put_cause(ret, layer, &cause);
	unr_cause_done(&cause);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const recode_fn recoders[] = { recode_finding, recode_image,   recode_layer,
					      recode_error,   recode_runtime, recode_request,
					      recode_cause };
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
