/* SPDX-License-Identifier: MIT */
/* The directory of a kept tree: see target.h. */
#include "tree/target.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/sys.h"
#include "tree/empty.h"

#define KEPT_MODE 0700

void unr_target_done(struct unr_target *target)
{
	unr_close(&target->fd);
	unr_close(&target->parent_fd);
	free(target->name);
	*target = UNR_TARGET_NONE;
}

/* "a/b/" into a descriptor of "a" and "b". */
static int open_parent(const char *path, struct unr_target *target, struct unr_error *err)
{
	size_t length = strlen(path);
	unr_autofree char *copy = NULL;
	const char *directory = ".";
	char *slash;

	while (length > 1 && path[length - 1] == '/')
		length--;
	copy = strndup(path, length);
	if (copy == NULL)
		return unr_fail_memory(err);
	slash = strrchr(copy, '/');
	target->name = strdup(slash == NULL ? copy : slash + 1);
	if (target->name == NULL)
		return unr_fail_memory(err);
	if (slash != NULL) {
		*slash = '\0';
		directory = slash == copy ? "/" : copy;
	}
	target->parent_fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return target->parent_fd < 0 ? unr_fail_errno(err, "open %s", directory) : 0;
}

static bool is_any(const char *name)
{
	(void) name;
	return true;
}

/* What a kept tree has no directory called. */
static bool is_foreign(const char *name)
{
	return strcmp(name, "rootfs") != 0 && name[strspn(name, "0123456789")] != '\0';
}

/* The first name in a directory that @is_wanted fits; "" for none. */
static int find_name(int fd, const char *path, bool (*is_wanted)(const char *name),
		     char ret[NAME_MAX + 1], struct unr_error *err)
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *item;

	*ret = '\0';
	if (dir == NULL) {
		int r = unr_fail_errno(err, "read %s", path);

		unr_close(&copy);
		return r;
	}
	while (*ret == '\0' && (item = readdir(dir)) != NULL)
		if (strcmp(item->d_name, ".") != 0 && strcmp(item->d_name, "..") != 0 &&
		    is_wanted(item->d_name))
			(void) stpncpy(ret, item->d_name, NAME_MAX + 1);
	(void) closedir(dir);
	return 0;
}

static int check_empty(int fd, const char *path, struct unr_error *err)
{
	char name[NAME_MAX + 1];
	int r = find_name(fd, path, is_any, name, err);

	if (r < 0 || *name == '\0')
		return r;
	return unr_fail(err, UNR_ERROR_FAILED, -ENOTEMPTY,
			"%s is not empty; a tree is kept in a new or an empty directory", path);
}

static int check_kept(int fd, const char *path, struct unr_error *err)
{
	char name[NAME_MAX + 1];
	int r = find_name(fd, path, is_foreign, name, err);

	if (r < 0 || *name == '\0')
		return r;
	return unr_fail(err, UNR_ERROR_FAILED, -EINVAL,
			"%s is no kept tree: it holds '%s'; nothing was removed", path, name);
}

/*
 * Its group must be one that the caller can hand on and take back; a directory
 * below one with the setgid bit gets a group of that one.
 */
static int look_at(const char *path, struct unr_target *target, struct unr_error *err)
{
	struct stat st;

	if (fstat(target->fd, &st) < 0)
		return unr_fail_errno(err, "stat %s", path);
	if (geteuid() != 0 && st.st_uid != geteuid())
		return unr_fail(err, UNR_ERROR_FAILED, -EPERM,
				"%s belongs to uid %u; a tree is kept in a directory of one's own",
				path, st.st_uid);
	if (geteuid() != 0 && st.st_gid != getegid() &&
	    fchown(target->fd, (uid_t) -1, getegid()) < 0)
		return unr_fail_errno(err, "change the group of %s", path);
	target->uid = st.st_uid;
	target->gid = geteuid() == 0 ? st.st_gid : getegid();
	target->mode = st.st_mode & 07777;
	return target->made ? 0 : check_empty(target->fd, path, err);
}

int unr_target_open(const char *path, struct unr_target *ret, struct unr_error *err)
{
	unr_auto(unr_target_done) struct unr_target target = UNR_TARGET_NONE;
	int r = open_parent(path, &target, err);

	if (r < 0)
		return r;
	if (mkdirat(target.parent_fd, target.name, KEPT_MODE) == 0)
		target.made = true;
	else if (errno != EEXIST)
		return unr_fail_errno(err, "make %s", path);
	target.fd = openat(target.parent_fd, target.name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = target.fd < 0 ? unr_fail_errno(err, "open %s", path) : look_at(path, &target, err);
	if (r < 0) {
		if (target.made)
			(void) !unlinkat(target.parent_fd, target.name, AT_REMOVEDIR);
		return r;
	}
	*ret = target;
	target = UNR_TARGET_NONE;
	return 0;
}

int unr_target_find(const char *path, struct unr_target *ret, struct unr_error *err)
{
	unr_auto(unr_target_done) struct unr_target target = UNR_TARGET_NONE;
	int r = open_parent(path, &target, err);

	if (r < 0)
		return r;
	target.fd = openat(target.parent_fd, target.name,
			   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (target.fd < 0)
		return unr_fail_errno(err, "open %s", path);
	r = check_kept(target.fd, path, err);
	if (r < 0)
		return r;
	*ret = target;
	target = UNR_TARGET_NONE;
	return 0;
}

/* chown(2) takes set-id bits away, so it comes before chmod. */
static int set_owner(const struct unr_target *target, uid_t uid, gid_t gid, mode_t mode)
{
	if (fchown(target->fd, uid, gid) < 0 || fchmod(target->fd, mode) < 0)
		return -errno;
	return 0;
}

int unr_target_give(const struct unr_target *target, uid_t uid, gid_t gid)
{
	return set_owner(target, uid, gid, KEPT_MODE);
}

int unr_target_take_back(const struct unr_target *target)
{
	return set_owner(target, target->uid, target->gid, KEPT_MODE);
}

int unr_target_remove(const struct unr_target *target)
{
	int r = unr_tree_empty(target->fd);

	return r < 0 ? r : unr_sys_unlinkat(target->parent_fd, target->name, AT_REMOVEDIR);
}

int unr_target_clear(const struct unr_target *target)
{
	int r;

	if (target->made)
		return unr_target_remove(target);
	r = unr_tree_empty(target->fd);
	if (r == 0)
		r = set_owner(target, target->uid, target->gid, target->mode);
	return r;
}
