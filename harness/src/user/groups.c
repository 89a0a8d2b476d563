/* SPDX-License-Identifier: MIT */
/* --group-add: GetAdditionalGroups of moby/sys/user and of runc 1.0 and 1.1. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/internal.h"

/* The lines that fit one that was asked for, in their order. */
struct matches {
	struct match {
		char *name; /* owned */
		size_t length;
		int64_t gid;
	} * list; /* owned */
	size_t n, room;
};

static void matches_done(struct matches *matches)
{
	for (size_t i = 0; i < matches->n; i++)
		free(matches->list[i].name);
	free(matches->list);
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
	list[matches->n++] = (struct match) { name, line->name.length, line->gid };
	return 0;
}

/* Until 2026 a number was compared as text, and with names too. */
static bool fits(const struct unr_user_rules *rules, const struct wanted *wanted,
		 const struct group_line *line)
{
	char number[24];
	int n = snprintf(number, sizeof(number), "%" PRId64, line->gid);

	if (rules->bounds_ids)
		return fits_group(wanted, line);
	return unr_slice_equals(line->name, wanted->name) ||
	       unr_slice_equals((struct unr_slice) { number, (size_t) n }, wanted->name);
}

static bool fits_any(const struct unr_user_request *request, const struct wanted *wanted,
		     const struct group_line *line)
{
	for (size_t i = 0; i < request->n_groups; i++)
		if (fits(request->rules, &wanted[i], line))
			return true;
	return false;
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

static int collect(const struct resolution *r, const struct wanted *wanted, struct matches *matches)
{
	unr_auto(reader_done) struct reader reader = open_group(r->request, false);
	struct group_line line = { 0 };
	int n;

	while ((n = next_group(&reader, &line)) == 1)
		if (fits_any(r->request, wanted, &line) && keep_match(matches, &line) < 0)
			return unr_fail_memory(r->err);
	return n < 0 ? refuse_file(r, n) : 0;
}

static bool has_group(const struct unr_user *user, size_t first, int64_t gid)
{
	for (size_t i = first; i < user->n_groups; i++)
		if (user->groups[i] == gid)
			return true;
	return false;
}

static int add_once(const struct resolution *r, size_t first, int64_t gid)
{
	return has_group(r->user, first, gid) ? 0 : add_group(r, gid);
}

/*
 * One of them.  Where the rule is the older one, a line whose group is there already does not
 * count as found, so that a name twice is an error.
 */
static int add_asked(const struct resolution *r, const struct wanted *wanted,
		     const struct matches *matches, size_t first)
{
	const struct unr_user_rules *rules = r->request->rules;
	int64_t number;

	for (size_t i = 0; i < matches->n; i++) {
		const struct match *match = &matches->list[i];
		const struct group_line line = { .name = { match->name, match->length },
						 .gid = match->gid };

		if (!fits(rules, wanted, &line))
			continue;
		if (rules->bounds_ids && !is_in_range(match->gid))
			return refuse(r, RANGE_TEXT);
		if (rules->takes_twice || !has_group(r->user, first, match->gid))
			return add_once(r, first, match->gid);
	}
	if (unr_go_atoi(wanted->name, &number) < 0)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* the format comes from the engine table */
		return refuse(r, rules->no_group, wanted->name.bytes);
#pragma GCC diagnostic pop
	return is_in_range(number) ? add_once(r, first, number) : refuse(r, RANGE_TEXT);
}

int add_asked_groups(const struct resolution *r)
{
	const struct unr_user_request *request = r->request;
	unr_auto(matches_done) struct matches matches = { 0 };
	unr_autofree struct wanted *wanted = calloc(request->n_groups + 1, sizeof(*wanted));
	const size_t first = r->user->n_groups;
	int error = 0;

	if (wanted == NULL)
		return unr_fail_memory(r->err);
	for (size_t i = 0; i < request->n_groups && error == 0; i++)
		error = want(r,
			     (struct unr_slice) { request->groups[i], strlen(request->groups[i]) },
			     &wanted[i]);
	if (error == 0 && request->n_groups > 0)
		error = collect(r, wanted, &matches);
	for (size_t i = 0; i < request->n_groups && error == 0; i++)
		error = add_asked(r, &wanted[i], &matches, first);
	return error;
}
