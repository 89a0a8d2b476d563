/* SPDX-License-Identifier: MIT */
/* Verdicts, and what is read and written below /proc: see kit.h. */
#include "selftest/kit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "selftest/record.h"
#include "userns/namespace.h"

static void UNR_PRINTF(3, 0)
	tell(struct st *t, enum st_record_kind kind, const char *fmt, va_list args)
{
	struct st_record record = { .kind = kind };

	(void) vsnprintf(record.text, sizeof(record.text), fmt, args);
	(void) send(t->report, &record, sizeof(record), MSG_NOSIGNAL);
}

void st_fail(struct st *t, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	tell(t, ST_RECORD_FAIL, fmt, args);
	va_end(args);
	unr_child_exit(ST_EXIT_TOLD);
}

void st_skip(struct st *t, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	tell(t, ST_RECORD_SKIP, fmt, args);
	va_end(args);
	unr_child_exit(ST_EXIT_TOLD);
}

void st_note(struct st *t, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	tell(t, ST_RECORD_NOTE, fmt, args);
	va_end(args);
}

bool st_is_since(const struct st *t, unsigned int version)
{
	return t->host->version >= version;
}

/* "EPERM" or "success". */
static const char *answer_name(long answer)
{
	return answer < 0 ? unr_errno_name((int) -answer) : "success";
}

static bool is_as(int expected, long actual)
{
	return expected == 0 ? actual >= 0 : actual == -expected;
}

long st_judge(struct st *t, int expected, long actual, const char *call, int line)
{
	if (!is_as(expected, actual))
		st_fail(t, "line %d: %s: promised is %s, the kernel's answer is %s", line, call,
			answer_name(-expected), answer_name(actual));
	return actual;
}

long st_judge_since(struct st *t, unsigned int version, const int expected[2], long actual,
		    const char *call, int line)
{
	if (st_is_since(t, version))
		return st_judge(t, expected[0], actual, call, line);
	st_note(t, "before Linux %u.%u: %s; here: %s", version >> 16, version & 0xffff,
		answer_name(-expected[1]), answer_name(actual));
	if (is_as(expected[0], actual))
		return actual;
	return st_judge(t, expected[1], actual, call, line);
}

void st_judge_equal(struct st *t, long long expected, long long actual, const char *what, int line)
{
	if (expected != actual)
		st_fail(t, "line %d: %s: promised is %lld, it is %lld", line, what, expected,
			actual);
}

int st_write_file(const char *path, const char *text)
{
	unr_autoclose int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	return write(fd, text, strlen(text)) < 0 ? -1 : 0;
}

static void proc_path(pid_t pid, const char *file, size_t size, char *ret)
{
	if (pid == 0)
		(void) snprintf(ret, size, "/proc/self/%s", file);
	else
		(void) snprintf(ret, size, "/proc/%d/%s", (int) pid, file);
}

int st_put(pid_t pid, const char *file, const char *text)
{
	char path[64];

	proc_path(pid, file, sizeof(path), path);
	return st_write_file(path, text);
}

static ssize_t read_text(const char *path, size_t size, char *ret)
{
	unr_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = unr_read_full(fd, ret, size - 1);
	if (n < 0) {
		errno = (int) -n;
		return -1;
	}
	ret[n] = '\0';
	return n;
}

ssize_t st_get(pid_t pid, const char *file, size_t size, char *ret)
{
	char path[64];

	proc_path(pid, file, sizeof(path), path);
	return read_text(path, size, ret);
}

void st_map(struct st *t, const struct st_child *child, const char *map)
{
	st_want(t, 0, st_put(child->pid, "uid_map", map));
	st_want(t, 0, st_put(child->pid, "gid_map", map));
}

unsigned long long st_field(struct st *t, pid_t pid, const char *name, int base)
{
	char status[4096], key[40];
	const char *at;

	st_want(t, 0, st_get(pid, "status", sizeof(status), status));
	(void) snprintf(key, sizeof(key), "\n%s:", name);
	at = strstr(status, key);
	if (at == NULL)
		st_skip(t, "/proc/PID/status has no %s", name);
	return strtoull(at + strlen(key), NULL, base);
}

long st_number(struct st *t, const char *path)
{
	char text[32];

	if (read_text(path, sizeof(text), text) < 0)
		st_skip(t, "%s cannot be read: %s", path, unr_errno_name(errno));
	return strtol(text, NULL, 10);
}
