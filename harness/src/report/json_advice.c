/* SPDX-License-Identifier: MIT */
/* Advice in the JSON report: see json_advice.h. */
#include "report/json_advice.h"

#include <string.h>

#include "advice/advice.h"

static const char *const KINDS[UNR_ADVICE_KIND_COUNT_] = {
	[UNR_ADVICE_LOW_ID] = "low-id",     [UNR_ADVICE_TAR] = "no-same-owner",
	[UNR_ADVICE_SAME_RUN] = "same-run", [UNR_ADVICE_COPY] = "copy-chown",
	[UNR_ADVICE_ADD] = "add-unpacked",  [UNR_ADVICE_USER] = "user",
	[UNR_ADVICE_BASE] = "base",
};

/* @layer: -1 for the start. */
static void push(struct unr_json_stream *stream, int64_t layer, const struct unr_advice *advice)
{
	struct unr_json_maker *json = &stream->json;
	unr_auto(unr_text_done) struct unr_text text = { 0 };
	json_t *object;

	if (advice->kind == UNR_ADVICE_NONE)
		return;
	if (advice->inherited)
		unr_text_puts(&text, unr_advice_inherited_words(advice->kind));
	if (advice->kind != UNR_ADVICE_BASE)
		unr_text_printf(&text, "%s%s\n%s", advice->inherited ? " " : "",
				unr_advice_words(advice->kind), unr_text_string(&advice->diff));
	json->failed |= text.failed;
	object = json_object();
	if (layer >= 0)
		unr_json_put(json, object, "layer", json_integer(layer));
	unr_json_put_string(json, object, "kind", KINDS[advice->kind]);
	unr_json_put(json, object, "inherited", json_boolean(advice->inherited));
	unr_json_put_string(json, object, "text", unr_text_string(&text));
	unr_json_put_string(json, object, "diff", unr_text_string(&advice->diff));
	unr_json_put_string(json, object, "scenario", unr_advice_scenario(advice));
	unr_json_stream_push(stream, object);
}

static void note_trouble(struct unr_json_stream *stream, int r)
{
	if (r < 0 && stream->out->error == 0)
		stream->out->error = r;
}

void unr_json_put_advice(struct unr_json_stream *stream, const struct unr_result *result)
{
	unr_auto(unr_advice_done) struct unr_advice start = { .inherited = false };

	unr_json_stream_open(stream, "advice");
	for (uint32_t i = 0; i < result->image.n_layers && unr_report_drain(stream->out); i++) {
		unr_auto(unr_advice_done) struct unr_advice advice = { .inherited = false };

		if (result->layers[i].failures == 0)
			continue;
		note_trouble(stream, unr_advice_for_layer(result, i, &advice, stream->out->err));
		push(stream, i, &advice);
	}
	note_trouble(stream, unr_advice_for_start(result, &start, stream->out->err));
	push(stream, -1, &start);
	unr_json_stream_close(stream);
}

void unr_json_put_hint(struct unr_json_maker *json, json_t *object, const struct unr_result *result,
		       const struct unr_owner *owner)
{
	unr_auto(unr_text_done) struct unr_text words = { 0 };
	struct unr_owner_hint hint;
	json_t *real;

	if (!unr_owner_hint(result, owner, &hint))
		return;
	unr_owner_append(&words, &hint);
	json->failed |= words.failed;
	unr_json_put_string(json, object, "hint", unr_text_string(&words));
	if (hint.words != NULL)
		return;
	real = json_object();
	for (int kind = 0; kind < UNR_ID_KIND_COUNT_; kind++)
		if (hint.mapped[kind])
			unr_json_put(json, real, unr_id_kind_name((enum unr_id_kind) kind),
				     unr_json_number(hint.real[kind]));
	unr_json_put(json, object, "likely", real);
}
