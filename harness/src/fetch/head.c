/* SPDX-License-Identifier: MIT */
/* Lines of an answer's head: see head.h; RFC 9110.  A stranger writes them. */
#include "fetch/head.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/text.h"

/* Bearer if there is one, else Basic. */
static void take_challenge(struct unr_http_head *head, const char *value)
{
	bool bearer = strncasecmp(value, "Bearer ", 7) == 0;

	if ((bearer || strncasecmp(value, "Basic", 5) == 0) && (bearer || *head->challenge == '\0'))
		(void) snprintf(head->challenge, sizeof(head->challenge), "%s", value);
}

/* "bytes 100-199/200" */
static void take_range(struct unr_http_head *head, const char *value)
{
	const char *first = unr_starts_with(value, "bytes ");
	char digits[24];

	if (first == NULL)
		return;
	(void) snprintf(digits, sizeof(digits), "%.*s", (int) strcspn(first, "-"), first);
	if (first[strcspn(first, "-")] != '-' ||
	    unr_parse_u64(digits, UINT64_MAX - 1, &head->range) < 0)
		head->range = UNR_HEAD_NO_RANGE;
}

/* The one form of a date that a server may write (RFC 9110, 5.6.7). */
static bool take_date(const char *value, time_t *ret)
{
	struct tm then = { 0 };
	const char *end = strptime(value, "%a, %d %b %Y %H:%M:%S GMT", &then);

	*ret = end == NULL ? -1 : timegm(&then);
	return end != NULL && *end == '\0';
}

/* Seconds, or a date. */
static void take_retry_after(struct unr_http_head *head, const char *value)
{
	uint64_t seconds;
	time_t then;

	if (unr_parse_u64(value, INT32_MAX, &seconds) == 0) {
		head->retry_after = (int64_t) seconds;
		return;
	}
	if (take_date(value, &then)) {
		int64_t left = (int64_t) then - (int64_t) time(NULL);

		head->retry_after = left < 0 ? 0 : left;
	}
}

static const struct {
	const char *name;
	void (*take)(struct unr_http_head *head, const char *value);
} fields[] = {
	{ "WWW-Authenticate:", take_challenge },
	{ "Content-Range:", take_range },
	{ "Retry-After:", take_retry_after },
};

void unr_http_head_line(struct unr_http_head *head, const char *line, size_t length)
{
	char text[sizeof(head->challenge) + 64];

	if (length >= 5 && strncasecmp(line, "HTTP/", 5) == 0)
		*head = (struct unr_http_head) { .range = UNR_HEAD_NO_RANGE, .retry_after = -1 };
	while (length > 0 && strchr(" \t\r\n", line[length - 1]) != NULL)
		length--;
	if (length >= sizeof(text) || memchr(line, '\0', length) != NULL)
		return;
	memcpy(text, line, length);
	text[length] = '\0';
	for (size_t i = 0; i < UNR_COUNT(fields); i++) {
		size_t n = strlen(fields[i].name);

		if (strncasecmp(text, fields[i].name, n) == 0 &&
		    strlen(text + n) < sizeof(head->challenge))
			fields[i].take(head, text + n + strspn(text + n, " \t"));
	}
}

void unr_challenge_parameter(const char *challenge, const char *key, char *ret, size_t size)
{
	size_t length = strlen(key);

	*ret = '\0';
	for (const char *at = strchr(challenge, ' '); at != NULL && *at != '\0';) {
		bool found, quoted;
		size_t n;

		at += strspn(at, " ,");
		n = strcspn(at, "=");
		found = n == length && strncasecmp(at, key, n) == 0;
		at += n + (at[n] == '=');
		quoted = *at == '"';
		at += quoted;
		n = strcspn(at, quoted ? "\"" : ",");
		if (found && n < size) {
			memcpy(ret, at, n);
			ret[n] = '\0';
			return;
		}
		at += n + (quoted && at[n] == '"');
	}
}
