/* SPDX-License-Identifier: MIT */
/* The process that a fetcher is: started without privileges, ended with its parent. */
#ifndef UNR_FETCH_PROCESS_H
#define UNR_FETCH_PROCESS_H

#include <stdbool.h>

#include "fetch/fetch.h"

/* What it does; returns its exit status. */
typedef int (*unr_fetch_fn)(void *argument, const int *fds, size_t n_fds);

/**
 * unr_fetch_start() - fork
 * @fds: the only descriptors that it keeps beside standard error; handed to @main
 *
 * In it standard input and output are /dev/null, no_new_privs is set, and no capability is left
 * but root's SETUID and SETGID, which go with unr_fetch_settle().
 */
UNR_MUST_CHECK int unr_fetch_start(unr_fetch_fn main, void *argument, const int *fds, size_t n_fds,
				   struct unr_fetcher *ret, struct unr_error *err);

/**
 * unr_fetch_settle() - before anything of a stranger is read: nobody in place of root, and a filter
 * @parent:  with which it is to die
 * @as_root: root it stays, without capabilities: there are files that only root can use
 *
 * No program can be run from here on.
 */
UNR_MUST_CHECK int unr_fetch_settle(pid_t parent, bool as_root, struct unr_error *err);

#endif
