/* SPDX-License-Identifier: MIT */
/*
 * The engine's words, to the letter: wrappers around the extractor's text, Go's
 * names for errors and its %q.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "engine/engine.h"
#include "engine/go_print.h"

static const char *const WAYS[UNR_WAY_COUNT_] = {
	[UNR_WAY_LOAD] = "load",
	[UNR_WAY_PULL] = "pull",
};

int unr_way_from_name(const char *name)
{
	for (int i = 0; i < UNR_WAY_COUNT_; i++)
		if (strcmp(WAYS[i], name) == 0)
			return i;
	return -ENOENT;
}

char *unr_engine_id_text(const struct unr_engine *engine, int64_t id)
{
	unr_auto(unr_text_done) struct unr_text text = { 0 };

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* the format comes from our own table */
	unr_text_printf(&text, engine->id_message, (long long) id);
#pragma GCC diagnostic pop
	return unr_text_take(&text);
}

/* One of the letters of owner_words, see engine.h. */
static void put_owner_word(struct unr_text *text, char letter, const struct unr_refusal *refusal,
			   const char *root)
{
	unr_auto(unr_text_done) struct unr_text path = { 0 };

	unr_text_printf(&path, "%s%s", root == NULL ? "" : root, refusal->path);
	text->failed |= path.failed;
	switch (letter) {
	case 'c':
		unr_text_puts(text, refusal->call);
		break;
	case 'p':
		unr_text_puts(text, unr_text_string(&path));
		break;
	case 'q':
		unr_go_quote(text, unr_text_string(&path), path.length);
		break;
	case 'u':
		unr_text_printf(text, "%" PRId64, refusal->uid);
		break;
	case 'g':
		unr_text_printf(text, "%" PRId64, refusal->gid);
		break;
	case 'e':
		unr_go_errno(text, refusal->error);
		break;
	default:
		unr_text_printf(text, "%%%c", letter);
	}
}

char *unr_engine_owner_text(const struct unr_engine *engine, const struct unr_refusal *refusal)
{
	unr_auto(unr_text_done) struct unr_text text = { 0 };
	const char *words = engine->rootless->owner_words;

	while (*words != '\0') {
		size_t plain = strcspn(words, "%");

		unr_text_append(&text, words, plain);
		words += plain;
		if (words[0] == '\0' || words[1] == '\0')
			break;
		put_owner_word(&text, words[1], refusal, engine->rootless->root);
		words += 2;
	}
	return unr_text_take(&text);
}

void unr_engine_xattr_text(const struct unr_engine *engine, const char *path, const char *name,
			   int error, struct unr_text *ret)
{
	switch (engine->xattr_words) {
	case UNR_XATTR_BARE:
		break;
	case UNR_XATTR_NAME_PATH:
		unr_text_printf(ret, "lsetxattr %s %s: ", name, path);
		break;
	case UNR_XATTR_PATH_NAME:
		unr_text_printf(ret, "lsetxattr %s: xattr ", path);
		unr_go_quote(ret, name, strlen(name));
		unr_text_puts(ret, ": ");
		break;
	}
	unr_go_errno(ret, error);
}

/* What `docker pull` puts in front; `docker load` shows the text by itself. */
static const char *pull_prefix(enum unr_stop_kind kind)
{
	switch (kind) {
	case UNR_STOP_CHILD:
	case UNR_STOP_FEED:
	case UNR_STOP_DEPTH:
		return "failed to register layer: ";
	case UNR_STOP_OPEN:
		return "could not get decompression stream: ";
	default:
		return "";
	}
}

/* The child's words inside the engine's wrapper. */
static void put_wrapped(struct unr_text *message, const char *wrapper, const struct unr_said *said)
{
	bool content = said->kind == UNR_STOP_FEED;
	unr_auto(unr_text_done) struct unr_text errors = { 0 };

	unr_text_printf(&errors, "%s%s", said->log, content ? "" : said->text);
	message->failed |= errors.failed;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* the format comes from our own table */
	unr_text_printf(message, wrapper, content ? said->text : "exit status 1",
			content ? said->output : "", unr_text_string(&errors));
#pragma GCC diagnostic pop
}

/* The text that the extractor ends with, whether in a child or not. */
static void put_extractor(struct unr_text *message, const struct unr_engine *engine,
			  enum unr_driver driver, const struct unr_said *said)
{
	bool from_child = said->kind == UNR_STOP_CHILD || said->kind == UNR_STOP_FEED;

	if (from_child && engine->wrapper[driver] != NULL)
		put_wrapped(message, engine->wrapper[driver], said);
	else
		unr_text_puts(message, said->text);
}

/* The other engines' clients say the same whether the image was pulled or loaded. */
static void put_around(struct unr_text *message, const struct unr_engine *engine,
		       enum unr_driver driver, const struct unr_said *said)
{
	unr_auto(unr_text_done) struct unr_text inner = { 0 };
	/* An archive of `docker save` has layers as they are: one digest for both. */
	const char *digest = said->digest == NULL || engine->rootless->names_diff_id ?
				     said->diff_id :
				     said->digest;

	put_extractor(&inner, engine, driver, said);
	message->failed |= inner.failed;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* the format comes from our own table */
	unr_text_printf(message, engine->rootless->around,
			digest == NULL ? "sha256:unknown" : digest, unr_text_string(&inner));
#pragma GCC diagnostic pop
}

char *unr_engine_message(const struct unr_engine *engine, enum unr_driver driver, enum unr_way way,
			 const struct unr_said *said)
{
	unr_auto(unr_text_done) struct unr_text message = { 0 };

	if (engine->rootless != NULL && engine->rootless->around != NULL) {
		put_around(&message, engine, driver, said);
		return unr_text_take(&message);
	}
	if (way == UNR_WAY_PULL)
		unr_text_puts(&message, pull_prefix(said->kind));
	put_extractor(&message, engine, driver, said);
	return unr_text_take(&message);
}

/* One byte that cannot stand as it is. */
static void quote_byte(struct unr_text *text, unsigned char c)
{
	static const char controls[] = "\a\b\f\n\r\t\v\"\\";
	static const char letters[] = "abfnrtv\"\\";
	const char *found = c == '\0' ? NULL : strchr(controls, c);

	if (found != NULL)
		unr_text_printf(text, "\\%c", letters[found - controls]);
	else if (c >= 0x20 && c < 0x7f)
		unr_text_printf(text, "%c", c);
	else
		unr_text_printf(text, "\\x%02x", c);
}

/* A sequence of UTF-8 of @n bytes, more than one. */
static void quote_character(struct unr_text *text, const char *bytes, size_t n)
{
	uint32_t character = (unsigned char) bytes[0] & (0xffU >> (n + 1));

	for (size_t i = 1; i < n; i++)
		character = character << 6 | ((unsigned char) bytes[i] & 0x3fU);
	if (unr_go_is_print(character))
		unr_text_append(text, bytes, n);
	else
		unr_text_printf(text, character > 0xffff ? "\\U%08" PRIx32 : "\\u%04" PRIx32,
				character);
}

void unr_go_quote(struct unr_text *text, const char *string, size_t length)
{
	unr_text_puts(text, "\"");
	while (length > 0) {
		size_t n = unr_utf8_length(string, length);

		if (n <= 1)
			quote_byte(text, (unsigned char) *string);
		else
			quote_character(text, string, n);
		string += n == 0 ? 1 : n;
		length -= n == 0 ? 1 : n;
	}
	unr_text_puts(text, "\"");
}
