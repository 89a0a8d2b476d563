/* SPDX-License-Identifier: MIT */
/*
 * unr-without SPEC -- COMMAND [ARGUMENT...]
 *
 * Runs a command on a kernel that seems to lack some system calls, or that
 * seems to do them and does not; broken.h has what SPEC may be.  The word
 * "userns" stands for a host that does not allow user namespaces.  A test tool;
 * it is not installed.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "broken.h"

/* As env(1): what is wrong with us must not look like the command's own status. */
enum { EXIT_OURS = 125, EXIT_CANNOT_EXEC = 126, EXIT_NOT_FOUND = 127 };

int main(int argc, char **argv)
{
	if (argc < 4 || strcmp(argv[2], "--") != 0) {
		(void) fprintf(stderr, "usage: unr-without SPEC -- COMMAND...\n");
		return EXIT_OURS;
	}
	/* Root needs no no_new_privs for a filter, and set-user-ID helpers below go on working. */
	if (unr_break_calls(argv[1], geteuid() != 0) < 0)
		return EXIT_OURS;
	(void) execvp(argv[3], argv + 3);
	(void) fprintf(stderr, "unr-without: %s: %s\n", argv[3], strerror(errno));
	return errno == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_EXEC;
}
