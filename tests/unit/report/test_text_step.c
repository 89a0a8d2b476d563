/* SPDX-License-Identifier: MIT */
/* History lines of both builders as Dockerfile steps. */
#include "report_fixture.h"

#include "report/text_part.h"

static void expect(const char *created_by, size_t columns, const char *expected)
{
	unr_auto(unr_text_done) struct unr_text out = { 0 };

	unr_text_put_step(&out, created_by, columns);
	assert_string_equal(unr_text_string(&out), expected);
}

static void step__loses_what_the_builder_wrapped_around_it(void **state)
{
	static const char *const cases[][2] = {
		{ "/bin/sh -c #(nop)  CMD [\"bash\"]", "CMD [\"bash\"]" },
		{ "/bin/sh -c #(nop) ADD file:1 in / ", "ADD file:1 in /" },
		{ "/bin/sh -c apt-get update", "RUN apt-get update" },
		{ "|1 A=x y /bin/sh -c make", "RUN make" },
		{ "RUN /bin/sh -c npm i # buildkit", "RUN npm i" },
		{ "RUN |2 A=x B= /bin/sh -c npm i # buildkit", "RUN npm i" },
		{ "COPY . /app # buildkit", "COPY . /app" },
		{ "RUN /bin/bash -o pipefail -c make # buildkit", "RUN make" },
		{ "RUN |1 A=/x /bin/ash -eo pipefail -c make # buildkit", "RUN make" },
		{ "/bin/sh make", "/bin/sh make" },
		{ "/bin/bash -x /script -c make", "/bin/bash -x /script -c make" },
		{ "/bin/sh -c", "/bin/sh -c" },
		{ "RUN true", "RUN true" },
		{ "|1 without a shell", "|1 without a shell" },
		{ "RUN /bin/sh -c a &&   \tb \\\n  c # buildkit", "RUN a && b c" },
		{ "RUN /bin/sh -c set -e\n\n  a &&\n\tb;\nc\n # buildkit",
		  "RUN set -e; a && b; c" },
		{ "RUN /bin/sh -c \n\n", "RUN " },
		{ "\\\n\na", " a" },
		{ "a\033b\\n", "a\\033b\\n" },
		{ "", "" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++)
		expect(cases[i][0], 50, cases[i][1]);
}

static void step__is_cut_to_the_columns(void **state)
{
	(void) state;
	expect("COPY 0123456789", 15, "COPY 0123456789");
	expect("COPY 0123456789", 14, "COPY 012345...");
	/* Whole characters: the fourth is two bytes. */
	expect("abc\xc3\xa9"
	       "fghijk",
	       7, "abc\xc3\xa9...");
}

static void step__for_the_program_is_the_same(void **state)
{
	char *step = unr_report_step("/bin/sh -c #(nop)  CMD [\"bash\"]", 9);

	(void) state;
	assert_string_equal(step, "CMD [\"...");
	free(step);
	step = unr_report_step("", 74);
	assert_string_equal(step, "");
	free(step);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(step__loses_what_the_builder_wrapped_around_it),
	cmocka_unit_test(step__is_cut_to_the_columns),
	cmocka_unit_test(step__for_the_program_is_the_same),
};

UNR_TEST_MAIN("report.text_step", tests, NULL);
