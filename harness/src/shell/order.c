/* SPDX-License-Identifier: MIT */
/* The order as a frame: see order.h. */
#include "shell/order.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "finding/frame.h"

/* The only frame there is. */
#define ORDER 1

/* More strings or groups than a kernel takes. */
#define MANY 1000000

static void strings_done(char ***strings, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free((*strings)[i]);
	free(*strings);
	*strings = NULL;
}

void unr_shell_order_done(struct unr_shell_order *order)
{
	strings_done(&order->command, order->n_command);
	strings_done(&order->env, order->n_env);
	free(order->working_dir);
	free(order->groups);
	free(order->image);
	*order = (struct unr_shell_order) { 0 };
}

int unr_shell_order_send(int socket, const struct unr_shell_order *order)
{
	unr_auto(unr_text_done) struct unr_text payload = { 0 };
	const uint64_t numbers[] = {
		order->n_layers, order->uid,          order->gid,      order->rows,
		order->columns,  order->has_terminal, order->n_groups, order->error_is_terminal,
	};

	for (size_t i = 0; i < UNR_COUNT(numbers); i++)
		unr_wire_put_u64(&payload, numbers[i]);
	for (size_t i = 0; i < order->n_groups; i++)
		unr_wire_put_u64(&payload, order->groups[i]);
	unr_wire_put_strings(&payload, order->command, order->n_command);
	unr_wire_put_strings(&payload, order->env, order->n_env);
	unr_wire_put_string(&payload, order->working_dir);
	unr_wire_put_string(&payload, order->image);
	return unr_frame_send(socket, ORDER, &payload);
}

static int read_order(struct unr_wire_reader *reader, struct unr_shell_order *ret)
{
	uint64_t n;

	ret->n_layers = (uint32_t) unr_wire_get_u64_max(reader, UINT32_MAX);
	ret->uid = (uid_t) unr_wire_get_u64_max(reader, UINT32_MAX);
	ret->gid = (gid_t) unr_wire_get_u64_max(reader, UINT32_MAX);
	ret->rows = (uint16_t) unr_wire_get_u64_max(reader, UINT16_MAX);
	ret->columns = (uint16_t) unr_wire_get_u64_max(reader, UINT16_MAX);
	ret->has_terminal = unr_wire_get_u64_max(reader, 1) == 1;
	n = unr_wire_get_u64_max(reader, MANY);
	ret->error_is_terminal = unr_wire_get_u64_max(reader, 1) == 1;
	ret->groups = calloc((size_t) n + 1, sizeof(*ret->groups));
	if (ret->groups == NULL)
		return -ENOMEM;
	for (; ret->n_groups < n && !reader->failed; ret->n_groups++)
		ret->groups[ret->n_groups] = (gid_t) unr_wire_get_u64_max(reader, UINT32_MAX);
	ret->command = unr_wire_get_strings(reader, MANY, &ret->n_command);
	ret->env = unr_wire_get_strings(reader, MANY, &ret->n_env);
	ret->working_dir = unr_wire_get_string(reader);
	ret->image = unr_wire_get_string(reader);
	return reader->failed || ret->working_dir == NULL || ret->image == NULL ? -EPROTO : 0;
}

int unr_shell_order_receive(int socket, struct unr_shell_order *ret)
{
	unr_auto(unr_inbox_done) struct unr_inbox inbox = { 0 };
	struct unr_shell_order order = { 0 };
	struct unr_wire_reader payload;
	uint32_t type;
	int r;

	while ((r = unr_inbox_next(&inbox, &type, &payload)) == 0) {
		r = unr_inbox_fill(&inbox, socket);
		if (r <= 0)
			return r == 0 ? -EPIPE : r;
	}
	if (r > 0)
		r = read_order(&payload, &order);
	if (r < 0) {
		unr_shell_order_done(&order);
		return r;
	}
	*ret = order;
	return 0;
}

void unr_shell_tell_error(int socket, const struct unr_error *err)
{
	if (unr_send_fd(socket, UNR_SHELL_ERROR, -EBADF) == 0)
		(void) !unr_write_full(socket, err, sizeof(*err));
}

int unr_shell_hear(int socket, int *ret_fd, struct unr_error *err)
{
	struct unr_error theirs;
	uint8_t answer = 0;
	int r = unr_recv_fd(socket, &answer, ret_fd);

	if (r < 0)
		return unr_fail(err, UNR_ERROR_FAILED, r, "the process inside is gone");
	if (answer != UNR_SHELL_ERROR)
		return answer;
	if (unr_read_full(socket, &theirs, sizeof(theirs)) != (ssize_t) sizeof(theirs) ||
	    theirs.code >= 0)
		return unr_fail(err, UNR_ERROR_FAILED, -EPIPE, "the process inside is gone");
	*err = theirs; /* it has run nothing yet */
	return theirs.code;
}
