/* SPDX-License-Identifier: MIT */
/*
 * USER to numbers, as moby/sys/user (once runc's libcontainer/user) has it:
 * GetExecUser and GetAdditionalGroups.  The files are hostile; this runs in the
 * sandboxed child.  It does not know where they come from, nor what a map is.
 */
#ifndef UNR_USER_USER_H
#define UNR_USER_USER_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "engine/start.h"
#include "usernsrepro/error.h"

/* /etc/passwd or /etc/group of the image. */
struct unr_user_file {
	int fd;            /* borrowed; -EBADF: it cannot be opened, which counts as empty */
	const char *shown; /* its path in messages */
};

struct unr_user_request {
	const char *user;          /* "NAME", "UID", "NAME:GROUP", ...; "" is uid 0 */
	const char *const *groups; /* of --group-add */
	size_t n_groups;
	struct unr_user_file passwd, group;
	const struct unr_user_rules *rules;
};

struct unr_user {
	int64_t uid, gid;
	int64_t *groups; /* owned; supplementary ones, then those that were asked for */
	size_t n_groups, room;
	size_t n_members;   /* of them, in front: those that the files have the user in */
	char *line;         /* owned; of passwd, that names the user; NULL: none does */
	size_t line_number; /* from 1 */
};

void unr_user_done(struct unr_user *user);
DEFINE_UNR_CLEANUP(struct unr_user, unr_user_done);

/**
 * unr_user_resolve() - look @request up
 * @ret:     owned by the caller
 * @refusal: empty; the engine's sentence where it cannot be resolved, and then @ret stays empty
 *
 * Return: 0, also with a refusal, or a negative errno with @err: -ENOMEM, -E2BIG for a line of
 * more than UNR_LINE_MAX.
 */
UNR_MUST_CHECK int unr_user_resolve(const struct unr_user_request *request, struct unr_user *ret,
				    struct unr_text *refusal, struct unr_error *err);

#endif
