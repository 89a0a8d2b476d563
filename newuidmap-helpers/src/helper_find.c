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

static enum unr_helper_privilege privilege_of(const char *path)
{
	if (is_setuid_root(path))
		return UNR_HELPER_SETUID;
	return has_file_capabilities(path) ? UNR_HELPER_CAPABILITIES : UNR_HELPER_ORDINARY;
}

/* What keeps an executable helper from its privilege. */
static void judge(enum unr_id_kind kind, struct unr_map_helper *helper)
{
	static const enum unr_remedy mends[] = {
		[UNR_UID] = UNR_REMEDY_HELPER_SETUID, [UNR_GID] = UNR_REMEDY_HELPER_SETGID
	};
	const struct {
		bool is_so;
		enum unr_remedy remedy;
		const char *why;
	} faults[] = {
		{ helper->privilege == UNR_HELPER_ORDINARY, mends[kind],
		  "is neither setuid root nor has file capabilities" },
		{ is_mounted_nosuid(helper->path), UNR_REMEDY_REMOUNT_SUID,
		  "lies on a file system mounted nosuid" },
		{ prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1, UNR_REMEDY_NEW_PRIVILEGES,
		  "gets no privilege from a process with no_new_privs" },
	};

	for (size_t i = 0; i < UNR_COUNT(faults); i++) {
		if (!faults[i].is_so)
			continue;
		unr_obstacle_set(&helper->obstacle, faults[i].remedy, helper->path, "%s %s",
				 helper->path, faults[i].why);
		return;
	}
}

void unr_map_helper_done(struct unr_map_helper *helper)
{
	free(helper->path);
	helper->path = NULL;
}

int unr_map_helper_look(enum unr_id_kind kind, struct unr_map_helper *ret)
{
	struct unr_map_helper helper = { 0 };
	int r = unr_helper_find(kind, &helper.path);

	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		unr_obstacle_set(&helper.obstacle, UNR_REMEDY_HELPERS, "", "%s is not on PATH",
				 unr_helper_name(kind));
	} else {
		helper.privilege = privilege_of(helper.path);
		judge(kind, &helper);
	}
	*ret = helper;
	return 0;
}
