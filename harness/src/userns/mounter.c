/* SPDX-License-Identifier: MIT */
/* The process that mounts: see mounter.h. */
#include "userns/mounter.h"

#include <errno.h>

#include "base/fd.h"
#include "userns/companion.h"
#include "userns/namespace.h"
#include "userns/overlay.h"
#include "userns/sandbox.h"

/* Before the first byte nothing but this: so that what is asked meets nobody with more. */
UNR_NORETURN static void run_mounter(int fd)
{
	struct unr_overlay overlay = { 0 };
	struct unr_error err = { 0 };
	int32_t answer;

	if (unr_sandbox_close_others(&fd, 1, &err) < 0 || unr_sandbox_keep_mounts(&err) < 0)
		unr_child_exit(1);
	if (unr_read_full(fd, &overlay.n_layers, sizeof(overlay.n_layers)) !=
	    (ssize_t) sizeof(overlay.n_layers))
		unr_child_exit(0);
	answer = unr_overlay_mount(&overlay, UNR_MOUNTER_TREE);
	unr_child_exit(unr_write_full(fd, &answer, sizeof(answer)) < 0);
}

int unr_mounter_start(struct unr_mounter *ret, struct unr_error *err)
{
	return unr_companion_start(run_mounter, &ret->socket, err);
}

void unr_mounter_done(struct unr_mounter *mounter)
{
	unr_close(&mounter->socket);
}

int unr_mounter_mount(const struct unr_mounter *mounter, uint32_t n_layers)
{
	int32_t answer;
	int r = unr_write_full(mounter->socket, &n_layers, sizeof(n_layers));

	if (r < 0)
		return r;
	if (unr_read_full(mounter->socket, &answer, sizeof(answer)) != (ssize_t) sizeof(answer))
		return -EPIPE;
	return answer > 0 ? -EPROTO : answer;
}
