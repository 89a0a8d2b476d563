/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: any text as a line of an image's history, changed in every way.
 * Property: a diff takes lines of the step away and puts one in the place of
 * each, and what that leads to is not changed in that way again.  An appended command is a "+" line
 * of its own, the last one: behind &&, or as one more line of a script.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "advice/edit.h"
#include "image/step.h"
#include "must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool edit_ids(const char *step, struct unr_text *diff)
{
	struct unr_edit_id ids[] = { { .from = 1000000, .to = 10001 }, { .from = 7, .to = 8 } };

	return unr_edit_ids(step, ids, UNR_COUNT(ids), diff);
}

/* The line's end, or the text's. */
static size_t line_length(const char *text)
{
	return strcspn(text, "\n");
}

/*
 * One line of the step, or what the diff has in its place: a "-" line that is it, and its "+"
 * lines, of which the first has the step's place.
 */
static const char *apply_line(struct unr_text *out, const char *line, size_t length,
			      const char *diff)
{
	const char *added = diff + strlen("- ") + length + strlen("\n+ ");

	if (strncmp(diff, "- ", 2) != 0 || strncmp(diff + 2, line, length) != 0 ||
	    strncmp(diff + 2 + length, "\n+ ", 3) != 0) {
		unr_text_append(out, line, length);
		return diff;
	}
	unr_text_append(out, added, line_length(added));
	for (diff = added; strncmp(diff, "+ ", 2) == 0 || diff == added;)
		diff += line_length(diff) + 1;
	return diff;
}

/* What a diff makes of a step.  Above a script's first line its RUN stands, which the diff leaves out. */
static void apply(struct unr_text *out, const char *step, const char *diff)
{
	if (strchr(step, '\n') != NULL && unr_step_rest(step, "RUN") != NULL) {
		unr_text_puts(out, "RUN ");
		step = unr_step_rest(step, "RUN");
	}
	for (;;) {
		size_t length = line_length(step);

		diff = apply_line(out, step, length, diff);
		if (step[length] == '\0')
			break;
		unr_text_puts(out, "\n");
		step += length + 1;
	}
	must(*diff == '\0'); /* nothing in it that is not the step's */
}

/* Of what the older builder copied the history has a digest, which the diff does not repeat. */
static bool is_digested(const char *step)
{
	return unr_step_rest(step, "RUN") == NULL && strstr(step, " in ") != NULL;
}

static void check(const char *step, bool (*edit)(const char *step, struct unr_text *diff))
{
	struct unr_text diff = { 0 }, again = { 0 }, changed = { 0 };

	if (!edit(step, &diff)) {
		must(diff.length == 0);
		return;
	}
	must(!diff.failed && strncmp(diff.bytes, "- ", 2) == 0);
	if (!is_digested(step)) {
		apply(&changed, step, unr_text_string(&diff));
		must(!edit(unr_text_string(&changed), &again));
	}
	unr_text_done(&diff);
	unr_text_done(&again);
	unr_text_done(&changed);
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), end_length = strlen(end);

	return length > end_length && strcmp(text + length - end_length, end) == 0;
}

static void check_appended(const char *diff)
{
	must(ends_with(diff, "\n+ true\n") || ends_with(diff, " && \\\n+     true\n"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = strndup((const char *) data, size);
	struct unr_text step = { 0 }, diff = { 0 };

	must(line != NULL);
	unr_step_append(&step, line);
	check(unr_text_string(&step), edit_ids);
	check(unr_text_string(&step), unr_edit_tar);
	check(unr_text_string(&step), unr_edit_copy);
	check(unr_text_string(&step), unr_edit_add);
	if (unr_edit_append(unr_text_string(&step), "true", &diff))
		check_appended(unr_text_string(&diff));
	unr_text_done(&step);
	unr_text_done(&diff);
	free(line);
	return 0;
}
