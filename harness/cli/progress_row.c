/* SPDX-License-Identifier: MIT */
/*
 * A layer's line as `docker pull` and `docker load` print it (moby,
 * pkg/jsonmessage and go-units), and behind it what is this project's own: how
 * many entries were refused.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "progress.h"

struct status {
	const char *pulled, *archived; /* NULL: not shown */
	bool numbers;                  /* how many bytes of how many stand behind it */
};

static const struct status STATUSES[UNR_LAYER_STATE_COUNT_] = {
	[UNR_LAYER_KNOWN] = { "Pulling fs layer", NULL, false },
	[UNR_LAYER_WAITING] = { "Waiting", NULL, false },
	[UNR_LAYER_DOWNLOADING] = { "Downloading", NULL, true },
	[UNR_LAYER_VERIFYING] = { "Verifying Checksum", NULL, false },
	[UNR_LAYER_DOWNLOADED] = { "Download complete", NULL, false },
	[UNR_LAYER_EXTRACTING] = { "Extracting", "Loading layer", true },
	[UNR_LAYER_COMPLETE] = { "Pull complete", "Loading layer", false },
	[UNR_LAYER_REFUSED] = { "Extracting", "Loading layer", true },
};

static const char *status_of(const struct cli_progress_row *row)
{
	const struct status *status = &STATUSES[row->state];

	return row->archived ? status->archived : status->pulled;
}

/* docker load has no word for a layer that is done. */
static bool has_numbers(const struct cli_progress_row *row)
{
	return row->size > 0 && (STATUSES[row->state].numbers ||
				 (row->archived && row->state == UNR_LAYER_COMPLETE));
}

#define SIZE_TEXT 16

/* Units of 1000 and four digits: "1.234MB". */
static const char *format_size(uint64_t bytes, char text[SIZE_TEXT])
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB" };
	double size = (double) bytes;
	size_t unit = 0;

	for (; size >= 1000.0 && unit + 1 < UNR_COUNT(units); unit++)
		size /= 1000.0;
	(void) snprintf(text, SIZE_TEXT, "%.4g%s", size, units[unit]);
	return text;
}

enum { BAR = 50, NUMBERS_TEXT = 40, REFUSED_TEXT = 48 };

static const char *format_bar(const struct cli_progress_row *row, char text[BAR + 5])
{
	int done = (int) ((double) row->bytes / (double) row->size * 100) / 2;

	if (done > BAR)
		done = BAR;
	(void) snprintf(text, BAR + 5, "[%*s>%*s] ", done, "", BAR - done, "");
	memset(text + 1, '=', (size_t) done);
	return text;
}

static const char *format_numbers(const struct cli_progress_row *row, char text[NUMBERS_TEXT])
{
	char bytes[SIZE_TEXT], size[SIZE_TEXT];

	(void) snprintf(text, NUMBERS_TEXT, "%8s/%s", format_size(row->bytes, bytes),
			format_size(row->size, size));
	if (row->bytes > row->size)
		*strchr(text, '/') = '\0';
	return text;
}

static const char *format_refused(const struct cli_progress_row *row, char text[REFUSED_TEXT])
{
	*text = '\0';
	if (row->failures > 0)
		(void) snprintf(text, REFUSED_TEXT, "%" PRIu64 " %s refused", row->failures,
				row->failures == 1 ? "entry" : "entries");
	else if (row->state == UNR_LAYER_REFUSED)
		(void) snprintf(text, REFUSED_TEXT, "refused");
	return text;
}

void cli_progress_format(const struct cli_progress_row *row, bool bar,
			 char ret_line[CLI_PROGRESS_LINE])
{
	char bar_text[BAR + 5] = "", numbers[NUMBERS_TEXT] = "", refused[REFUSED_TEXT];

	*ret_line = '\0';
	if (status_of(row) == NULL)
		return;
	if (has_numbers(row)) {
		(void) format_numbers(row, numbers);
		if (bar)
			(void) format_bar(row, bar_text);
	}
	(void) format_refused(row, refused);
	(void) snprintf(ret_line, CLI_PROGRESS_LINE, "%s: %s %s%s%s%s", row->id, status_of(row),
			bar_text, numbers, *refused == '\0' ? "" : "  ", refused);
}

void cli_progress_format_copied(uint64_t bytes, char ret_line[CLI_PROGRESS_LINE])
{
	char size[SIZE_TEXT];

	(void) snprintf(ret_line, CLI_PROGRESS_LINE, "Reading the image: %s",
			format_size(bytes, size));
}

void cli_progress_format_event(const struct cli_progress_row *row, char ret_line[CLI_PROGRESS_LINE])
{
	bool loaded = row->archived && row->state == UNR_LAYER_COMPLETE;
	char refused[REFUSED_TEXT], size[SIZE_TEXT];

	*ret_line = '\0';
	if (row->state == UNR_LAYER_REFUSED)
		(void) snprintf(ret_line, CLI_PROGRESS_LINE, "%s: %s", row->id,
				format_refused(row, refused));
	else if (loaded)
		(void) snprintf(ret_line, CLI_PROGRESS_LINE, "%s: Loaded layer, %" PRIu64 " %s",
				row->id, row->entries, row->entries == 1 ? "entry" : "entries");
	else if (status_of(row) != NULL)
		(void) snprintf(ret_line, CLI_PROGRESS_LINE, "%s: %s%s%s", row->id, status_of(row),
				has_numbers(row) ? " " : "",
				has_numbers(row) ? format_size(row->size, size) : "");
}
