/* SPDX-License-Identifier: MIT */
/* uid_map, gid_map and setgroups under /proc: see map_write_proc.h. */
#include "map_write_proc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "idmap_auto.h"
#include "usernsrepro/map_writer.h"

static const char *const file_names[] = { [UNR_UID] = "uid_map", [UNR_GID] = "gid_map" };

/* Room for "/proc/", a pid and the longest of the names. */
#define PROC_PATH_SIZE 48

static void proc_path(pid_t pid, const char *name, char ret[PROC_PATH_SIZE])
{
	if (pid == UNR_PID_SELF)
		(void) snprintf(ret, PROC_PATH_SIZE, "/proc/self/%s", name);
	else
		(void) snprintf(ret, PROC_PATH_SIZE, "/proc/%d/%s", (int) pid, name);
}

bool unr_map_proc_obstacle(struct unr_obstacle *ret)
{
	struct statvfs vfs;

	if (statvfs("/proc/self/uid_map", &vfs) < 0)
		unr_obstacle_set(ret, UNR_REMEDY_PROC_MOUNT, "", "/proc is not mounted");
	else if ((vfs.f_flag & ST_RDONLY) != 0)
		unr_obstacle_set(ret, UNR_REMEDY_PROC_WRITABLE, "",
				 "/proc is mounted read-only, so no map can be written");
	else
		return false;
	return true;
}

/* A refusal is the host's word; anything else is a failure of ours. */
static int fail_path(const char *what, const char *path, struct unr_error *err)
{
	int saved = errno;
	bool refused = saved == EPERM || saved == EACCES;
	struct unr_obstacle obstacle;

	if ((saved == EROFS || saved == ENOENT) && unr_map_proc_obstacle(&obstacle))
		return unr_obstacle_fail(&obstacle, -saved, err);
	return unr_fail(err, refused ? UNR_ERROR_CANNOT_RUN : UNR_ERROR_FAILED, -saved, "%s %s: %s",
			what, path, strerror(saved));
}

/* The kernel takes such a file in one write(2), once, or not at all. */
static int write_file(pid_t pid, const char *name, const char *text, struct unr_error *err)
{
	unr_autoclose int fd = -EBADF;
	size_t length = strlen(text);
	char path[PROC_PATH_SIZE];
	ssize_t n;

	proc_path(pid, name, path);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return fail_path("open", path, err);
	n = write(fd, text, length);
	if (n < 0)
		return fail_path("write", path, err);
	if ((size_t) n != length)
		return unr_fail(err, UNR_ERROR_FAILED, -EIO,
				"write %s: only %zd of %zu bytes were taken", path, n, length);
	return 0;
}

int unr_map_proc_write(pid_t pid, const struct unr_idmaps *maps, struct unr_error *err)
{
	for (size_t kind = 0; kind < UNR_ID_KIND_COUNT_; kind++) {
		unr_autofree char *text = unr_idmap_format(&maps->of[kind]);
		int r;

		if (text == NULL)
			return unr_fail_memory(err);
		r = write_file(pid, file_names[kind], text, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int unr_map_proc_write_self(pid_t pid, const struct unr_idmaps *maps, struct unr_error *err)
{
	/* user_namespaces(7): without it an unprivileged gid_map is refused (CVE-2014-8989). */
	int r = write_file(pid, "setgroups", "deny", err);

	return r < 0 ? r : unr_map_proc_write(pid, maps, err);
}

/* A line as the kernel prints it: three numbers in columns of 10 with spaces between. */
static int read_line(char *line, struct unr_id_range *ret)
{
	uint64_t numbers[3] = { 0 };
	char *rest = line, *field;
	size_t n = 0;

	while ((field = strsep(&rest, " \n")) != NULL) {
		if (field[0] == '\0')
			continue;
		if (n == UNR_COUNT(numbers) || unr_parse_u64(field, UINT32_MAX, &numbers[n++]) < 0)
			return -EIO;
	}
	if (n < UNR_COUNT(numbers))
		return -EIO;
	*ret = (struct unr_id_range) {
		.inside = (uint32_t) numbers[0],
		.outside = (uint32_t) numbers[1],
		.count = (uint32_t) numbers[2],
	};
	return 0;
}

int unr_map_proc_read(pid_t pid, enum unr_id_kind kind, struct unr_idmap *ret,
		      struct unr_error *err)
{
	unr_autofree char *line = NULL;
	char path[PROC_PATH_SIZE];
	size_t size = 0;
	FILE *file;
	int r = 0;

	proc_path(pid, file_names[kind], path);
	file = fopen(path, "re");
	if (file == NULL)
		return fail_path("open", path, err);
	while (r == 0 && getline(&line, &size, file) >= 0) {
		struct unr_id_range range;

		r = read_line(line, &range);
		if (r < 0)
			(void) unr_fail(err, UNR_ERROR_FAILED, r, "%s is not an id map", path);
		else if (unr_idmap_add(ret, range) < 0)
			r = unr_fail_memory(err);
	}
	if (r == 0 && ferror(file))
		r = fail_path("read", path, err);
	(void) fclose(file); /* only read from */
	return r;
}
