/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: the head of an answer, its lines as a registry sent them.
 * Properties: what is kept is a challenge of a kind that can be met, or none; a
 * status line forgets all of it; a parameter is a part of its challenge.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "fetch/head.h"
#include "must.h"
#include "usernsrepro/attr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_at(const struct unr_http_head *head)
{
	static const char *const keys[] = { "realm", "service", "scope", "" };
	char value[100];

	must(memchr(head->challenge, '\0', sizeof(head->challenge)) != NULL);
	must(head->retry_after >= -1);
	must(*head->challenge == '\0' || strncasecmp(head->challenge, "Bearer ", 7) == 0 ||
	     strncasecmp(head->challenge, "Basic", 5) == 0);
	for (size_t i = 0; i < UNR_COUNT(keys); i++) {
		memset(value, 'x', sizeof(value));
		unr_challenge_parameter(head->challenge, keys[i], value, sizeof(value));
		must(memchr(value, '\0', sizeof(value)) != NULL);
		must(strstr(head->challenge, value) != NULL);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct unr_http_head head;
	const char *at = (const char *) data;

	unr_http_head_line(&head, "HTTP/1.1 200 OK", 15);
	while (size > 0) {
		const char *end = memchr(at, '\n', size);
		size_t length = end == NULL ? size : (size_t) (end - at) + 1;

		unr_http_head_line(&head, at, length);
		look_at(&head);
		at += length;
		size -= length;
	}
	unr_http_head_line(&head, "HTTP/2 204", 10);
	must(*head.challenge == '\0' && head.range == UNR_HEAD_NO_RANGE && head.retry_after == -1);
	return 0;
}
