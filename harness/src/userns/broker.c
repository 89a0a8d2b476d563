/* SPDX-License-Identifier: MIT */
/* Doing with privilege what a namespace cannot: see broker.h. */
#include "userns/broker.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/cleanup.h"

/* openat2(2) gives up when the tree changes under it; a hostile child could do that for ever. */
#define TRIES 16

static int open_below(int dir_fd, const char *path, uint64_t flags, uint64_t resolve)
{
	struct open_how how = { .flags = flags | O_PATH | O_CLOEXEC,
				.resolve = resolve | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS };
	long fd = -1;

	for (int i = 0; i < TRIES && fd < 0; i++) {
		fd = syscall(SYS_openat2, dir_fd, path, &how, sizeof(how));
		if (fd < 0 && errno != EAGAIN && errno != EINTR)
			break;
	}
	return fd < 0 ? -errno : (int) fd;
}

/* The layer's directory: one name below the tree's. */
static int open_layer(const struct unr_broker *broker, const char *directory)
{
	if (*directory == '\0' || *directory == '.' || strchr(directory, '/') != NULL)
		return -EBADRQC;
	return open_below(broker->tree_fd, directory, O_DIRECTORY | O_NOFOLLOW,
			  RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
}

/* A path with the layer's directory as its root, as the child sees it. */
static int open_in_layer(const struct unr_broker *broker, const char *directory, const char *path,
			 uint64_t flags)
{
	unr_autoclose int layer_fd = open_layer(broker, directory);

	if (layer_fd < 0)
		return layer_fd;
	return open_below(layer_fd, path, flags, RESOLVE_IN_ROOT);
}

/* The directory in which the last name of @path lies, and that name. */
static int open_parent(const struct unr_broker *broker, const struct unr_broker_request *request,
		       const char **ret_name)
{
	const char *slash = strrchr(request->path, '/');
	unr_autofree char *parent = NULL;

	if (slash == NULL)
		return -EBADRQC;
	*ret_name = slash + 1;
	if (**ret_name == '\0' || strcmp(*ret_name, ".") == 0 || strcmp(*ret_name, "..") == 0)
		return -EBADRQC;
	parent = strndup(request->path, (size_t) (slash - request->path) + 1);
	if (parent == NULL)
		return -ENOMEM;
	return open_in_layer(broker, request->directory, parent, O_DIRECTORY);
}

/* The node is the namespace's from here on: owner, mode and times are set in it. */
static int hand_over(const struct unr_broker *broker, int parent_fd, const char *name, mode_t type,
		     dev_t device)
{
	unr_autoclose int fd =
		open_below(parent_fd, name, O_NOFOLLOW, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if ((st.st_mode & S_IFMT) != type || st.st_rdev != device)
		return -EBADRQC; /* no longer what was made */
	return fchownat(fd, "", broker->root_uid, broker->root_gid, AT_EMPTY_PATH) < 0 ? -errno : 0;
}

static int make_node(const struct unr_broker *broker, const struct unr_broker_request *request)
{
	const mode_t type = request->mode & S_IFMT;
	const dev_t device = makedev(request->major, request->minor);
	const char *name = NULL;
	unr_autoclose int parent_fd = -EBADF;

	if ((type != S_IFCHR && type != S_IFBLK) || (request->mode & ~(uint32_t) S_IFMT) > 07777)
		return -EBADRQC;
	parent_fd = open_parent(broker, request, &name);
	if (parent_fd < 0)
		return parent_fd;
	/* Nobody's to open until it has its owner and the child has set its mode. */
	if (mknodat(parent_fd, name, type, device) < 0)
		return -errno;
	return hand_over(broker, parent_fd, name, type, device);
}

/* Attributes whose meaning, or whose setting, is the initial namespace's affair: xattr(7). */
static bool may_set(const char *name)
{
	static const char *const prefixes[] = { "trusted.", "security." };
	static const char *const names[] = { "system.posix_acl_access",
					     "system.posix_acl_default" };

	for (size_t i = 0; i < UNR_COUNT(prefixes); i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	for (size_t i = 0; i < UNR_COUNT(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static int set_xattr(const struct unr_broker *broker, const struct unr_broker_request *request)
{
	char magic[32];
	unr_autoclose int fd = -EBADF;

	if (request->name == NULL || !may_set(request->name))
		return -EBADRQC;
	fd = open_in_layer(broker, request->directory, request->path,
			   request->follow ? 0 : O_NOFOLLOW);
	if (fd < 0)
		return fd;
	/* The one way to an attribute of what an O_PATH descriptor stands for: open(2). */
	(void) snprintf(magic, sizeof(magic), "/proc/self/fd/%d", fd);
	if (request->value == NULL)
		return removexattr(magic, request->name) < 0 ? -errno : 0;
	return setxattr(magic, request->name, request->value, request->value_length, 0) < 0 ?
		       -errno :
		       0;
}

/*
 * Made with mode 0600, of which a default ACL may take something; below a setgid
 * directory it has that one's group and bit, which stay (inode(7)).
 */
static int disown(const struct unr_broker *broker, const struct unr_broker_request *request)
{
	unr_autoclose int fd =
		open_in_layer(broker, request->directory, request->path, O_DIRECTORY | O_NOFOLLOW);
	struct stat st;
	bool inherited;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	inherited = (st.st_mode & S_ISGID) != 0;
	if ((st.st_mode & 07777 & ~(mode_t) (S_ISGID | 0600)) != 0 ||
	    st.st_uid != broker->root_uid || (!inherited && st.st_gid != broker->root_gid))
		return -EBADRQC;
	return fchownat(fd, "", 0, inherited ? (gid_t) -1 : 0, AT_EMPTY_PATH) < 0 ? -errno : 0;
}

int unr_broker_do(const struct unr_broker *broker, const struct unr_broker_request *request)
{
	static int (*const tasks[UNR_BROKER_TASK_COUNT_])(const struct unr_broker *,
							  const struct unr_broker_request *) = {
		[UNR_BROKER_MKNOD] = make_node,
		[UNR_BROKER_SET_XATTR] = set_xattr,
		[UNR_BROKER_DISOWN] = disown,
	};

	if (broker->tree_fd < 0 || request->task >= UNR_BROKER_TASK_COUNT_ ||
	    request->directory == NULL || request->path == NULL || request->path[0] != '/')
		return -EBADRQC;
	return tasks[request->task](broker, request);
}
