/* SPDX-License-Identifier: MIT */
/*
 * The JSON report, version 1: the result as one object for programs.  Names and
 * meanings are an interface; fields may be added, never changed.  Keys keep the
 * order in which they are put here.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "advice/edit.h"
#include "image/step.h"
#include "report/facts.h"
#include "report/folder.h"
#include "report/format.h"
#include "report/json_advice.h"
#include "report/json_stream.h"
#include "report/json_value.h"
#include "report/needed.h"
#include "report/runtime.h"
#include "report/why.h"
#include "usernsrepro/error.h"

#define REPORT_VERSION 1

static json_t *make_finding_kernel(struct unr_json_maker *json, const struct unr_finding *finding)
{
	json_t *kernel;

	if (finding->call == UNR_CALL_NONE)
		return json_null();
	kernel = json_object();
	unr_json_put_string(json, kernel, "call", unr_call_name(finding->call));
	unr_json_put_string(json, kernel, "errno",
			    finding->error == 0 ? NULL : unr_errno_name(finding->error));
	return kernel;
}

/* What findings are told from. */
struct source {
	const struct unr_result *result;
	bool *unpacks; /* owned; for each layer: its step unpacks an archive */
};

/* Part of no package, but of a step that unpacks an archive: its folder stands for a name. */
static void put_archive(struct unr_json_maker *json, json_t *object,
			const struct unr_finding *finding)
{
	struct unr_folder folder = unr_folder_of(finding);
	json_t *package = json_object();

	unr_json_put_string(json, package, "kind", "archive");
	unr_json_put_bytes(json, package, "name", folder.path, folder.length);
	unr_json_put_string(json, package, "version", NULL);
	unr_json_put(json, object, "package", package);
}

/* Who brought it and what becomes of it, as far as that is known. */
static void put_cause(struct unr_json_maker *json, json_t *object, const struct source *source,
		      const struct unr_finding *finding)
{
	const struct unr_cause *cause = &finding->cause;
	json_t *package;

	if (cause->fate != UNR_FATE_UNKNOWN)
		unr_json_put_string(json, object, "fate", unr_fate_name(cause->fate));
	if (cause->fate > UNR_FATE_KEPT)
		unr_json_put(json, object, "fate_layer", unr_json_number(cause->fate_layer));
	if (cause->package == NULL && source->unpacks[finding->layer])
		put_archive(json, object, finding);
	if (cause->package == NULL)
		return;
	package = json_object();
	unr_json_put_string(json, package, "kind", unr_package_kind_name(cause->kind));
	unr_json_put_string(json, package, "name", cause->package);
	unr_json_put_string(json, package, "version", cause->package_version);
	unr_json_put(json, object, "package", package);
}

static json_t *make_failure(struct unr_json_maker *json, const struct source *source,
			    const struct unr_finding *finding)
{
	json_t *object = json_object();
	json_t *unmapped = json_array();
	const struct unr_owner owner = unr_owner_of(finding);
	char mode[8];

	if (finding->uid_unmapped)
		unr_json_push(json, unmapped, json_string(unr_id_kind_name(UNR_UID)));
	if (finding->gid_unmapped)
		unr_json_push(json, unmapped, json_string(unr_id_kind_name(UNR_GID)));
	(void) snprintf(mode, sizeof(mode), "%04o", finding->mode & 07777u);
	unr_json_put(json, object, "layer", unr_json_number(finding->layer));
	unr_json_put(json, object, "entry", unr_json_number(finding->entry));
	unr_json_put_bytes(json, object, "path", finding->path, finding->path_length);
	unr_json_put_string(json, object, "type", unr_entry_type_name(finding->type));
	if (finding->link != NULL)
		unr_json_put_bytes(json, object, "link", finding->link, finding->link_length);
	unr_json_put_string(json, object, "mode", mode);
	unr_json_put(json, object, "size", unr_json_number(finding->size));
	unr_json_put(json, object, "uid", json_integer(finding->uid));
	unr_json_put(json, object, "gid", json_integer(finding->gid));
	unr_json_put(json, object, "unmapped", unmapped);
	unr_json_put_string(json, object, "engine", "unmapped");
	unr_json_put(json, object, "kernel", make_finding_kernel(json, finding));
	put_cause(json, object, source, finding);
	unr_json_put_hint(json, object, source->result, &owner);
	return object;
}

/* All causes in one string; unr_why_next() tells them one by one. */
static void put_why(struct unr_json_maker *json, json_t *object, unsigned int causes)
{
	unr_auto(unr_text_done) struct unr_text text = { 0 };
	const char *sentence;

	while ((sentence = unr_why_next(&causes)) != NULL) {
		unr_text_puts(&text, text.length > 0 ? " " : "");
		unr_text_puts(&text, sentence);
	}
	json->failed |= text.failed;
	unr_json_put_string(json, object, "why", unr_text_string(&text));
}

static json_t *make_disagreement(struct unr_json_maker *json, const struct source *source,
				 const struct unr_finding *finding)
{
	json_t *object = json_object();

	unr_json_put(json, object, "layer", unr_json_number(finding->layer));
	unr_json_put_bytes(json, object, "path", finding->path, finding->path_length);
	unr_json_put(json, object, "uid", json_integer(finding->uid));
	unr_json_put(json, object, "gid", json_integer(finding->gid));
	unr_json_put_string(json, object, "engine",
			    finding->engine_refused ? "unmapped" : "mapped");
	unr_json_put_string(json, object, "kernel",
			    finding->error == 0 ? "ok" : unr_errno_name(finding->error));
	put_why(json, object, unr_why_causes(source->result, finding));
	return object;
}

static json_t *make_maps(struct unr_json_maker *json, const struct unr_idmaps *maps)
{
	json_t *object = json_object();

	for (int kind = 0; kind < UNR_ID_KIND_COUNT_; kind++)
		unr_json_put(json, object, unr_id_kind_name((enum unr_id_kind) kind),
			     unr_json_make_map(json, &maps->of[kind]));
	return object;
}

static json_t *make_layer(struct unr_json_maker *json, const struct unr_result *result,
			  size_t index)
{
	const struct unr_layer *layer = &result->image.layers[index];
	json_t *object = json_object();

	unr_json_put(json, object, "index", unr_json_number(index));
	unr_json_put_string(json, object, "digest", layer->digest);
	unr_json_put_string(json, object, "diff_id", layer->diff_id);
	unr_json_put(json, object, "size", unr_json_number(layer->size));
	unr_json_put(json, object, "entries", unr_json_number(result->layers[index].entries));
	unr_json_put(json, object, "failures", unr_json_number(result->layers[index].failures));
	unr_json_put_string(json, object, "created_by", layer->created_by);
	if (layer->inherited)
		unr_json_put(json, object, "inherited", json_true());
	return object;
}

static json_t *make_image(struct unr_json_maker *json, const struct unr_result *result)
{
	json_t *object = json_object();
	json_t *layers = json_array();

	for (size_t i = 0; i < result->image.n_layers; i++)
		unr_json_push(json, layers, make_layer(json, result, i));
	unr_json_put_string(json, object, "source", result->source);
	unr_json_put_string(json, object, "reference", result->image.reference);
	unr_json_put_string(json, object, "config_digest", result->image.config_digest);
	unr_json_put_string(json, object, "user", result->image.user);
	unr_json_put(json, object, "layers", layers);
	return object;
}

static json_t *make_verdict(struct unr_json_maker *json, const struct unr_verdict *verdict)
{
	static const char *const stages[UNR_STAGE_COUNT_] = {
		[UNR_STAGE_NONE] = "none",
		[UNR_STAGE_LAYER] = "layer",
		[UNR_STAGE_RUNTIME] = "runtime",
	};
	json_t *object = json_object();

	unr_json_put(json, object, "ok", json_boolean(verdict->ok));
	unr_json_put_string(json, object, "stage", stages[verdict->stage]);
	if (verdict->stage == UNR_STAGE_LAYER)
		unr_json_put(json, object, "layer", unr_json_number(verdict->layer));
	if (verdict->path != NULL)
		unr_json_put_bytes(json, object, "path", verdict->path, verdict->path_length);
	if (verdict->has_id) {
		unr_json_put(json, object, "id", json_integer(verdict->id));
		unr_json_put_string(json, object, "id_kind", unr_id_kind_name(verdict->id_kind));
	}
	unr_json_put_string(json, object, "message",
			    verdict->message == NULL ? "" : verdict->message);
	return object;
}

static json_t *make_pair(struct unr_json_maker *json, const char *key, const char *value,
			 const char *other_key, const char *other_value)
{
	json_t *object = json_object();

	unr_json_put_string(json, object, key, value);
	unr_json_put_string(json, object, other_key, other_value);
	return object;
}

static json_t *make_skipped(struct unr_json_maker *json, const struct unr_result *result)
{
	json_t *object = json_object();

	unr_json_put(json, object, "device_nodes", unr_json_number(result->stand_ins));
	unr_json_put(json, object, "xattrs", unr_json_number(result->skipped_xattrs));
	unr_json_put(json, object, "owners", unr_json_number(result->skipped_owners));
	return object;
}

static bool is_failure(const struct unr_finding *finding)
{
	return finding->engine_refused;
}

/* An array of findings, of which there may be any number: one at a time. */
static void put_findings(struct unr_json_stream *stream, const struct source *source,
			 const char *key, bool (*takes)(const struct unr_finding *finding),
			 json_t *(*make)(struct unr_json_maker *json, const struct source *source,
					 const struct unr_finding *finding))
{
	struct unr_report_out *out = stream->out;
	struct unr_finding_cursor *cursor = unr_finding_cursor_new(source->result->findings);
	const struct unr_finding *finding;
	int r = 1;

	if (cursor == NULL)
		stream->json.failed = true;
	unr_json_stream_open(stream, key);
	while (cursor != NULL && r > 0 && unr_report_drain(out)) {
		r = unr_finding_cursor_next(cursor, &finding, out->err);
		if (r > 0 && takes(finding))
			unr_json_stream_push(stream, make(&stream->json, source, finding));
	}
	if (r < 0)
		out->error = r;
	unr_json_stream_close(stream);
	unr_finding_cursor_free(cursor);
}

static void put_all_findings(struct unr_json_stream *stream, const struct source *source)
{
	put_findings(stream, source, "failures", is_failure, make_failure);
	put_findings(stream, source, "disagreements", unr_finding_disagrees, make_disagreement);
}

/* Once a layer, however many failures it has. */
static int note_unpacking(struct source *source)
{
	const struct unr_image *image = &source->result->image;
	unr_auto(unr_text_done) struct unr_text step = { 0 };

	source->unpacks = calloc(image->n_layers + 1, sizeof(*source->unpacks));
	if (source->unpacks == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < image->n_layers; i++) {
		const char *created_by = image->layers[i].created_by;

		unr_text_clear(&step);
		unr_step_append(&step, created_by == NULL ? "" : created_by);
		source->unpacks[i] = unr_edit_unpacks(unr_text_string(&step));
	}
	return step.failed ? -ENOMEM : 0;
}

/* What is known without the findings. */
static void put_head(struct unr_json_stream *stream, const struct unr_result *result)
{
	struct unr_json_maker *json = &stream->json;

	unr_json_stream_put(stream, "version", json_integer(REPORT_VERSION));
	unr_json_stream_put(stream, "tool",
			    make_pair(json, "name", "userns-repro", "version", UNR_VERSION));
	unr_json_stream_put(stream, "host",
			    make_pair(json, "kernel", result->kernel, "map_method",
				      unr_map_method_name(result->map_method)));
	unr_json_stream_put_string(stream, "profile", result->profile);
	unr_json_stream_put(stream, "engine",
			    make_pair(json, "name", result->engine, "driver", result->driver));
	unr_json_stream_put(stream, "map", make_maps(json, &result->map));
	if (unr_facts_maps_differ(result))
		unr_json_stream_put(stream, "engine_map", make_maps(json, &result->engine_map));
	if (result->map_note[0] != '\0')
		unr_json_stream_put_string(stream, "map_note", result->map_note);
	unr_json_stream_put(stream, "image", make_image(json, result));
	unr_json_stream_put(stream, "verdict", make_verdict(json, &result->verdict));
	if (result->stopped_at_first && !result->verdict.ok)
		unr_json_stream_put(stream, "stopped_at_first", json_true());
}

void unr_report_json(const struct unr_result *result, const struct unr_report_options *options,
		     struct unr_report_out *out)
{
	struct unr_json_stream stream = { .out = out };
	struct source source = { .result = result };
	json_t *runtime;

	(void) options; /* programs read it: no colour, and always everything */
	put_head(&stream, result);
	if (note_unpacking(&source) < 0)
		stream.json.failed = true;
	else
		put_all_findings(&stream, &source);
	free(source.unpacks);
	runtime = unr_json_make_runtime(&stream.json, result);
	if (runtime != NULL)
		unr_json_stream_put(&stream, "runtime", runtime);
	if (result->rootfs != NULL)
		unr_json_stream_put_string(&stream, "rootfs", result->rootfs);
	if (result->stand_ins + result->skipped_xattrs + result->skipped_owners > 0)
		unr_json_stream_put(&stream, "skipped", make_skipped(&stream.json, result));
	unr_json_put_needed(&stream, result);
	unr_json_put_advice(&stream, result);
	unr_json_stream_end(&stream);
}
