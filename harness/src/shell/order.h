/* SPDX-License-Identifier: MIT */
/*
 * What the process inside is told once all is extracted, and what it answers.
 * Inside shell/ only; knows nothing of mounts or terminals.
 */
#ifndef UNR_SHELL_ORDER_H
#define UNR_SHELL_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"

struct unr_shell_order {
	uint32_t n_layers; /* to be mounted over one another; 0: the tree is one already */
	char **command;    /* owned, as are the strings; empty: a shell */
	char **env;        /* owned, as are the strings; complete */
	size_t n_command, n_env;
	char *working_dir; /* owned; absolute */
	uid_t uid;
	gid_t gid;
	gid_t *groups; /* owned */
	size_t n_groups;
	bool has_terminal;      /* it gets one of its own... */
	uint16_t rows, columns; /* ...of this size */
	bool error_is_terminal; /* ...which is its standard error, too */
	char *image;            /* owned; for messages */
};

void unr_shell_order_done(struct unr_shell_order *order);

/** unr_shell_order_send() - 0 or -errno */
UNR_MUST_CHECK int unr_shell_order_send(int socket, const struct unr_shell_order *order);

/** unr_shell_order_receive() - waits for it; 0, -EPIPE when there will be none, -errno */
UNR_MUST_CHECK int unr_shell_order_receive(int socket, struct unr_shell_order *ret);

/* The process inside says one of these, with a descriptor where there is one. */
enum unr_shell_answer {
	UNR_SHELL_OVERLAY = 'O',  /* layers can be mounted over one another */
	UNR_SHELL_ONE_TREE = 'T', /* they cannot */
	UNR_SHELL_RUNS = 'R',     /* the command does; with its terminal */
	UNR_SHELL_ERROR = 'E',    /* and then a struct unr_error */
};

/** unr_shell_tell_error() - 'E' and @err; whoever hears it not is gone */
void unr_shell_tell_error(int socket, const struct unr_error *err);

/**
 * unr_shell_hear() - the next answer
 * @ret_fd: owned by the caller; -EBADF: there is none
 *
 * Return: an answer but ERROR, or a negative errno with @err: that of the process, -EPIPE.
 */
UNR_MUST_CHECK int unr_shell_hear(int socket, int *ret_fd, struct unr_error *err);

#endif
