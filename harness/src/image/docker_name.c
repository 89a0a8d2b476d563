/* SPDX-License-Identifier: MIT */
/* The grammar of names: see docker_name.h; distribution's reference package has the same. */
#include "image/docker_name.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "image/shown.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

/* One of [._], "__" or any number of '-' between two runs of letters and digits. */
static size_t separator_length(const char *at)
{
	if (*at == '-')
		return strspn(at, "-");
	if (at[0] == '_' && at[1] == '_')
		return 2;
	return *at == '.' || *at == '_' ? 1 : 0;
}

static bool is_component(const char *text, size_t length)
{
	const char *end = text + length;

	while (text < end) {
		size_t run = strspn(text, LOWER DIGITS);

		if (run == 0)
			return false;
		text += run;
		if (text >= end)
			return text == end;
		run = separator_length(text);
		if (run == 0)
			return false;
		text += run;
	}
	return false;
}

static bool is_repository(const char *text)
{
	for (;;) {
		size_t length = strcspn(text, "/");

		if (!is_component(text, length))
			return false;
		if (text[length] == '\0')
			return true;
		text += length + 1;
	}
}

static bool is_tag(const char *text)
{
	size_t length = strlen(text);

	return length > 0 && length <= 128 && text[0] != '.' && text[0] != '-' &&
	       strspn(text, LOWER UPPER DIGITS "_.-") == length;
}

/* A name or an address, "[::1]" too, and perhaps a port. */
static bool is_host(const char *text)
{
	const char *port = strrchr(text, ':');
	uint64_t number;

	if (text[0] == '[') {
		size_t length = strspn(text + 1, "0123456789abcdefABCDEF:");

		if (text[1 + length] != ']' || length < 2)
			return false;
		text += length + 2;
		if (*text == '\0')
			return true;
		return *text == ':' && unr_parse_u64(text + 1, 65535, &number) == 0;
	}
	if (port != NULL && unr_parse_u64(port + 1, 65535, &number) < 0)
		return false;
	return isalnum((unsigned char) text[0]) &&
	       strspn(text, LOWER UPPER DIGITS ".-") ==
		       (port == NULL ? strlen(text) : (size_t) (port - text));
}

/* Cuts the host off, where the first component looks like one (reference/normalize.go). */
static bool split_host(char **name, struct unr_docker_name *ret)
{
	char *slash = strchr(*name, '/');
	const char *host = UNR_DOCKER_HOST;

	if (slash != NULL) {
		*slash = '\0';
		if (strpbrk(*name, ".:" UPPER) != NULL || strcmp(*name, "localhost") == 0) {
			host = *name;
			*name = slash + 1;
		} else {
			*slash = '/';
		}
	}
	if (strcmp(host, "index." UNR_DOCKER_HOST) == 0)
		host = UNR_DOCKER_HOST;
	if (!is_host(host) || strlen(host) >= sizeof(ret->host))
		return false;
	(void) strcpy(ret->host, host);
	return true;
}

/* Cuts the tag or digest off. */
static bool split_reference(char *name, struct unr_docker_name *ret)
{
	char *at = strchr(name, '@'), *slash, *colon;
	const char *reference = "latest";

	if (at != NULL)
		*at = '\0';
	slash = strrchr(name, '/');
	colon = strchr(slash == NULL ? name : slash, ':');
	if (colon != NULL) {
		*colon = '\0';
		reference = colon + 1;
		if (!is_tag(reference))
			return false;
	}
	if (at != NULL) {
		reference = at + 1;
		ret->is_digest = true;
		if (!unr_digest_is_valid(reference))
			return false;
	}
	(void) snprintf(ret->reference, sizeof(ret->reference), "%s", reference);
	return true;
}

int unr_docker_name_parse(const char *text, struct unr_docker_name *ret, struct unr_error *err)
{
	struct unr_docker_name parsed = { .host = "" };
	unr_autofree char *copy = strdup(text);
	char *name = copy;
	struct unr_shown shown;
	bool is_default;

	if (copy == NULL)
		return unr_fail_memory(err);
	if (!split_host(&name, &parsed) || !split_reference(name, &parsed) ||
	    !is_repository(name) || strlen(name) > 240)
		return unr_fail(err, UNR_ERROR_USAGE, -EINVAL,
				"'%s' is not HOST[:PORT]/REPO[:TAG|@DIGEST], in small letters",
				unr_show(&shown, text));
	is_default = strcmp(parsed.host, UNR_DOCKER_HOST) == 0;
	(void) snprintf(parsed.repository, sizeof(parsed.repository), "%s%s",
			is_default && strchr(name, '/') == NULL ? "library/" : "", name);
	if (is_default && unr_starts_with(name, "library/") != NULL)
		name += strlen("library/");
	(void) snprintf(parsed.familiar, sizeof(parsed.familiar), "%s%s%s%s%s",
			is_default ? "" : parsed.host, is_default ? "" : "/", name,
			parsed.is_digest ? "@" : ":", parsed.reference);
	*ret = parsed;
	return 0;
}
