/* SPDX-License-Identifier: MIT */
/* Reads what is to be broken, and loads the filter: see broken.h. */
#include "broken.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "usernsrepro/error.h"

/* The kernel's largest errno, from linux/err.h. */
#define ERRNO_MAX 4095

/* Of one call; a filter knows six arguments. */
#define CONDITIONS_MAX 6

/* "0" or "EPERM"; -ENOENT: neither. */
static int answer_from_name(const char *name)
{
	if (strcmp(name, "0") == 0)
		return 0;
	for (int i = 1; i <= ERRNO_MAX; i++)
		if (strcmp(name, unr_errno_name(i)) == 0)
			return i;
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

/* One condition, as "2>1". */
static int read_condition(const char *text, struct scmp_arg_cmp *ret)
{
	static const struct {
		const char *sign;
		enum scmp_compare compare;
	} signs[] = {
		{ "<", SCMP_CMP_LT },
		{ ">", SCMP_CMP_GT },
		{ "==", SCMP_CMP_EQ },
		{ "&", SCMP_CMP_MASKED_EQ },
	};
	unsigned int argument = (unsigned int) (*text - '0');

	for (size_t i = 0; i < UNR_COUNT(signs) && argument < CONDITIONS_MAX; i++) {
		size_t length = strlen(signs[i].sign);
		unsigned long long value;

		if (strncmp(text + 1, signs[i].sign, length) != 0)
			continue;
		value = strtoull(text + 1 + length, NULL, 0);
		*ret = (struct scmp_arg_cmp) { argument, signs[i].compare, value, value };
		return 0;
	}
	return -EINVAL;
}

static int break_call(scmp_filter_ctx filter, const char *name, int answer,
		      const struct scmp_arg_cmp *conditions, unsigned int n)
{
	int number;

	if (strcmp(name, "userns") == 0)
		return refuse_userns(filter);
	number = seccomp_syscall_resolve_name(name);
	if (number == __NR_SCMP_ERROR)
		return -ENOENT;
	return seccomp_rule_add_array(filter, SCMP_ACT_ERRNO((unsigned int) answer), number, n,
				      conditions);
}

/* "CALL,CALL:2>1:2<500=0"; cuts it into its pieces. */
static int break_one(scmp_filter_ctx filter, char *spec)
{
	struct scmp_arg_cmp conditions[CONDITIONS_MAX];
	char *equals = strrchr(spec, '='), *rest = NULL, *names, *more;
	unsigned int n = 0;
	int answer = ENOSYS, r = 0;

	if (equals != NULL) {
		*equals = '\0';
		answer = answer_from_name(equals + 1);
	}
	if (answer < 0)
		return answer;
	names = strtok_r(spec, ":", &rest);
	while (r == 0 && n < CONDITIONS_MAX && (more = strtok_r(NULL, ":", &rest)) != NULL)
		r = read_condition(more, &conditions[n++]);
	for (char *name = strtok_r(names, ",", &rest); r == 0 && name != NULL;
	     name = strtok_r(NULL, ",", &rest))
		r = break_call(filter, name, answer, conditions, n);
	return r;
}

static int break_all(scmp_filter_ctx filter, const char *spec)
{
	char *copy = strdup(spec), *rest = NULL;
	int r = copy == NULL ? -ENOMEM : 0;

	for (char *one = copy == NULL ? NULL : strtok_r(copy, " ", &rest); r == 0 && one != NULL;
	     one = strtok_r(NULL, " ", &rest))
		r = break_one(filter, one);
	free(copy);
	return r;
}

int unr_break_calls(const char *spec, bool no_new_privs)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int r;

	if (filter == NULL)
		return -ENOMEM;
	r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, no_new_privs);
	/* Calls of another kind, as those of i386, are none of this filter's business. */
	if (r == 0)
		r = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ALLOW);
	if (r == 0)
		r = break_all(filter, spec);
	if (r == 0)
		r = seccomp_load(filter);
	if (r < 0)
		(void) fprintf(stderr, "cannot break '%s': %s\n", spec, strerror(-r));
	seccomp_release(filter);
	return r;
}
