/* SPDX-License-Identifier: MIT */
/* Steps of a Dockerfile and what becomes of them. */
#include "unr_test.h"

#include <string.h>

#include "advice/edit.h"

static struct unr_text diff;

static void expect_diff(bool changed, const char *expected)
{
	assert_int_equal(changed, *expected != '\0');
	assert_string_equal(unr_text_string(&diff), expected);
	unr_text_clear(&diff);
}

static void ids__stand_alone(void **state)
{
	static const struct {
		const char *step, *changed; /* NULL: it stays */
	} cases[] = {
		{ "RUN useradd -u 1000000 -g 70000 x", "RUN useradd -u 10001 -g 10002 x" },
		{ "RUN chown 1000000:70000 /x", "RUN chown 10001:10002 /x" },
		{ "COPY --chown=1000000 a b", "COPY --chown=10001 a b" },
		{ "RUN useradd -u 1000000", "RUN useradd -u 10001" },
		{ "1000000", "10001" },
		{ "RUN touch /a. && chown 1000000.", "RUN touch /a. && chown 10001." },
		{ "RUN chown 10000000 /x", NULL },
		{ "RUN chown 11000000 /x", NULL },
		{ "RUN chown 99999999999991000000 /x", NULL },
		{ "RUN get a1000000 1000000a v1.1000000 1000000.1 _1000000 1000000_", NULL },
		{ "", NULL },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct unr_edit_id ids[] = { { .from = 1000000, .to = 10001 },
					     { .from = 70000, .to = 10002 } };
		unr_auto(unr_text_done) struct unr_text expected = { 0 };

		if (cases[i].changed != NULL)
			unr_text_printf(&expected, "- %s\n+ %s\n", cases[i].step, cases[i].changed);
		expect_diff(unr_edit_ids(cases[i].step, ids, 2, &diff), unr_text_string(&expected));
		assert_int_equal(ids[0].found, cases[i].changed != NULL);
		assert_int_equal(unr_edit_has_number(cases[i].step, 1000000),
				 cases[i].changed != NULL);
	}
}

static void tar__that_extracts_leaves_owners_out(void **state)
{
	static const struct {
		const char *step, *changed;
	} cases[] = {
		{ "RUN tar -xzf a", "RUN tar --no-same-owner -xzf a" },
		{ "RUN tar xzf a", "RUN tar --no-same-owner -xzf a" },
		{ "RUN curl a|tar xz", "RUN curl a|tar --no-same-owner -xz" },
		{ "RUN cd /x; tar -C /opt -zx -f a && rm a",
		  "RUN cd /x; tar --no-same-owner -C /opt -zx -f a && rm a" },
		{ "RUN (bsdtar --extract -f a)", "RUN (bsdtar --no-same-owner --extract -f a)" },
		{ "RUN for f in *; do tar xf $f; done",
		  "RUN for f in *; do tar --no-same-owner -xf $f; done" },
		{ "RUN tar xf a && tar xf b",
		  "RUN tar --no-same-owner -xf a && tar --no-same-owner -xf b" },
		{ "RUN tar xfC a /b", NULL }, /* with a hyphen that were a file called C */
		{ "RUN tar xf a && tar xfC a /b", NULL },
		{ "RUN tar xzof a", NULL },
		{ "RUN tar --no-same-owner -xf a", NULL },
		{ "RUN tar --same-owner -xf a", NULL }, /* the last one counts */
		{ "RUN tar -xof a", NULL },
		{ "RUN tar cf a b", NULL },
		{ "RUN tar -czf x a", NULL },
		{ "RUN apt-get install tar xz", NULL },
		{ "RUN mytar xf a; tarx xf a", NULL },
		{ "RUN <<EOF tar xf a EOF", NULL },
		{ "ADD tar xf", NULL },
		{ "RUN tar", NULL },
		{ "RUN ", NULL },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		unr_auto(unr_text_done) struct unr_text expected = { 0 };

		if (cases[i].changed != NULL)
			unr_text_printf(&expected, "- %s\n+ %s\n", cases[i].step, cases[i].changed);
		expect_diff(unr_edit_tar(cases[i].step, &diff), unr_text_string(&expected));
	}
}

static void step__unpacks(void **state)
{
	(void) state;
	assert_true(unr_edit_unpacks("RUN curl a | tar xfC - /b"));
	assert_true(unr_edit_unpacks("ADD a.tgz /"));
	assert_true(unr_edit_unpacks("ADD file:54c5 in /opt/"));
	assert_true(unr_edit_unpacks("RUN cd /opt\ntar xf a"));
	assert_false(unr_edit_unpacks("ADD --chown=1 file:54c5 in /opt/"));
	assert_false(unr_edit_unpacks("ADD dir:54c5 in /opt/"));
	assert_false(unr_edit_unpacks("COPY file:54c5 in /opt/"));
	assert_false(unr_edit_unpacks("RUN tar --no-same-owner -xf a"));
	assert_false(unr_edit_unpacks("RUN npm i"));
	assert_false(unr_edit_unpacks("ADD a.zip /"));
	assert_false(unr_edit_unpacks("ADD file:54c5 in /"));
	assert_false(unr_edit_unpacks("COPY a.tgz /"));
}

static void run__gets_one_more_command(void **state)
{
	static const struct {
		const char *step, *kept; /* NULL: nothing can be put behind it */
	} cases[] = {
		{ "RUN npm i", "RUN npm i" },
		{ "RUN set -e; npm i ;", "RUN set -e; npm i" },
		{ "RUN a || true", "RUN a || true" },
		{ "RUN a &", NULL },
		{ "RUN a # why", NULL },
		{ "RUN <<EOF a EOF", NULL },
		{ "COPY a b", NULL },
		{ "RUN", NULL },
		{ "RUN ;", NULL },
		{ "", NULL },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		unr_auto(unr_text_done) struct unr_text expected = { 0 };

		if (cases[i].kept != NULL)
			unr_text_printf(&expected, "  %s && \\\n+     chown x\n", cases[i].kept);
		expect_diff(unr_edit_append(cases[i].step, "chown x", &diff),
			    unr_text_string(&expected));
	}
}

/* A here-document: a line of its own is enough, and what stays need not be shown. */
static void script__changes_by_lines(void **state)
{
	static const char script[] = "RUN tar xf a\nif b; then\ntar xf a # c\nfi\nid 1000000";
	struct unr_edit_id ids[] = { { .from = 1000000, .to = 10001 } };

	(void) state;
	expect_diff(unr_edit_tar(script, &diff), "- tar xf a\n+ tar --no-same-owner -xf a\n"
						 "- tar xf a # c\n"
						 "+ tar --no-same-owner -xf a # c\n");
	expect_diff(unr_edit_append(script, "chown x", &diff), "  id 1000000\n+ chown x\n");
	expect_diff(unr_edit_ids(script, ids, 1, &diff), "- id 1000000\n+ id 10001\n");
	/* Several documents, of which the last line is the end of one. */
	expect_diff(unr_edit_append("RUN cat <<A > b\nc\nA", "chown x", &diff), "");
}

static void variable__has_another_value(void **state)
{
	static const struct {
		const char *step, *variables, *diff;
	} cases[] = {
		{ "RUN useradd -u $UID x", "A=1 UID=1000000 B=2",
		  "- ARG UID=1000000\n+ ARG UID=10001\n" },
		{ "RUN a ${UID:-1} $GID", "UID=1000000 GID=70000",
		  "- ARG UID=1000000\n+ ARG UID=10001\n- ARG GID=70000\n+ ARG GID=10002\n" },
		{ "RUN a $UIDS $UID2 UID", "UID=1000000", "" },
		{ "RUN a $UID", "UID=1000000x =1000000 UID= UID", "" },
		{ "RUN a $UID", "UID=1000001", "" },
		{ "RUN a $", "", "" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct unr_edit_id ids[] = { { .from = 1000000, .to = 10001 },
					     { .from = 70000, .to = 10002 } };

		expect_diff(
			unr_edit_variables(cases[i].step, "ARG", cases[i].variables, ids, 2, &diff),
			cases[i].diff);
	}
}

static void copy__belongs_to_root(void **state)
{
	(void) state;
	expect_diff(unr_edit_copy("COPY /a /b", &diff), "- COPY /a /b\n+ COPY --chown=0:0 /a /b\n");
	expect_diff(unr_edit_copy("ADD https://a/b /c", &diff),
		    "- ADD https://a/b /c\n+ ADD --chown=0:0 https://a/b /c\n");
	expect_diff(unr_edit_copy("COPY dir:54c5 in /b/", &diff),
		    "- COPY SOURCE /b/\n+ COPY --chown=0:0 SOURCE /b/\n");
	expect_diff(unr_edit_copy("COPY --chown=7:7 /a /b", &diff), "");
	expect_diff(unr_edit_copy("ADD a.tar /b", &diff), "");
	expect_diff(unr_edit_copy("ADD file:1 in /", &diff), "");
	expect_diff(unr_edit_copy("RUN a", &diff), "");
}

static void add__becomes_copy_and_tar(void **state)
{
	(void) state;
	expect_diff(unr_edit_add("ADD d/a.tar.xz /opt", &diff),
		    "- ADD d/a.tar.xz /opt\n"
		    "+ COPY d/a.tar.xz /tmp/\n"
		    "+ RUN mkdir -p /opt && tar --no-same-owner -xJf /tmp/a.tar.xz -C /opt && rm "
		    "/tmp/a.tar.xz\n");
	expect_diff(unr_edit_add("ADD a.tar b.tar /opt", &diff), "");
	expect_diff(unr_edit_add("ADD --chown=0:0 a.tar /opt", &diff), "");
	expect_diff(unr_edit_add("ADD $(rm).tar /opt", &diff), "");
	expect_diff(unr_edit_add("ADD a.tar /opt;rm", &diff), "");
	expect_diff(unr_edit_add("ADD .tar /opt", &diff), "");
	expect_diff(unr_edit_add("ADD a.zip /opt", &diff), "");
	expect_diff(unr_edit_add("ADD a.tar", &diff), "");
	expect_diff(
		unr_edit_add("ADD file:54c5 in /opt/", &diff),
		"- ADD ARCHIVE.tar.gz /opt/\n"
		"+ COPY ARCHIVE.tar.gz /tmp/\n"
		"+ RUN mkdir -p /opt/ && tar --no-same-owner -xzf /tmp/ARCHIVE.tar.gz -C /opt/ && "
		"rm /tmp/ARCHIVE.tar.gz\n");
	expect_diff(unr_edit_add("ADD file:54c5 in /a;b", &diff), "");
	expect_diff(unr_edit_add("ADD file:54c5 in /", &diff), "");
}

/* What stands in a command as it is must not do more than that. */
static void path__is_plain(void **state)
{
	static const char *const bad[] = { "a b", "a;b",  "a$b", "a'b",      "a\"b", "a\\b",
					   "a`b", "a\nb", "a*b", "a?b",      "a~b",  "a(b",
					   "a&b", "a|b",  "a<b", "a\xc3\xa9" };

	(void) state;
	assert_true(unr_edit_is_plain("usr/lib/x86_64-linux-gnu/@a+b,c:d=e.f", 37));
	for (size_t i = 0; i < UNR_COUNT(bad); i++)
		assert_false(unr_edit_is_plain(bad[i], strlen(bad[i])));
	assert_false(unr_edit_is_plain("a\0b", 3));
}

static int clear(void **state)
{
	(void) state;
	unr_text_done(&diff);
	return 0;
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test_teardown(ids__stand_alone, clear),
	cmocka_unit_test_teardown(tar__that_extracts_leaves_owners_out, clear),
	cmocka_unit_test(step__unpacks),
	cmocka_unit_test_teardown(run__gets_one_more_command, clear),
	cmocka_unit_test_teardown(script__changes_by_lines, clear),
	cmocka_unit_test_teardown(variable__has_another_value, clear),
	cmocka_unit_test_teardown(copy__belongs_to_root, clear),
	cmocka_unit_test_teardown(add__becomes_copy_and_tar, clear),
	cmocka_unit_test(path__is_plain),
};

UNR_TEST_MAIN("advice.edit", tests, NULL);
