/* SPDX-License-Identifier: MIT */
/*
 * Times as dockerd sets them (pkg/archive/archive.go, time_linux.go and
 * pkg/system/chtimes.go, v20.10.24), with Go's arithmetic: a Time counts
 * seconds from the year 1 and nanoseconds from 1970 in 64 bits, and wraps.
 */
#include <errno.h>
#include <string.h>

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

int remember_directory(struct unpack *u)
{
	struct dir_times *d;

	if (u->n_dirs == u->dirs_room) {
		size_t room = u->dirs_room == 0 ? 64 : u->dirs_room * 2;

		d = reallocarray(u->dirs, room, sizeof(*d));
		if (d == NULL)
			return unr_fail_memory(u->err);
		u->dirs = d;
		u->dirs_room = room;
	}
	d = &u->dirs[u->n_dirs];
	*d = (struct dir_times) { .path = strdup(u->path.bytes),
				  .atime = u->options->engine->bounds_times ?
						   access_time(u->entry) :
						   u->entry->atime,
				  .mtime = u->entry->mtime };
	if (d->path == NULL)
		return unr_fail_memory(u->err);
	u->n_dirs++;
	return 0;
}

/* Up to 27.x the header's access time counts here as it is: absent, it is clamped to 1970. */
int apply_directory_times(struct unpack *u)
{
	for (size_t i = 0; i < u->n_dirs; i++) {
		const struct dir_times *d = &u->dirs[i];
		struct timespec times[2] = { clamp(d->atime), clamp(d->mtime) };
		int r = u->options->engine->rooted ? rooted_utimens(u, d->path, times) :
						     unr_sys_utimens(d->path, times);

		if (r != 0)
			return r < 0 ? fail_op(u, "chtimes", d->path, r) : r;
	}
	return 0;
}
