/* SPDX-License-Identifier: MIT */
/* The container's start in the JSON report. */
#include "report/facts.h"
#include "report/json_advice.h"
#include "report/runtime.h"
#include "usernsrepro/error.h"

static const char *errno_or_null(int error)
{
	return error == 0 ? NULL : unr_errno_name(error);
}

static json_t *make_calls(struct unr_json_maker *json, const struct unr_start_calls *calls)
{
	json_t *object = json_object();

	unr_json_put_string(json, object, "setgroups", errno_or_null(calls->setgroups));
	unr_json_put_string(json, object, "setgid", errno_or_null(calls->setgid));
	unr_json_put_string(json, object, "setuid", errno_or_null(calls->setuid));
	return object;
}

/* Which of the process's ids have no place in the engine's map. */
static json_t *make_unmapped(struct unr_json_maker *json, const struct unr_result *result)
{
	const struct unr_runtime *runtime = &result->runtime;
	json_t *array = json_array();
	bool groups = false;

	for (size_t i = 0; i < runtime->n_groups; i++)
		groups |= !unr_result_is_mapped(result, UNR_GID, runtime->groups[i]);
	if (!unr_result_is_mapped(result, UNR_UID, runtime->uid))
		unr_json_push(json, array, json_string("uid"));
	if (!unr_result_is_mapped(result, UNR_GID, runtime->gid))
		unr_json_push(json, array, json_string("gid"));
	if (groups)
		unr_json_push(json, array, json_string("groups"));
	return array;
}

static void put_ids(struct unr_json_maker *json, json_t *object, const struct unr_result *result)
{
	const struct unr_runtime *runtime = &result->runtime;
	json_t *groups = json_array();

	for (size_t i = 0; i < runtime->n_groups; i++)
		unr_json_push(json, groups, json_integer(runtime->groups[i]));
	unr_json_put(json, object, "uid", json_integer(runtime->uid));
	unr_json_put(json, object, "gid", json_integer(runtime->gid));
	unr_json_put(json, object, "groups", groups);
	unr_json_put(json, object, "unmapped", make_unmapped(json, result));
	if (runtime->line != NULL) {
		unr_json_put(json, object, "passwd_line", unr_json_number(runtime->line_number));
		unr_json_put_string(json, object, "passwd", runtime->line);
	}
	if (runtime->calls.made)
		unr_json_put(json, object, "kernel", make_calls(json, &runtime->calls));
}

json_t *unr_json_make_runtime(struct unr_json_maker *json, const struct unr_result *result)
{
	const struct unr_runtime *runtime = &result->runtime;
	const struct unr_owner owner = unr_owner_of_start(result);
	json_t *object;

	if (runtime->user == NULL)
		return NULL;
	object = json_object();
	unr_json_put_string(json, object, "user", runtime->user);
	if (runtime->resolved) {
		put_ids(json, object, result);
		unr_json_put_hint(json, object, result, &owner);
	}
	unr_json_put(json, object, "ok",
		     runtime->checked ? json_boolean(runtime->ok) : json_null());
	if (runtime->checked)
		unr_json_put_string(json, object, "message",
				    runtime->message == NULL ? "" : runtime->message);
	else
		unr_json_put_string(json, object, "unknown", runtime->unknown);
	return object;
}
