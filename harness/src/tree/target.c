/* SPDX-License-Identifier: MIT */
/* The directory of a kept tree: see target.h. */
#include "tree/target.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/sys.h"
#include "tree/empty.h"

#define KEPT_MODE 0700

/* Where the tree grows; a steward that was killed leaves it behind. */
#define PARTIAL "partial"

void unr_target_done(struct unr_target *target)
{
	unr_close(&target->fd);
	unr_close(&target->tree_fd);
	unr_close(&target->parent_fd);
	free(target->name);
	*target = UNR_TARGET_NONE;
}

/* "a/b/" into a descriptor of "a" and "b"; "/" is "." in it. */
static int open_parent(const char *path, struct unr_target *target, struct unr_error *err)
{
	size_t length = strlen(path);
	unr_autofree char *copy = NULL;
	const char *directory = ".";
	char *slash;

	if (length == 0)
		return unr_fail(err, UNR_ERROR_FAILED, -ENOENT,
				"the name of the directory is empty");
	while (length > 1 && path[length - 1] == '/')
		length--;
	copy = strndup(path, length);
	if (copy == NULL)
		return unr_fail_memory(err);
	slash = strrchr(copy, '/');
	target->name = strdup(slash == NULL ? copy : length == 1 ? "." : slash + 1);
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
	return strcmp(name, "rootfs") != 0 && strcmp(name, PARTIAL) != 0 &&
	       name[strspn(name, "0123456789")] != '\0';
}

static bool is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* The first name in a directory that @is_wanted fits, "" for none; 0 or -errno. */
static int find_name(int fd, bool (*is_wanted)(const char *name), char ret[NAME_MAX + 1])
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *item;
	int r;

	*ret = '\0';
	if (dir == NULL) {
		r = -errno;
		unr_close(&copy);
		return r;
	}
	while (*ret == '\0' && (errno = 0, item = readdir(dir)) != NULL)
		if (!is_dot(item->d_name) && is_wanted(item->d_name))
			(void) stpncpy(ret, item->d_name, NAME_MAX + 1);
	r = *ret == '\0' ? -errno : 0;
	(void) closedir(dir);
	return r;
}

static int check_empty(int fd, const char *path, struct unr_error *err)
{
	char name[NAME_MAX + 1];
	int r = find_name(fd, is_any, name);

	if (r < 0)
		return unr_fail(err, UNR_ERROR_FAILED, r, "read %s: %s", path, strerror(-r));
	if (*name == '\0')
		return 0;
	return unr_fail(err, UNR_ERROR_FAILED, -ENOTEMPTY,
			"%s is not empty; a tree is kept in a new or an empty directory", path);
}

static int check_kept(int fd, const char *path, struct unr_error *err)
{
	char name[NAME_MAX + 1];
	int r = find_name(fd, is_foreign, name);

	if (r < 0)
		return unr_fail(err, UNR_ERROR_FAILED, r, "read %s: %s", path, strerror(-r));
	if (*name == '\0')
		return 0;
	return unr_fail(err, UNR_ERROR_FAILED, -EINVAL,
			"%s is no kept tree: it holds '%s'; nothing was removed", path, name);
}

/*
 * A made one can have been exchanged for another since, so it is looked at as
 * any other.  Its group must be one that the steward has, too; a directory below
 * one with the setgid bit gets that one's.
 */
static int look_at(const char *path, struct unr_target *target, struct unr_error *err)
{
	struct stat st;

	if (fstat(target->fd, &st) < 0)
		return unr_fail_errno(err, "stat %s", path);
	if (st.st_uid != geteuid())
		return unr_fail(err, UNR_ERROR_FAILED, -EPERM,
				"%s belongs to uid %u; a tree is kept in a directory of one's own",
				path, st.st_uid);
	target->mode = st.st_mode & 07777;
	if (check_empty(target->fd, path, err) < 0)
		return err->code;
	if (geteuid() != 0 && st.st_gid != getegid() &&
	    fchown(target->fd, (uid_t) -1, getegid()) < 0)
		return unr_fail_errno(err, "change the group of %s", path);
	return 0;
}

/*
 * Closed first, so that nobody can put anything into the tree; made, not found:
 * of several runs that want the directory one gets it, and its mode is that one's.
 */
static int make_tree(const char *path, struct unr_target *target, struct unr_error *err)
{
	int r;

	if (fchmod(target->fd, KEPT_MODE) < 0)
		return unr_fail_errno(err, "change the mode of %s", path);
	r = unr_sys_mkdirat(target->fd, PARTIAL, KEPT_MODE);
	if (r == -EEXIST)
		return unr_fail(err, UNR_ERROR_FAILED, r, "another run keeps its tree in %s", path);
	if (r == 0) {
		target->tree_fd = unr_sys_open_dir(target->fd, PARTIAL);
		if (target->tree_fd >= 0)
			return 0;
		r = target->tree_fd;
	}
	r = unr_fail(err, UNR_ERROR_FAILED, r, "make %s/" PARTIAL ": %s", path, strerror(-r));
	(void) !unlinkat(target->fd, PARTIAL, AT_REMOVEDIR);
	(void) !fchmod(target->fd, target->mode);
	return r;
}

int unr_target_open(const char *path, struct unr_target *ret, struct unr_error *err)
{
	unr_auto(unr_target_done) struct unr_target target = UNR_TARGET_NONE;
	int r = open_parent(path, &target, err);

	if (r < 0)
		return r;
	r = unr_sys_mkdirat(target.parent_fd, target.name, KEPT_MODE);
	target.made = r == 0;
	if (r < 0 && r != -EEXIST)
		return unr_fail(err, UNR_ERROR_FAILED, r, "make %s: %s", path, strerror(-r));
	target.fd = openat(target.parent_fd, target.name,
			   O_RDONLY | O_DIRECTORY | O_CLOEXEC | (target.made ? O_NOFOLLOW : 0));
	r = target.fd < 0 ? unr_fail_errno(err, "open %s", path) : look_at(path, &target, err);
	if (r == 0)
		r = make_tree(path, &target, err);
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
	if (is_dot(target.name))
		return unr_fail(err, UNR_ERROR_FAILED, -EINVAL,
				"%s: it must be given by its own name; nothing was removed", path);
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

int unr_target_give(const struct unr_target *target, uid_t uid, gid_t gid)
{
	return fchown(target->tree_fd, uid, gid) < 0 ? -errno : 0;
}

int unr_target_keep(const struct unr_target *target)
{
	char name[NAME_MAX + 1];
	int r;

	for (;;) {
		r = find_name(target->tree_fd, is_any, name);
		if (r < 0)
			return r;
		if (*name == '\0')
			break;
		r = unr_sys_renameat(target->tree_fd, target->fd, name);
		if (r < 0)
			return r;
	}
	return unr_sys_unlinkat(target->fd, PARTIAL, AT_REMOVEDIR);
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
	if (r == 0 && fchmod(target->fd, target->mode) < 0)
		r = -errno;
	return r;
}
