/* SPDX-License-Identifier: MIT */
/* The process that changes its ids: see switcher.h. */
#include "userns/switcher.h"

#include <errno.h>
#include <grp.h>
#include <stdint.h>
#include <string.h>

#include "base/fd.h"
#include "userns/companion.h"
#include "userns/namespace.h"
#include "userns/sandbox.h"

/* More than any kernel takes: what is above is not asked for. */
#define GROUPS_MAX ((uint32_t) 1 << 20)

/* What goes before the list of groups. */
struct question {
	uint32_t uid, gid, n_groups;
};

static int error_of(int result)
{
	return result < 0 ? errno : 0;
}

/* Groups and gid first: without the old uid neither may be changed. */
static struct unr_switched make_calls(const struct question *question, const gid_t *groups)
{
	struct unr_switched answer = { 0 };

	answer.setgroups = error_of(setgroups(question->n_groups, groups));
	answer.setgid = error_of(setgid(question->gid));
	answer.setuid = error_of(setuid(question->uid));
	return answer;
}

static int serve(int fd)
{
	unr_autofree gid_t *groups = NULL;
	struct question question;
	struct unr_switched answer;
	size_t size;

	if (unr_read_full(fd, &question, sizeof(question)) != (ssize_t) sizeof(question) ||
	    question.n_groups > GROUPS_MAX)
		return 0;
	size = question.n_groups * sizeof(*groups);
	groups = malloc(size + 1);
	if (groups == NULL || unr_read_full(fd, groups, size) != (ssize_t) size)
		return 1;
	answer = make_calls(&question, groups);
	return unr_write_full(fd, &answer, sizeof(answer)) < 0 ? 1 : 0;
}

/* Before the first byte nothing but this: so that what is asked meets nobody with more. */
UNR_NORETURN static void run_switcher(int fd)
{
	struct unr_error err = { 0 };

	if (unr_sandbox_close_others(&fd, 1, &err) < 0 || unr_sandbox_keep_ids(&err) < 0)
		unr_child_exit(1);
	unr_child_exit(serve(fd));
}

int unr_switcher_start(struct unr_switcher *ret, struct unr_error *err)
{
	return unr_companion_start(run_switcher, &ret->socket, err);
}

void unr_switcher_done(struct unr_switcher *switcher)
{
	unr_close(&switcher->socket);
}

int unr_switcher_try(const struct unr_switcher *switcher, const struct unr_switch *wanted,
		     struct unr_switched *ret, struct unr_error *err)
{
	const struct question question = { .uid = wanted->uid,
					   .gid = wanted->gid,
					   .n_groups = (uint32_t) wanted->n_groups };
	struct unr_switched answer;
	int r;

	if (wanted->n_groups > GROUPS_MAX)
		return unr_fail(err, UNR_ERROR_FAILED, -E2BIG, "%zu groups, which is too many",
				wanted->n_groups);
	r = unr_write_full(switcher->socket, &question, sizeof(question));
	if (r == 0)
		r = unr_write_full(switcher->socket, wanted->groups,
				   wanted->n_groups * sizeof(*wanted->groups));
	if (r == 0 &&
	    unr_read_full(switcher->socket, &answer, sizeof(answer)) != (ssize_t) sizeof(answer))
		r = -EPIPE;
	if (r < 0)
		return unr_fail(err, UNR_ERROR_FAILED, r, "change the ids of a process: %s",
				strerror(-r));
	*ret = answer;
	return 0;
}
