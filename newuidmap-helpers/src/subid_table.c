/* SPDX-License-Identifier: MIT */
/*
 * /etc/subuid and /etc/subgid as files: who has which ids, what is free, what
 * two have at once.  Which ranges count for a user is libsubid's word, see
 * subid.c; this is for advice.
 */
#include "usernsrepro/subid.h"

#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "idmap_auto.h"

/* SUB_UID_MIN and SUB_GID_MIN of login.defs(5), as they are compiled in. */
#define FIRST_FREE UINT64_C(100000)
/* What dockerd, podman and useradd(8) reckon with. */
#define USUAL_COUNT 65536

const char *unr_subid_path(enum unr_id_kind kind)
{
	static const char *const paths[] = { [UNR_UID] = "/etc/subuid", [UNR_GID] = "/etc/subgid" };

	return paths[kind];
}

void unr_subid_table_done(struct unr_subid_table *table)
{
	for (size_t i = 0; i < table->n_lines; i++)
		free(table->lines[i].owner);
	free(table->lines);
	*table = (struct unr_subid_table) { 0 };
}

/* Appends OWNER:FIRST:COUNT; changes @line.  0, also for what is no such line, or -ENOMEM. */
static int add_line(char *line, struct unr_subid_table *table)
{
	struct unr_subid_line *lines;
	char *rest = line;
	const char *owner = strsep(&rest, ":"), *first = strsep(&rest, ":"), *count = rest;
	uint64_t first_id, n;
	char *copy;

	if (count == NULL || *owner == '\0' || unr_parse_u64(first, UINT32_MAX, &first_id) < 0 ||
	    unr_parse_u64(count, UINT32_MAX, &n) < 0 || n == 0)
		return 0;
	lines = reallocarray(table->lines, table->n_lines + 1, sizeof(*lines));
	if (lines == NULL)
		return -ENOMEM;
	table->lines = lines;
	copy = strdup(owner);
	if (copy == NULL)
		return -ENOMEM;
	lines[table->n_lines++] =
		(struct unr_subid_line) { .owner = copy, .first = first_id, .end = first_id + n };
	return 0;
}

int unr_subid_table_read(enum unr_id_kind kind, struct unr_subid_table *ret, struct unr_error *err)
{
	const char *path = unr_subid_path(kind);
	FILE *file = fopen(path, "re");
	unr_autofree char *line = NULL;
	size_t size = 0;
	int r = 0;

	if (file == NULL && errno == ENOENT)
		return 0;
	if (file == NULL)
		return unr_fail(err, UNR_ERROR_FAILED, -EIO, "open %s: %s", path, strerror(errno));
	while (r == 0 && getline(&line, &size, file) >= 0) {
		line[strcspn(line, "\n")] = '\0';
		r = add_line(line, ret);
	}
	if (r < 0)
		r = unr_fail_memory(err);
	else if (ferror(file))
		r = unr_fail(err, UNR_ERROR_FAILED, -EIO, "read %s: %s", path, strerror(errno));
	(void) fclose(file); /* only read from */
	return r;
}

static bool overlap(const struct unr_subid_line *a, uint64_t first, uint64_t end)
{
	return a->first < end && first < a->end;
}

uint32_t unr_subid_table_free(const struct unr_subid_table *table, uint64_t count)
{
	uint64_t first = FIRST_FREE;
	bool moved = true;

	/* Behind whatever is in the way, until nothing is: only upwards, so it comes to an end. */
	while (moved && first + count <= UNR_ID_NONE) {
		moved = false;
		for (size_t i = 0; i < table->n_lines; i++) {
			if (!overlap(&table->lines[i], first, first + count))
				continue;
			first = table->lines[i].end;
			moved = true;
		}
	}
	return first + count <= UNR_ID_NONE ? (uint32_t) first : UNR_ID_NONE;
}

static bool is_owner(const struct unr_subid_line *line, const struct unr_subid_user *user)
{
	uint64_t number;

	return strcmp(line->owner, user->login) == 0 ||
	       (unr_parse_u64(line->owner, UINT32_MAX, &number) == 0 && number == user->uid);
}

bool unr_subid_table_shared(const struct unr_subid_table *table, const struct unr_subid_user *user,
			    const struct unr_subid_line **ret_mine,
			    const struct unr_subid_line **ret_theirs)
{
	for (size_t i = 0; i < table->n_lines; i++) {
		const struct unr_subid_line *mine = &table->lines[i];

		for (size_t k = 0; k < table->n_lines && is_owner(mine, user); k++) {
			const struct unr_subid_line *theirs = &table->lines[k];

			if (is_owner(theirs, user) || !overlap(theirs, mine->first, mine->end))
				continue;
			*ret_mine = mine;
			*ret_theirs = theirs;
			return true;
		}
	}
	return false;
}

/* "100000-165535 alice", what usermod(8) is told; without room the words for a range. */
static void describe_free(const struct unr_subid_table *table, uint64_t count, const char *owner,
			  size_t size, char *ret)
{
	uint32_t first = table == NULL ? UNR_ID_NONE : unr_subid_table_free(table, count);

	if (first == UNR_ID_NONE)
		(void) snprintf(ret, size, "FIRST-LAST %s", owner);
	else
		(void) snprintf(ret, size, "%" PRIu32 "-%" PRIu64 " %s", first, first + count - 1,
				owner);
}

/* @reason, and as the remedy @missing free ids. */
static void obstacle_grant(struct unr_obstacle *ret, const struct unr_subid_table *table,
			   const char *owner, enum unr_id_kind kind, uint64_t missing,
			   const char *reason)
{
	static const enum unr_remedy grants[] = {
		[UNR_UID] = UNR_REMEDY_ADD_SUBUIDS, [UNR_GID] = UNR_REMEDY_ADD_SUBGIDS
	};
	unr_auto(unr_subid_table_done) struct unr_subid_table own = { 0 };
	char subject[sizeof(ret->subject)];

	if (table == NULL && unr_subid_table_read(kind, &own, NULL) == 0)
		table = &own;
	describe_free(table, missing, owner, sizeof(subject), subject);
	unr_obstacle_set(ret, grants[kind], subject, "%s", reason);
}

void unr_subid_obstacle_few(struct unr_obstacle *ret, const struct unr_subid_table *table,
			    const char *owner, enum unr_id_kind kind, uint64_t needed,
			    uint64_t can_have)
{
	unr_auto(unr_text_done) struct unr_text text = { 0 };

	unr_text_printf(&text, "%s may map ", owner);
	unr_text_count(&text, can_have);
	unr_text_puts(&text, " of the ");
	unr_text_count(&text, needed);
	unr_text_printf(&text, " %ss that are needed", unr_id_kind_name(kind));
	obstacle_grant(ret, table, owner, kind, needed - can_have, unr_text_string(&text));
}

/* System accounts get no ranges from useradd(8). */
static void obstacle_no_account(struct unr_obstacle *ret, const char *owner, const char *kind_name)
{
	char ranges[UNR_ID_KIND_COUNT_][48];
	char subject[sizeof(ret->subject)];

	for (unsigned int i = 0; i < UNR_ID_KIND_COUNT_; i++) {
		enum unr_id_kind kind = (enum unr_id_kind) i;
		unr_auto(unr_subid_table_done) struct unr_subid_table table = { 0 };
		bool read = unr_subid_table_read(kind, &table, NULL) == 0;

		describe_free(read ? &table : NULL, USUAL_COUNT, "", sizeof(ranges[i]), ranges[i]);
	}
	(void) snprintf(subject, sizeof(subject),
			"%s && usermod --add-subuids %s--add-subgids %s%s", owner, ranges[UNR_UID],
			ranges[UNR_GID], owner);
	unr_obstacle_set(ret, UNR_REMEDY_ACCOUNT, subject,
			 "'%s' has no subordinate %ss on this host, nor an account", owner,
			 kind_name);
}

void unr_subid_obstacle_none(struct unr_obstacle *ret, const char *owner, enum unr_id_kind kind)
{
	const char *kind_name = unr_id_kind_name(kind);
	char reason[sizeof(ret->reason)];

	/* An engine may be remapped to an account that this host has not. */
	if (getpwnam(owner) == NULL && unr_parse_u64(owner, UINT32_MAX, &(uint64_t) { 0 }) < 0) {
		obstacle_no_account(ret, owner, kind_name);
		return;
	}
	(void) snprintf(reason, sizeof(reason), "'%s' has no subordinate %ss on this host", owner,
			kind_name);
	obstacle_grant(ret, NULL, owner, kind, USUAL_COUNT, reason);
}
