/* SPDX-License-Identifier: MIT */
/*
 * Times as dockerd sets them (pkg/archive/archive.go, time_linux.go and
 * pkg/system/chtimes.go, v20.10.24), with Go's arithmetic: a Time counts
 * seconds from the year 1 and nanoseconds from 1970 in 64 bits, and wraps.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "sys/sys.h"
#include "unpack/internal.h"

#define SECOND INT64_C(1000000000)

/* The last moment that fits into nanoseconds: 2262-04-11. */
static const struct unr_tar_time LATEST = { INT64_MAX / SECOND, INT64_MAX % SECOND };
static const struct unr_tar_time EPOCH = { 0, 0 };

/* Seconds since the year 1, as Go keeps them. */
static int64_t internal_seconds(struct unr_tar_time time)
{
	return (int64_t) ((uint64_t) time.seconds - (uint64_t) UNR_TAR_ZERO_TIME);
}

static bool is_before(struct unr_tar_time a, struct unr_tar_time b)
{
	int64_t left = internal_seconds(a), right = internal_seconds(b);

	return left < right || (left == right && a.nanoseconds < b.nanoseconds);
}

/* Outside 1970..2262 counts as 1970 (system.Chtimes). */
static struct timespec clamp(struct unr_tar_time time)
{
	if (is_before(time, EPOCH) || is_before(LATEST, time))
		time = EPOCH;
	return (struct timespec) { .tv_sec = time.seconds, .tv_nsec = time.nanoseconds };
}

/*
 * Up to 27.x symlinks are not clamped: the time goes through 64-bit nanoseconds, which
 * wrap.  A zero Time is passed as UTIME_OMIT in the nanoseconds, which the way
 * through TimespecToNsec turns into 1.073741822 s.
 */
static struct timespec wrap(struct unr_tar_time time)
{
	int64_t ns = (int64_t) ((uint64_t) time.seconds * (uint64_t) SECOND +
				(uint64_t) time.nanoseconds);
	struct timespec ts;

	if (internal_seconds(time) == 0 && time.nanoseconds == 0)
		ns = UTIME_OMIT;
	ts = (struct timespec) { .tv_sec = ns / SECOND, .tv_nsec = ns % SECOND };
	if (ts.tv_nsec < 0) {
		ts.tv_nsec += SECOND;
		ts.tv_sec--;
	}
	return ts;
}

/* The access time is never before the modification time. */
static struct unr_tar_time access_time(const struct unr_tar_entry *entry)
{
	return is_before(entry->atime, entry->mtime) ? entry->mtime : entry->atime;
}

int apply_times(struct unpack *u, bool through_links)
{
	struct unr_tar_time atime = access_time(u->entry), mtime = u->entry->mtime;
	int r;

	if (through_links) {
		struct timespec times[2] = { clamp(atime), clamp(mtime) };

		r = u->fd >= 0 ? unr_sys_futimens(u->fd, times) :
				 unr_sys_utimens(u->path.bytes, times);
		return r < 0 ? fail_op(u, "chtimes", u->path.bytes, r) : 0;
	}
	bool bound = u->options->engine->bounds_times;
	struct timespec times[2] = { bound ? clamp(atime) : wrap(atime),
				     bound ? clamp(mtime) : wrap(mtime) };

	r = unr_sys_lutimens(u->path.bytes, times);
	return r < 0 ? fail_bare(u, r) : 0;
}

int directories_open(const char **ret_where)
{
	int fd = memfd_create("directories", MFD_CLOEXEC);

	*ret_where = "memory";
	return fd < 0 ? -errno : fd;
}

/* A record: these times, then the path with its NUL. */
struct directory_times {
	struct unr_tar_time atime, mtime;
};

int remember_directory(struct unpack *u)
{
	unr_auto(unr_text_done) struct unr_text record = { 0 };
	const struct directory_times times = { .atime = u->options->engine->bounds_times ?
								access_time(u->entry) :
								u->entry->atime,
					       .mtime = u->entry->mtime };
	int r;

	unr_text_append(&record, &times, sizeof(times));
	unr_text_append(&record, u->path.bytes, u->path.length + 1);
	r = record.failed ? -ENOMEM :
			    unr_records_append(&u->directories, 0, record.bytes, record.length);
	if (r == -ENOMEM)
		return unr_fail_memory(u->err);
	return r < 0 ? unr_fail(u->err, UNR_ERROR_FAILED, r, "remember a directory: %s",
				strerror(-r)) :
		       0;
}

/* Up to 27.x the header's access time counts here as it is: absent, it is clamped to 1970. */
static int apply_record(struct unpack *u, const char *record)
{
	const char *path = record + sizeof(struct directory_times);
	struct directory_times d;
	struct timespec times[2];
	int r;

	memcpy(&d, record, sizeof(d));
	times[0] = clamp(d.atime);
	times[1] = clamp(d.mtime);
	r = u->options->engine->rooted ? rooted_utimens(u, path, times) :
					 unr_sys_utimens(path, times);
	return r < 0 ? fail_op(u, "chtimes", path, r) : r;
}

int apply_directory_times(struct unpack *u)
{
	unr_auto(unr_records_reader_done) struct unr_records_reader reader =
		unr_records_start(&u->directories, 0);
	const char *record;
	size_t length;
	int r;

	while ((r = unr_records_read(&reader, &record, &length)) > 0) {
		r = apply_record(u, record);
		if (r != 0)
			return r;
	}
	return r < 0 ? unr_fail(u->err, UNR_ERROR_FAILED, r, "look up a directory: %s",
				strerror(-r)) :
		       0;
}
