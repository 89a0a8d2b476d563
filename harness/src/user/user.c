/* SPDX-License-Identifier: MIT */
/*
 * GetExecUser of moby/sys/user and of runc 1.0 and 1.1: first the user, in all of
 * passwd, then the group that was named or else all that have the user for a member.
 */
#include "user/user.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/internal.h"

void unr_user_done(struct unr_user *user)
{
	free(user->groups);
	free(user->line);
	*user = (struct unr_user) { 0 };
}

struct passwd_line {
	struct unr_slice whole, name;
	int64_t uid, gid;
};

static int next_passwd(struct reader *reader, size_t *number, struct passwd_line *ret)
{
	struct unr_slice line;
	int n;

	if (reader->is_missing)
		return 0;
	while ((n = unr_user_lines_next(&reader->lines, &line)) == 1) {
		++*number;
		line = unr_go_trim(line);
		if (line.length == 0)
			continue;
		ret->whole = line;
		ret->name = unr_slice_field(&line, ':');
		(void) unr_slice_field(&line, ':');
		ret->uid = file_id(reader->rules, unr_slice_field(&line, ':'));
		ret->gid = file_id(reader->rules, unr_slice_field(&line, ':'));
		return 1;
	}
	return n;
}

static bool fits_user(const struct wanted *wanted, const struct passwd_line *line)
{
	if (wanted->name.length == 0)
		return line->uid == 0;
	return wanted->is_number ? line->uid == wanted->number :
				   unr_slice_equals(line->name, wanted->name);
}

static int refuse_passwd(const struct resolution *r, const struct wanted *wanted, int error)
{
	unr_auto(unr_text_done) struct unr_text cause = { 0 };
	struct unr_slice name = wanted->name;

	if (is_own_fault(error))
		return own_fault(r, &r->request->passwd, error);
	if (name.length == 0)
		name = (struct unr_slice) { "0", 1 };
	put_fault(&cause, &r->request->passwd, error);
	return refuse(r, "unable to find user %.*s: %s", (int) name.length, name.bytes,
		      unr_text_string(&cause));
}

/* The first line counts; all are read, as what is wrong with a later one is an error too. */
static int find_user(const struct resolution *r, const struct wanted *wanted, struct unr_text *name)
{
	unr_auto(reader_done) struct reader reader = open_passwd(r->request);
	struct passwd_line line = { 0 };
	size_t number = 0;
	int n;

	while ((n = next_passwd(&reader, &number, &line)) == 1) {
		if (r->user->line != NULL || !fits_user(wanted, &line))
			continue;
		r->user->line = strndup(line.whole.bytes, line.whole.length);
		unr_text_append(name, line.name.bytes, line.name.length);
		if (r->user->line == NULL || name->failed)
			return unr_fail_memory(r->err);
		r->user->line_number = number;
		r->user->uid = line.uid;
		r->user->gid = line.gid;
	}
	if (n < 0)
		return refuse_passwd(r, wanted, n);
	if (r->user->line != NULL || wanted->name.length == 0)
		return 0;
	if (!wanted->is_number)
		return refuse(r, "unable to find user %.*s: no matching entries in passwd file",
			      (int) wanted->name.length, wanted->name.bytes);
	r->user->uid = wanted->number;
	return is_in_range(wanted->number) ? 0 : refuse(r, RANGE_TEXT);
}

static bool has_member(struct unr_slice members, struct unr_slice name)
{
	while (members.length > 0)
		if (unr_slice_equals(unr_slice_field(&members, ','), name))
			return true;
	return false;
}

static int refuse_group(const struct resolution *r, const struct unr_text *name, int error)
{
	unr_auto(unr_text_done) struct unr_text cause = { 0 };

	if (is_own_fault(error))
		return own_fault(r, &r->request->group, error);
	put_fault(&cause, &r->request->group, error);
	return refuse(r, "unable to find groups for spec %s: %s", unr_text_string(name),
		      unr_text_string(&cause));
}

/* The group that was named, or else all that name the user. */
static int find_groups(const struct resolution *r, const struct wanted *wanted,
		       const struct unr_text *name)
{
	unr_auto(reader_done) struct reader reader = open_group(r->request, true);
	const struct unr_slice user = { unr_text_string(name), name->length };
	const bool is_named = wanted->name.length > 0;
	struct group_line line = { 0 };
	bool found = false;
	int n;

	while ((n = next_group(&reader, &line)) == 1) {
		if (is_named && !found && fits_group(wanted, &line)) {
			r->user->gid = line.gid;
			found = true;
		} else if (!is_named && has_member(line.members, user)) {
			int error = add_group(r, line.gid);

			if (error < 0)
				return error;
		}
	}
	if (n < 0)
		return refuse_group(r, name, n);
	if (!is_named || found)
		return 0;
	if (!wanted->is_number)
		return refuse(r, "unable to find group %.*s: no matching entries in group file",
			      (int) wanted->name.length, wanted->name.bytes);
	r->user->gid = wanted->number;
	return is_in_range(wanted->number) ? 0 : refuse(r, RANGE_TEXT);
}

static int resolve(const struct resolution *r)
{
	struct unr_slice spec = { r->request->user, strlen(r->request->user) };
	unr_auto(unr_text_done) struct unr_text name = { 0 };
	struct wanted user = { 0 }, group = { 0 };
	int error = want(r, unr_slice_field(&spec, ':'), &user);

	/* What follows a second colon is dropped by the older rule. */
	if (error == 0)
		error = want(r, r->request->rules->bounds_ids ? spec : unr_slice_field(&spec, ':'),
			     &group);
	if (error == 0)
		error = find_user(r, &user, &name);
	if (error == 0 && (group.name.length > 0 || name.length > 0))
		error = find_groups(r, &group, &name);
	r->user->n_members = r->user->n_groups;
	return error == 0 ? add_asked_groups(r) : error;
}

int unr_user_resolve(const struct unr_user_request *request, struct unr_user *ret,
		     struct unr_text *refusal, struct unr_error *err)
{
	unr_auto(unr_user_done) struct unr_user user = { 0 };
	const struct resolution r = {
		.request = request, .user = &user, .refusal = refusal, .err = err
	};
	int error = resolve(&r);

	if (error < 0)
		return error;
	if (error == 0) {
		*ret = user;
		user = (struct unr_user) { 0 };
	}
	return 0;
}
