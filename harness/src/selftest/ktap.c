/* SPDX-License-Identifier: MIT */
/*
 * KTAP version 1, as Documentation/dev-tools/ktap.rst of the kernel has it: a
 * subtest a group, a subtest of it a case; a case's diagnostics come before its
 * result.
 */
#include <string.h>

#include "selftest/output.h"

/* Groups are one level deep, cases two: two spaces a level. */
#define CASE_INDENT "  "

/* One line of a diagnosis: what would begin another line, or a directive, becomes a space. */
static void put_line(struct unr_text *text, const char *string, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		char c = string[i];
		bool is_plain = (unsigned char) c >= ' ' && c != 0x7f && c != '#';

		unr_text_append(text, is_plain ? &c : " ", 1);
	}
	unr_text_puts(text, "\n");
}

static void put_notes(struct unr_text *text, const char *name, const char *notes)
{
	while (*notes != '\0') {
		size_t length = strcspn(notes, "\n");

		unr_text_printf(text, CASE_INDENT "# %s: ", name);
		put_line(text, notes, length);
		notes += length + (notes[length] == '\n');
	}
}

static const char *started_as(const struct st_host *host)
{
	if (host->is_ordinary)
		return "as an ordinary user";
	return host->is_root ? "as root" : "as root with too few ids or capabilities";
}

void st_ktap_begin(struct unr_text *text, const struct st_plan *plan, const struct st_host *host)
{
	size_t n_groups = 0;

	for (size_t i = 0; i < plan->n_tests; i += st_plan_group_size(plan, i))
		n_groups++;
	unr_text_printf(text, "KTAP version 1\n1..%zu\n", n_groups);
	unr_text_printf(
		text, "# Linux %s, started %s, maps written: %s\n", host->release, started_as(host),
		host->no_choice.kind != UNR_ERROR_NONE ? "one id alone" :
							 unr_map_method_name(host->choice.method));
}

void st_ktap_group_begin(struct unr_text *text, const struct st_plan *plan, size_t first)
{
	unr_text_printf(text, CASE_INDENT "KTAP version 1\n" CASE_INDENT "1..%zu\n",
			st_plan_group_size(plan, first));
	unr_text_printf(text, CASE_INDENT "# %s: %s\n", plan->tests[first].group->name,
			plan->tests[first].group->title);
}

void st_ktap_test(struct unr_text *text, const struct st_test *test, const struct st_result *result,
		  size_t number)
{
	static const struct {
		const char *result;
		const char *directive; /* with the reason behind it; NULL: a diagnosis before */
	} words[ST_OUTCOME_COUNT_] = {
		[ST_OK] = { "ok", NULL },
		[ST_NOT_OK] = { "not ok", NULL },
		[ST_SKIP] = { "ok", "SKIP" },
		[ST_TIMEOUT] = { "not ok", "TIMEOUT" },
	};
	const char *directive = words[result->outcome].directive;

	put_notes(text, test->name, unr_text_string(&result->notes));
	if (directive == NULL && *result->reason != '\0') {
		put_notes(text, test->name, test->of->promise);
		put_notes(text, test->name, result->reason);
	}
	unr_text_printf(text, CASE_INDENT "%s %zu %s", words[result->outcome].result, number,
			test->name);
	if (directive == NULL) {
		unr_text_puts(text, "\n");
		return;
	}
	unr_text_printf(text, " # %s ", directive);
	put_line(text, result->reason, strlen(result->reason));
}

void st_ktap_group_end(struct unr_text *text, const struct st_plan *plan, size_t first,
		       size_t number)
{
	size_t n = st_plan_group_size(plan, first);
	size_t counts[ST_OUTCOME_COUNT_] = { 0 };
	bool failed;

	for (size_t i = first; i < first + n; i++)
		counts[plan->results[i].outcome]++;
	failed = counts[ST_NOT_OK] + counts[ST_TIMEOUT] > 0;
	unr_text_printf(text, "# %zu ok, %zu not ok, %zu skipped\n", counts[ST_OK],
			counts[ST_NOT_OK] + counts[ST_TIMEOUT], counts[ST_SKIP]);
	unr_text_printf(text, "%s %zu %s%s\n", failed ? "not ok" : "ok", number,
			plan->tests[first].group->name,
			counts[ST_SKIP] == n ? " # SKIP every case of it" : "");
}
