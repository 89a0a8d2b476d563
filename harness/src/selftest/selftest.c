/* SPDX-License-Identifier: MIT */
/* Which cases are run, one after the other, and what is written of them. */
#include "usernsrepro/selftest.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "selftest/output.h"
#include "selftest/stage.h"

static void plan_done(struct st_plan *plan)
{
	for (size_t i = 0; plan->results != NULL && i < plan->n_tests; i++)
		st_result_done(&plan->results[i]);
	free(plan->results);
	free(plan->tests);
}
DEFINE_UNR_CLEANUP(struct st_plan, plan_done);

size_t st_plan_group_size(const struct st_plan *plan, size_t first)
{
	size_t n = 0;

	while (first + n < plan->n_tests &&
	       plan->tests[first + n].group == plan->tests[first].group)
		n++;
	return n;
}

static bool is_wanted(const struct unr_selftest_options *options, const struct st_test *test)
{
	if (options->n_filters == 0)
		return true;
	for (size_t i = 0; i < options->n_filters; i++)
		if (fnmatch(options->filters[i], test->name, 0) == 0 ||
		    fnmatch(options->filters[i], test->group->name, 0) == 0)
			return true;
	return false;
}

/* One more at the end; 0 or -ENOMEM. */
static int add_test(struct st_plan *plan, const struct st_test *test)
{
	struct st_test *tests = reallocarray(plan->tests, plan->n_tests + 1, sizeof(*plan->tests));

	if (tests == NULL)
		return -ENOMEM;
	plan->tests = tests;
	plan->tests[plan->n_tests++] = *test;
	return 0;
}

/* The case, once for each of its file systems. */
static int add_case(struct st_plan *plan, const struct unr_selftest_options *options,
		    const struct st_group *group, const struct st_case *of)
{
	struct st_test test = { .group = group, .of = of };
	unsigned int left = of->filesystems;
	int r = 0;

	do {
		test.filesystem = left & -left;
		left &= ~test.filesystem;
		(void) snprintf(test.name, sizeof(test.name), "%s.%s%s%s", group->name, of->name,
				test.filesystem == 0 ? "" : "@",
				test.filesystem == 0 ? "" : st_filesystem_name(test.filesystem));
		if (is_wanted(options, &test))
			r = add_test(plan, &test);
	} while (left != 0 && r == 0);
	return r;
}

static int make_plan(const struct unr_selftest_options *options, struct st_plan *ret,
		     struct unr_error *err)
{
	size_t n_groups;
	const struct st_group *const *groups = st_groups(&n_groups);

	for (size_t i = 0; i < n_groups; i++)
		for (size_t j = 0; j < groups[i]->n_cases; j++)
			if (add_case(ret, options, groups[i], &groups[i]->cases[j]) < 0)
				return unr_fail_memory(err);
	if (ret->n_tests == 0)
		return unr_fail(err, UNR_ERROR_USAGE, -ENOENT,
				"no case is called that; --list has them all");
	ret->results = calloc(ret->n_tests, sizeof(*ret->results));
	return ret->results == NULL ? unr_fail_memory(err) : 0;
}

static int write_bytes(int fd, const char *bytes, size_t length, struct unr_error *err)
{
	int r = unr_write_full(fd, bytes, length);

	return r < 0 ? unr_fail(err, UNR_ERROR_FAILED, r, "write the results: %s", strerror(-r)) :
		       0;
}

/* What has been made so far, so that each result shows as it comes. */
static int flush(struct unr_text *text, int fd, struct unr_error *err)
{
	int r = text->failed ? unr_fail_memory(err) :
			       write_bytes(fd, unr_text_string(text), text->length, err);

	unr_text_clear(text);
	return r;
}

/* Takes ownership of @document. */
static int write_document(char *document, int fd, struct unr_error *err)
{
	int r;

	if (document == NULL)
		return unr_fail_memory(err);
	r = write_bytes(fd, document, strlen(document), err);
	free(document);
	return r < 0 ? r : write_bytes(fd, "\n", 1, err);
}

int unr_selftest_list(const struct unr_selftest_options *options, int fd, struct unr_error *err)
{
	unr_auto(plan_done) struct st_plan plan = { 0 };
	unr_auto(unr_text_done) struct unr_text text = { 0 };
	int r = make_plan(options, &plan, err);

	if (r < 0)
		return r;
	if (options->json)
		return write_document(st_list_json(&plan), fd, err);
	st_list_text(&text, &plan);
	return flush(&text, fd, err);
}

/* What a run goes by. */
struct run {
	const struct unr_selftest_options *options;
	struct st_host host;
	int fd;
	struct unr_text text; /* KTAP that was not written yet */
};

static int run_group(struct run *run, struct st_plan *plan, size_t first, size_t number,
		     struct unr_error *err)
{
	const unsigned int seconds =
		run->options->seconds == 0 ? UNR_SELFTEST_SECONDS : run->options->seconds;
	const size_t n = st_plan_group_size(plan, first);
	int r = 0;

	st_ktap_group_begin(&run->text, plan, first);
	for (size_t i = first; r == 0 && i < first + n; i++) {
		r = st_run_test(&plan->tests[i], &run->host, seconds, &plan->results[i], err);
		st_ktap_test(&run->text, &plan->tests[i], &plan->results[i], i - first + 1);
		if (r == 0 && !run->options->json)
			r = flush(&run->text, run->fd, err);
	}
	st_ktap_group_end(&run->text, plan, first, number);
	return r;
}

static int run_plan(struct run *run, struct st_plan *plan, struct unr_error *err)
{
	size_t number = 0;
	int r = 0;

	st_ktap_begin(&run->text, plan, &run->host);
	for (size_t i = 0; r == 0 && i < plan->n_tests; i += st_plan_group_size(plan, i))
		r = run_group(run, plan, i, ++number, err);
	if (r < 0)
		return r;
	if (run->options->json)
		return write_document(st_results_json(plan, &run->host), run->fd, err);
	return flush(&run->text, run->fd, err);
}

static void count(const struct st_plan *plan, struct unr_selftest_tally *ret)
{
	for (size_t i = 0; i < plan->n_tests; i++) {
		ret->n_ok += plan->results[i].outcome == ST_OK;
		ret->n_skipped += plan->results[i].outcome == ST_SKIP;
	}
	ret->n_failed = plan->n_tests - ret->n_ok - ret->n_skipped;
}

int unr_selftest_run(const struct unr_selftest_options *options, int fd,
		     struct unr_selftest_tally *ret, struct unr_error *err)
{
	unr_auto(plan_done) struct st_plan plan = { 0 };
	struct run run = { .options = options, .fd = fd };
	int r = make_plan(options, &plan, err);

	if (r < 0)
		return r;
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		return unr_fail_errno(err, "prctl(PR_SET_CHILD_SUBREAPER)");
	r = st_host_look(&run.host, err);
	if (r == 0)
		r = run_plan(&run, &plan, err);
	if (r == 0)
		count(&plan, ret);
	unr_text_done(&run.text);
	st_host_done(&run.host);
	(void) prctl(PR_SET_CHILD_SUBREAPER, 0);
	return r;
}
