/* SPDX-License-Identifier: MIT */
/* newuidmap and newgidmap on PATH, and their privilege: see helper_find.h. */
#include "helper_find.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>

#include "base/cleanup.h"

#define DEFAULT_PATH "/usr/local/bin:/usr/bin:/bin"

const char *unr_helper_name(enum unr_id_kind kind)
{
	static const char *const names[] = { [UNR_UID] = "newuidmap", [UNR_GID] = "newgidmap" };

	return names[kind];
}

static bool is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

int unr_helper_find(enum unr_id_kind kind, char **ret)
{
	const char *path = getenv("PATH");
	unr_autofree char *copy = strdup(path == NULL ? DEFAULT_PATH : path);
	char *rest = copy, *directory;

	if (copy == NULL)
		return -ENOMEM;
	while ((directory = strsep(&rest, ":")) != NULL) {
		unr_autofree char *candidate = NULL;

		/* A setuid program is not taken from wherever the caller happens to stand. */
		if (directory[0] != '/')
			continue;
		if (asprintf(&candidate, "%s/%s", directory, unr_helper_name(kind)) < 0) {
			candidate = NULL;
			return -ENOMEM;
		}
		if (is_program(candidate)) {
			*ret = unr_take_ptr(candidate);
			return 0;
		}
	}
	return -ENOENT;
}

static bool is_setuid_root(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && st.st_uid == 0 && (st.st_mode & S_ISUID) != 0;
}

static bool has_file_capabilities(const char *path)
{
	return getxattr(path, "security.capability", NULL, 0) > 0;
}

static bool is_mounted_nosuid(const char *path)
{
	struct statvfs fs;

	return statvfs(path, &fs) == 0 && (fs.f_flag & ST_NOSUID) != 0;
}

bool unr_helper_has_privilege(const char *path, size_t why_size, char *ret_why)
{
	const char *why = NULL;

	if (!is_setuid_root(path) && !has_file_capabilities(path))
		why = "is neither setuid root nor has file capabilities";
	else if (is_mounted_nosuid(path))
		why = "lies on a file system mounted nosuid";
	else if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		why = "gets no privilege from a process with no_new_privs";
	if (why != NULL)
		(void) snprintf(ret_why, why_size, "%s %s", path, why);
	return why == NULL;
}
