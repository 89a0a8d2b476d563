/* SPDX-License-Identifier: MIT */
/* Settings of this host: see facts.h. */
#include "userns/facts.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/text.h"

int64_t unr_number_read(const char *path)
{
	unr_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[24] = "";
	uint64_t number;
	ssize_t n = fd < 0 ? -1 : unr_read_full(fd, text, sizeof(text) - 1);

	if (n <= 0)
		return -1;
	text[strcspn(text, "\n")] = '\0';
	return unr_parse_u64(text, INT64_MAX, &number) < 0 ? -1 : (int64_t) number;
}

/* The first limit of those that a run comes up against, and that lets nobody through. */
static void look_exhausted(struct unr_userns_facts *facts)
{
	static const char *const kinds[] = { "user", "mnt", "pid", "ipc", "uts", "net", "cgroup" };

	for (size_t i = 0; i < UNR_COUNT(kinds); i++) {
		char path[80];

		(void) snprintf(path, sizeof(path), "/proc/sys/user/max_%s_namespaces", kinds[i]);
		if (unr_number_read(path) != 0)
			continue;
		(void) snprintf(facts->exhausted, sizeof(facts->exhausted),
				"user.max_%s_namespaces", kinds[i]);
		return;
	}
}

/*
 * Below a chroot nothing is mounted on "/" (proc_pid_mountinfo(5)), unless it is
 * into a mount point.  clone(2): a process in one may not make user namespaces.
 */
static bool is_chrooted(void)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	unr_autofree char *line = NULL;
	size_t size = 0;
	bool has_root = false, has_lines = false;

	while (file != NULL && !has_root && getline(&line, &size, file) >= 0) {
		char point[3] = "";

		has_lines = true;
		has_root =
			sscanf(line, "%*s %*s %*s %*s %2s", point) == 1 && strcmp(point, "/") == 0;
	}
	if (file != NULL)
		(void) fclose(file); /* only read from */
	return has_lines && !has_root;
}

void unr_userns_facts_look(struct unr_userns_facts *ret)
{
	/* By prctl(2), as /proc/self is no directory in a pid namespace without a /proc of its own. */
	*ret = (struct unr_userns_facts) {
		.max_user_namespaces = unr_number_read("/proc/sys/user/max_user_namespaces"),
		.unprivileged_clone = unr_number_read("/proc/sys/kernel/unprivileged_userns_clone"),
		.apparmor_restrict =
			unr_number_read("/proc/sys/kernel/apparmor_restrict_unprivileged_userns"),
		.selinux_enforcing = unr_number_read("/sys/fs/selinux/enforce") == 1,
		.seccomp = prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == SECCOMP_MODE_FILTER,
		.no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1,
		.chrooted = is_chrooted(),
	};
	look_exhausted(ret);
}
