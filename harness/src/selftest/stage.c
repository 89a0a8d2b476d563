/* SPDX-License-Identifier: MIT */
/* As whom a case runs, and the way there from the caller: see stage.h. */
#include "selftest/stage.h"

#include <sched.h>
#include <unistd.h>

static bool needs_base(const struct st_case *of, const struct st_host *host)
{
	return of->stage == ST_STAGE_INSIDE || (of->stage == ST_STAGE_ROOT && !host->is_root);
}

/* Does it use a namespace that an ordinary user has made? */
static bool is_restricted(const struct st_case *of, const struct st_host *host)
{
	if (host->restriction.kind != UNR_ERROR_CANNOT_RUN || (of->needs & ST_MEETS_RESTRICTION))
		return false;
	return of->stage == ST_STAGE_ORDINARY || (!host->is_root && needs_base(of, host));
}

const char *st_stage_obstacle(const struct st_test *test, const struct st_host *host)
{
	const struct st_case *of = test->of;

	if (!host->is_root &&
	    ((of->needs & ST_NEEDS_ROOT) != 0 || (test->filesystem & ST_ON_DISKS) != 0))
		return "needs root with its capabilities";
	if ((of->needs & ST_NEEDS_INITIAL) != 0 && !host->is_initial)
		return "needs the host's first user namespace";
	if (of->stage == ST_STAGE_ORDINARY && !host->is_ordinary && !host->has_nobody)
		return "needs an ordinary user, and this root cannot become one";
	if (is_restricted(of, host))
		return host->restriction.message;
	if (needs_base(of, host) && host->no_choice.kind != UNR_ERROR_NONE)
		return host->no_choice.message;
	return NULL;
}

static void run_function(struct st *t)
{
	if (t->test->filesystem != 0)
		st_filesystem_enter(t, t->test->filesystem);
	t->test->of->run(t);
}

static void run_in_tmpfs(struct st *t)
{
	st_tmpfs(t);
	run_function(t);
}

/* A namespace 0..65535; by newuidmap where the caller is no root. */
static void run_in_base(struct st *t)
{
	struct unr_error err = { 0 };
	struct st_child child;

	t->inner = run_in_tmpfs;
	st_child_start(t, CLONE_NEWUSER | CLONE_NEWNS, st_run_as_root, &child);
	if (unr_map_write(child.pid, &t->host->choice, &err) < 0 &&
	    err.kind == UNR_ERROR_CANNOT_RUN)
		st_skip(t, "%s", err.message);
	if (err.kind != UNR_ERROR_NONE)
		st_fail(t, "%s", err.message);
	st_child_end(t, &child);
}

static void run_as_caller(struct st *t)
{
	run_function(t);
}

static void run_as_ordinary(struct st *t)
{
	if (!t->host->is_ordinary)
		st_nobody(t);
	/* The directory that one is in may be closed to it. */
	st_want(t, 0, chdir("/"));
	run_function(t);
}

static void run_as_root(struct st *t)
{
	if (!t->host->is_root) {
		run_in_base(t);
		return;
	}
	st_unshare(t, CLONE_NEWNS);
	run_in_tmpfs(t);
}

void st_stage_run(struct st *t)
{
	static const st_fn stages[ST_STAGE_COUNT_] = {
		[ST_STAGE_CALLER] = run_as_caller,
		[ST_STAGE_ORDINARY] = run_as_ordinary,
		[ST_STAGE_ROOT] = run_as_root,
		[ST_STAGE_INSIDE] = run_in_base,
	};

	stages[t->test->of->stage](t);
}
