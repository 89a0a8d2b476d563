/* SPDX-License-Identifier: MIT */
/* The life of a blob's transfer: see transfer.h. */
#include "fetch/transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/tempfile.h"
#include "fetch/cache.h"
#include "fetch/http.h"
#include "fetch/news.h"
#include "fetch/retry.h"

enum {
	AT_A_TIME = 3,           /* as docker's max-concurrent-downloads */
	TRANSFERS_MAX = 10000,   /* more than an image has */
	REFUSAL_MAX = 64 * 1024, /* bytes read of an answer that is not the blob */
};

struct unr_transfer {
	struct unr_registry *registry;
	char digest[UNR_DIGEST_SIZE];
	uint64_t size; /* the most that it may have */
	unsigned int wanted;
	enum unr_transfer_state state;
	struct unr_error error; /* of FAILED */
	int fd;                 /* owned */
	uint64_t have;
	struct unr_digester *digester; /* owned; of what is there */
	CURL *easy;                    /* owned while it RUNS */
	struct curl_slist *headers;    /* owned */
	struct unr_http_head head;
	bool begun;       /* the answer's status was looked at */
	uint64_t refused; /* bytes of an answer that is not the blob */
	unsigned int met; /* challenges that were met when it was started */
	bool authorised;  /* asked for another token already */
	struct unr_retry retry;
	int64_t not_before;
	struct unr_news news;
};

int unr_transfer_add(struct unr_registry *registry, const char *digest, uint64_t size)
{
	struct unr_transfer *t = unr_transfer_find(registry, digest);

	if (t != NULL) {
		t->wanted++;
		return 0;
	}
	if (registry->n_transfers == TRANSFERS_MAX)
		return -E2BIG;
	if (registry->n_transfers == registry->room) {
		size_t room = registry->room == 0 ? 64 : registry->room * 2;
		struct unr_transfer **longer =
			reallocarray(registry->transfers, room, sizeof(*longer));

		if (longer == NULL)
			return -ENOMEM;
		registry->transfers = longer;
		registry->room = room;
	}
	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return -ENOMEM;
	t->registry = registry;
	(void) snprintf(t->digest, sizeof(t->digest), "%s", digest);
	t->size = size;
	t->wanted = 1;
	t->fd = -EBADF;
	registry->transfers[registry->n_transfers++] = t;
	return 0;
}

struct unr_transfer *unr_transfer_find(const struct unr_registry *registry, const char *digest)
{
	for (size_t i = 0; i < registry->n_transfers; i++)
		if (registry->transfers[i]->wanted > 0 &&
		    strcmp(registry->transfers[i]->digest, digest) == 0)
			return registry->transfers[i];
	return NULL;
}

enum unr_transfer_state unr_transfer_state(const struct unr_transfer *t)
{
	return t->state;
}

const struct unr_error *unr_transfer_error(const struct unr_transfer *t)
{
	return &t->error;
}

int unr_transfer_take(struct unr_transfer *t)
{
	char self[40];
	int fd;

	/* Another open file, so that the one who gets it can neither write nor move this one. */
	(void) snprintf(self, sizeof(self), "/proc/self/fd/%d", t->fd);
	fd = open(self, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (--t->wanted == 0 && !t->registry->again)
		unr_close(&t->fd);
	return fd;
}

static void stop_request(struct unr_transfer *t)
{
	if (t->easy == NULL)
		return;
	(void) t->registry->curl->multi_remove_handle(t->registry->multi, t->easy);
	t->registry->curl->easy_cleanup(t->easy);
	t->registry->curl->slist_free_all(t->headers);
	t->easy = NULL;
	t->headers = NULL;
	t->registry->n_running--;
}

/* Everything that is only needed on the way. */
static void settle(struct unr_transfer *t, enum unr_transfer_state state)
{
	stop_request(t);
	unr_digester_free(t->digester);
	t->digester = NULL;
	t->state = state;
	if (state == UNR_TRANSFER_FAILED)
		unr_close(&t->fd);
}

UNR_PRINTF(3, 4)
static void fail(struct unr_transfer *t, int code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void) unr_fail_v(&t->error, UNR_ERROR_FAILED, code, fmt, args);
	va_end(args);
	settle(t, UNR_TRANSFER_FAILED);
}

static void fail_write(struct unr_transfer *t, int code)
{
	fail(t, code, "%s: a blob cannot be kept in a temporary file: %s",
	     t->registry->name->familiar, strerror(-code));
}

/* From the first byte on. */
static int begin_anew(struct unr_transfer *t)
{
	unr_digester_free(t->digester);
	t->digester = unr_digester_new(t->digest);
	t->have = 0;
	if (t->digester == NULL)
		return -ENOMEM;
	return ftruncate(t->fd, 0) < 0 || lseek(t->fd, 0, SEEK_SET) < 0 ? -errno : 0;
}

/* What the body that begins is; < 0: nothing to be kept. */
static int look_at_status(struct unr_transfer *t)
{
	long status = 0;

	(void) t->registry->curl->easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status == 206 && t->head.range == t->have)
		return 0;
	return status == 200 ? begin_anew(t) : -EBADMSG;
}

static size_t take(char *data, size_t size, size_t n, void *context)
{
	struct unr_transfer *t = context;
	int r = 0;

	n *= size;
	if (!t->begun) {
		t->begun = true;
		t->refused = look_at_status(t) < 0 ? 1 : 0;
	}
	if (t->refused > 0) {
		t->refused += n;
		return t->refused > REFUSAL_MAX ? 0 : n;
	}
	if (n > t->size - t->have)
		r = unr_fail(&t->error, UNR_ERROR_FAILED, -EFBIG,
			     "%s: blob %s is longer than the %" PRIu64 " bytes of its descriptor",
			     t->registry->name->familiar, t->digest, t->size);
	else if (!unr_digester_add(t->digester, data, n))
		r = unr_fail(&t->error, UNR_ERROR_FAILED, -EIO, "libcrypto fails");
	else
		r = unr_write_full(t->fd, data, n);
	if (r < 0 && t->error.kind == UNR_ERROR_NONE)
		(void) unr_fail(&t->error, UNR_ERROR_FAILED, r,
				"%s: a blob cannot be kept in a temporary file: %s",
				t->registry->name->familiar, strerror(-r));
	if (r < 0)
		return 0;
	t->have += n;
	return n;
}

static void again(struct unr_transfer *t, long pause)
{
	stop_request(t);
	t->state = UNR_TRANSFER_WAITS;
	t->not_before = unr_now_ms() + pause;
}

/* All that was to come has come. */
static void end(struct unr_transfer *t, const char *found)
{
	const struct unr_registry *registry = t->registry;
	bool same = strcmp(found, t->digest) == 0;
	int r = 0;

	if (!same && registry->verify) {
		fail(t, -EBADMSG, "%s: filesystem layer verification failed for digest %s",
		     registry->name->familiar, t->digest);
		return;
	}
	if (same && registry->cache_fd >= 0)
		r = unr_cache_keep(registry->cache_fd, t->digest, t->fd);
	if (r < 0)
		fail(t, r, "--cache: a blob cannot be kept: %s", strerror(-r));
	else
		settle(t, UNR_TRANSFER_THERE);
}

/* The answer was given, whole or in pieces, and nothing was wrong on the way. */
static void complete(struct unr_transfer *t)
{
	char found[UNR_DIGEST_SIZE];
	long pause;

	if (t->have < t->size) {
		/* A server may end a body early without a fault, and a descriptor may be wrong:
		 * the file is read again, as its digest goes on if there is more to come. */
		const struct unr_blob blob = { .fd = t->fd, .size = t->have };

		if (unr_digest_of_blob(t->digest, &blob, found, &t->error) < 0) {
			settle(t, UNR_TRANSFER_FAILED);
			return;
		}
		if (strcmp(found, t->digest) != 0) {
			pause = unr_retry_next(&t->retry, t->head.retry_after, t->have);
			if (pause >= 0)
				again(t, pause);
			else
				fail(t, -ENODATA,
				     "%s: blob %s is cut short: %" PRIu64 " of %" PRIu64 " bytes",
				     t->registry->name->familiar, t->digest, t->have, t->size);
			return;
		}
	} else if (!unr_digester_end(t->digester, found)) {
		fail(t, -EIO, "libcrypto fails");
		return;
	}
	end(t, found);
}

/* Another token, once: they last a few minutes only. */
static bool authorise(struct unr_transfer *t)
{
	struct unr_registry *registry = t->registry;
	if (t->met < registry->auth.met) { /* another one has seen to it meanwhile */
		again(t, 0);
		return true;
	}
	if (t->authorised || *t->head.challenge == '\0')
		return false;
	t->authorised = true;
	if (unr_auth_meet(&registry->auth, registry->name, t->head.challenge, registry->insecure,
			  &registry->certificates, &t->error) < 0)
		settle(t, UNR_TRANSFER_FAILED);
	else
		again(t, 0);
	return true;
}

static void fail_transfer(struct unr_transfer *t, CURLcode code, long status)
{
	const struct unr_docker_name *name = t->registry->name;
	char what[UNR_DIGEST_SIZE + 16];

	(void) snprintf(what, sizeof(what), "blob %s", t->digest);
	if (code == CURLE_OK)
		(void) unr_http_fail_status(status, name->host, what, &t->error);
	else
		(void) unr_http_fail(t->registry->curl, code, name->host, &t->error);
	settle(t, UNR_TRANSFER_FAILED);
}

/* libcurl is done with it. */
static void ended(struct unr_transfer *t, CURLcode code)
{
	long status = 0, pause = -1;

	(void) t->registry->curl->easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	if (t->error.kind != UNR_ERROR_NONE) {
		settle(t, UNR_TRANSFER_FAILED);
		return;
	}
	if (code == CURLE_OK && (status == 200 || status == 206) && t->refused == 0) {
		complete(t);
		return;
	}
	if (status == 401 && authorise(t))
		return;
	/* What there is may be all there is to have, or the wrong part came. */
	if (status == 416 || (status == 206 && t->refused > 0)) {
		if (begin_anew(t) == 0)
			pause = unr_retry_next(&t->retry, t->head.retry_after, 0);
	} else if (unr_retry_is_passing(code, status)) {
		pause = unr_retry_next(&t->retry, t->head.retry_after, t->have);
	}
	if (pause >= 0)
		again(t, pause);
	else
		fail_transfer(t, code, status);
}

static bool tell(struct unr_transfer *t, enum unr_layer_state state)
{
	return unr_news_tell(&t->news, t->registry->news_fd, t->digest, state, t->have, t->size);
}

/* Is it in the cache, and what its name says?  What is not is thrown away. */
static bool take_from_cache(struct unr_transfer *t)
{
	int cache_fd = t->registry->cache_fd;
	char found[UNR_DIGEST_SIZE] = "";
	struct unr_error ignored;
	struct unr_blob blob;

	if (cache_fd < 0 || unr_cache_find(cache_fd, t->digest, &t->fd) < 0)
		return false;
	(void) tell(t, UNR_LAYER_VERIFYING);
	blob = (struct unr_blob) { .fd = t->fd, .size = UINT64_MAX };
	if (unr_digest_of_blob(t->digest, &blob, found, &ignored) == 0 &&
	    strcmp(found, t->digest) == 0) {
		settle(t, UNR_TRANSFER_THERE);
		(void) tell(t, UNR_LAYER_DOWNLOADED);
		return true;
	}
	unr_cache_drop(cache_fd, t->digest);
	unr_close(&t->fd);
	return false;
}

static int open_file(struct unr_transfer *t)
{
	const char *folder;
	int r;

	if (t->registry->cache_fd >= 0) {
		r = unr_cache_new(t->registry->cache_fd, t->digest, &t->fd);
		if (r < 0) {
			fail(t, r, "--cache: no file can be made there: %s", strerror(-r));
			return r;
		}
	} else {
		t->fd = unr_tempfile_open(&folder);
		if (t->fd < 0) {
			r = t->fd;
			fail(t, r,
			     "cannot make a temporary file in %s: %s; set TMPDIR to another "
			     "directory",
			     folder, strerror(-r));
			return r;
		}
	}
	r = begin_anew(t);
	if (r < 0)
		fail_write(t, r);
	return r;
}

static void start(struct unr_transfer *t)
{
	struct unr_registry *registry = t->registry;
	char range[40];

	if (t->fd < 0 && (take_from_cache(t) || open_file(t) < 0))
		return;
	t->easy = unr_registry_request(registry, "blobs", t->digest, &t->headers);
	if (t->easy == NULL) {
		registry->curl->slist_free_all(t->headers);
		t->headers = NULL;
		fail(t, -ENOMEM, "out of memory");
		return;
	}
	t->begun = false;
	t->refused = 0;
	t->met = registry->auth.met;
	if (t->have > 0) {
		(void) snprintf(range, sizeof(range), "%" PRIu64 "-", t->have);
		(void) registry->curl->easy_setopt(t->easy, CURLOPT_RANGE, range);
	}
	(void) registry->curl->easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, take);
	(void) registry->curl->easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
	unr_http_follow_head(registry->curl, t->easy, &t->head);
	(void) registry->curl->easy_setopt(t->easy, CURLOPT_PRIVATE, t);
	registry->n_running++;
	t->state = UNR_TRANSFER_RUNS;
	if (registry->curl->multi_add_handle(registry->multi, t->easy) != CURLM_OK)
		fail(t, -ENOMEM, "libcurl takes no more transfers");
}

long unr_transfers_start(struct unr_registry *registry)
{
	int64_t now = unr_now_ms(), next = -1;

	for (size_t i = 0; i < registry->n_transfers && registry->n_running < AT_A_TIME; i++) {
		struct unr_transfer *t = registry->transfers[i];

		if (t->state != UNR_TRANSFER_WAITS)
			continue;
		if (t->not_before <= now)
			start(t);
		/* Reading a cache takes its time: not all of it before anybody is served. */
		if (t->state == UNR_TRANSFER_THERE)
			return 0;
		if (t->state != UNR_TRANSFER_WAITS)
			continue;
		if (next < 0 || t->not_before - now < next)
			next = t->not_before - now;
	}
	return (long) next;
}

bool unr_transfers_finish(struct unr_registry *registry)
{
	bool finished = false;
	CURLMsg *message;
	int left;

	while ((message = registry->curl->multi_info_read(registry->multi, &left)) != NULL) {
		char *transfer = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		(void) registry->curl->easy_getinfo(message->easy_handle, CURLINFO_PRIVATE,
						    &transfer);
		ended((struct unr_transfer *) (void *) transfer, message->data.result);
		finished = true;
	}
	return finished;
}

bool unr_transfers_tell(struct unr_registry *registry)
{
	bool told = true;

	for (size_t i = 0; i < registry->n_transfers && told; i++) {
		struct unr_transfer *t = registry->transfers[i];

		if (t->state == UNR_TRANSFER_WAITS && t->have == 0)
			told = tell(t, UNR_LAYER_WAITING);
		else if (t->state == UNR_TRANSFER_RUNS && t->have > 0)
			told = tell(t, UNR_LAYER_DOWNLOADING);
		else if (t->state == UNR_TRANSFER_THERE && t->news.state != UNR_LAYER_DOWNLOADED)
			told = tell(t, UNR_LAYER_VERIFYING) && tell(t, UNR_LAYER_DOWNLOADED);
	}
	return told;
}

void unr_transfers_done(struct unr_registry *registry)
{
	for (size_t i = 0; i < registry->n_transfers; i++) {
		settle(registry->transfers[i], UNR_TRANSFER_FAILED);
		free(registry->transfers[i]);
	}
	free(registry->transfers);
	registry->transfers = NULL;
	registry->n_transfers = 0;
}
