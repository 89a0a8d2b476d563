/* SPDX-License-Identifier: MIT */
/*
 * A thread that fills a ring of buffers, one that watches and the caller who reads: see
 * ahead.h.
 */
#include "stream/ahead.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Large, for each is handed over twice; what was just written is still in a CPU's cache. */
#define PARTS 8
#define PART_SIZE ((size_t) 256 << 10)

struct part {
	size_t length;
	uint64_t at;
	char bytes[PART_SIZE];
};

/* Of parts, since the beginning; the ring holds those from the slower reader on. */
struct count {
	size_t filled, seen, taken;
};

struct ahead {
	struct ahead_source source;
	pthread_t filler, watcher; /* the second only where the source has somebody watch */
	bool joined;
	pthread_mutex_t lock;         /* of the five below */
	pthread_cond_t filled, freed; /* what a reader and what the filler waits for */
	struct count n;
	ssize_t end; /* what the source said last: 0 or -errno */
	bool ended, stopped;
	/* The caller's own. */
	size_t taken; /* bytes of its part */
	uint64_t at;
	/* Written before a part counts as filled, read before it counts as seen or taken. */
	struct part parts[PARTS];
};

/* Fills a part; what the source said last: above 0 there is more. */
static ssize_t fill(struct ahead *ahead, struct part *part)
{
	ssize_t n = 1;

	part->length = 0;
	while (part->length < PART_SIZE && n > 0) {
		n = ahead->source.read(ahead->source.context, part->bytes + part->length,
				       PART_SIZE - part->length);
		if (n > 0)
			part->length += (size_t) n;
	}
	part->at = ahead->source.at(ahead->source.context);
	return n;
}

static bool is_full(const struct ahead *ahead)
{
	const struct count *n = &ahead->n;
	bool watched = ahead->source.watch != NULL && n->seen < n->taken;

	return n->filled - (watched ? n->seen : n->taken) == PARTS;
}

/* Waits for a part to be free; false when nobody wants any more. */
static bool await_room(struct ahead *ahead)
{
	bool wanted;

	(void) pthread_mutex_lock(&ahead->lock);
	while (is_full(ahead) && !ahead->stopped)
		(void) pthread_cond_wait(&ahead->freed, &ahead->lock);
	wanted = !ahead->stopped;
	(void) pthread_mutex_unlock(&ahead->lock);
	return wanted;
}

static void *fill_all(void *argument)
{
	struct ahead *ahead = argument;
	ssize_t n = 1;

	for (size_t next = 0; n > 0 && await_room(ahead); next = (next + 1) % PARTS) {
		n = fill(ahead, &ahead->parts[next]);
		(void) pthread_mutex_lock(&ahead->lock);
		ahead->n.filled++;
		ahead->end = n;
		ahead->ended = n <= 0;
		(void) pthread_cond_broadcast(&ahead->filled);
		(void) pthread_mutex_unlock(&ahead->lock);
	}
	return NULL;
}

/* Waits for a part behind the @done ones; false at the end. */
static bool await_part(struct ahead *ahead, size_t done)
{
	bool filled;

	(void) pthread_mutex_lock(&ahead->lock);
	while (ahead->n.filled == done && !ahead->ended && !ahead->stopped)
		(void) pthread_cond_wait(&ahead->filled, &ahead->lock);
	filled = ahead->n.filled > done;
	(void) pthread_mutex_unlock(&ahead->lock);
	return filled;
}

static void give_back(struct ahead *ahead, size_t *count)
{
	(void) pthread_mutex_lock(&ahead->lock);
	++*count;
	(void) pthread_cond_signal(&ahead->freed);
	(void) pthread_mutex_unlock(&ahead->lock);
}

static void *watch_all(void *argument)
{
	struct ahead *ahead = argument;

	for (size_t i = 0; await_part(ahead, i); i++) {
		const struct part *part = &ahead->parts[i % PARTS];

		ahead->source.watch(ahead->source.context, part->bytes, part->length);
		give_back(ahead, &ahead->n.seen);
	}
	return NULL;
}

/* Ends the first @n_threads of them; what they have not read yet stays unread if @stop. */
static void join(struct ahead *ahead, bool stop, unsigned int n_threads)
{
	(void) pthread_mutex_lock(&ahead->lock);
	ahead->stopped = stop;
	(void) pthread_cond_broadcast(&ahead->filled);
	(void) pthread_cond_signal(&ahead->freed);
	(void) pthread_mutex_unlock(&ahead->lock);
	(void) pthread_join(ahead->filler, NULL);
	if (n_threads > 1)
		(void) pthread_join(ahead->watcher, NULL);
	ahead->joined = true;
}

static unsigned int count_threads(const struct ahead *ahead)
{
	return ahead->source.watch != NULL ? 2 : 1;
}

static void ahead_free(struct ahead *ahead)
{
	(void) pthread_cond_destroy(&ahead->filled);
	(void) pthread_cond_destroy(&ahead->freed);
	(void) pthread_mutex_destroy(&ahead->lock);
	free(ahead);
}

static int start_threads(struct ahead *ahead)
{
	int r = pthread_create(&ahead->filler, NULL, fill_all, ahead);

	if (r != 0 || count_threads(ahead) == 1)
		return -r;
	r = pthread_create(&ahead->watcher, NULL, watch_all, ahead);
	if (r != 0)
		join(ahead, true, 1);
	return -r;
}

int ahead_start(const struct ahead_source *source, struct ahead **ret)
{
	struct ahead *ahead = malloc(sizeof(*ahead));
	int r;

	if (ahead == NULL)
		return -ENOMEM;
	memset(ahead, 0, offsetof(struct ahead, parts));
	ahead->source = *source;
	(void) pthread_mutex_init(&ahead->lock, NULL);
	(void) pthread_cond_init(&ahead->filled, NULL);
	(void) pthread_cond_init(&ahead->freed, NULL);
	r = start_threads(ahead);
	if (r < 0) {
		ahead_free(ahead);
		return r;
	}
	*ret = ahead;
	return 0;
}

/* The part that the next byte is in; NULL at the end. */
static const struct part *current_part(struct ahead *ahead)
{
	/* Only this thread counts up n.taken. */
	while (ahead->taken > 0 || await_part(ahead, ahead->n.taken)) {
		const struct part *part = &ahead->parts[ahead->n.taken % PARTS];

		ahead->at = part->at;
		if (ahead->taken < part->length)
			return part;
		ahead->taken = 0;
		give_back(ahead, &ahead->n.taken);
	}
	return NULL;
}

ssize_t ahead_read(struct ahead *ahead, void *buffer, size_t size)
{
	const struct part *part = current_part(ahead);

	if (part == NULL)
		return ahead->end;
	if (size > part->length - ahead->taken)
		size = part->length - ahead->taken;
	memcpy(buffer, part->bytes + ahead->taken, size);
	ahead->taken += size;
	return (ssize_t) size;
}

int ahead_skip(struct ahead *ahead, uint64_t size)
{
	while (size > 0) {
		const struct part *part = current_part(ahead);
		size_t n;

		if (part == NULL)
			return (int) ahead->end;
		n = part->length - ahead->taken;
		if (size < n)
			n = (size_t) size;
		ahead->taken += n;
		size -= n;
	}
	return 0;
}

uint64_t ahead_at(const struct ahead *ahead)
{
	return ahead->at;
}

void ahead_finish(struct ahead *ahead)
{
	if (ahead != NULL && !ahead->joined)
		join(ahead, false, count_threads(ahead));
}

void ahead_stop(struct ahead *ahead)
{
	if (ahead == NULL)
		return;
	if (!ahead->joined)
		join(ahead, true, count_threads(ahead));
	ahead_free(ahead);
}
