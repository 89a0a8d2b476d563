/* SPDX-License-Identifier: MIT */
/* The program as a copy that nobody can change: for commands that run what an image brings. */
#ifndef UNR_CLI_SEALED_H
#define UNR_CLI_SEALED_H

#include "usernsrepro/error.h"

/**
 * cli_become_sealed() - be such a copy
 * @words: what the program was started with, all of it
 *
 * A program in a namespace reaches the one that started it by /proc/self/exe, before it is executed
 * itself (a script with that for its interpreter, CVE-2019-5736).  Where the caller, or a map's own
 * id, may write to the program's file, it must not be that file.
 *
 * Return: 0 in the copy; does not return else but for an error with @err.
 */
UNR_MUST_CHECK int cli_become_sealed(char **words, struct unr_error *err);

#endif
