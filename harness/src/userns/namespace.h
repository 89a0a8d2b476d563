/* SPDX-License-Identifier: MIT */
/*
 * A child in namespaces of its own: made, given its maps, and let go.  Parent
 * and child meet on a socket, never by waiting for time to pass.  Knows nothing
 * of images or findings.
 */
#ifndef UNR_USERNS_NAMESPACE_H
#define UNR_USERNS_NAMESPACE_H

#include <stdbool.h>
#include <sys/types.h>

#include "usernsrepro/error.h"
#include "usernsrepro/map_writer.h"

struct unr_child {
	pid_t pid;  /* 0: none */
	int socket; /* owned; a stream socket to the child */
};

/* What the child does once it is root inside; returns its exit status. */
typedef int (*unr_child_fn)(void *argument, int socket);

/**
 * unr_child_start() - clone a child into new user, mount, pid, ipc, uts, net and cgroup namespaces
 * @choice:   how its maps are written, from unr_map_choose()
 * @main:     runs in the child, as inside 0:0 without supplementary groups; must not return to
 *            the caller's stack, it does not: the child exits with what it returns
 * @argument: handed to @main
 *
 * The caller must have one thread.  The child is killed when the caller dies, however that
 * happens, from the moment on at which @main starts; before, it ends by itself when the caller
 * is gone.
 *
 * Return: 0, or a negative errno with @err of kind CANNOT_RUN where this host refuses namespaces
 * or maps (the text has the remedy), else FAILED.  Nothing is left on failure.
 */
UNR_MUST_CHECK int unr_child_start(const struct unr_map_choice *choice, unr_child_fn main,
				   void *argument, struct unr_child *ret, struct unr_error *err);

/**
 * unr_child_start_survivor() - a child that the caller's death does not end
 * @choice: maps of its user namespace, the only new one; NULL: it stays where the caller is
 *
 * It learns of that death by the end of its socket.  Otherwise as unr_child_start().
 */
UNR_MUST_CHECK int unr_child_start_survivor(const struct unr_map_choice *choice, unr_child_fn main,
					    void *argument, struct unr_child *ret,
					    struct unr_error *err);

/** unr_child_try_namespaces() - can such a child be made?  It ends at once.  0 or -errno */
UNR_MUST_CHECK int unr_child_try_namespaces(void);

/** unr_child_wait() - wait for its end; the status of waitpid(2), or -errno.  Closes the socket. */
UNR_MUST_CHECK int unr_child_wait(struct unr_child *child, int *ret_status);

/** unr_child_stop() - kill it if it is there, and reap it. */
void unr_child_stop(struct unr_child *child);

/** unr_child_exit() - end a child without running the parent's exit handlers. */
UNR_NORETURN void unr_child_exit(int status);

#endif
