/* SPDX-License-Identifier: MIT */
/*
 * What came out against what expect.json says: a comparison by subset.  Goes
 * breadth first with a queue of its own, so that the large difference (the
 * verdict) is said before the small ones that follow from it.
 */
#include "usernsrepro/scenario.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "scenario/folder.h"

/* Two values that must agree, and where they are: "report.failures[0].uid". */
struct pair {
	char *path;           /* owned */
	json_t *expected;     /* borrowed */
	const json_t *actual; /* borrowed; NULL when there is none */
};

struct queue {
	struct pair *pairs; /* owned */
	size_t n_pairs, room;
};

static void queue_done(struct queue *queue)
{
	for (size_t i = 0; i < queue->n_pairs; i++)
		free(queue->pairs[i].path);
	free(queue->pairs);
}
DEFINE_UNR_CLEANUP(struct queue, queue_done);

/* What @path has grown becomes the queue's; @path is empty afterwards, on failure too. */
static int push(struct queue *queue, struct unr_text *path, json_t *expected, const json_t *actual)
{
	unr_autofree char *owned = unr_text_take(path);

	if (owned == NULL)
		return -ENOMEM;
	if (queue->n_pairs == queue->room) {
		size_t room = queue->room == 0 ? 32 : queue->room * 2;
		struct pair *pairs = reallocarray(queue->pairs, room, sizeof(*pairs));

		if (pairs == NULL)
			return -ENOMEM;
		queue->pairs = pairs;
		queue->room = room;
	}
	queue->pairs[queue->n_pairs++] = (struct pair) { .path = unr_take_ptr(owned),
							 .expected = expected,
							 .actual = actual };
	return 0;
}

/* A value as it stands in JSON, shortened when it has parts; "nothing" when there is none. */
static int append_value(struct unr_text *text, const json_t *value)
{
	unr_autofree char *dump = NULL;

	if (value == NULL || json_object_size(value) > 0 || json_array_size(value) > 0) {
		unr_text_puts(text, value == NULL        ? "nothing" :
				    json_is_array(value) ? "[…]" :
							   "{…}");
		return 0;
	}
	dump = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	if (dump == NULL)
		return -ENOMEM;
	unr_text_puts(text, dump);
	return 0;
}

static int say_difference(const struct pair *pair, struct unr_text *differences)
{
	int r;

	unr_text_printf(differences, "%s: expected ", pair->path);
	r = append_value(differences, pair->expected);
	if (r < 0)
		return r;
	unr_text_puts(differences, ", got ");
	r = append_value(differences, pair->actual);
	unr_text_puts(differences, "\n");
	return r;
}

static int compare_objects(struct queue *queue, const struct pair *pair)
{
	const char *key;
	json_t *expected;

	json_object_foreach (pair->expected, key, expected) {
		struct unr_text path = { 0 };
		int r;

		unr_text_printf(&path, "%s%s%s", pair->path, *pair->path == '\0' ? "" : ".", key);
		r = push(queue, &path, expected, json_object_get(pair->actual, key));
		if (r < 0)
			return r;
	}
	return 0;
}

static int compare_arrays(struct queue *queue, const struct pair *pair,
			  struct unr_text *differences)
{
	size_t n_expected = json_array_size(pair->expected);
	size_t n_actual = json_array_size(pair->actual);

	if (n_expected != n_actual)
		unr_text_printf(differences, "%s: expected %zu elements, got %zu\n", pair->path,
				n_expected, n_actual);
	for (size_t i = 0; i < n_expected && i < n_actual; i++) {
		struct unr_text path = { 0 };
		int r;

		unr_text_printf(&path, "%s[%zu]", pair->path, i);
		r = push(queue, &path, json_array_get(pair->expected, i),
			 json_array_get(pair->actual, i));
		if (r < 0)
			return r;
	}
	return 0;
}

static int compare_pair(struct queue *queue, const struct pair *pair, struct unr_text *differences)
{
	if (json_is_object(pair->expected) && json_is_object(pair->actual))
		return compare_objects(queue, pair);
	if (json_is_array(pair->expected) && json_is_array(pair->actual))
		return compare_arrays(queue, pair, differences);
	if (pair->actual != NULL && json_equal(pair->expected, pair->actual))
		return 0;
	return say_difference(pair, differences);
}

/* 0 or -ENOMEM; @differences gets a line for each. */
static int compare(json_t *expected, const json_t *actual, struct unr_text *differences)
{
	unr_auto(queue_done) struct queue queue = { 0 };
	struct unr_text path = { 0 };
	int r;

	r = push(&queue, &path, expected, actual);
	for (size_t i = 0; r == 0 && i < queue.n_pairs; i++) {
		/* By value: the queue moves when it grows. */
		struct pair pair = queue.pairs[i];

		r = compare_pair(&queue, &pair, differences);
	}
	return r < 0 || differences->failed ? -ENOMEM : 0;
}

static int parse_report(const char *report, json_t **ret, struct unr_error *err)
{
	json_error_t where;

	*ret = report == NULL ? json_null() : json_loads(report, JSON_DECODE_ANY, &where);
	if (*ret == NULL)
		return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG, "the report is not JSON: %s",
				where.text);
	return 0;
}

static int read_expected(const char *name, const char *expect, json_t **ret, struct unr_error *err)
{
	unr_autoclose int folder_fd = -EBADF;
	json_t *expected = NULL, *report = NULL;
	json_error_t where;
	int status, r;

	r = unr_scenario_open(name, &folder_fd, err);
	if (r < 0)
		return r;
	r = unr_scenario_read_json(folder_fd, expect, &expected, err);
	if (r < 0)
		return unr_fail_context(err, "scenario %s", name);
	if (json_unpack_ex(expected, &where, 0, "{s:i, s?o !}", "exit", &status, "report",
			   &report) < 0) {
		json_decref(expected);
		return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG, "scenario %s: %s: %s", name,
				expect, where.text);
	}
	*ret = expected;
	return 0;
}

int unr_scenario_check(const char *name, const char *expect, int exit_status, const char *report,
		       char **ret, struct unr_error *err)
{
	unr_auto(unr_text_done) struct unr_text differences = { 0 };
	json_auto_t *expected = NULL, *actual = NULL, *parsed = NULL;
	char *text;
	int r;

	r = read_expected(name, expect, &expected, err);
	if (r == 0)
		r = parse_report(report, &parsed, err);
	if (r < 0)
		return r;
	actual = json_pack("{s:i, s:O}", "exit", exit_status, "report", parsed);
	if (actual == NULL || compare(expected, actual, &differences) < 0)
		return unr_fail_memory(err);
	r = differences.length > 0 ? 1 : 0;
	text = unr_text_take(&differences);
	if (text == NULL)
		return unr_fail_memory(err);
	*ret = text;
	return r;
}
