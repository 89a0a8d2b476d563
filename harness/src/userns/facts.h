/* SPDX-License-Identifier: MIT */
/*
 * What this host lets a process do with user namespaces, as far as it can be
 * read.  Settings only: whether they are in force shows when it is tried.
 */
#ifndef UNR_USERNS_FACTS_H
#define UNR_USERNS_FACTS_H

#include <stdbool.h>
#include <stdint.h>

struct unr_userns_facts {
	/* Numbers below /proc/sys; -1: there is none. */
	int64_t max_user_namespaces; /* user., of the user namespace that one is in */
	int64_t unprivileged_clone;  /* kernel.unprivileged_userns_clone: Debian, Arch */
	int64_t apparmor_restrict;   /* kernel.apparmor_restrict_unprivileged_userns: Ubuntu */
	char exhausted[64]; /* a limit of namespaces that is 0: "user.max_net_namespaces" */
	bool selinux_enforcing;
	bool seccomp; /* a filter looks at the system calls of this process */
	bool no_new_privs;
	bool chrooted;
};

/** unr_userns_facts_look() - read them; works in a child of another pid namespace, too */
void unr_userns_facts_look(struct unr_userns_facts *ret);

/** unr_number_read() - the number in a small file; -1 when there is none */
int64_t unr_number_read(const char *path);

#endif
