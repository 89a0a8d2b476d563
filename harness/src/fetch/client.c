/* SPDX-License-Identifier: MIT */
/* The asking side of a fetcher, in the sandboxed child: see fetch.h.  No libcurl here. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "fetch/fetch.h"
#include "fetch/protocol.h"

static int fail_gone(struct unr_error *err)
{
	return unr_fail(err, UNR_ERROR_FAILED, -EPIPE,
			"the fetching process ended without an answer");
}

static int send_request(int socket, uint32_t word, const char *name, uint64_t size,
			struct unr_error *err)
{
	struct unr_fetch_request request = { .word = word, .size = size };
	int r;

	if (strlen(name) >= sizeof(request.name))
		return unr_fail(err, UNR_ERROR_FAILED, -EINVAL, "the name of a blob is too long");
	(void) snprintf(request.name, sizeof(request.name), "%s", name);
	r = unr_write_full(socket, &request, sizeof(request));
	if (r == -EPIPE)
		return fail_gone(err);
	return r < 0 ? unr_fail(err, UNR_ERROR_FAILED, r, "ask the fetching process: %s",
				strerror(-r)) :
		       0;
}

int unr_fetch_announce(int socket, const char *name, uint64_t size, struct unr_error *err)
{
	return send_request(socket, UNR_FETCH_ANNOUNCE, name, size, err);
}

int unr_fetch_ask(int socket, const char *name, int *ret_fd, struct unr_error *err)
{
	struct unr_error theirs;
	uint8_t answer = 0;
	unr_autoclose int fd = -EBADF;
	int r = send_request(socket, UNR_FETCH_ASK, name, 0, err);

	if (r < 0)
		return r;
	r = unr_recv_fd(socket, &answer, &fd);
	if (r == 0 && answer == 'F' && fd >= 0) {
		*ret_fd = unr_take_fd(&fd);
		return 0;
	}
	if (r < 0 && r != -EPIPE)
		return unr_fail(err, UNR_ERROR_FAILED, r, "ask for a blob: %s", strerror(-r));
	if (r < 0 || answer != 'E' ||
	    unr_read_full(socket, &theirs, sizeof(theirs)) != (ssize_t) sizeof(theirs))
		return fail_gone(err);
	theirs.message[sizeof(theirs.message) - 1] = '\0';
	return unr_fail(err, theirs.kind, theirs.code, "%s", theirs.message);
}
