/* SPDX-License-Identifier: MIT */
/*
 * What `docker load` says of a name in RepoTags that it cannot give (image/tarexport/load.go; the
 * grammar is that of distribution's reference package, ParseNormalizedNamed, and of go-digest).
 */
#include <ctype.h>
#include <string.h>

#include "engine/engine.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"
#define WORD LOWER UPPER DIGITS "_"

#define DEFAULT_HOST "docker.io"

enum { HEX_NAME = 64, TAG_MAX = 128, NAME_MAX_LENGTH = 255, DIGEST_MIN_HEX = 32 };

/* A reference in parts; those that are not there are NULL. */
struct parts {
	const char *host, *before; /* @before the path */
	const char *path;
	size_t path_length;
	const char *tag;
	size_t tag_length;
	const char *digest;
};

/* Whole, out of letters and digits with one of [._], "__" or any number of '-' between them. */
static bool is_component(const char *text, size_t length)
{
	const char *end = text + length;

	for (;;) {
		size_t run = strspn(text, LOWER DIGITS);

		if (run == 0 || text + run > end)
			return false;
		text += run;
		if (text == end)
			return true;
		if (*text == '-')
			text += strspn(text, "-");
		else if (text[0] == '_' && text[1] == '_')
			text += 2;
		else if (*text == '.' || *text == '_')
			text++;
		else
			return false;
		if (text >= end)
			return false;
	}
}

static bool is_path(const char *text, size_t length)
{
	for (;;) {
		const char *slash = memchr(text, '/', length);
		size_t n = slash == NULL ? length : (size_t) (slash - text);

		if (!is_component(text, n))
			return false;
		if (slash == NULL)
			return true;
		text += n + 1;
		length -= n + 1;
	}
}

/* Labels with no '-' at their ends, and perhaps a port. */
static bool is_host(const char *text)
{
	for (;;) {
		size_t n = strspn(text, LOWER UPPER DIGITS "-");

		if (n == 0 || text[0] == '-' || text[n - 1] == '-')
			return false;
		text += n;
		if (*text != '.')
			break;
		text++;
	}
	if (*text == ':')
		return text[1] != '\0' && text[1 + strspn(text + 1, DIGITS)] == '\0';
	return *text == '\0';
}

static bool is_tag(const char *text, size_t length)
{
	return length > 0 && length <= TAG_MAX && strspn(text, WORD) > 0 &&
	       strspn(text, WORD ".-") >= length;
}

static bool is_digest(const char *text)
{
	size_t n;

	do {
		if (!isalpha((unsigned char) *text))
			return false;
		text += strspn(text, LOWER UPPER DIGITS);
	} while (*text != '\0' && strchr("-_+.", *text) != NULL && *text++ != '\0');
	if (*text++ != ':')
		return false;
	n = strspn(text, DIGITS "abcdefABCDEF");
	return n >= DIGEST_MIN_HEX && text[n] == '\0';
}

/* Cuts @host, which has been copied and ended, and what is behind it into parts. */
static struct parts split(const char *host, const char *rest)
{
	const char *at = strchr(rest, '@');
	size_t length = at == NULL ? strlen(rest) : (size_t) (at - rest);
	const char *colon = memchr(rest, ':', length);
	struct parts parts = { .host = host, .before = "", .path = rest, .path_length = length };

	if (colon != NULL) {
		parts.path_length = (size_t) (colon - rest);
		parts.tag = colon + 1;
		parts.tag_length = length - parts.path_length - 1;
	}
	if (at != NULL)
		parts.digest = at + 1;
	if (strcmp(host, DEFAULT_HOST) == 0 && strchr(rest, '/') == NULL)
		parts.before = "library/";
	return parts;
}

static bool is_reference(const struct parts *parts)
{
	return (is_host(parts->host) || is_component(parts->host, strlen(parts->host))) &&
	       is_path(parts->path, parts->path_length) &&
	       (parts->tag == NULL || is_tag(parts->tag, parts->tag_length)) &&
	       (parts->digest == NULL || is_digest(parts->digest));
}

static const char *refuse_digest(const char *digest)
{
	static const struct {
		const char *name;
		size_t n_hex;
	} algorithms[] = { { "sha256:", 64 }, { "sha384:", 96 }, { "sha512:", 128 } };

	for (size_t i = 0; i < UNR_COUNT(algorithms); i++) {
		const char *hex = unr_starts_with(digest, algorithms[i].name);

		if (hex == NULL)
			continue;
		if (strlen(hex) != algorithms[i].n_hex)
			return "invalid checksum digest length";
		return strpbrk(hex, UPPER) == NULL ? NULL : "invalid checksum digest format";
	}
	/* go-digest's grammar has small letters alone, and does not mind a first digit. */
	return strcspn(digest, UPPER) < strcspn(digest, ":") ? "invalid checksum digest format" :
							       "unsupported digest algorithm";
}

static void lower(char *text)
{
	for (; *text != '\0'; text++)
		if (*text >= 'A' && *text <= 'Z')
			*text += 'a' - 'A';
}

/* Why there is no reference in it; NULL: there is.  @host and @rest may be changed. */
static const char *refuse_parts(char *host, char *rest, bool *ret_tagged)
{
	struct parts parts = split(host, rest);
	size_t name = strcspn(rest, ":");

	*ret_tagged = parts.tag != NULL;
	if (strcspn(rest, UPPER) < name)
		return "invalid reference format: repository name must be lowercase";
	if (!is_reference(&parts)) {
		lower(host);
		lower(rest);
		return is_reference(&parts) ? "repository name must be lowercase" :
					      "invalid reference format";
	}
	if (strlen(parts.host) + 1 + strlen(parts.before) + parts.path_length > NAME_MAX_LENGTH)
		return "repository name must not be more than 255 characters";
	return parts.digest == NULL ? NULL : refuse_digest(parts.digest);
}

/* The first component is a host where it looks like one. */
static const char *refuse(char *name, bool *ret_tagged)
{
	char default_host[] = DEFAULT_HOST;
	char *slash = strchr(name, '/');

	if (slash == NULL)
		return refuse_parts(default_host, name, ret_tagged);
	*slash = '\0';
	if (strpbrk(name, ".:") != NULL || strcmp(name, "localhost") == 0)
		return refuse_parts(strcmp(name, "index." DEFAULT_HOST) == 0 ? default_host : name,
				    slash + 1, ret_tagged);
	*slash = '/';
	return refuse_parts(default_host, name, ret_tagged);
}

bool unr_engine_takes_tag(const char *tag, struct unr_text *ret_words)
{
	unr_autofree char *copy = strdup(tag);
	const char *why;
	bool tagged;

	if (copy == NULL) {
		ret_words->failed = true;
		return false;
	}
	if (strlen(tag) == HEX_NAME && strspn(tag, DIGITS "abcdef") == HEX_NAME) {
		unr_text_printf(ret_words,
				"invalid repository name (%s), cannot specify 64-byte hexadecimal "
				"strings",
				tag);
		return false;
	}
	why = refuse(copy, &tagged);
	if (why != NULL) {
		unr_text_puts(ret_words, why);
		return false;
	}
	if (tagged)
		return true;
	/* A name alone, or with a digest alone, is a reference all the same. */
	unr_text_puts(ret_words, "invalid tag ");
	unr_go_quote(ret_words, tag, strlen(tag));
	return false;
}
