/* SPDX-License-Identifier: MIT */
/* The list and the results as JSON; docs/report-format.md has the fields.  Does no I/O. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/json_value.h"
#include "selftest/output.h"

static json_t *test_value(struct unr_json_maker *json, const struct st_test *test)
{
	json_t *value = json_object();
	char since[24];

	unr_json_put_string(json, value, "name", test->name);
	unr_json_put_string(json, value, "group", test->group->name);
	unr_json_put_string(json, value, "promise", test->of->promise);
	unr_json_put_string(json, value, "source", test->of->source);
	if (test->of->since != 0) {
		(void) snprintf(since, sizeof(since), "%u.%u", test->of->since >> 16,
				test->of->since & 0xffff);
		unr_json_put_string(json, value, "since", since);
	}
	unr_json_put_string(json, value, "as", st_stage_name(test->of->stage));
	unr_json_put(json, value, "needs_root",
		     json_boolean((test->of->needs & ST_NEEDS_ROOT) != 0));
	return value;
}

static void put_notes(struct unr_json_maker *json, json_t *value, const char *notes)
{
	json_t *array = json_array();

	while (*notes != '\0') {
		size_t length = strcspn(notes, "\n");

		unr_json_push(json, array, json_stringn(notes, length));
		notes += length + (notes[length] == '\n');
	}
	unr_json_put(json, value, "notes", array);
}

static json_t *result_value(struct unr_json_maker *json, const struct st_test *test,
			    const struct st_result *result)
{
	json_t *value = test_value(json, test);

	unr_json_put_string(json, value, "outcome", st_outcome_name(result->outcome));
	if (*result->reason != '\0')
		unr_json_put_string(json, value, "reason", result->reason);
	put_notes(json, value, unr_text_string(&result->notes));
	unr_json_put(json, value, "milliseconds", unr_json_number(result->milliseconds));
	return value;
}

static json_t *document(struct unr_json_maker *json)
{
	json_t *value = json_object(), *tool = json_object();

	unr_json_put(json, value, "version", unr_json_number(1));
	unr_json_put_string(json, tool, "name", "userns-repro");
	unr_json_put_string(json, tool, "version", UNR_VERSION);
	unr_json_put(json, value, "tool", tool);
	return value;
}

/* Takes ownership of @value. */
static char *dump(const struct unr_json_maker *json, json_t *value)
{
	char *text = json->failed ? NULL : json_dumps(value, JSON_INDENT(2));

	json_decref(value);
	return text;
}

char *st_list_json(const struct st_plan *plan)
{
	struct unr_json_maker json = { 0 };
	json_t *value = document(&json), *cases = json_array();

	for (size_t i = 0; i < plan->n_tests; i++)
		unr_json_push(&json, cases, test_value(&json, &plan->tests[i]));
	unr_json_put(&json, value, "cases", cases);
	return dump(&json, value);
}

static void put_host(struct unr_json_maker *json, json_t *value, const struct st_host *host)
{
	json_t *object = json_object();

	unr_json_put_string(json, object, "kernel", host->release);
	unr_json_put(json, object, "root", json_boolean(host->is_root));
	unr_json_put_string(json, object, "map_method",
			    unr_map_method_name(host->no_choice.kind != UNR_ERROR_NONE ?
							UNR_MAP_SELF :
							host->choice.method));
	unr_json_put(json, value, "host", object);
}

char *st_results_json(const struct st_plan *plan, const struct st_host *host)
{
	struct unr_json_maker json = { 0 };
	json_t *value = document(&json), *cases = json_array(), *counts = json_object();
	size_t n[ST_OUTCOME_COUNT_] = { 0 };

	put_host(&json, value, host);
	for (size_t i = 0; i < plan->n_tests; i++) {
		n[plan->results[i].outcome]++;
		unr_json_push(&json, cases,
			      result_value(&json, &plan->tests[i], &plan->results[i]));
	}
	unr_json_put(&json, value, "cases", cases);
	for (int i = 0; i < ST_OUTCOME_COUNT_; i++)
		unr_json_put(&json, counts, st_outcome_name((enum st_outcome) i),
			     unr_json_number(n[i]));
	unr_json_put(&json, value, "counts", counts);
	return dump(&json, value);
}
