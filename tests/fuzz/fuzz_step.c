/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: any text as a line of an image's history, changed in every way.
 * Property: a diff begins with the step itself, has a "+" line, and what it
 * leads to is not changed in that way again.
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

/* The first "+" line, as an owned string. */
static char *added_line(const struct unr_text *diff)
{
	const char *line = unr_text_string(diff);

	while (strncmp(line, "+ ", 2) != 0) {
		line = strchr(line, '\n');
		must(line != NULL);
		line++;
	}
	return strndup(line + 2, strcspn(line + 2, "\n"));
}

static void check(const char *step, bool (*edit)(const char *step, struct unr_text *diff))
{
	struct unr_text diff = { 0 }, again = { 0 };
	size_t length = strlen(step);
	char *added;

	if (!edit(step, &diff)) {
		must(diff.length == 0);
		return;
	}
	must(!diff.failed && strncmp(diff.bytes, "- ", 2) == 0);
	must(strncmp(diff.bytes + 2, step, length) == 0 && diff.bytes[2 + length] == '\n');
	added = added_line(&diff);
	must(added != NULL && !edit(added, &again));
	free(added);
	unr_text_done(&diff);
	unr_text_done(&again);
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
		must(strstr(diff.bytes, "\n+     true\n") != NULL);
	unr_text_done(&step);
	unr_text_done(&diff);
	free(line);
	return 0;
}
