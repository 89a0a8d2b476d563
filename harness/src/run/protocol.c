/* SPDX-License-Identifier: MIT */
/* Descriptions, ends of layers and errors as bytes: see protocol.h. */
#include "run/protocol.h"

#include <errno.h>
#include <string.h>

void unr_layer_end_done(struct unr_layer_end *end)
{
	unr_stop_done(&end->stop);
	free(end->log);
	free(end->output);
	*end = (struct unr_layer_end) { 0 };
}

void unr_protocol_put_image(struct unr_text *frame, const struct unr_image *image)
{
	unr_wire_put_string(frame, image->reference);
	unr_wire_put_string(frame, image->config_digest);
	unr_wire_put_string(frame, image->user);
	unr_wire_put_strings(frame, image->env, image->n_env);
	unr_wire_put_string(frame, image->working_dir);
	unr_wire_put_u64(frame, image->archived);
	unr_wire_put_strings(frame, image->tags, image->n_tags);
	unr_wire_put_u64(frame, image->excess_history);
	unr_wire_put_u64(frame, image->without_rootfs);
	unr_wire_put_string(frame, image->refusal);
	unr_wire_put_u64(frame, image->n_layers);
	for (size_t i = 0; i < image->n_layers; i++) {
		const struct unr_layer *layer = &image->layers[i];

		unr_wire_put_string(frame, layer->digest);
		unr_wire_put_string(frame, layer->diff_id);
		unr_wire_put_string(frame, layer->created_by);
		unr_wire_put_u64(frame, layer->size);
		unr_wire_put_u64(frame, layer->inherited);
	}
}

int unr_protocol_get_image(struct unr_wire_reader *reader, struct unr_image *ret)
{
	struct unr_image image = { 0 };
	uint64_t n;

	image.reference = unr_wire_get_string(reader);
	image.config_digest = unr_wire_get_string(reader);
	image.user = unr_wire_get_string(reader);
	image.env = unr_wire_get_strings(reader, UNR_PROTOCOL_MAX_ENV, &image.n_env);
	image.working_dir = unr_wire_get_string(reader);
	image.archived = unr_wire_get_u64_max(reader, 1) == 1;
	image.tags = unr_wire_get_strings(reader, UNR_PROTOCOL_MAX_TAGS, &image.n_tags);
	image.excess_history = unr_wire_get_u64_max(reader, 1) == 1;
	image.without_rootfs = unr_wire_get_u64_max(reader, 1) == 1;
	image.refusal = unr_wire_get_string(reader);
	n = unr_wire_get_u64_max(reader, UNR_PROTOCOL_MAX_LAYERS);
	image.layers = calloc((size_t) n + 1, sizeof(*image.layers));
	if (image.layers != NULL)
		image.n_layers = (size_t) n;
	for (size_t i = 0; i < image.n_layers && !reader->failed; i++) {
		struct unr_layer *layer = &image.layers[i];

		layer->digest = unr_wire_get_string(reader);
		layer->diff_id = unr_wire_get_string(reader);
		layer->created_by = unr_wire_get_string(reader);
		layer->size = unr_wire_get_u64(reader);
		layer->inherited = unr_wire_get_u64_max(reader, 1) != 0;
	}
	if (reader->failed || image.layers == NULL) {
		unr_image_done(&image);
		return reader->failed ? -EPROTO : -ENOMEM;
	}
	*ret = image;
	return 0;
}

enum { DONE = 1, DIFFERS = 2, HAS_ID = 4, FLAGS_ALL = 7 };

void unr_protocol_put_layer(struct unr_text *frame, const struct unr_layer_end *end)
{
	const struct unr_layer_result *l = &end->result;
	const struct unr_stop *stop = &end->stop;
	const uint64_t numbers[] = {
		end->layer,
		(l->done ? DONE : 0) | (end->differs ? DIFFERS : 0) | (stop->has_id ? HAS_ID : 0),
		l->entries,
		l->chowns,
		l->refused,
		l->failures,
		l->highest[UNR_UID],
		l->highest[UNR_GID],
		end->stand_ins,
		end->skipped_xattrs,
		end->skipped_owners,
		(uint64_t) stop->kind,
		stop->entry,
		(uint64_t) stop->id,
		(uint64_t) stop->id_kind,
	};

	for (size_t i = 0; i < UNR_COUNT(numbers); i++)
		unr_wire_put_u64(frame, numbers[i]);
	unr_wire_put_string(frame, stop->text);
	unr_wire_put_bytes(frame, stop->path, stop->path_length);
	unr_wire_put_string(frame, end->log);
	unr_wire_put_string(frame, end->output);
}

int unr_protocol_get_layer(struct unr_wire_reader *reader, struct unr_layer_end *ret)
{
	struct unr_layer_end end = { 0 };
	struct unr_stop *stop = &end.stop;
	uint64_t flags;

	end.layer = (uint32_t) unr_wire_get_u64_max(reader, UNR_PROTOCOL_MAX_LAYERS);
	flags = unr_wire_get_u64_max(reader, FLAGS_ALL);
	end.result.done = (flags & DONE) != 0;
	end.differs = (flags & DIFFERS) != 0;
	stop->has_id = (flags & HAS_ID) != 0;
	end.result.entries = unr_wire_get_u64(reader);
	end.result.chowns = unr_wire_get_u64(reader);
	end.result.refused = unr_wire_get_u64(reader);
	end.result.failures = unr_wire_get_u64(reader);
	for (int kind = 0; kind < UNR_ID_KIND_COUNT_; kind++)
		end.result.highest[kind] = (uint32_t) unr_wire_get_u64_max(reader, UNR_ID_NONE - 1);
	end.stand_ins = unr_wire_get_u64(reader);
	end.skipped_xattrs = unr_wire_get_u64(reader);
	end.skipped_owners = unr_wire_get_u64(reader);
	stop->kind = (enum unr_stop_kind) unr_wire_get_u64_max(reader, UNR_STOP_COUNT_ - 1);
	stop->entry = unr_wire_get_u64(reader);
	stop->id = (int64_t) unr_wire_get_u64(reader);
	stop->id_kind = (enum unr_id_kind) unr_wire_get_u64_max(reader, UNR_ID_KIND_COUNT_ - 1);
	stop->text = unr_wire_get_string(reader);
	stop->path = unr_wire_get_bytes(reader, &stop->path_length);
	end.log = unr_wire_get_string(reader);
	end.output = unr_wire_get_string(reader);
	if (reader->failed || (stop->kind != UNR_STOP_NONE && stop->text == NULL)) {
		unr_layer_end_done(&end);
		return -EPROTO;
	}
	*ret = end;
	return 0;
}

enum { CHECKED = 1, OK = 2, RESOLVED = 4, CALLED = 8, RUNTIME_FLAGS_ALL = 15 };

void unr_protocol_put_runtime(struct unr_text *frame, const struct unr_runtime *runtime)
{
	const struct unr_start_calls *calls = &runtime->calls;
	const uint64_t numbers[] = {
		(runtime->checked ? CHECKED : 0) | (runtime->ok ? OK : 0) |
			(runtime->resolved ? RESOLVED : 0) | (calls->made ? CALLED : 0),
		runtime->uid,
		runtime->gid,
		runtime->line_number,
		(uint64_t) calls->setgroups,
		(uint64_t) calls->setgid,
		(uint64_t) calls->setuid,
		runtime->n_groups,
	};

	for (size_t i = 0; i < UNR_COUNT(numbers); i++)
		unr_wire_put_u64(frame, numbers[i]);
	for (size_t i = 0; i < runtime->n_groups; i++)
		unr_wire_put_u64(frame, runtime->groups[i]);
	unr_wire_put_string(frame, runtime->unknown);
	unr_wire_put_string(frame, runtime->user);
	unr_wire_put_string(frame, runtime->line);
	unr_wire_put_string(frame, runtime->message);
}

static int get_errno(struct unr_wire_reader *reader)
{
	return (int) unr_wire_get_u64_max(reader, 4095);
}

int unr_protocol_get_runtime(struct unr_wire_reader *reader, struct unr_runtime *ret)
{
	struct unr_runtime runtime = { 0 };
	uint64_t flags = unr_wire_get_u64_max(reader, RUNTIME_FLAGS_ALL);
	size_t n;

	runtime.checked = (flags & CHECKED) != 0;
	runtime.ok = (flags & OK) != 0;
	runtime.resolved = (flags & RESOLVED) != 0;
	runtime.uid = (uint32_t) unr_wire_get_u64_max(reader, UINT32_MAX);
	runtime.gid = (uint32_t) unr_wire_get_u64_max(reader, UINT32_MAX);
	runtime.line_number = unr_wire_get_u64(reader);
	runtime.calls.made = (flags & CALLED) != 0;
	runtime.calls.setgroups = get_errno(reader);
	runtime.calls.setgid = get_errno(reader);
	runtime.calls.setuid = get_errno(reader);
	n = (size_t) unr_wire_get_u64_max(reader, UNR_PROTOCOL_MAX_GROUPS);
	runtime.groups = calloc(n + 1, sizeof(*runtime.groups));
	if (runtime.groups == NULL)
		return -ENOMEM;
	for (; runtime.n_groups < n && !reader->failed; runtime.n_groups++)
		runtime.groups[runtime.n_groups] =
			(uint32_t) unr_wire_get_u64_max(reader, UINT32_MAX);
	runtime.unknown = unr_wire_get_string(reader);
	runtime.user = unr_wire_get_string(reader);
	runtime.line = unr_wire_get_string(reader);
	runtime.message = unr_wire_get_string(reader);
	if (reader->failed || runtime.user == NULL ||
	    (runtime.checked && runtime.ok != (runtime.message == NULL))) {
		unr_runtime_done(&runtime);
		return -EPROTO;
	}
	*ret = runtime;
	return 0;
}

void unr_protocol_put_request(struct unr_text *frame, const struct unr_broker_request *request)
{
	unr_wire_put_u64(frame, (uint64_t) request->task);
	unr_wire_put_string(frame, request->directory);
	unr_wire_put_string(frame, request->path);
	unr_wire_put_u64(frame, request->follow);
	unr_wire_put_u64(frame, request->mode);
	unr_wire_put_u64(frame, request->major);
	unr_wire_put_u64(frame, request->minor);
	unr_wire_put_string(frame, request->name);
	unr_wire_put_bytes(frame, request->value, request->value_length);
}

void unr_protocol_request_done(struct unr_broker_request *request)
{
	const char *const texts[] = { request->directory, request->path, request->name,
				      request->value };

	for (size_t i = 0; i < UNR_COUNT(texts); i++)
		free((void *) (uintptr_t) texts[i]);
	*request = (struct unr_broker_request) { 0 };
}

int unr_protocol_get_request(struct unr_wire_reader *reader, struct unr_broker_request *ret)
{
	struct unr_broker_request request = { 0 };

	request.task =
		(enum unr_broker_task) unr_wire_get_u64_max(reader, UNR_BROKER_TASK_COUNT_ - 1);
	request.directory = unr_wire_get_string(reader);
	request.path = unr_wire_get_string(reader);
	request.follow = unr_wire_get_u64_max(reader, 1) == 1;
	request.mode = (uint32_t) unr_wire_get_u64_max(reader, UINT32_MAX);
	request.major = (uint32_t) unr_wire_get_u64_max(reader, UINT32_MAX);
	request.minor = (uint32_t) unr_wire_get_u64_max(reader, UINT32_MAX);
	request.name = unr_wire_get_string(reader);
	request.value = unr_wire_get_bytes(reader, &request.value_length);
	if (reader->failed) {
		unr_protocol_request_done(&request);
		return -EPROTO;
	}
	*ret = request;
	return 0;
}

void unr_protocol_put_error(struct unr_text *frame, const struct unr_error *err)
{
	unr_wire_put_u64(frame, (uint64_t) err->kind);
	unr_wire_put_u64(frame, (uint64_t) -err->code);
	unr_wire_put_string(frame, err->message);
}

int unr_protocol_get_error(struct unr_wire_reader *reader, struct unr_error *ret)
{
	uint64_t kind = unr_wire_get_u64_max(reader, UNR_ERROR_COUNT_ - 1);
	int code = -(int) unr_wire_get_u64_max(reader, 4095);
	unr_autofree char *message = unr_wire_get_string(reader);

	if (reader->failed || message == NULL || kind == UNR_ERROR_NONE || code == 0)
		return -EPROTO;
	return unr_fail(ret, (enum unr_error_kind) kind, code, "%s", message);
}
