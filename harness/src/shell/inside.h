/* SPDX-License-Identifier: MIT */
/*
 * The first process of the command's namespaces: it waits in the empty tree for
 * its order, makes the root directory, starts the command, passes signals on,
 * reaps, and takes all with it when it ends.  Inside shell/ only.
 */
#ifndef UNR_SHELL_INSIDE_H
#define UNR_SHELL_INSIDE_H

#define UNR_SHELL_HOSTNAME "userns-repro"

/* A byte to it is the number of a signal for the command; this one ends all. */
#define UNR_SHELL_END 255

/**
 * unr_shell_inside() - unr_child_fn; the working directory is the tree
 * @argument: int *, a descriptor that stays open as long as anything can write into the tree
 *
 * Return: the status of the command, see unr_shell().
 */
int unr_shell_inside(void *argument, int socket);

#endif
