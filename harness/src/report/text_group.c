/* SPDX-License-Identifier: MIT */
/*
 * Thousands of failures on one screen: one line for each folder and each pair
 * of ids that are at fault.  Where that would still be many lines, folders are
 * joined upwards, owner by owner, until they fit.  Nothing is dropped without a
 * count.  Of folders that cannot all be shown no more are kept than tell so.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/nameset.h"
#include "report/fault.h"
#include "report/folder.h"
#include "report/text_part.h"

#define MAX_GROUPS 10
/* With --verbose, where every entry is listed as well. */
#define MAX_VERBOSE_GROUPS 256
/* Deeper folders are joined at once; it bounds the work on hostile paths. */
#define MAX_DEPTH 16

/* Ids at fault, and how finely the folders of their findings are told apart. */
struct owner {
	struct unr_fault fault;
	struct unr_nameset folders[MAX_DEPTH + 1]; /* by depth, up to one too many */
	size_t depth;
};

struct owners {
	struct owner owners[MAX_GROUPS];
	size_t n;
	bool too_many; /* more owners than lines: one line an owner */
};

struct group {
	struct unr_fault fault;
	char *path;               /* owned; folder of its first member */
	struct unr_folder folder; /* that, and where all members are: both in @path */
	struct unr_folder common;
	uint64_t count;
	bool only_files;
};

struct groups {
	struct group groups[MAX_VERBOSE_GROUPS];
	size_t n, max;
	uint64_t hidden;               /* findings for which no line was left... */
	struct unr_nameset hidden_ids; /* ...and their owners */
};

static void owners_done(struct owners *owners)
{
	for (size_t i = 0; i < owners->n; i++)
		for (size_t depth = 0; depth <= MAX_DEPTH; depth++)
			unr_nameset_done(&owners->owners[i].folders[depth]);
	*owners = (struct owners) { 0 };
}
DEFINE_UNR_CLEANUP(struct owners, owners_done);

static void groups_done(struct groups *groups)
{
	for (size_t i = 0; i < groups->n; i++)
		free(groups->groups[i].path);
	unr_nameset_done(&groups->hidden_ids);
}
DEFINE_UNR_CLEANUP(struct groups, groups_done);

static struct owner *find_owner(struct owners *owners, const struct unr_fault *fault)
{
	for (size_t i = 0; i < owners->n; i++)
		if (unr_fault_same(&owners->owners[i].fault, fault))
			return &owners->owners[i];
	return NULL;
}

/* NULL when there are too many. */
static struct owner *add_owner(struct owners *owners, const struct unr_fault *fault)
{
	struct owner *owner;

	if (owners->n == MAX_GROUPS) {
		owners->too_many = true;
		return NULL;
	}
	owner = &owners->owners[owners->n++];
	owner->fault = *fault;
	owner->depth = MAX_DEPTH;
	return owner;
}

/* There are no fewer folders further down: behind the first full set nothing is worth a look. */
static int note_folder(struct owner *owner, struct unr_folder folder)
{
	int r = 0;

	for (size_t depth = 1; depth <= MAX_DEPTH && r >= 0; depth++) {
		struct unr_nameset *set = &owner->folders[depth];
		struct unr_folder cut = unr_folder_cut(folder, depth);

		if (set->n_used > MAX_GROUPS)
			break;
		r = set->n_slots == 0 ? unr_nameset_init(set) : 0;
		if (r == 0)
			r = unr_nameset_add(set, cut.path, cut.length);
	}
	return r < 0 ? r : 0;
}

static int find_owners(const struct unr_text_report *report, const struct unr_choice *choice,
		       struct owners *owners)
{
	unr_auto(unr_choice_reader_done) struct unr_choice_reader reader =
		unr_choice_start(choice, report->sink);
	const struct unr_finding *finding;
	int r = 0;

	while (r == 0 && (finding = unr_choice_next(&reader)) != NULL) {
		struct unr_fault fault = unr_fault_of(finding);
		struct owner *owner = find_owner(owners, &fault);

		if (owner == NULL)
			owner = add_owner(owners, &fault);
		if (owner == NULL)
			return 0;
		r = note_folder(owner, unr_folder_of(finding));
	}
	return r;
}

/* Groups of one owner at its depth; of more than MAX_GROUPS only that. */
static size_t count_groups(const struct owner *owner)
{
	size_t n = 1;

	for (size_t depth = 1; depth <= owner->depth; depth++)
		if (owner->folders[depth].n_used > n)
			n = owner->folders[depth].n_used;
	return n;
}

/* Joins folders upwards, always where most lines are to be won, until the lines fit. */
static void join_folders(struct owners *owners)
{
	for (;;) {
		struct owner *most = &owners->owners[0];
		size_t total = 0;

		for (size_t i = 0; i < owners->n; i++) {
			total += count_groups(&owners->owners[i]);
			if (count_groups(&owners->owners[i]) > count_groups(most))
				most = &owners->owners[i];
		}
		if (total <= MAX_GROUPS)
			return;
		most->depth--;
	}
}

static bool is_member(const struct group *group, const struct unr_fault *fault,
		      struct unr_folder folder, size_t depth)
{
	return unr_fault_same(&group->fault, fault) &&
	       unr_folder_compare(unr_folder_cut(group->folder, depth),
				  unr_folder_cut(folder, depth)) == 0;
}

/* The member's group, a new one if need be; NULL without room, or memory, which sets @failed. */
static struct group *take_group(struct groups *groups, const struct unr_fault *fault,
				struct unr_folder folder, size_t depth, bool *failed)
{
	struct group *group;

	for (size_t i = 0; i < groups->n; i++)
		if (is_member(&groups->groups[i], fault, folder, depth))
			return &groups->groups[i];
	if (groups->n == groups->max)
		return NULL;
	group = &groups->groups[groups->n];
	*group = (struct group) { .fault = *fault,
				  .path = strndup(folder.path, folder.length),
				  .only_files = true };
	if (group->path == NULL) {
		*failed = true;
		return NULL;
	}
	group->folder = (struct unr_folder) { group->path, folder.length };
	group->common = group->folder;
	groups->n++;
	return group;
}

static int hide(struct groups *groups, const struct unr_fault *fault)
{
	const int64_t key[] = { fault->has_uid, fault->has_gid, fault->uid, fault->gid };
	int r = groups->hidden++ == 0 ? unr_nameset_init(&groups->hidden_ids) : 0;

	if (r == 0)
		r = unr_nameset_add(&groups->hidden_ids, key, sizeof(key));
	return r < 0 ? r : 0;
}

static int add_member(struct groups *groups, struct owners *owners,
		      const struct unr_finding *finding)
{
	struct unr_fault fault = unr_fault_of(finding);
	struct unr_folder folder = unr_folder_of(finding);
	const struct owner *owner = owners->too_many ? NULL : find_owner(owners, &fault);
	bool failed = false;
	struct group *group =
		take_group(groups, &fault, folder, owner == NULL ? 0 : owner->depth, &failed);

	if (failed)
		return -ENOMEM;
	if (group == NULL)
		return hide(groups, &fault);
	group->count++;
	group->common = unr_folder_common(group->common, folder);
	group->only_files = group->only_files && finding->type == UNR_ENTRY_FILE;
	return 0;
}

static int make_groups(const struct unr_text_report *report, const struct unr_choice *choice,
		       struct owners *owners, struct groups *groups)
{
	unr_auto(unr_choice_reader_done) struct unr_choice_reader reader =
		unr_choice_start(choice, report->sink);
	const struct unr_finding *finding;
	int r = 0;

	groups->max = report->options->verbose ? MAX_VERBOSE_GROUPS : MAX_GROUPS;
	while (r == 0 && (finding = unr_choice_next(&reader)) != NULL)
		r = add_member(groups, owners, finding);
	return r;
}

static void format_count(const struct group *group, struct unr_text *ret)
{
	unr_text_clear(ret);
	if (group->only_files)
		unr_layout_count(ret, group->count, "file", "files");
	else
		unr_layout_count(ret, group->count, "entry", "entries");
}

static void put_group(struct unr_text *out, const struct group *group, size_t count_width,
		      int ids_width)
{
	unr_auto(unr_text_done) struct unr_text count = { 0 };
	char ids[UNR_FAULT_TEXT];

	format_count(group, &count);
	out->failed |= count.failed;
	unr_fault_format(&group->fault, ids);
	unr_layout_spaces(out, 2 + count_width - count.length);
	unr_text_printf(out, "%s  %-*s  ", unr_text_string(&count), ids_width, ids);
	unr_text_escape(out, group->common.path, group->common.length);
	unr_text_puts(out, group->common.length == 0 ? "./\n" : "/\n");
}

static void put_lines(const struct unr_text_report *report, const struct groups *groups)
{
	unr_auto(unr_text_done) struct unr_text count = { 0 };
	size_t count_width = 0;
	int ids_width = 0;

	for (size_t i = 0; i < groups->n; i++) {
		char ids[UNR_FAULT_TEXT];

		format_count(&groups->groups[i], &count);
		unr_fault_format(&groups->groups[i].fault, ids);
		if (count.length > count_width)
			count_width = count.length;
		if ((int) strlen(ids) > ids_width)
			ids_width = (int) strlen(ids);
	}
	for (size_t i = 0; i < groups->n; i++)
		put_group(report->out, &groups->groups[i], count_width, ids_width);
	if (groups->hidden == 0)
		return;
	unr_text_puts(report->out, "  and ");
	unr_layout_count(report->out, groups->hidden, "entry", "entries");
	unr_text_puts(report->out, " more with ");
	unr_layout_count(report->out, groups->hidden_ids.n_used, "other owner", "other owners");
	unr_text_puts(report->out, "\n");
}

void unr_text_put_groups(const struct unr_text_report *report, const struct unr_choice *choice)
{
	unr_auto(owners_done) struct owners owners = { 0 };
	unr_auto(groups_done) struct groups groups = { 0 };
	int r = find_owners(report, choice, &owners);

	if (r == 0 && !owners.too_many)
		join_folders(&owners);
	if (r == 0)
		r = make_groups(report, choice, &owners, &groups);
	if (r < 0) {
		report->out->failed = true;
		return;
	}
	put_lines(report, &groups);
}
