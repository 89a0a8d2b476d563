/* SPDX-License-Identifier: MIT */
/* --group-add: GetAdditionalGroups of moby/sys/user and of runc 1.0 and 1.1. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nameset.h"
#include "user/internal.h"

/* A line that fits one that was asked for. */
struct match {
	char *name; /* owned */
	size_t length;
	int64_t gid;
	size_t order; /* of the lines; SIZE_MAX in a key: behind them all */
};

enum { BY_NAME, BY_GID, N_ORDERS };

/*
 * All of them.  A file may name a user in a hundred thousand groups, each of which is then asked for:
 * nothing here goes through the lines for each of those.
 */
struct matches {
	struct match *list; /* owned */
	size_t n, room;
	const struct match **sorted[N_ORDERS]; /* owned */
};

static void matches_done(struct matches *matches)
{
	for (size_t i = 0; i < matches->n; i++)
		free(matches->list[i].name);
	free(matches->list);
	for (size_t i = 0; i < N_ORDERS; i++)
		free(matches->sorted[i]);
}
DEFINE_UNR_CLEANUP(struct matches, matches_done);

static int keep_match(struct matches *matches, const struct group_line *line)
{
	size_t room = matches->room == 0 ? 16 : matches->room * 2;
	struct match *list = matches->list;
	char *name = malloc(line->name.length + 1);

	if (name == NULL)
		return -ENOMEM;
	if (matches->n == matches->room) {
		list = reallocarray(list, room, sizeof(*list));
		if (list == NULL) {
			free(name);
			return -ENOMEM;
		}
		matches->list = list;
		matches->room = room;
	}
	if (line->name.length > 0)
		memcpy(name, line->name.bytes, line->name.length);
	list[matches->n] = (struct match) { name, line->name.length, line->gid, matches->n };
	matches->n++;
	return 0;
}

static int compare_orders(const struct match *a, const struct match *b)
{
	return (a->order > b->order) - (a->order < b->order);
}

static int compare_names(const struct match *a, const struct match *b)
{
	size_t shorter = a->length < b->length ? a->length : b->length;
	int c = shorter == 0 ? 0 : memcmp(a->name, b->name, shorter);

	if (c == 0)
		c = (a->length > b->length) - (a->length < b->length);
	return c != 0 ? c : compare_orders(a, b);
}

static int compare_gids(const struct match *a, const struct match *b)
{
	int c = (a->gid > b->gid) - (a->gid < b->gid);

	return c != 0 ? c : compare_orders(a, b);
}

static int (*const comparers[N_ORDERS])(const struct match *, const struct match *) = {
	[BY_NAME] = compare_names, [BY_GID] = compare_gids
};

static int sort_names(const void *a, const void *b)
{
	return compare_names(*(const struct match *const *) a, *(const struct match *const *) b);
}

static int sort_gids(const void *a, const void *b)
{
	return compare_gids(*(const struct match *const *) a, *(const struct match *const *) b);
}

static int sort_matches(struct matches *matches)
{
	static int (*const sorters[N_ORDERS])(
		const void *, const void *) = { [BY_NAME] = sort_names, [BY_GID] = sort_gids };

	for (size_t i = 0; i < N_ORDERS; i++) {
		const struct match **sorted = calloc(matches->n + 1, sizeof(*sorted));

		if (sorted == NULL)
			return -ENOMEM;
		for (size_t k = 0; k < matches->n; k++)
			sorted[k] = &matches->list[k];
		qsort(sorted, matches->n, sizeof(*sorted), sorters[i]);
		matches->sorted[i] = sorted;
	}
	return 0;
}

/* Those of one name or gid, in the order of the lines. */
struct group_run {
	const struct match *const *next, *const *end;
};

/* How many come before the key. */
static size_t count_before(const struct matches *matches, unsigned int order,
			   const struct match *key)
{
	size_t first = 0, n = matches->n;

	while (n > 0) {
		size_t half = n / 2;

		if (comparers[order](matches->sorted[order][first + half], key) < 0) {
			first += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	return first;
}

static struct group_run find_run(const struct matches *matches, unsigned int order,
				 struct match key)
{
	const struct match *const *sorted = matches->sorted[order];
	struct group_run run;

	key.order = 0;
	run.next = sorted + count_before(matches, order, &key);
	key.order = SIZE_MAX;
	run.end = sorted + count_before(matches, order, &key);
	return run;
}

/* The earlier line of two runs, once where it is in both; NULL behind the last. */
static const struct match *next_match(struct group_run runs[N_ORDERS])
{
	const struct match *found = NULL;

	for (size_t i = 0; i < N_ORDERS; i++)
		if (runs[i].next < runs[i].end &&
		    (found == NULL || (*runs[i].next)->order < found->order))
			found = *runs[i].next;
	for (size_t i = 0; i < N_ORDERS; i++)
		if (runs[i].next < runs[i].end && *runs[i].next == found)
			runs[i].next++;
	return found;
}

/* A number as the files have it; @bytes: where it is put. */
static struct unr_slice number_text(int64_t number, char (*bytes)[24])
{
	int n = snprintf(*bytes, sizeof(*bytes), "%" PRId64, number);

	return (struct unr_slice) { *bytes, (size_t) n };
}

/* Until 2026 a number was compared as text, and with names too. */
static void find_runs(const struct unr_user_rules *rules, const struct wanted *wanted,
		      const struct matches *matches, struct group_run ret[N_ORDERS])
{
	const struct match key = { .name = (char *) (uintptr_t) wanted->name.bytes,
				   .length = wanted->name.length,
				   .gid = wanted->number };
	bool by_gid = wanted->is_number;
	char bytes[24];

	ret[BY_NAME] = ret[BY_GID] = (struct group_run) { NULL, NULL };
	if (!rules->bounds_ids)
		by_gid = by_gid &&
			 unr_slice_equals(number_text(wanted->number, &bytes), wanted->name);
	if (!rules->bounds_ids || !wanted->is_number)
		ret[BY_NAME] = find_run(matches, BY_NAME, key);
	if (by_gid)
		ret[BY_GID] = find_run(matches, BY_GID, key);
}

/* The same the other way round: which lines count at all.  The first mark is for names. */
static int note_wanted(struct unr_nameset *asked, const struct unr_user_rules *rules,
		       const struct wanted *wanted)
{
	char bytes[24];
	struct unr_slice number =
		rules->bounds_ids ? number_text(wanted->number, &bytes) : wanted->name;
	int r = 0;

	if (!rules->bounds_ids || !wanted->is_number)
		r = unr_nameset_mark(asked, UNR_MARK_FIRST, wanted->name.bytes,
				     wanted->name.length);
	if (r >= 0 && (!rules->bounds_ids || wanted->is_number))
		r = unr_nameset_mark(asked, UNR_MARK_SECOND, number.bytes, number.length);
	return r < 0 ? r : 0;
}

static bool fits_any(const struct unr_nameset *asked, const struct group_line *line)
{
	char bytes[24];
	struct unr_slice number = number_text(line->gid, &bytes);

	return unr_nameset_has(asked, UNR_MARK_FIRST, line->name.bytes, line->name.length) ||
	       unr_nameset_has(asked, UNR_MARK_SECOND, number.bytes, number.length);
}

/* The whole list as Go's %v shows it, and why the file cannot be read. */
static int refuse_file(const struct resolution *r, int error)
{
	const struct unr_user_request *request = r->request;
	unr_auto(unr_text_done) struct unr_text list = { 0 };
	unr_auto(unr_text_done) struct unr_text cause = { 0 };

	if (is_own_fault(error))
		return own_fault(r, &request->group, error);
	for (size_t i = 0; i < request->n_groups; i++)
		unr_text_printf(&list, "%s%s", i == 0 ? "" : " ", request->groups[i]);
	put_fault(&cause, &request->group, error);
	if (list.failed || cause.failed)
		return unr_fail_memory(r->err);
	return refuse(r, "%s [%s]: %s", request->rules->group_fault, unr_text_string(&list),
		      unr_text_string(&cause));
}

static int collect(const struct resolution *r, const struct unr_nameset *asked,
		   struct matches *matches)
{
	unr_auto(reader_done) struct reader reader = open_group(r->request, false);
	struct group_line line = { 0 };
	int n;

	while ((n = next_group(&reader, &line)) == 1)
		if (fits_any(asked, &line) && keep_match(matches, &line) < 0)
			return unr_fail_memory(r->err);
	if (n < 0)
		return refuse_file(r, n);
	return sort_matches(matches) < 0 ? unr_fail_memory(r->err) : 0;
}

/* Those that were asked for and added. */
static bool is_added(const struct unr_nameset *added, int64_t gid)
{
	return unr_nameset_has(added, UNR_MARK_FIRST, &gid, sizeof(gid));
}

static int add_once(const struct resolution *r, struct unr_nameset *added, int64_t gid)
{
	int is_new = unr_nameset_add(added, &gid, sizeof(gid));

	if (is_new < 0)
		return unr_fail_memory(r->err);
	return is_new == 0 ? 0 : add_group(r, gid);
}

/*
 * One of them.  Where the rule is the older one, a line whose group is there already does not
 * count as found, so that a name twice is an error.
 */
static int add_asked(const struct resolution *r, const struct wanted *wanted,
		     const struct matches *matches, struct unr_nameset *added)
{
	const struct unr_user_rules *rules = r->request->rules;
	struct group_run runs[N_ORDERS];
	const struct match *match;
	int64_t number;

	find_runs(rules, wanted, matches, runs);
	while ((match = next_match(runs)) != NULL) {
		if (rules->bounds_ids && !is_in_range(match->gid))
			return refuse(r, RANGE_TEXT);
		if (rules->takes_twice || !is_added(added, match->gid))
			return add_once(r, added, match->gid);
	}
	if (unr_go_atoi(wanted->name, &number) < 0)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* the format comes from the engine table */
		return refuse(r, rules->no_group, wanted->name.bytes);
#pragma GCC diagnostic pop
	return is_in_range(number) ? add_once(r, added, number) : refuse(r, RANGE_TEXT);
}

static int init_sets(const struct resolution *r, struct unr_nameset *asked,
		     struct unr_nameset *added)
{
	int n = unr_nameset_init(asked);

	if (n == 0)
		n = unr_nameset_init(added);
	return n < 0 ? unr_fail(r->err, UNR_ERROR_FAILED, n, "draw random numbers: %s",
				strerror(-n)) :
		       0;
}

int add_asked_groups(const struct resolution *r)
{
	const struct unr_user_request *request = r->request;
	unr_auto(matches_done) struct matches matches = { 0 };
	unr_auto(unr_nameset_done) struct unr_nameset asked = { 0 }, added = { 0 };
	unr_autofree struct wanted *wanted = calloc(request->n_groups + 1, sizeof(*wanted));
	int error = 0;

	if (request->n_groups == 0)
		return 0;
	if (wanted == NULL)
		return unr_fail_memory(r->err);
	error = init_sets(r, &asked, &added);
	for (size_t i = 0; i < request->n_groups && error == 0; i++) {
		error = want(r,
			     (struct unr_slice) { request->groups[i], strlen(request->groups[i]) },
			     &wanted[i]);
		if (error == 0 && note_wanted(&asked, request->rules, &wanted[i]) < 0)
			error = unr_fail_memory(r->err);
	}
	if (error == 0)
		error = collect(r, &asked, &matches);
	for (size_t i = 0; i < request->n_groups && error == 0; i++)
		error = add_asked(r, &wanted[i], &matches, &added);
	return error;
}
