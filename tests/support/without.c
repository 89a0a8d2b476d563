/* SPDX-License-Identifier: MIT */
/*
 * unr-without SYSCALL[,SYSCALL...][=ERRNO] -- COMMAND [ARGUMENT...]
 *
 * Runs a command on a kernel that seems to lack some system calls: they answer
 * ENOSYS, or the given errno.  The word "userns" stands for a host that does
 * not allow user namespaces: EPERM from clone(2) and unshare(2) with
 * CLONE_NEWUSER, and no clone3(2).  A test tool; it is not installed.
 */
#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "usernsrepro/attr.h"

/* As env(1): what is wrong with us must not look like the command's own status. */
enum { EXIT_OURS = 125, EXIT_CANNOT_EXEC = 126, EXIT_NOT_FOUND = 127 };

static int errno_from_name(const char *name)
{
	static const struct {
		const char *name;
		int value;
	} names[] = {
		{ "EACCES", EACCES }, { "EINVAL", EINVAL }, { "EIO", EIO },
		{ "EMFILE", EMFILE }, { "ENOMEM", ENOMEM }, { "ENOSPC", ENOSPC },
		{ "ENOSYS", ENOSYS }, { "EPERM", EPERM },   { "EROFS", EROFS },
		{ "EUSERS", EUSERS },
	};

	for (size_t i = 0; i < UNR_COUNT(names); i++)
		if (strcmp(name, names[i].name) == 0)
			return names[i].value;
	return -ENOENT;
}

/* The first argument of both calls has the flags (user namespaces are Linux, x86 and arm order). */
static int refuse_userns(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp wants_userns =
		SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER);
	int r;

	r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1, wants_userns);
	if (r < 0)
		return r;
	r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(unshare), 1, wants_userns);
	if (r < 0)
		return r;
	/* Its flags lie in memory, where a filter cannot look; libc falls back to clone(2). */
	return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
}

static int refuse_call(scmp_filter_ctx filter, const char *name, int error)
{
	int number;

	if (strcmp(name, "userns") == 0)
		return refuse_userns(filter);
	number = seccomp_syscall_resolve_name(name);
	if (number == __NR_SCMP_ERROR)
		return -ENOENT;
	return seccomp_rule_add(filter, SCMP_ACT_ERRNO((unsigned int) error), number, 0);
}

static int refuse_all(scmp_filter_ctx filter, char *list)
{
	char *equals = strchr(list, '=');
	int error = ENOSYS;
	char *rest = NULL;

	if (equals != NULL) {
		*equals = '\0';
		error = errno_from_name(equals + 1);
		if (error < 0) {
			(void) fprintf(stderr, "unr-without: no errno: %s\n", equals + 1);
			return error;
		}
	}
	for (char *name = strtok_r(list, ",", &rest); name != NULL;
	     name = strtok_r(NULL, ",", &rest)) {
		int r = refuse_call(filter, name, error);

		if (r < 0) {
			(void) fprintf(stderr, "unr-without: %s: %s\n", name, strerror(-r));
			return r;
		}
	}
	return 0;
}

static int load_filter(char *list)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int r;

	if (filter == NULL)
		return -ENOMEM;
	/* Root needs no no_new_privs for a filter, and set-user-ID helpers below go on working. */
	r = geteuid() == 0 ? seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0) : 0;
	if (r == 0)
		r = refuse_all(filter, list);
	if (r == 0) {
		r = seccomp_load(filter);
		if (r < 0)
			(void) fprintf(stderr, "unr-without: seccomp: %s\n", strerror(-r));
	}
	seccomp_release(filter);
	return r;
}

int main(int argc, char **argv)
{
	if (argc < 4 || strcmp(argv[2], "--") != 0) {
		(void) fprintf(stderr,
			       "usage: unr-without SYSCALL[,SYSCALL...][=ERRNO] -- COMMAND...\n");
		return EXIT_OURS;
	}
	if (load_filter(argv[1]) < 0)
		return EXIT_OURS;
	(void) execvp(argv[3], argv + 3);
	(void) fprintf(stderr, "unr-without: %s: %s\n", argv[3], strerror(errno));
	return errno == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_EXEC;
}
