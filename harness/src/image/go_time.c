/* SPDX-License-Identifier: MIT */
/* Parsing RFC 3339 step by step, for the words: see go_time.h; Go: time/format.go, parse(). */
#include "image/go_time.h"

#include <stdint.h>
#include <string.h>

#define LAYOUT "2006-01-02T15:04:05Z07:00"
#define QUOTED_LAYOUT "\"" LAYOUT "\""

enum {
	MAX_OFFSET_HOUR = 24,
	MAX_OFFSET_MINUTE = 60,
	OFFSET_LENGTH = 6,
	YEAR_LENGTH = 4,
	SECOND_NS = 1000 * 1000 * 1000
};

/* What is left of the text, and what was found in it. */
struct parser {
	const char *at, *end;
	const struct unr_go_rules *rules;
	int year, month, day;
};

/* A step of the layout: what stands in front, the element itself, and its two digits. */
struct step {
	const char *element;
	const char *name; /* in "NAME out of range" */
	int low, high;
	char before;
	bool one_digit; /* will do */
};

enum { MONTH, DAY, HOUR, MINUTE, SECOND, N_STEPS };

static const struct step steps[N_STEPS] = {
	[MONTH] = { "01", "month", 1, 12, '-', false },
	[DAY] = { "02", "day", 0, 99, '-', false },
	[HOUR] = { "15", "hour", 0, 23, 'T', true },
	[MINUTE] = { "04", "minute", 0, 59, ':', false },
	[SECOND] = { "05", "second", 0, 59, ':', false },
};

static size_t left(const struct parser *p)
{
	return (size_t) (p->end - p->at);
}

static bool is_digit(const struct parser *p, size_t offset)
{
	return left(p) > offset && p->at[offset] >= '0' && p->at[offset] <= '9';
}

/* What is no UTF-8 has been replaced when it comes to the client. */
static void put_text(struct unr_text *words, const char *string, size_t length)
{
	while (length > 0) {
		size_t n = unr_utf8_length(string, length);

		unr_text_append(words, n == 0 ? "\xef\xbf\xbd" : string, n == 0 ? 3 : n);
		string += n == 0 ? 1 : n;
		length -= n == 0 ? 1 : n;
	}
}

/* time.quote(), which knows fewer escapes than strconv's, and none in older ones. */
static void quote(const struct parser *p, const char *string, size_t length, struct unr_text *words)
{
	unr_text_puts(words, "\"");
	if (p->rules->older)
		put_text(words, string, length);
	for (size_t i = 0; i < length && !p->rules->older; i++) {
		unsigned char c = (unsigned char) string[i];

		if (c >= 0x80 || c < ' ')
			unr_text_printf(words, "\\x%02x", c);
		else
			unr_text_printf(words, c == '"' || c == '\\' ? "\\%c" : "%c", c);
	}
	unr_text_puts(words, "\"");
}

/* "cannot parse what is left as that element" */
static bool fail_at(const struct parser *p, const char *element, const char *text,
		    struct unr_text *words)
{
	const char *layout = p->rules->newer ? LAYOUT : QUOTED_LAYOUT;

	unr_text_puts(words, "parsing time ");
	quote(p, text, (size_t) (p->end - text), words);
	unr_text_puts(words, " as ");
	quote(p, layout, strlen(layout), words);
	unr_text_puts(words, ": cannot parse ");
	quote(p, p->at, left(p), words);
	unr_text_puts(words, " as ");
	quote(p, element, strlen(element), words);
	return false;
}

static bool fail_range(const struct parser *p, const char *name, const char *text,
		       struct unr_text *words)
{
	unr_text_puts(words, "parsing time ");
	quote(p, text, (size_t) (p->end - text), words);
	unr_text_printf(words, ": %s out of range", name);
	return false;
}

static bool skip(struct parser *p, char c)
{
	if (left(p) == 0 || *p->at != c)
		return false;
	p->at++;
	return true;
}

/* What is no number newer ones tell from its beginning, and the others from its end. */
static bool pass_bad(struct parser *p, size_t length)
{
	if (!p->rules->newer)
		p->at += length;
	return false;
}

static bool read_year(struct parser *p)
{
	if (left(p) < YEAR_LENGTH || !is_digit(p, 0))
		return false;
	p->year = 0;
	for (size_t i = 0; i < YEAR_LENGTH; i++) {
		if (!is_digit(p, i))
			return pass_bad(p, YEAR_LENGTH);
		p->year = 10 * p->year + (p->at[i] - '0');
	}
	p->at += YEAR_LENGTH;
	return true;
}

/* Two digits, or one; -1 where there are none. */
static int read_number(struct parser *p, bool one_digit)
{
	int value;

	if (!is_digit(p, 0) || (!is_digit(p, 1) && !one_digit))
		return -1;
	value = *p->at++ - '0';
	if (is_digit(p, 0))
		value = 10 * value + (*p->at++ - '0');
	return value;
}

/* Behind the seconds, though the layout has none. */
static bool has_fraction(const struct parser *p)
{
	return left(p) > 1 && (*p->at == '.' || (*p->at == ',' && !p->rules->older)) &&
	       is_digit(p, 1);
}

/* Of more than nine digits older ones make a number, too. */
static bool read_fraction(struct parser *p, const char *text, struct unr_text *words)
{
	uint64_t value = 0;

	if (!has_fraction(p))
		return true;
	for (p->at++; is_digit(p, 0); p->at++)
		if (value <= INT64_MAX)
			value = value > INT64_MAX / 10 ? UINT64_MAX :
							 10 * value + (uint64_t) (*p->at - '0');
	if (!p->rules->older || value < SECOND_NS)
		return true;
	return value > INT64_MAX ? fail_at(p, "05", text, words) :
				   fail_range(p, "fractional second", text, words);
}

static int days_in(int month, int year)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

/* Two characters of an offset; the others take a sign for a digit, strconv.Atoi()'s way. */
static int read_offset_part(const struct parser *p, size_t offset)
{
	struct parser part = { .at = p->at + offset, .end = p->at + offset + 2, .rules = p->rules };

	if (!p->rules->newer && (*part.at == '+' || *part.at == '-'))
		part.at++;
	return left(&part) > 0 ? read_number(&part, !p->rules->newer && left(&part) == 1) : -1;
}

/* Z, or +HH:MM; @ret_range: what of it is out of range, for newer ones. */
static bool read_offset(struct parser *p, const char **ret_range)
{
	int hour, minute;

	if (skip(p, 'Z'))
		return true;
	if (left(p) < OFFSET_LENGTH || p->at[3] != ':')
		return false;
	hour = read_offset_part(p, 1);
	minute = read_offset_part(p, 4);
	if (p->rules->newer && hour > MAX_OFFSET_HOUR)
		*ret_range = "time zone offset hour";
	if (p->rules->newer && hour >= 0 && minute > MAX_OFFSET_MINUTE)
		*ret_range = "time zone offset minute";
	if (*ret_range == NULL && (hour < 0 || minute < 0 || (*p->at != '+' && *p->at != '-')))
		return pass_bad(p, OFFSET_LENGTH);
	p->at += OFFSET_LENGTH;
	return true;
}

/* Month to second. */
static bool read_step(struct parser *p, const struct step *step, const char *text,
		      struct unr_text *words)
{
	const char before[] = { step->before, '\0' };
	int value;

	if (!skip(p, step->before))
		return fail_at(p, before, text, words);
	value = read_number(p, step->one_digit);
	/* Before go1.20 it is forgotten that there are no seconds where a fraction follows. */
	if (value < 0 && step == &steps[SECOND] && !p->rules->newer && has_fraction(p))
		return true;
	if (value < 0)
		return fail_at(p, step->element, text, words);
	if (value < step->low || value > step->high)
		return fail_range(p, step->name, text, words);
	if (step == &steps[MONTH])
		p->month = value;
	if (step == &steps[DAY])
		p->day = value;
	return true;
}

static bool parse(struct parser *p, const char *text, struct unr_text *words)
{
	const char *range = NULL;

	if (!p->rules->newer && !skip(p, '"'))
		return fail_at(p, "\"", text, words);
	if (!read_year(p))
		return fail_at(p, "2006", text, words);
	for (size_t i = 0; i < N_STEPS; i++)
		if (!read_step(p, &steps[i], text, words))
			return false;
	if (!read_fraction(p, text, words))
		return false;
	if (!read_offset(p, &range))
		return fail_at(p, "Z07:00", text, words);
	if (range != NULL)
		return fail_range(p, range, text, words);
	if (!p->rules->newer && !skip(p, '"'))
		return fail_at(p, "\"", text, words);
	if (left(p) > 0) {
		unr_text_puts(words, "parsing time ");
		quote(p, text, (size_t) (p->end - text), words);
		unr_text_puts(words, ": extra text: ");
		quote(p, p->at, left(p), words);
		return false;
	}
	if (p->day < 1 || p->day > days_in(p->month, p->year))
		return fail_range(p, "day", text, words);
	return true;
}

bool unr_go_time(const char *raw, size_t length, const struct unr_go_rules *rules,
		 struct unr_text *words)
{
	struct parser p = { .at = raw, .end = raw + length, .rules = rules };

	if (!rules->newer)
		return parse(&p, raw, words);
	if (length < 2 || raw[0] != '"') {
		unr_text_puts(words, "Time.UnmarshalJSON: input is not a JSON string");
		return false;
	}
	p.at++;
	p.end--;
	return parse(&p, p.at, words);
}
