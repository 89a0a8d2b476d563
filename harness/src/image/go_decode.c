/* SPDX-License-Identifier: MIT */
/*
 * Walks a document along Go's types: see go_decode.h; Go: encoding/json, decode.go.  The document
 * itself is walked, not what a parser made of it: the order of members counts, each of several of
 * a name is looked at, and numbers and times are told as they stand there.
 *
 * Of the types that do not fit the first is told, and what a type that decodes itself says of its
 * value comes before them: it ends the decoding at once.
 */
#include "image/go_decode.h"

#include <string.h>

#include "image/go_time.h"
#include "image/json.h"
#include "image/json_go.h"

#define BLANKS " \t\r\n"

enum {
	MAX_FIELDS = 8, /* the types are not as deep */
	MAX_NAME = 16,  /* characters of a member's name */
	MAX_KEY = 6 * MAX_NAME + 2,
	INT_DIGITS = 19,
};

enum value { STRING, NUMBER, BOOL, ARRAY, OBJECT, NOTHING };

static const char *const values[] = { "string", "number", "bool", "array", "object", "null" };

/* What each kind is decoded from; the other two look for themselves. */
static const enum value fitting[UNR_GO_KIND_COUNT_] = {
	[UNR_GO_STRING] = STRING, [UNR_GO_BOOL] = BOOL,  [UNR_GO_INT] = NUMBER,
	[UNR_GO_LIST] = ARRAY,    [UNR_GO_MAP] = OBJECT, [UNR_GO_EMPTY] = OBJECT,
	[UNR_GO_STRUCT] = OBJECT,
};

struct walk {
	const char *at, *end;
	const struct unr_go_rules *rules;
	const char *fields[MAX_FIELDS]; /* borrowed; the members on the way here */
	size_t n_fields;
	const struct unr_go_type *owner; /* the struct of the last one; NULL: none */
	bool noted;
	bool ended;
	struct unr_text *words;
};

/* A stretch of the document. */
struct raw {
	const char *at;
	size_t length;
};

static bool stands(const struct walk *w, const char *set)
{
	return w->at < w->end && *w->at != '\0' && strchr(set, *w->at) != NULL;
}

static void skip_blanks(struct walk *w)
{
	while (stands(w, BLANKS))
		w->at++;
}

/* From a quotation mark to behind the next one. */
static struct raw take_string(struct walk *w)
{
	struct raw string = { .at = w->at };

	for (w->at++; w->at < w->end && *w->at != '"'; w->at++)
		if (*w->at == '\\' && w->at + 1 < w->end)
			w->at++;
	if (w->at < w->end)
		w->at++;
	string.length = (size_t) (w->at - string.at);
	return string;
}

/* A number or a word, or what stands between values. */
static void skip_plain(struct walk *w)
{
	do
		w->at++;
	while (w->at < w->end && !stands(w, BLANKS ",:[]{}\""));
}

/* A value, with all that is in it. */
static struct raw take_value(struct walk *w)
{
	struct raw value = { .at = w->at };
	size_t depth = 0;

	do {
		if (stands(w, "\"")) {
			(void) take_string(w);
			continue;
		}
		if (stands(w, "[{"))
			depth++;
		else if (stands(w, "]}") && depth > 0)
			depth--;
		skip_plain(w);
	} while (depth > 0 && w->at < w->end);
	value.length = (size_t) (w->at - value.at);
	return value;
}

static enum value look(const struct walk *w)
{
	static const struct {
		const char *begins;
		enum value value;
	} table[] = {
		{ "\"", STRING }, { "tf", BOOL }, { "[", ARRAY }, { "{", OBJECT }, { "n", NOTHING },
	};

	for (size_t i = 0; i < UNR_COUNT(table); i++)
		if (stands(w, table[i].begins))
			return table[i].value;
	return NUMBER;
}

/* Is there another item?  If not, the end is passed. */
static bool next_item(struct walk *w)
{
	skip_blanks(w);
	if (stands(w, ","))
		w->at++;
	skip_blanks(w);
	if (!stands(w, "]}"))
		return w->at < w->end;
	w->at++;
	return false;
}

static const char *choose(const struct walk *w, const char *name, const char *newer_name)
{
	return w->rules->newer && newer_name != NULL ? newer_name : name;
}

/* @literal: of a number that is one, but does not fit; its length is 0 elsewhere. */
static void put_fault(struct walk *w, enum value value, struct raw literal,
		      const struct unr_go_type *type)
{
	if (w->words->length > 0)
		return;
	unr_text_printf(w->words, "json: cannot unmarshal %s", values[value]);
	if (literal.length > 0) {
		unr_text_puts(w->words, " ");
		unr_text_append(w->words, literal.at, literal.length);
	}
	unr_text_puts(w->words, w->owner == NULL ? " into Go value" : " into Go struct field ");
	if (w->owner != NULL)
		unr_text_puts(w->words, choose(w, w->owner->own, w->owner->newer_own));
	for (size_t i = 0; i < w->n_fields; i++)
		unr_text_printf(w->words, ".%s", w->fields[i]);
	unr_text_printf(w->words, " of type %s", choose(w, type->name, type->newer_name));
}

static bool fits_int(struct raw literal)
{
	bool negative = literal.length > 0 && literal.at[0] == '-';
	uint64_t value = 0;

	if (literal.length > (size_t) INT_DIGITS + negative)
		return false;
	for (size_t i = negative; i < literal.length; i++) {
		if (literal.at[i] < '0' || literal.at[i] > '9')
			return false;
		value = 10 * value + (uint64_t) (literal.at[i] - '0');
	}
	return value <= (uint64_t) INT64_MAX + negative;
}

static void decode_int(struct walk *w, const struct unr_go_type *type)
{
	struct raw literal = take_value(w);

	if (!fits_int(literal))
		put_fault(w, NUMBER, literal, type);
}

/* Strings, or else a string: whatever is wrong with the former, the latter is told. */
static void decode_words(struct walk *w, const struct unr_go_type *type)
{
	enum value value = look(w);
	struct walk items = *w;
	bool fits = value == STRING || value == ARRAY;

	(void) take_value(w);
	items.at++;
	while (value == ARRAY && fits && next_item(&items)) {
		fits = look(&items) == STRING || look(&items) == NOTHING;
		(void) take_value(&items);
	}
	if (fits)
		return;
	unr_text_clear(w->words);
	put_fault(w, value, (struct raw) { 0 }, type);
	w->ended = true;
}

static void decode_time(struct walk *w)
{
	struct raw raw = take_value(w);
	unr_auto(unr_text_done) struct unr_text words = { 0 };

	if (unr_go_time(raw.at, raw.length, w->rules, &words))
		return;
	unr_text_clear(w->words);
	unr_text_puts(w->words, unr_text_string(&words));
	w->words->failed |= words.failed;
	w->ended = true;
}

/* What a key with escapes in it is read as; false where that is no text. */
static bool unescape(struct raw key, char name[MAX_KEY + 1])
{
	unr_auto(unr_text_done) struct unr_text text = { 0 };
	unr_auto(unr_json_done) struct unr_json json = { 0 };

	unr_json_as_go(&text, key.at, key.length);
	json.root = json_loadb(unr_text_string(&text), text.length,
			       JSON_ALLOW_NUL | JSON_DECODE_ANY, NULL);
	if (json_string_length(json.root) > MAX_KEY ||
	    strlen(json_string_value(json.root)) < json_string_length(json.root))
		return false;
	memcpy(name, json_string_value(json.root), json_string_length(json.root) + 1);
	return true;
}

static const struct unr_go_member *find_member(const struct walk *w, const struct unr_go_type *type,
					       struct raw key)
{
	char name[MAX_KEY + 1] = "";
	const struct unr_go_member *member;

	if (key.length < 2 || key.length > MAX_KEY)
		return NULL;
	memcpy(name, key.at + 1, key.length - 2);
	if (strchr(name, '\\') != NULL && !unescape(key, name))
		return NULL;
	for (member = type->members; member->name != NULL; member++)
		if ((w->rules->newer || !member->newer) && unr_json_is_key(name, member->name))
			return member;
	return NULL;
}

static void enter(struct walk *w, const struct unr_go_type *owner, const char *field)
{
	w->owner = owner;
	if (w->n_fields < MAX_FIELDS)
		w->fields[w->n_fields++] = field;
}

static void decode(struct walk *w, const struct unr_go_type *type);

static void decode_member(struct walk *w, const struct unr_go_type *type, struct raw key)
{
	const struct unr_go_member *member = find_member(w, type, key);

	if (member == NULL) {
		(void) take_value(w);
		return;
	}
	if (member->embedded && w->rules->newer)
		enter(w, type, "V1Image");
	enter(w, type, member->name);
	if (member->noted)
		w->noted = look(w) != NOTHING;
	decode(w, member->type);
}

static void decode_object(struct walk *w, const struct unr_go_type *type)
{
	const struct unr_go_type *owner = w->owner;
	size_t n_fields = w->n_fields;

	w->at++;
	while (!w->ended && next_item(w)) {
		struct raw key = take_string(w);

		skip_blanks(w);
		if (stands(w, ":"))
			w->at++;
		skip_blanks(w);
		if (w->at == w->end)
			break;
		if (type->kind == UNR_GO_STRUCT)
			decode_member(w, type, key);
		else if (type->kind == UNR_GO_MAP)
			decode(w, type->item);
		else
			(void) take_value(w);
		w->n_fields = n_fields;
		w->owner = owner;
	}
}

static void decode_list(struct walk *w, const struct unr_go_type *type)
{
	w->at++;
	while (!w->ended && next_item(w))
		decode(w, type->item);
}

static void decode(struct walk *w, const struct unr_go_type *type)
{
	enum value value = look(w);

	if (value == NOTHING) {
		(void) take_value(w);
	} else if (type->kind == UNR_GO_WORDS) {
		decode_words(w, type);
	} else if (type->kind == UNR_GO_TIME) {
		decode_time(w);
	} else if (value != fitting[type->kind]) {
		put_fault(w, value, (struct raw) { 0 }, type);
		(void) take_value(w);
	} else if (value == NUMBER) {
		decode_int(w, type);
	} else if (value == OBJECT) {
		decode_object(w, type);
	} else if (value == ARRAY) {
		decode_list(w, type);
	} else {
		(void) take_value(w);
	}
}

void unr_go_decode(const struct unr_go_type *type, const struct unr_go_rules *rules,
		   const struct unr_text *document, bool *ret_noted, struct unr_text *ret_words)
{
	struct walk w = {
		.at = document->bytes,
		.end = document->bytes + document->length,
		.rules = rules,
		.words = ret_words,
	};

	skip_blanks(&w);
	if (w.at < w.end)
		decode(&w, type);
	*ret_noted = w.noted;
}
