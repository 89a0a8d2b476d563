/* SPDX-License-Identifier: MIT */
/* A thread that reads and digests: see beside.h. */
#include "stream/beside.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/fd.h"

/* Still in a CPU's cache when it is digested. */
#define PIECE ((size_t) 256 << 10)

struct beside {
	struct unr_blob blob;
	EVP_MD_CTX *digest; /* borrowed */
	pthread_t thread;
	atomic_bool stopped;
	bool joined;
	int result; /* the thread's, until it is joined */
	unsigned char piece[PIECE];
};

/* Bytes at @at; 0 at the end, of the blob or of a file that has fewer. */
static ssize_t take(struct beside *beside, uint64_t at)
{
	const uint64_t left = beside->blob.size - at;
	ssize_t n = unr_pread_full(beside->blob.fd, beside->piece,
				   left < PIECE ? (size_t) left : PIECE, beside->blob.offset + at);

	if (n > 0 && EVP_DigestUpdate(beside->digest, beside->piece, (size_t) n) != 1)
		return -EINVAL;
	return n;
}

static void *digest_all(void *argument)
{
	struct beside *beside = argument;
	ssize_t n = 1;

	for (uint64_t at = 0; n > 0 && !atomic_load(&beside->stopped); at += (uint64_t) n)
		n = take(beside, at);
	beside->result = n < 0 ? (int) n : 0;
	return NULL;
}

int beside_start(const struct unr_blob *blob, EVP_MD_CTX *digest, struct beside **ret)
{
	struct beside *beside = malloc(sizeof(*beside));
	int r;

	if (beside == NULL)
		return -ENOMEM;
	beside->blob = *blob;
	beside->digest = digest;
	atomic_init(&beside->stopped, false);
	beside->joined = false;
	beside->result = 0;
	r = pthread_create(&beside->thread, NULL, digest_all, beside);
	if (r != 0) {
		free(beside);
		return -r;
	}
	*ret = beside;
	return 0;
}

int beside_finish(struct beside *beside)
{
	if (!beside->joined)
		(void) pthread_join(beside->thread, NULL);
	beside->joined = true;
	return beside->result;
}

void beside_stop(struct beside *beside)
{
	if (beside == NULL)
		return;
	atomic_store(&beside->stopped, true);
	(void) !beside_finish(beside);
	free(beside);
}
