/* SPDX-License-Identifier: MIT */
/* The container's start in the text report. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "advice/owner.h"
#include "report/facts.h"
#include "report/runtime.h"
#include "usernsrepro/error.h"

/* Groups that are listed, of those in the map and of those that are refused; more are counted. */
#define MAX_GROUPS 12
#define MAX_REFUSED 48

/* "uid 1000000 (outside the map)" */
static void wrap_id(struct unr_wrap *wrap, const struct unr_result *result, enum unr_id_kind kind,
		    uint32_t id, const char *before, const char *after)
{
	bool is_mapped = unr_result_is_mapped(result, kind, id);

	unr_wrap_printf(wrap, "%s%" PRIu32 "%s%s", before, id,
			is_mapped ? "" : " (outside the map)", after);
}

static size_t count_others(const struct unr_runtime *runtime)
{
	size_t n = 0;

	for (size_t i = 0; i < runtime->n_groups; i++)
		n += runtime->groups[i] != runtime->gid;
	return n;
}

/* Those that the primary one is not. */
static void wrap_others(struct unr_wrap *wrap, const struct unr_result *result, size_t n,
			const char *after)
{
	const struct unr_runtime *runtime = &result->runtime;
	size_t shown = 0, seen = 0, refused = 0;

	unr_wrap_words(wrap, "groups");
	for (size_t i = 0; i < runtime->n_groups; i++) {
		uint32_t id = runtime->groups[i];

		if (id == runtime->gid)
			continue;
		seen++;
		if (unr_result_is_mapped(result, UNR_GID, id) ? shown >= MAX_GROUPS :
								++refused > MAX_REFUSED)
			continue;
		shown++;
		wrap_id(wrap, result, UNR_GID, id, "", seen < n ? "," : after);
	}
	if (refused > MAX_REFUSED)
		unr_wrap_printf(wrap, "and %zu more (%zu outside the map)%s", n - shown,
				refused - MAX_REFUSED, after);
	else if (shown < n)
		unr_wrap_printf(wrap, "and %zu more%s", n - shown, after);
}

static void wrap_ids(struct unr_wrap *wrap, const struct unr_result *result, const char *after)
{
	const struct unr_runtime *runtime = &result->runtime;
	size_t others = count_others(runtime);

	wrap_id(wrap, result, UNR_UID, runtime->uid, "uid ", ",");
	wrap_id(wrap, result, UNR_GID, runtime->gid, "gid ", others > 0 ? "," : after);
	if (others > 0)
		wrap_others(wrap, result, others, after);
}

static void put_line(const struct unr_text_report *report)
{
	const struct unr_runtime *runtime = &report->result->runtime;
	struct unr_wrap wrap = unr_text_start(report, "");

	if (runtime->line == NULL)
		unr_wrap_words(&wrap, "by number: no line of /etc/passwd names it");
	else {
		unr_wrap_printf(&wrap, "/etc/passwd, line %" PRIu64 ":", runtime->line_number);
		unr_wrap_name(&wrap, "", runtime->line, strlen(runtime->line), "");
	}
	unr_text_puts(report->out, "\n");
}

static void put_hint(const struct unr_text_report *report)
{
	const struct unr_owner owner = unr_owner_of_start(report->result);
	unr_auto(unr_text_done) struct unr_text words = { 0 };
	struct unr_owner_hint hint;
	struct unr_wrap wrap;

	if (!unr_owner_hint(report->result, &owner, &hint))
		return;
	unr_owner_append(&words, &hint);
	report->out->failed |= words.failed;
	wrap = unr_text_start(report, "");
	unr_wrap_words(&wrap, unr_text_string(&words));
	unr_text_puts(report->out, "\n");
}

static void put_calls(const struct unr_text_report *report)
{
	const struct unr_start_calls *calls = &report->result->runtime.calls;
	const struct {
		const char *name;
		int error;
	} made[] = {
		{ "setgroups", calls->setgroups },
		{ "setgid", calls->setgid },
		{ "setuid", calls->setuid },
	};
	struct unr_wrap wrap;

	if (!calls->made)
		return;
	wrap = unr_text_start(report, "");
	unr_wrap_words(&wrap, "the kernel's answers:");
	for (size_t i = 0; i < UNR_COUNT(made); i++)
		unr_wrap_printf(&wrap, "%s %s%s", made[i].name,
				made[i].error == 0 ? "ok" : unr_errno_name(made[i].error),
				i + 1 < UNR_COUNT(made) ? "," : "");
	unr_text_puts(report->out, "\n");
}

void unr_text_put_runtime(const struct unr_text_report *report)
{
	const struct unr_runtime *runtime = &report->result->runtime;
	struct unr_wrap wrap;

	if (runtime->user == NULL)
		return;
	wrap = unr_text_start(report, "USER");
	if (*runtime->user == '\0')
		unr_wrap_words(&wrap, "unset:");
	else
		unr_wrap_name(&wrap, "", runtime->user, strlen(runtime->user), ":");
	if (runtime->resolved)
		wrap_ids(&wrap, report->result, "");
	else
		unr_wrap_words(&wrap, runtime->checked ? "cannot be resolved" : runtime->unknown);
	unr_text_puts(report->out, "\n");
	if (!runtime->resolved)
		return;
	put_line(report);
	put_hint(report);
	put_calls(report);
}

void unr_text_wrap_loads(struct unr_wrap *wrap, const struct unr_result *result)
{
	const struct unr_runtime *runtime = &result->runtime;
	bool has_name = runtime->user != NULL && *runtime->user != '\0';

	if (!runtime->checked) {
		unr_wrap_words(wrap, "loads:");
		return;
	}
	unr_wrap_words(wrap, "loads and starts as");
	if (has_name)
		unr_wrap_name(wrap, "", runtime->user, strlen(runtime->user), ",");
	if (!has_name && runtime->gid == 0 && count_others(runtime) == 0)
		unr_wrap_words(wrap, "root:");
	else
		wrap_ids(wrap, result, ":");
}

void unr_text_wrap_unchecked(struct unr_wrap *wrap, const struct unr_result *result)
{
	const struct unr_runtime *runtime = &result->runtime;

	unr_wrap_words(wrap, "USER not checked");
	if (runtime->unknown != NULL)
		unr_wrap_printf(wrap, "(%s)", runtime->unknown);
}
