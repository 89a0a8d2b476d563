/* SPDX-License-Identifier: MIT */
/*
 * Writing the maps of a new user namespace: directly with privilege, through
 * newuidmap(1) and newgidmap(1) without, or one's own id alone.  The only place
 * that knows /proc/PID/uid_map and those helpers.
 */
#ifndef USERNSREPRO_MAP_WRITER_H
#define USERNSREPRO_MAP_WRITER_H

#include <sys/types.h>

#include "usernsrepro/idmap.h"
#include "usernsrepro/obstacle.h"

enum unr_map_method {
	UNR_MAP_DIRECT,    /* written to /proc by a privileged process */
	UNR_MAP_NEWUIDMAP, /* through the setuid helpers and subordinate ranges */
	UNR_MAP_SELF,      /* inside 0 is the caller, nothing else */
	UNR_MAP_METHOD_COUNT_
};

/** unr_map_method_name() - "direct", "newuidmap" or "self". */
UNR_EXPORT const char *unr_map_method_name(enum unr_map_method method);

/* Room for the reasons against the methods before the one that is taken. */
#define UNR_MAP_WHY_SIZE 480

/* What can be done for the caller, decided before a namespace exists. */
struct unr_map_choice {
	enum unr_map_method method;
	struct unr_idmaps maps;     /* owned; what will really be written */
	char why[UNR_MAP_WHY_SIZE]; /* why not an earlier method; "" for the first one */
};

UNR_EXPORT void unr_map_choice_done(struct unr_map_choice *choice);

/**
 * unr_map_choose() - pick the way to give a namespace the wanted maps
 * @wanted: inside ids that must be mapped, and where they would like to lie outside
 * @ret:    the method and the maps as they will be; owned by the caller
 *
 * In this order, always: DIRECT when the caller has CAP_SETUID and CAP_SETGID over its namespace (and
 * CAP_SETFCAP where outside 0 is mapped, Linux 5.12) and every outside id is mapped there;
 * NEWUIDMAP when both helpers are installed with the privilege they need and the caller's
 * subordinate ranges hold enough ids: the inside numbers stay, the outside ones are the caller's
 * own where the wanted ones are not granted (ranges may be split for that, the map is never cut
 * short), and when the helpers do write that map for a namespace that is made to try it; SELF
 * else.  @ret->why says what spoke against each method that was passed over.  Subordinate ranges
 * that cannot be read, and helpers that refuse, fail, hang or lie, are such reasons, not errors.
 *
 * Return: 0, -ENOMEM, or the errno of a /proc/self file that cannot be read, with @err set.
 */
UNR_EXPORT UNR_MUST_CHECK int unr_map_choose(const struct unr_idmaps *wanted,
					     struct unr_map_choice *ret, struct unr_error *err);

/**
 * unr_map_choose_method() - the same, with one method only
 * @ret_why: when it cannot be taken: the reason and, where it is known, the remedy
 *
 * The maps are not tried, see unr_map_try().
 *
 * Return: 1 when it can be taken, 0 when not, or as unr_map_choose().
 */
UNR_EXPORT UNR_MUST_CHECK int unr_map_choose_method(enum unr_map_method method,
						    const struct unr_idmaps *wanted,
						    struct unr_map_choice *ret,
						    struct unr_obstacle *ret_why,
						    struct unr_error *err);

/**
 * unr_map_try() - have the maps written for a user namespace that is made for it and ends with it
 *
 * Return: 0; -ENXIO when no user namespace could be made, for which @err has the reason; or as
 * unr_map_write().
 */
UNR_EXPORT UNR_MUST_CHECK int unr_map_try(const struct unr_map_choice *choice,
					  struct unr_error *err);

/** unr_map_proc_obstacle() - is there no /proc, or none through which a map can be written? */
UNR_EXPORT bool unr_map_proc_obstacle(struct unr_obstacle *ret);

/* Where a helper's privilege comes from. */
enum unr_helper_privilege {
	UNR_HELPER_ORDINARY,
	UNR_HELPER_SETUID,
	UNR_HELPER_CAPABILITIES,
};

/* newuidmap or newgidmap, as it is found on PATH. */
struct unr_map_helper {
	char *path; /* owned; NULL: it is not there */
	enum unr_helper_privilege privilege;
	struct unr_obstacle obstacle; /* why it is of no use; its reason is "" when it is */
};

UNR_EXPORT void unr_map_helper_done(struct unr_map_helper *helper);

/** unr_map_helper_look() - look for the one for uids or gids; runs nothing; 0 or -ENOMEM */
UNR_EXPORT UNR_MUST_CHECK int unr_map_helper_look(enum unr_id_kind kind,
						  struct unr_map_helper *ret);

/**
 * unr_map_write() - give the user namespace of a process its maps
 * @pid:    a process of ours that waits in a new user namespace
 * @choice: from unr_map_choose(); its maps passed unr_idmap_check()
 *
 * SELF writes "deny" to setgroups first, as the kernel demands of an unprivileged writer.
 * The helpers run with all their ranges in one call and with a clean environment; their standard
 * error is caught and becomes part of the message, and the map is read back: a helper is not
 * believed when it says that it has written it.
 *
 * Return: 0, or with @err set
 *   -EPERM, -EACCES  the kernel or a helper refused (kind CANNOT_RUN)
 *   -ENOENT          no helper on PATH any more (kind CANNOT_RUN), no such process (FAILED)
 *   -ETIMEDOUT       a helper did not end within 10 seconds and was killed (FAILED)
 *   -EIO             a helper was killed, or wrote another map than it was asked for (FAILED)
 *   -EINVAL          the kernel does not take the map (FAILED)
 *   another one      of the calls that run a helper (FAILED)
 */
UNR_EXPORT UNR_MUST_CHECK int unr_map_write(pid_t pid, const struct unr_map_choice *choice,
					    struct unr_error *err);

#endif
