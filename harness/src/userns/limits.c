/* SPDX-License-Identifier: MIT */
/* The limits, each with its option and the error it shows as: see limits.h. */
#include "userns/limits.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Powers of two, or of 60; the largest first. */
struct unit {
	uint64_t size;
	char letter;
};

static const struct unit bytes[] = { { UINT64_C(1) << 40, 'T' },
				     { UINT64_C(1) << 30, 'G' },
				     { UINT64_C(1) << 20, 'M' },
				     { UINT64_C(1) << 10, 'K' },
				     { 0, 0 } };
static const struct unit seconds[] = { { 3600, 'h' }, { 60, 'm' }, { 1, 's' }, { 0, 0 } };
static const struct unit things[] = { { 0, 0 } };

/*
 * The defaults are above what images have that are meant well: the largest layers
 * that were measured take 70 MB a process, and a window of xz may be 1.5 GB.
 */
static const struct {
	const char *option;
	const struct unit *units;
	uint64_t usual;
	int error;    /* shows where the limit was met */
	int resource; /* of setrlimit(2); -1: not one of those */
} limits[UNR_LIMIT_COUNT_] = {
	[UNR_LIMIT_FILE_SIZE] = { "file-size", bytes, UINT64_C(256) << 30, EFBIG, RLIMIT_FSIZE },
	[UNR_LIMIT_INODES] = { "inodes", things, 4194304, UNR_TOO_MANY_FILES, -1 },
	[UNR_LIMIT_MEMORY] = { "memory", bytes, UINT64_C(2) << 30, ENOMEM, RLIMIT_DATA },
	[UNR_LIMIT_OPEN_FILES] = { "open-files", things, 1024, EMFILE, RLIMIT_NOFILE },
	[UNR_LIMIT_TIME] = { "time", seconds, 6 * 3600, ETIME, -1 },
};

void unr_limits_fill(struct unr_limits *given)
{
	for (size_t i = 0; i < UNR_LIMIT_COUNT_; i++)
		if (given->of[i] == 0)
			given->of[i] = limits[i].usual;
}

static bool has_shadow(void)
{
#if defined(__SANITIZE_ADDRESS__)
	return true;
#elif defined(__has_feature)
	return __has_feature(address_sanitizer);
#else
	return false;
#endif
}

/* By number, in the kernel's form: C libraries do not agree on the types of setrlimit(2). */
static int lower(int resource, uint64_t most)
{
	uint64_t limit[2]; /* soft and hard */

	if (syscall(SYS_prlimit64, 0, resource, NULL, limit) < 0)
		return -1;
	if (limit[1] > most)
		limit[1] = most;
	limit[0] = limit[1];
	return (int) syscall(SYS_prlimit64, 0, resource, limit, NULL);
}

int unr_limits_enter(const struct unr_limits *given, struct unr_error *err)
{
	(void) signal(SIGXFSZ, SIG_IGN);
	if (lower(RLIMIT_CORE, 0) < 0)
		return unr_fail_errno(err, "setrlimit for dumps of memory");
	for (size_t i = 0; i < UNR_LIMIT_COUNT_; i++) {
		if (limits[i].resource < 0 || given->of[i] == UNR_LIMIT_NONE ||
		    (limits[i].resource == RLIMIT_DATA && has_shadow()))
			continue;
		if (lower(limits[i].resource, given->of[i]) < 0)
			return unr_fail_errno(err, "setrlimit for --limit-%s", limits[i].option);
	}
	return 0;
}

static void describe(const struct unit *units, uint64_t value, char *ret, size_t size)
{
	while (units->size > 0 && value % units->size != 0)
		units++;
	if (units->size > 0)
		(void) snprintf(ret, size, "%" PRIu64 "%c", value / units->size, units->letter);
	else
		(void) snprintf(ret, size, "%" PRIu64, value);
}

/* A tmpfs that is full has no inodes left, or, for want of another limit, no memory. */
static bool is_out_of_inodes(void)
{
	struct statvfs vfs;

	return statvfs("/", &vfs) == 0 && vfs.f_files > 0 && vfs.f_ffree == 0;
}

void unr_limits_explain(const struct unr_limits *given, bool in_tmpfs, struct unr_error *err)
{
	int error = -err->code;

	if (err->kind != UNR_ERROR_FAILED)
		return;
	if (error == ENOSPC && in_tmpfs && is_out_of_inodes())
		error = UNR_TOO_MANY_FILES;
	for (size_t i = 0; i < UNR_LIMIT_COUNT_; i++) {
		size_t length = strlen(err->message);
		char value[32];

		if (limits[i].error != error || given->of[i] == UNR_LIMIT_NONE)
			continue;
		describe(limits[i].units, given->of[i], value, sizeof(value));
		(void) snprintf(err->message + length, sizeof(err->message) - length,
				"; --limit-%s is %s", limits[i].option, value);
	}
}
