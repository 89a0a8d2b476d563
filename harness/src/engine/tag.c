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

/* Behind labels with no '-' at their ends; NULL: there are none. */
static const char *behind_labels(const char *text)
{
	for (;; text++) {
		size_t n = strspn(text, LOWER UPPER DIGITS "-");

		if (n == 0 || text[0] == '-' || text[n - 1] == '-')
			return NULL;
		text += n;
		if (*text != '.')
			return text;
	}
}

/* Behind an IPv6 address in brackets, of which nothing more is asked; NULL: there is none. */
static const char *behind_address(const char *text)
{
	size_t n = strspn(text + 1, DIGITS "abcdefABCDEF:");

	return n > 0 && text[1 + n] == ']' ? text + n + 2 : NULL;
}

/* A name, or an address where the engine takes one, and perhaps a port. */
static bool is_host(const struct unr_engine *engine, const char *text)
{
	text = engine->newer_names && *text == '[' ? behind_address(text) : behind_labels(text);
	if (text == NULL)
		return false;
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

static bool is_reference(const struct unr_engine *engine, const struct parts *parts)
{
	return (is_host(engine, parts->host) || is_component(parts->host, strlen(parts->host))) &&
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

static size_t name_length(const struct unr_engine *engine, const struct parts *parts)
{
	size_t path = strlen(parts->before) + parts->path_length;

	return engine->newer_names ? path : strlen(parts->host) + 1 + path;
}

/* Before the grammar is looked at; @rest up to the tag's colon, whatever is in it. */
static bool refuse_capitals(const struct unr_engine *engine, const struct parts *parts,
			    const char *rest, struct unr_text *ret_words)
{
	size_t length = strcspn(rest, ":");

	if (strcspn(rest, UPPER) >= length)
		return false;
	unr_text_puts(ret_words, "invalid reference format: repository name ");
	if (engine->newer_names)
		unr_text_printf(ret_words, "(%s%.*s) ", parts->before, (int) length, rest);
	unr_text_puts(ret_words, "must be lowercase");
	return true;
}

/* Whether there is no reference in it, and why.  @host and @rest may be changed. */
static bool refuse_parts(const struct unr_engine *engine, char *host, char *rest, bool *ret_tagged,
			 struct unr_text *ret_words)
{
	struct parts parts = split(host, rest);
	const char *why = NULL;

	*ret_tagged = parts.tag != NULL;
	if (refuse_capitals(engine, &parts, rest, ret_words))
		return true;
	if (!is_reference(engine, &parts)) {
		lower(host);
		lower(rest);
		why = is_reference(engine, &parts) ? "repository name must be lowercase" :
						     "invalid reference format";
	} else if (name_length(engine, &parts) > NAME_MAX_LENGTH) {
		why = "repository name must not be more than 255 characters";
	} else if (parts.digest != NULL) {
		why = refuse_digest(parts.digest);
	}
	if (why != NULL)
		unr_text_puts(ret_words, why);
	return why != NULL;
}

static bool looks_like_host(const struct unr_engine *engine, const char *first)
{
	return strpbrk(first, ".:") != NULL || strcmp(first, "localhost") == 0 ||
	       (engine->newer_names && strpbrk(first, UPPER) != NULL);
}

/* The first component is a host where it looks like one. */
static bool refuse(const struct unr_engine *engine, char *name, bool *ret_tagged,
		   struct unr_text *ret_words)
{
	char default_host[] = DEFAULT_HOST;
	char *slash = strchr(name, '/');
	char *host = default_host, *rest = name;

	if (slash != NULL)
		*slash = '\0';
	if (slash != NULL && looks_like_host(engine, name)) {
		host = strcmp(name, "index." DEFAULT_HOST) == 0 ? default_host : name;
		rest = slash + 1;
	} else if (slash != NULL) {
		*slash = '/';
	}
	return refuse_parts(engine, host, rest, ret_tagged, ret_words);
}

bool unr_engine_takes_tag(const struct unr_engine *engine, const char *tag,
			  struct unr_text *ret_words)
{
	unr_autofree char *copy = strdup(tag);
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
	if (refuse(engine, copy, &tagged, ret_words))
		return false;
	if (tagged)
		return true;
	/* A name alone, or with a digest alone, is a reference all the same. */
	unr_text_puts(ret_words, "invalid tag ");
	unr_go_quote(ret_words, tag, strlen(tag));
	return false;
}
