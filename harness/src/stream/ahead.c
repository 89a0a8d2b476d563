/* SPDX-License-Identifier: MIT */
/* A thread that reads ahead, through a ring of buffers: see ahead.h. */
#include "stream/ahead.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Few and large: each is handed over once, and all of them fit a CPU's cache. */
#define PARTS 4
#define PART_SIZE ((size_t) 128 << 10)

struct part {
	size_t length;
	uint64_t at;
	char bytes[PART_SIZE];
};

struct ahead {
	struct ahead_source source;
	pthread_t thread;
	pthread_mutex_t lock; /* of the five below */
	pthread_cond_t changed;
	size_t n_filled;
	ssize_t end; /* what the source said last: 0 or -errno */
	bool ended, stopped;
	/* The reader's own. */
	size_t first, taken;
	uint64_t at;
	/* The thread's own, between being emptied and being filled. */
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

/* Waits for a part to be free; false when nobody wants any more. */
static bool await_room(struct ahead *ahead)
{
	bool wanted;

	(void) pthread_mutex_lock(&ahead->lock);
	while (ahead->n_filled == PARTS && !ahead->stopped)
		(void) pthread_cond_wait(&ahead->changed, &ahead->lock);
	wanted = !ahead->stopped;
	(void) pthread_mutex_unlock(&ahead->lock);
	return wanted;
}

static void *read_all(void *argument)
{
	struct ahead *ahead = argument;
	ssize_t n = 1;

	for (size_t next = 0; n > 0 && await_room(ahead); next = (next + 1) % PARTS) {
		n = fill(ahead, &ahead->parts[next]);
		(void) pthread_mutex_lock(&ahead->lock);
		ahead->n_filled++;
		ahead->end = n;
		ahead->ended = n <= 0;
		(void) pthread_cond_signal(&ahead->changed);
		(void) pthread_mutex_unlock(&ahead->lock);
	}
	return NULL;
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
	(void) pthread_cond_init(&ahead->changed, NULL);
	r = pthread_create(&ahead->thread, NULL, read_all, ahead);
	if (r != 0) {
		free(ahead);
		return -r;
	}
	*ret = ahead;
	return 0;
}

/* Waits for the first part, and gives back the one before it; false at the end. */
static bool await_part(struct ahead *ahead)
{
	bool filled;

	(void) pthread_mutex_lock(&ahead->lock);
	while (ahead->n_filled == 0 && !ahead->ended)
		(void) pthread_cond_wait(&ahead->changed, &ahead->lock);
	filled = ahead->n_filled > 0;
	(void) pthread_mutex_unlock(&ahead->lock);
	return filled;
}

static void give_back(struct ahead *ahead)
{
	ahead->first = (ahead->first + 1) % PARTS;
	ahead->taken = 0;
	(void) pthread_mutex_lock(&ahead->lock);
	ahead->n_filled--;
	(void) pthread_cond_signal(&ahead->changed);
	(void) pthread_mutex_unlock(&ahead->lock);
}

ssize_t ahead_read(struct ahead *ahead, void *buffer, size_t size)
{
	const struct part *part;

	for (;;) {
		if (ahead->taken == 0 && !await_part(ahead))
			return ahead->end;
		part = &ahead->parts[ahead->first];
		ahead->at = part->at;
		if (ahead->taken < part->length)
			break;
		give_back(ahead);
	}
	if (size > part->length - ahead->taken)
		size = part->length - ahead->taken;
	memcpy(buffer, part->bytes + ahead->taken, size);
	ahead->taken += size;
	return (ssize_t) size;
}

uint64_t ahead_at(const struct ahead *ahead)
{
	return ahead->at;
}

void ahead_stop(struct ahead *ahead)
{
	if (ahead == NULL)
		return;
	(void) pthread_mutex_lock(&ahead->lock);
	ahead->stopped = true;
	(void) pthread_cond_signal(&ahead->changed);
	(void) pthread_mutex_unlock(&ahead->lock);
	(void) pthread_join(ahead->thread, NULL);
	(void) pthread_cond_destroy(&ahead->changed);
	(void) pthread_mutex_destroy(&ahead->lock);
	free(ahead);
}
