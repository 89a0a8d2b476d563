/* SPDX-License-Identifier: MIT */
/* What a map does to numbers, as seen from inside, from outside and from beside it. */
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "selftest/groups.h"
#include "selftest/kit.h"

#define MAN "user_namespaces(7)"
#define CVE "CVE-2018-18955, commit d2f007dbe7e4"

/* The lines of a map as the kernel shows them, without the blanks in front of the numbers. */
static void read_map(struct st *t, pid_t pid, const char *file, size_t size, char *ret)
{
	char text[2048], *to = ret;

	st_want(t, 0, st_get(pid, file, sizeof(text), text));
	for (const char *c = text; *c != '\0' && to < ret + size - 2; c++) {
		bool is_first = to == ret || to[-1] == '\n';

		if (*c != ' ')
			*to++ = *c;
		else if (!is_first && to[-1] != ' ')
			*to++ = ' ';
	}
	*to = '\0';
}

static void want_map(struct st *t, pid_t pid, const char *file, const char *expected)
{
	char text[1024];

	read_map(t, pid, file, sizeof(text), text);
	if (strcmp(text, expected) != 0)
		st_fail(t, "%s: promised is '%s', it is '%s'", file, expected, text);
}

/* ---- order ---- */

static void order(struct st *t)
{
	const char *map = "50 2000 10\n0 1000 10\n20 1500 10\n";
	struct st_child child;

	st_child_start(t, CLONE_NEWUSER, st_idle, &child);
	st_map(t, &child, map);
	want_map(t, child.pid, "uid_map", map);
	want_map(t, child.pid, "gid_map", map);
	st_child_end(t, &child);
}

/* Six ranges, the first number that is searched by halving: each inside id has its own outside. */
#define SIX_FORWARD "0 1000 2\n10 3000 2\n20 2000 2\n30 6000 2\n40 5000 2\n50 4000 2\n"
#define SIX_REVERSE "50 4000 2\n40 5000 2\n30 6000 2\n20 2000 2\n10 3000 2\n0 1000 2\n"

static const struct {
	unsigned int inside, outside;
} SIX[] = {
	{ 0, 1000 },  { 1, 1001 },  { 10, 3000 }, { 11, 3001 }, { 20, 2000 }, { 21, 2001 },
	{ 30, 6000 }, { 31, 6001 }, { 40, 5000 }, { 41, 5001 }, { 50, 4000 }, { 51, 4001 },
};

/* Files 0, 1, ... in a directory that belongs to the namespace's root, one an id. */
static void give_to_each(struct st *t)
{
	char path[16];

	for (unsigned int i = 0; i < UNR_COUNT(SIX); i++) {
		(void) snprintf(path, sizeof(path), "six/%u", i);
		st_file(t, path, 0644, SIX[i].inside, SIX[i].inside);
		st_owned(t, path, SIX[i].inside, SIX[i].inside);
	}
	st_want(t, EINVAL, chown("six/0", 2, 0));
	st_want(t, EINVAL, chown("six/0", 0, 52));
}

static void want_each_outside(struct st *t, unsigned int more)
{
	char path[16];

	for (unsigned int i = 0; i < UNR_COUNT(SIX); i++) {
		(void) snprintf(path, sizeof(path), "six/%u", i);
		st_owned(t, path, SIX[i].outside + more, SIX[i].outside + more);
	}
}

static void many(struct st *t)
{
	st_want(t, 0, mkdir("six", 0755));
	st_want(t, 0, chown("six", 1000, 1000));
	st_inside(t, t->test->of->data, give_to_each);
	want_each_outside(t, 0);
}

static void nest_six(struct st *t)
{
	st_inside(t, t->test->of->data, give_to_each);
	want_each_outside(t, 0);
}

/* Six ranges within six: an id that is looked up in the wrong one is another's. */
static void many_nested(struct st *t)
{
	st_want(t, 0, mkdir("six", 0755));
	st_want(t, 0, chown("six", 11000, 11000));
	st_inside(t,
		  "0 10000 1000\n1000 11000 1000\n2000 12000 1000\n3000 13000 1000\n"
		  "4000 14000 1000\n5000 15000 1000\n6000 16000 1000\n",
		  nest_six);
	want_each_outside(t, 10000);
}

static void nest_beyond(struct st *t)
{
	struct st_child child;

	st_child_start(t, CLONE_NEWUSER, st_idle, &child);
	/* The last line is mapped in the middle of nowhere. */
	st_want(t, EPERM,
		st_put(child.pid, "uid_map",
		       "0 0 1\n1 1 1\n2 2 1\n3 3 1\n4 4 1\n5 5 1\n6 5000 1\n"));
	st_want(t, EPERM, st_put(child.pid, "gid_map", "0 5 1\n1 1005 1\n"));
	st_child_end(t, &child);
}

static void many_beyond(struct st *t)
{
	st_inside(t, "0 1000 100\n200 2000 1\n300 3000 1\n400 4000 1\n500 5000 1\n600 6000 1\n",
		  nest_beyond);
}

/* ---- readers ---- */

static void read_own(struct st *t)
{
	want_map(t, 0, "uid_map", "0 1000 10\n");
	want_map(t, 0, "gid_map", "0 1000 10\n");
	st_wait(t);
}

static void reader_own(struct st *t)
{
	struct st_child child;

	st_inside_start(t, "0 1000 10", read_own, &child);
	st_child_step(t, &child);
	want_map(t, child.pid, "uid_map", "0 1000 10\n");
	st_child_end(t, &child);
}

static void nest_and_read(struct st *t)
{
	struct st_child child;

	st_child_start(t, CLONE_NEWUSER, st_idle, &child);
	st_map(t, &child, "0 5 3");
	want_map(t, child.pid, "uid_map", "0 5 3\n");
	*(pid_t *) t->shared = child.pid;
	st_wait(t);
	st_child_end(t, &child);
}

static void reader_grandparent(struct st *t)
{
	struct st_child child;
	pid_t *grandchild = st_shared_memory(t);

	st_inside_start(t, "0 1000 10", nest_and_read, &child);
	st_child_step(t, &child);
	/* The second number is that of the reader's namespace. */
	want_map(t, *grandchild, "uid_map", "0 1005 3\n");
	want_map(t, *grandchild, "gid_map", "0 1005 3\n");
	st_child_end(t, &child);
}

static void read_sibling(struct st *t)
{
	/* Ids that have no place here show as the one that is none. */
	want_map(t, *(pid_t *) t->shared, "uid_map", "0 4294967295 10\n");
	want_map(t, *(pid_t *) t->shared, "gid_map", "0 4294967295 10\n");
}

static void reader_sibling(struct st *t)
{
	pid_t *sibling = st_shared_memory(t);
	struct st_child child;

	st_child_start(t, CLONE_NEWUSER, st_idle, &child);
	st_map(t, &child, "0 1000 10");
	*sibling = child.pid;
	st_inside(t, "0 2000 10", read_sibling);
	st_child_end(t, &child);
}

static void reader_empty(struct st *t)
{
	struct st_child child;
	char text[16];

	st_child_start(t, CLONE_NEWUSER, st_idle, &child);
	st_equal(t, 0, st_get(child.pid, "uid_map", sizeof(text), text));
	st_equal(t, 0, st_get(child.pid, "gid_map", sizeof(text), text));
	st_child_end(t, &child);
}

/* ---- numbers ---- */

static void see_ids(struct st *t)
{
	st_become(t, 7, 8);
	st_equal(t, 7, getuid());
	st_equal(t, 7, geteuid());
	st_equal(t, 8, getgid());
	st_equal(t, 8, getegid());
	st_equal(t, 7, st_field(t, 0, "Uid", 10));
	st_wait(t);
}

static void ids_both_sides(struct st *t)
{
	struct st_child child;

	st_child_start(t, CLONE_NEWUSER, see_ids, &child);
	st_map(t, &child, "0 3000 100");
	st_child_step(t, &child);
	st_equal(t, 3007, st_field(t, child.pid, "Uid", 10));
	st_equal(t, 3008, st_field(t, child.pid, "Gid", 10));
	st_child_end(t, &child);
}

static void see_overflow(struct st *t)
{
	st_equal(t, st_overflow_uid(t), getuid());
	st_equal(t, st_overflow_gid(t), getgid());
}

static void ids_unmapped(struct st *t)
{
	struct st_child child;

	st_child_start(t, CLONE_NEWUSER, see_overflow, &child);
	st_child_end(t, &child);
}

static void projid(struct st *t)
{
	char own[100];

	/* A namespace without a map has none to give: those of containers seldom have one. */
	st_want(t, 0, st_get(0, "projid_map", sizeof(own), own));
	if (!t->host->is_initial && *own == '\0')
		st_skip(t, "there are no project ids in the caller's namespace");
	st_unshare(t, CLONE_NEWUSER);
	/* No capability is asked for, and no id is one's own. */
	st_want(t, 0, st_put(0, "projid_map", "0 1000 10\n10 2000 10\n"));
	want_map(t, 0, "projid_map", "0 1000 10\n10 2000 10\n");
	st_want(t, EPERM, st_put(0, "projid_map", "0 1000 10\n"));
}

#define CASE(case_name, sentence, where, function, ...)                                            \
	{                                                                                          \
		case_name, sentence, where, .stage = ST_STAGE_ROOT, .run = function, __VA_ARGS__   \
	}

static const struct st_case CASES[] = {
	CASE("order", "Up to five lines may come in any order, and are shown in it.",
	     MAN ", commit 0bd14b4fd72a", order, ),
	CASE("six", "More than five lines map each id to its own.", MAN ", commit 6397fac4915a",
	     many, .data = SIX_FORWARD),
	CASE("six-reverse", "More than five lines may come in any order, too.",
	     MAN ", commit 6397fac4915a", many, .data = SIX_REVERSE),
	CASE("six-nested", "Within a namespace of more than five lines, another one maps rightly.",
	     CVE, many_nested, .data = SIX_FORWARD),
	CASE("six-nested-reverse",
	     "Within more than five lines in any order another namespace maps rightly, too.", CVE,
	     many_nested, .data = SIX_REVERSE),
	CASE("six-beyond", "A line whose ids the parent does not have is refused among many, too.",
	     CVE, many_beyond, ),
	CASE("reader-own", "A process reads its own map with the numbers of the parent.", MAN,
	     reader_own, ),
	CASE("reader-grandparent", "The second number of a map is that of the reader's namespace.",
	     MAN, reader_grandparent, ),
	CASE("reader-sibling", "Ids without a place in the reader's namespace show as 4294967295.",
	     MAN, reader_sibling, ),
	CASE("reader-empty", "A map that was not written is an empty file.", MAN, reader_empty, ),
	CASE("ids-both-sides", "Inside, ids are those of the map; outside they stay.", MAN,
	     ids_both_sides, ),
	CASE("ids-unmapped", "Without a map all ids show as the overflow ids.", MAN,
	     ids_unmapped, ),
	{ "projid", "Project ids are mapped by anyone, to any.", MAN, .stage = ST_STAGE_ORDINARY,
	  .run = projid },
};

const struct st_group st_group_ranges = ST_GROUP("ranges", "what a map does to numbers", CASES);
