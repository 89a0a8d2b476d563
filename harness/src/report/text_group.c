/* SPDX-License-Identifier: MIT */
/*
 * Thousands of failures on one screen: one line for each folder and each pair
 * of ids that are at fault.  Where that would still be many lines, folders are
 * joined upwards, owner by owner, until they fit.  Nothing is dropped without a count.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/folder.h"
#include "report/text_part.h"

#define MAX_GROUPS 10
/* Deeper folders are joined at once; it bounds the work on hostile paths. */
#define MAX_DEPTH 16

/* The members of a group lie side by side in the sorted list. */
struct group {
	const struct unr_finding *first; /* in the order of the tar */
	struct unr_folder folder;        /* the deepest that holds all members */
	size_t count;
	bool only_files;
};

struct groups {
	struct group *groups; /* owned */
	size_t n;
};

/* Findings with the same ids at fault, and how finely their folders are told apart. */
struct run {
	const struct unr_finding **findings; /* borrowed stretch of the sorted list */
	size_t n;
	size_t depth;
	size_t n_groups; /* at this depth */
};

struct runs {
	struct run *runs; /* owned */
	size_t n;
};

static void runs_done(struct runs *runs)
{
	free(runs->runs);
	*runs = (struct runs) { 0 };
}
DEFINE_UNR_CLEANUP(struct runs, runs_done);

static void groups_done(struct groups *groups)
{
	free(groups->groups);
	*groups = (struct groups) { 0 };
}
DEFINE_UNR_CLEANUP(struct groups, groups_done);

/* Refused although both ids are in the map: then both are worth knowing. */
static bool is_uid_at_fault(const struct unr_finding *finding)
{
	return finding->uid_unmapped || !finding->gid_unmapped;
}

static bool is_gid_at_fault(const struct unr_finding *finding)
{
	return finding->gid_unmapped || !finding->uid_unmapped;
}

static int compare_ids(bool a_counts, int64_t a, bool b_counts, int64_t b)
{
	if (a_counts != b_counts)
		return a_counts ? 1 : -1;
	return a_counts ? (a > b) - (a < b) : 0;
}

/* By the ids that are at fault; another id beside them does not make another group. */
static int compare_faults(const struct unr_finding *a, const struct unr_finding *b)
{
	int r = compare_ids(is_uid_at_fault(a), a->uid, is_uid_at_fault(b), b->uid);

	return r != 0 ? r : compare_ids(is_gid_at_fault(a), a->gid, is_gid_at_fault(b), b->gid);
}

static int compare_findings(const void *left, const void *right)
{
	const struct unr_finding *a = *(const struct unr_finding *const *) left;
	const struct unr_finding *b = *(const struct unr_finding *const *) right;
	int r = compare_faults(a, b);

	if (r == 0)
		r = unr_folder_compare(unr_folder_of(a), unr_folder_of(b));
	if (r == 0)
		r = (a->entry > b->entry) - (a->entry < b->entry);
	return r;
}

static int compare_groups(const void *left, const void *right)
{
	const struct group *a = left;
	const struct group *b = right;

	return (a->first->entry > b->first->entry) - (a->first->entry < b->first->entry);
}

static bool same_folder(const struct unr_finding *a, const struct unr_finding *b, size_t depth)
{
	return unr_folder_compare(unr_folder_cut(unr_folder_of(a), depth),
				  unr_folder_cut(unr_folder_of(b), depth)) == 0;
}

static void count_groups(struct run *run)
{
	run->n_groups = 1;
	for (size_t i = 1; i < run->n; i++)
		if (!same_folder(run->findings[i - 1], run->findings[i], run->depth))
			run->n_groups++;
}

static void measure_run(struct run *run)
{
	for (size_t i = 0; i < run->n; i++) {
		size_t depth = unr_folder_depth(unr_folder_of(run->findings[i]));

		if (depth > run->depth)
			run->depth = depth;
	}
	if (run->depth > MAX_DEPTH)
		run->depth = MAX_DEPTH;
	count_groups(run);
}

/* Cuts the sorted findings where the ids at fault change. */
static int make_runs(const struct unr_choice *sorted, struct runs *ret)
{
	struct run *runs = calloc(sorted->n + 1, sizeof(*runs));
	size_t n = 0;

	if (runs == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < sorted->n; i++) {
		if (i == 0 || compare_faults(sorted->findings[i - 1], sorted->findings[i]) != 0)
			runs[n++].findings = &sorted->findings[i];
		runs[n - 1].n++;
	}
	*ret = (struct runs) { .runs = runs, .n = n };
	return 0;
}

static size_t total_groups(const struct runs *runs)
{
	size_t n = 0;

	for (size_t i = 0; i < runs->n; i++)
		n += runs->runs[i].n_groups;
	return n;
}

/* Joins folders upwards, always where most lines are to be won, until the lines fit. */
static void join_folders(struct runs *runs)
{
	for (size_t i = 0; i < runs->n; i++) {
		if (runs->n <= MAX_GROUPS)
			measure_run(&runs->runs[i]);
		else /* more owners than lines: one line an owner, the depth stays 0 */
			count_groups(&runs->runs[i]);
	}
	while (total_groups(runs) > MAX_GROUPS && runs->n <= MAX_GROUPS) {
		struct run *most = &runs->runs[0];

		for (size_t i = 1; i < runs->n; i++)
			if (runs->runs[i].n_groups > most->n_groups)
				most = &runs->runs[i];
		most->depth--;
		count_groups(most);
	}
}

static void add_to_group(struct group *group, const struct unr_finding *finding)
{
	if (group->count == 0)
		*group = (struct group) { .first = finding,
					  .folder = unr_folder_of(finding),
					  .only_files = true };
	group->count++;
	group->folder = unr_folder_common(group->folder, unr_folder_of(finding));
	group->only_files = group->only_files && finding->type == UNR_ENTRY_FILE;
	if (finding->entry < group->first->entry)
		group->first = finding;
}

static int make_groups(const struct runs *runs, struct groups *ret)
{
	struct group *groups = calloc(total_groups(runs) + 1, sizeof(*groups));
	size_t n = 0;

	if (groups == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < runs->n; i++) {
		const struct run *run = &runs->runs[i];

		for (size_t k = 0; k < run->n; k++) {
			if (k == 0 ||
			    !same_folder(run->findings[k - 1], run->findings[k], run->depth))
				n++;
			add_to_group(&groups[n - 1], run->findings[k]);
		}
	}
	qsort(groups, n, sizeof(*groups), compare_groups);
	*ret = (struct groups) { .groups = groups, .n = n };
	return 0;
}

static void format_ids(const struct unr_finding *finding, char ids[64])
{
	if (!is_gid_at_fault(finding))
		(void) snprintf(ids, 64, "uid %" PRId64, finding->uid);
	else if (!is_uid_at_fault(finding))
		(void) snprintf(ids, 64, "gid %" PRId64, finding->gid);
	else
		(void) snprintf(ids, 64, "uid %" PRId64 ", gid %" PRId64, finding->uid,
				finding->gid);
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
	char ids[64];

	format_count(group, &count);
	out->failed |= count.failed;
	format_ids(group->first, ids);
	unr_layout_spaces(out, 2 + count_width - count.length);
	unr_text_printf(out, "%s  %-*s  ", unr_text_string(&count), ids_width, ids);
	unr_text_escape(out, group->folder.path, group->folder.length);
	unr_text_puts(out, group->folder.length == 0 ? "./\n" : "/\n");
}

static void put_lines(const struct unr_text_report *report, const struct groups *groups)
{
	unr_auto(unr_text_done) struct unr_text count = { 0 };
	size_t n = groups->n, count_width = 0, hidden = 0;
	int ids_width = 0;

	if (n > MAX_GROUPS && !report->options->verbose)
		n = MAX_GROUPS;
	for (size_t i = 0; i < n; i++) {
		char ids[64];

		format_count(&groups->groups[i], &count);
		format_ids(groups->groups[i].first, ids);
		if (count.length > count_width)
			count_width = count.length;
		if ((int) strlen(ids) > ids_width)
			ids_width = (int) strlen(ids);
	}
	for (size_t i = 0; i < n; i++)
		put_group(report->out, &groups->groups[i], count_width, ids_width);
	for (size_t i = n; i < groups->n; i++)
		hidden += groups->groups[i].count;
	if (hidden == 0)
		return;
	unr_text_puts(report->out, "  and ");
	unr_layout_count(report->out, hidden, "entry", "entries");
	unr_text_puts(report->out, " more with ");
	unr_layout_count(report->out, groups->n - n, "other owner", "other owners");
	unr_text_puts(report->out, "\n");
}

void unr_text_put_groups(const struct unr_text_report *report, const struct unr_choice *choice)
{
	unr_auto(unr_choice_done) struct unr_choice sorted = { 0 };
	unr_auto(runs_done) struct runs runs = { 0 };
	unr_auto(groups_done) struct groups groups = { 0 };

	sorted.findings = calloc(choice->n + 1, sizeof(*sorted.findings));
	if (sorted.findings == NULL) {
		report->out->failed = true;
		return;
	}
	sorted.n = choice->n;
	memcpy(sorted.findings, choice->findings, choice->n * sizeof(*sorted.findings));
	qsort(sorted.findings, sorted.n, sizeof(*sorted.findings), compare_findings);
	if (make_runs(&sorted, &runs) < 0) {
		report->out->failed = true;
		return;
	}
	join_folders(&runs);
	if (make_groups(&runs, &groups) < 0) {
		report->out->failed = true;
		return;
	}
	put_lines(report, &groups);
}
