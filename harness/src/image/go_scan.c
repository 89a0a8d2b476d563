/* SPDX-License-Identifier: MIT */
/* Go's JSON scanner as a table of what follows what: see go_scan.h; encoding/json, scanner.go. */
#include "image/go_scan.h"

#include <string.h>

#define BLANKS " \t\r\n"
#define DIGITS "0123456789"
#define HEX DIGITS "abcdefABCDEF"
#define IN_HEX "in \\u hexadecimal character escape"

enum { MAX_DEPTH = 10000 };

enum state {
	VALUE,        /* one begins here */
	VALUE_OR_END, /* behind "[" */
	KEY,
	KEY_OR_END, /* behind "{" */
	END,        /* behind a value, or a key */
	STRING,
	ESCAPE,
	HEX_1,
	HEX_2,
	HEX_3,
	HEX_4,
	MINUS,
	ZERO,
	WHOLE,
	POINT,
	FRACTION,
	EXPONENT,
	SIGN,
	POWER,
	WORD, /* the rest of true, false or null */
	STATE_COUNT_
};

/* What a value is in, and where in it. */
enum place { AT_TOP, IN_KEY, IN_MEMBER, IN_ARRAY, PLACE_COUNT_ };

struct scanner {
	enum state state;
	const char *word; /* the whole one */
	size_t word_at;
	unsigned char places[MAX_DEPTH + 1]; /* enum place */
	size_t depth;                        /* places[depth] is the innermost; 0 is the top */
};

/* Characters that lead from a state to another. */
static const struct step {
	enum state from, to;
	const char *characters;
} steps[] = {
	{ VALUE, STRING, "\"" },
	{ VALUE, MINUS, "-" },
	{ VALUE, ZERO, "0" },
	{ VALUE, WHOLE, DIGITS },
	{ KEY, STRING, "\"" },
	{ STRING, END, "\"" },
	{ STRING, ESCAPE, "\\" },
	{ ESCAPE, HEX_1, "u" },
	{ ESCAPE, STRING, "bfnrt\\/\"" },
	{ HEX_1, HEX_2, HEX },
	{ HEX_2, HEX_3, HEX },
	{ HEX_3, HEX_4, HEX },
	{ HEX_4, STRING, HEX },
	{ MINUS, ZERO, "0" },
	{ MINUS, WHOLE, DIGITS },
	{ WHOLE, WHOLE, DIGITS },
	{ WHOLE, POINT, "." },
	{ WHOLE, EXPONENT, "eE" },
	{ ZERO, POINT, "." },
	{ ZERO, EXPONENT, "eE" },
	{ POINT, FRACTION, DIGITS },
	{ FRACTION, FRACTION, DIGITS },
	{ FRACTION, EXPONENT, "eE" },
	{ EXPONENT, SIGN, "+-" },
	{ EXPONENT, POWER, DIGITS },
	{ SIGN, POWER, DIGITS },
	{ POWER, POWER, DIGITS },
};

/* What is said where none does; those without are numbers, which any other character ends. */
static const char *const faults[STATE_COUNT_] = {
	[VALUE] = "looking for beginning of value",
	[KEY] = "looking for beginning of object key string",
	[STRING] = "in string literal",
	[ESCAPE] = "in string escape code",
	[HEX_1] = IN_HEX,
	[HEX_2] = IN_HEX,
	[HEX_3] = IN_HEX,
	[HEX_4] = IN_HEX,
	[MINUS] = "in numeric literal",
	[POINT] = "after decimal point in numeric literal",
	[EXPONENT] = "in exponent of numeric literal",
	[SIGN] = "in exponent of numeric literal",
};

/* Behind a value: what goes on with another one, what ends what it is in, and else. */
static const struct place_row {
	char next, end;
	enum place place; /* of the next one */
	enum state state;
	const char *fault;
} places[PLACE_COUNT_] = {
	[AT_TOP] = { '\0', '\0', AT_TOP, VALUE, "after top-level value" },
	[IN_KEY] = { ':', '\0', IN_MEMBER, VALUE, "after object key" },
	[IN_MEMBER] = { ',', '}', IN_KEY, KEY, "after object key:value pair" },
	[IN_ARRAY] = { ',', ']', IN_ARRAY, VALUE, "after array element" },
};

static const char *const words[] = { "true", "false", "null" };

static bool is_in(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* quoteChar(): a byte is taken for the character of its number. */
static void put_character(struct unr_text *text, unsigned char c)
{
	static const char controls[] = "\a\b\f\n\r\t\v\\'", letters[] = "abfnrtv\\'";
	const char *found = c == '\0' ? NULL : strchr(controls, c);

	unr_text_puts(text, "invalid character '");
	if (found != NULL)
		unr_text_printf(text, "\\%c", letters[found - controls]);
	else if (c < ' ' || c == 0x7f)
		unr_text_printf(text, "\\x%02x", c);
	else if (c < 0x7f)
		unr_text_printf(text, "%c", c);
	else if (c <= 0xa0 || c == 0xad)
		unr_text_printf(text, "\\u%04x", c);
	else
		unr_text_printf(text, "%c%c", 0xc0 | c >> 6, 0x80 | (c & 0x3f));
	unr_text_puts(text, "' ");
}

static bool fail(struct unr_text *text, char c, const char *fault)
{
	put_character(text, (unsigned char) c);
	unr_text_puts(text, fault);
	return false;
}

static bool enter(struct scanner *s, char c, struct unr_text *text)
{
	if (s->depth == MAX_DEPTH)
		return fail(text, c, "exceeded max depth");
	s->places[++s->depth] = c == '[' ? IN_ARRAY : IN_KEY;
	s->state = c == '[' ? VALUE_OR_END : KEY_OR_END;
	return true;
}

static bool end_value(struct scanner *s, char c, struct unr_text *text)
{
	const struct place_row *row = &places[s->places[s->depth]];

	s->state = END;
	if (is_in(c, BLANKS))
		return true;
	if (c != '\0' && c == row->next) {
		s->places[s->depth] = (unsigned char) row->place;
		s->state = row->state;
		return true;
	}
	if (c == '\0' || c != row->end)
		return fail(text, c, row->fault);
	s->depth--;
	return true;
}

static bool step_word(struct scanner *s, char c, struct unr_text *text)
{
	if (c != s->word[s->word_at]) {
		put_character(text, (unsigned char) c);
		unr_text_printf(text, "in literal %s (expecting '%c')", s->word,
				s->word[s->word_at]);
		return false;
	}
	if (s->word[++s->word_at] == '\0')
		s->state = END;
	return true;
}

/* Blanks, and what only begins a value. */
static bool begin(struct scanner *s, char c, struct unr_text *text, bool *ret_fits)
{
	bool or_end = s->state == VALUE_OR_END || s->state == KEY_OR_END;

	*ret_fits = true;
	if (is_in(c, BLANKS))
		return true;
	if (or_end && c == (s->state == KEY_OR_END ? '}' : ']')) {
		s->depth--;
		s->state = END;
		return true;
	}
	s->state = s->state == KEY_OR_END || s->state == KEY ? KEY : VALUE;
	if (s->state == VALUE && (c == '[' || c == '{'))
		return enter(s, c, text);
	for (size_t i = 0; s->state == VALUE && i < UNR_COUNT(words); i++)
		if (c == words[i][0]) {
			s->word = words[i];
			s->word_at = 1;
			s->state = WORD;
			return true;
		}
	*ret_fits = false;
	return true;
}

static bool step(struct scanner *s, char c, struct unr_text *text)
{
	bool done = false;

	if (s->state == END)
		return end_value(s, c, text);
	if (s->state == WORD)
		return step_word(s, c, text);
	if (s->state <= KEY_OR_END && (!begin(s, c, text, &done) || done))
		return text->length == 0;
	for (size_t i = 0; i < UNR_COUNT(steps); i++)
		if (steps[i].from == s->state && is_in(c, steps[i].characters)) {
			s->state = steps[i].to;
			return true;
		}
	if (s->state == STRING && (unsigned char) c >= ' ')
		return true;
	if (faults[s->state] != NULL)
		return fail(text, c, faults[s->state]);
	return end_value(s, c, text);
}

bool unr_go_scan(const struct unr_text *document, struct unr_text *ret_words)
{
	struct scanner s = { .state = VALUE };

	for (size_t i = 0; i < document->length; i++)
		if (!step(&s, document->bytes[i], ret_words))
			return false;
	if (!step(&s, ' ', ret_words))
		return false;
	if (s.state == END && s.depth == 0)
		return true;
	unr_text_puts(ret_words, "unexpected end of JSON input");
	return false;
}
