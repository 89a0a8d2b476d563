/* SPDX-License-Identifier: MIT */
/* What the text of uid_map and gid_map may be, and that each is written once. */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "selftest/groups.h"
#include "selftest/kit.h"

#define MAN "user_namespaces(7)"

/* A text, and what write(2) answers to it. */
struct attempt {
	const char *text;
	int error; /* 0: it is taken */
};

/* What is taken is there, as many lines of it. */
static void want_lines(struct st *t, const struct st_child *child, const char *file,
		       const char *text)
{
	char map[16384];
	size_t expected = 0, actual = 0;

	st_want(t, 0, st_get(child->pid, file, sizeof(map), map));
	for (const char *c = text; *c != '\0'; c++)
		expected += *c == '\n' || c[1] == '\0';
	for (const char *c = map; *c != '\0'; c++)
		actual += *c == '\n';
	st_equal(t, expected, actual);
}

/* The text for both files of a fresh namespace. */
static void try_both(struct st *t, const char *text, int error)
{
	struct st_child child;

	st_child_start(t, CLONE_NEWUSER, st_idle, &child);
	st_want(t, error, st_put(child.pid, "uid_map", text));
	st_want(t, error, st_put(child.pid, "gid_map", text));
	want_lines(t, &child, "uid_map", error == 0 ? text : "");
	want_lines(t, &child, "gid_map", error == 0 ? text : "");
	st_child_end(t, &child);
}

static void try_text(struct st *t)
{
	const struct attempt *attempt = t->test->of->data;

	try_both(t, attempt->text, attempt->error);
}

#define TAKEN(map_text) (&(const struct attempt) { (map_text), 0 })
#define REFUSED(map_text) (&(const struct attempt) { (map_text), EINVAL })

static void once(struct st *t)
{
	struct st_child child;

	st_child_start(t, CLONE_NEWUSER, st_idle, &child);
	st_map(t, &child, "0 1000 10");
	st_want(t, EPERM, st_put(child.pid, "uid_map", "0 1000 10"));
	st_want(t, EPERM, st_put(child.pid, "gid_map", "0 1000 10"));
	st_want(t, EPERM, st_put(child.pid, "uid_map", "10 1010 10"));
	st_child_end(t, &child);
}

static int open_map(struct st *t, const struct st_child *child)
{
	char path[40];

	(void) snprintf(path, sizeof(path), "/proc/%d/uid_map", (int) child->pid);
	return (int) st_want(t, 0, open(path, O_WRONLY | O_CLOEXEC));
}

static void offset(struct st *t)
{
	struct st_child child;
	int fd;

	st_child_start(t, CLONE_NEWUSER, st_idle, &child);
	fd = open_map(t, &child);
	st_want(t, ESPIPE, pwrite(fd, "0 1000 10", 9, 1));
	st_want(t, 0, write(fd, "0 1000 10", 9));
	/* Not EPERM: where it is written comes before whether there is a map. */
	st_want(t, EINVAL, write(fd, "10 1010 10", 10));
	(void) close(fd);
	st_child_end(t, &child);
}

static void refused_leaves_none(struct st *t)
{
	struct st_child child;
	char map[100];

	st_child_start(t, CLONE_NEWUSER, st_idle, &child);
	st_want(t, EINVAL, st_put(child.pid, "uid_map", "0 1000 10\n5 2000 10\n"));
	st_equal(t, 0, st_get(child.pid, "uid_map", sizeof(map), map));
	st_want(t, 0, st_put(child.pid, "uid_map", "0 1000 10"));
	st_child_end(t, &child);
}

/* @n ranges of one id each; @format takes two numbers. */
static char *make_lines(struct st *t, unsigned int n, const char *before)
{
	struct unr_text text = { 0 };

	for (unsigned int i = 0; i < n; i++)
		unr_text_printf(&text, "%s%u %u 1\n", before, i, i + 1);
	if (text.failed)
		st_fail(t, "out of memory");
	return unr_text_take(&text);
}

static void try_lines(struct st *t, unsigned int n, const char *before, int error)
{
	unr_autofree char *text = make_lines(t, n, before);

	try_both(t, text, error);
}

static void lines_most(struct st *t)
{
	/* Before Linux 4.15: five. */
	try_lines(t, 340, "", 0);
}

static void lines_too_many(struct st *t)
{
	try_lines(t, 341, "", EINVAL);
}

/* Blanks between the numbers count, too: a text of exactly @size bytes. */
static char *make_padded(struct st *t, size_t size)
{
	char *text = calloc(1, size + 1);

	if (text == NULL)
		st_fail(t, "out of memory");
	memset(text, ' ', size);
	memcpy(text, "0 1000", 6);
	memcpy(text + size - 3, " 10", 3);
	return text;
}

static void page_less_one(struct st *t)
{
	unr_autofree char *text = make_padded(t, (size_t) sysconf(_SC_PAGESIZE) - 1);

	try_both(t, text, 0);
}

static void page_whole(struct st *t)
{
	unr_autofree char *text = make_padded(t, (size_t) sysconf(_SC_PAGESIZE));

	try_both(t, text, EINVAL);
}

/* 300 lines are few enough, but not when they are long. */
static void page_lines(struct st *t)
{
	const size_t page = (size_t) sysconf(_SC_PAGESIZE);
	char before[80];

	(void) snprintf(before, sizeof(before), "%*s", (int) (page / 300), "");
	try_lines(t, 300, before, EINVAL);
}

static void whole_range(struct st *t)
{
	char map[100];

	st_want(t, 0, st_get(0, "uid_map", sizeof(map), map));
	try_both(t, "0 0 4294967295", 0);
	try_both(t, "0 1 4294967295", EINVAL);
	try_both(t, "0 100000 4294967295", EINVAL);
}

static void setgroups_words(struct st *t)
{
	static const char *const wrong[] = { "", "den", "denyx", "deny allow", "1", "DENY" };
	struct st_child child;
	char text[20];

	st_child_start(t, CLONE_NEWUSER, st_idle, &child);
	for (size_t i = 0; i < UNR_COUNT(wrong); i++)
		st_want(t, EINVAL, st_put(child.pid, "setgroups", wrong[i]));
	st_want(t, 0, st_get(child.pid, "setgroups", sizeof(text), text));
	st_equal(t, 0, strcmp(text, "allow\n"));
	st_want(t, 0, st_put(child.pid, "setgroups", "deny\n"));
	st_want(t, 0, st_get(child.pid, "setgroups", sizeof(text), text));
	st_equal(t, 0, strcmp(text, "deny\n"));
	st_child_end(t, &child);
}

#define TEXT_CASE(case_name, sentence, attempt)                                                    \
	{                                                                                          \
		case_name, sentence, MAN, .stage = ST_STAGE_ROOT, .run = try_text,                 \
					  .data = (attempt)                                        \
	}
#define CASE(case_name, sentence, where, function)                                                 \
	{                                                                                          \
		case_name, sentence, where, .stage = ST_STAGE_ROOT, .run = function                \
	}

static const struct st_case CASES[] = {
	CASE("once", "A map that is there cannot be written again, not even with the same text.",
	     MAN, once),
	CASE("offset", "A map is written from the beginning of the file, by one write(2).", MAN,
	     offset),
	CASE("refused-leaves-none",
	     "A map that is refused leaves none, and another one may follow.", MAN,
	     refused_leaves_none),
	TEXT_CASE("one-line", "One line of three numbers is a map.", TAKEN("0 1000 10\n")),
	TEXT_CASE("no-newline", "The last line needs no newline.", TAKEN("0 1000 10\n10 1010 10")),
	TEXT_CASE("blanks", "Blanks may stand around the numbers.",
		  TAKEN("  \t0 \t 1000     10  \t\n")),
	TEXT_CASE("empty", "Nothing at all is no map.", REFUSED("")),
	TEXT_CASE("blank-only", "An empty line alone is no map.", REFUSED("  \n")),
	TEXT_CASE("blank-line", "An empty line between two others is an error.",
		  REFUSED("0 1000 10\n\n10 1010 10\n")),
	TEXT_CASE("two-fields", "A line of two numbers is refused.", REFUSED("0 1000\n")),
	TEXT_CASE("four-fields", "A line of four numbers is refused.", REFUSED("0 1000 10 1\n")),
	TEXT_CASE("words", "What is no number is refused.", REFUSED("root 1000 10\n")),
	TEXT_CASE("negative", "A negative number is refused.", REFUSED("-1 1000 10\n")),
	TEXT_CASE("plus", "A number has no sign.", REFUSED("+1 1000 10\n")),
	TEXT_CASE("hexadecimal", "Numbers are decimal.", REFUSED("0x0 1000 10\n")),
	TEXT_CASE("comma", "Commas do not part numbers.", REFUSED("0,1000,10\n")),
	TEXT_CASE("count-zero", "A range of no id is refused.", REFUSED("0 1000 0\n")),
	TEXT_CASE("inside-overlap", "Ranges must not overlap inside.",
		  REFUSED("0 1000 10\n9 2000 10\n")),
	TEXT_CASE("outside-overlap", "Ranges must not overlap outside.",
		  REFUSED("0 1000 10\n10 1009 10\n")),
	TEXT_CASE("contained", "A range within another one overlaps it.",
		  REFUSED("0 1000 100\n50 3000 1\n")),
	TEXT_CASE("same-twice", "The same line twice overlaps.", REFUSED("0 1000 10\n0 1000 10\n")),
	TEXT_CASE("adjacent", "Ranges that touch do not overlap.",
		  TAKEN("0 1000 10\n10 1010 10\n")),
	TEXT_CASE("inside-last", "4294967295 is no id inside.", REFUSED("4294967295 1000 1\n")),
	TEXT_CASE("outside-last", "4294967295 is no id outside.", REFUSED("0 4294967295 1\n")),
	TEXT_CASE("inside-largest", "4294967294 is the largest id inside.",
		  TAKEN("4294967294 1000 1\n")),
	TEXT_CASE("inside-wraps", "A range must not go beyond the largest id inside.",
		  REFUSED("4294967290 1000 10\n")),
	TEXT_CASE("outside-wraps", "A range must not go beyond the largest id outside.",
		  REFUSED("0 4294967290 10\n")),
	{ "whole-range", "All 4294967295 ids can be mapped, and not one more.", MAN,
	  .stage = ST_STAGE_ROOT, .needs = ST_NEEDS_ROOT | ST_NEEDS_INITIAL, .run = whole_range },
	CASE("lines-340", "A map may have 340 lines.", MAN ", commit 6397fac4915a", lines_most),
	CASE("lines-341", "A map may not have 341 lines.", MAN ", commit 6397fac4915a",
	     lines_too_many),
	CASE("page-less-one", "A map may have one byte less than a page has.", MAN, page_less_one),
	CASE("page", "A map must be smaller than a page.", MAN, page_whole),
	CASE("page-of-lines", "300 lines are too many when they fill a page.", MAN, page_lines),
	CASE("setgroups-words", "The file setgroups takes the words allow and deny alone.", MAN,
	     setgroups_words),
};

const struct st_group st_group_maps = ST_GROUP("maps", "what the text of a map may be", CASES);
