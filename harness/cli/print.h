/* SPDX-License-Identifier: MIT */
/*
 * Standard output for people: lines of at most 80 columns, and what happens
 * when they cannot be written.
 */
#ifndef UNR_CLI_PRINT_H
#define UNR_CLI_PRINT_H

#include <stddef.h>

#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"

#define CLI_COLUMNS 80

/**
 * cli_print_wrapped() - words, with a new line in front of each that has no room
 * @text:   borrowed
 * @indent: where further lines begin
 * @at:     the column that was reached; beyond @indent a space comes first
 *
 * Return: the column behind the last word.
 */
size_t cli_print_wrapped(const char *text, size_t indent, size_t at);

/** cli_print_prose() - whole lines; those that are too long are broken, unless they are code */
void cli_print_prose(const char *text);

/**
 * cli_flush() - write out what was printed
 *
 * Ends the process when nobody reads it any more, see cli_end_unread().
 *
 * Return: 0, or a negative errno with @err.
 */
UNR_MUST_CHECK int cli_flush(struct unr_error *err);

/** cli_end_unread() - end by SIGPIPE: the reader of standard output has gone, as `head` does */
UNR_NORETURN void cli_end_unread(void);

#endif
