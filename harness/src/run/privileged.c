/* SPDX-License-Identifier: MIT */
/* Asking the parent for what only the host's root can do: see privileged.h. */
#include "run/privileged.h"

#include <errno.h>

#include "base/fd.h"
#include "run/protocol.h"

/* Sends the request and waits for the kernel's answer to it. */
static int ask(const struct unr_asker *asker, struct unr_broker_request request)
{
	unr_auto(unr_text_done) struct unr_text payload = { 0 };
	int32_t answer = 0;

	request.directory = asker->directory;
	unr_protocol_put_request(&payload, &request);
	if (unr_frame_send(asker->socket, UNR_FRAME_PRIVILEGED, &payload) < 0 ||
	    unr_read_full(asker->socket, &answer, sizeof(answer)) != (ssize_t) sizeof(answer) ||
	    answer > 0)
		return -EPROTO;
	return answer;
}

static int make_node(void *context, const char *path, mode_t type, uint32_t major, uint32_t minor)
{
	return ask(context, (struct unr_broker_request) { .task = UNR_BROKER_MKNOD,
							  .path = path,
							  .mode = type,
							  .major = major,
							  .minor = minor });
}

static int set_xattr(void *context, const char *path, bool follow, const char *name,
		     const void *value, size_t length)
{
	return ask(context, (struct unr_broker_request) { .task = UNR_BROKER_SET_XATTR,
							  .path = path,
							  .follow = follow,
							  .name = name,
							  .value = value,
							  .value_length = length });
}

static int disown(void *context, const char *path)
{
	return ask(context,
		   (struct unr_broker_request) { .task = UNR_BROKER_DISOWN, .path = path });
}

struct unr_privileged unr_privileged_by(struct unr_asker *asker)
{
	return (struct unr_privileged) {
		.make_node = make_node, .set_xattr = set_xattr, .disown = disown, .context = asker
	};
}
