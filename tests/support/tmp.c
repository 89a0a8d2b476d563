/* SPDX-License-Identifier: MIT */
/* A fresh directory for each test: see tmp.h. */
#include "tmp.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"

#define MARK ".unr-test-directory"
#define DEPTH_MAX 64

int unr_tmp_make(struct unr_tmp *ret)
{
	const char *base = getenv("TMPDIR");
	struct unr_tmp tmp = { .fd = -EBADF };
	int n, r;

	if (base == NULL || *base == '\0')
		base = "/tmp";
	n = snprintf(tmp.path, sizeof(tmp.path), "%s/unr-test-XXXXXX", base);
	if (n < 0 || (size_t) n >= sizeof(tmp.path))
		return -ENAMETOOLONG;
	if (mkdtemp(tmp.path) == NULL)
		return -errno;
	tmp.fd = open(tmp.path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	r = tmp.fd < 0 ? -errno : unr_tmp_write(&tmp, MARK, "");
	if (r < 0) {
		unr_close(&tmp.fd);
		(void) rmdir(tmp.path);
		return r;
	}
	*ret = tmp;
	return 0;
}

int unr_tmp_write(const struct unr_tmp *tmp, const char *name, const char *text)
{
	unr_autoclose int fd =
		openat(tmp->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0)
		return -errno;
	return unr_write_full(fd, text, strlen(text));
}

/* A directory on the way down and its name in the one above. */
struct level {
	DIR *dir;
	char name[256];
};

static int open_level(int parent_fd, const char *name, struct level *ret)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	unr_autoclose int fd = -EBADF;

	fd = openat(parent_fd, name, flags);
	/* A test may have taken away its own right to look inside. */
	if (fd < 0 && errno == EACCES && fchmodat(parent_fd, name, 0700, 0) == 0)
		fd = openat(parent_fd, name, flags);
	if (fd < 0)
		return -errno;
	ret->dir = fdopendir(fd);
	if (ret->dir == NULL)
		return -errno;
	(void) unr_take_fd(&fd);
	(void) snprintf(ret->name, sizeof(ret->name), "%s", name);
	return 0;
}

static bool is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/*
 * Removes what unlinkat() takes out of the level.  Return: 1 with the name of a directory that is
 * in the way, 0 when the level is empty, -errno.
 */
static int empty_level(struct level *level, char *ret_name, size_t size)
{
	rewinddir(level->dir);
	for (;;) {
		struct dirent *entry;

		errno = 0;
		entry = readdir(level->dir);
		if (entry == NULL)
			return -errno;
		if (is_dot(entry->d_name) || unlinkat(dirfd(level->dir), entry->d_name, 0) == 0)
			continue;
		if (errno != EISDIR && errno != EPERM)
			return -errno;
		(void) snprintf(ret_name, size, "%s", entry->d_name);
		return 1;
	}
}

static int remove_tree(int parent_fd, const char *name)
{
	struct level levels[DEPTH_MAX];
	size_t depth = 1;
	int r = open_level(parent_fd, name, &levels[0]);

	if (r < 0)
		return r;
	while (depth > 0) {
		struct level *top = &levels[depth - 1];
		char child[sizeof(top->name)];

		r = empty_level(top, child, sizeof(child));
		if (r == 1) {
			r = depth == DEPTH_MAX ? -ELOOP :
						 open_level(dirfd(top->dir), child, &levels[depth]);
			if (r < 0)
				break;
			depth++;
			continue;
		}
		if (r < 0)
			break;
		(void) closedir(top->dir);
		depth--;
		if (unlinkat(depth == 0 ? parent_fd : dirfd(levels[depth - 1].dir), top->name,
			     AT_REMOVEDIR) < 0) {
			r = -errno;
			break;
		}
	}
	while (depth > 0)
		(void) closedir(levels[--depth].dir);
	return r;
}

int unr_tmp_remove(struct unr_tmp *tmp)
{
	const char *keep = getenv("USERNS_REPRO_KEEP");
	bool has_mark = faccessat(tmp->fd, MARK, F_OK, 0) == 0;

	unr_close(&tmp->fd);
	if (!has_mark)
		return -EPERM;
	if (keep != NULL && strcmp(keep, "1") == 0) {
		(void) fprintf(stderr, "kept: %s\n", tmp->path);
		return 0;
	}
	return remove_tree(AT_FDCWD, tmp->path);
}

int unr_tmp_setup(void **state)
{
	struct unr_tmp *tmp = calloc(1, sizeof(*tmp));
	int r = tmp == NULL ? -ENOMEM : unr_tmp_make(tmp);

	if (r < 0) {
		free(tmp);
		return r;
	}
	*state = tmp;
	return 0;
}

int unr_tmp_teardown(void **state)
{
	struct unr_tmp *tmp = *state;
	int r = unr_tmp_remove(tmp);

	free(tmp);
	return r;
}
