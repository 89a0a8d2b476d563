/* SPDX-License-Identifier: MIT */
/*
 * Lines in the manner of `ls -ln`, where they differ with the fault at the
 * right end.  Times are in UTC, as ls shows them in a container.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "report/text_part.h"
#include "usernsrepro/error.h"

/* Longer paths do not push the faults of all the others to the right. */
#define MAX_PATH_WIDTH 48
/* Half of the mean Gregorian year: what ls calls recent. */
#define RECENT_SECONDS 15778476
#define WHITEOUT_PREFIX ".wh."
#define WHITEOUT_OPAQUE ".wh..wh..opq"

struct columns {
	int uid, gid, size, path, fault;
};

/* One line's cells as text. */
struct cells {
	char mode[16], uid[24], gid[24], size[24], date[32];
	const char *fault;
	char kernel[40];
	struct unr_text path; /* owned */
};

static void cells_done(struct cells *cells)
{
	unr_text_done(&cells->path);
}
DEFINE_UNR_CLEANUP(struct cells, cells_done);

/* "-rwsr-xr-x"; a whiteout has no mode of its own. */
static void format_mode(const struct unr_finding *finding, char text[16])
{
	/* The execute column by its bit and the special bit that shares it: ls -l. */
	static const char specials[3][3] = { "Ss", "Ss", "Tt" };
	uint32_t mode = finding->mode;

	if (finding->type == UNR_ENTRY_WHITEOUT) {
		(void) snprintf(text, 16, "%-10s", unr_entry_type_name(finding->type));
		return;
	}
	text[0] = unr_entry_type_letter(finding->type);
	for (unsigned int i = 0; i < 3; i++) {
		uint32_t bits = mode >> (6 - 3 * i) & 7;
		bool special = (mode & (04000u >> i)) != 0;
		bool execute = (bits & 1) != 0;

		text[1 + 3 * i] = (bits & 4) != 0 ? 'r' : '-';
		text[2 + 3 * i] = (bits & 2) != 0 ? 'w' : '-';
		text[3 + 3 * i] = special ? specials[i][execute] : (execute ? 'x' : '-');
	}
	text[10] = '\0';
}

/* The size of what has one; the record does not know a device's numbers. */
static void format_size(const struct unr_finding *finding, char text[24])
{
	static const bool none[UNR_ENTRY_TYPE_COUNT_] = {
		[UNR_ENTRY_CHAR] = true,
		[UNR_ENTRY_BLOCK] = true,
		[UNR_ENTRY_WHITEOUT] = true,
	};
	uint64_t size = finding->type == UNR_ENTRY_SYMLINK ? finding->link_length : finding->size;

	if (none[finding->type])
		(void) snprintf(text, 24, "-");
	else
		(void) snprintf(text, 24, "%" PRIu64, size);
}

static void format_date(int64_t mtime, int64_t now, char text[32])
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct tm tm = { 0 };
	time_t when = (time_t) mtime;
	bool recent = mtime <= now && mtime > now - RECENT_SECONDS;

	if (gmtime_r(&when, &tm) == NULL)
		(void) snprintf(text, 32, "%12" PRId64, mtime);
	else if (recent)
		(void) snprintf(text, 32, "%s %2d %02d:%02d", months[tm.tm_mon], tm.tm_mday,
				tm.tm_hour, tm.tm_min);
	else
		(void) snprintf(text, 32, "%s %2d %5d", months[tm.tm_mon], tm.tm_mday,
				tm.tm_year + 1900);
}

/* The name that a whiteout takes away, with "everything below" for the opaque one. */
static void put_removed(struct unr_text *out, const struct unr_finding *finding)
{
	const char *slash = memrchr(finding->path, '/', finding->path_length);
	size_t folder = slash == NULL ? 0 : (size_t) (slash - finding->path) + 1;
	const char *base = finding->path + folder;
	size_t length = finding->path_length - folder;
	size_t prefix = strlen(WHITEOUT_PREFIX);

	unr_text_escape(out, finding->path, folder);
	if (length == strlen(WHITEOUT_OPAQUE) && memcmp(base, WHITEOUT_OPAQUE, length) == 0) {
		unr_text_puts(out, folder == 0 ? "./*" : "*");
		return;
	}
	if (length > prefix && memcmp(base, WHITEOUT_PREFIX, prefix) == 0) {
		base += prefix;
		length -= prefix;
	}
	unr_text_escape(out, base, length);
}

static void put_path(struct unr_text *out, const struct unr_finding *finding)
{
	if (finding->type == UNR_ENTRY_WHITEOUT)
		put_removed(out, finding);
	else
		unr_text_escape(out, finding->path, finding->path_length);
	if (finding->link == NULL)
		return;
	unr_text_puts(out, finding->type == UNR_ENTRY_HARDLINK ? " link to " : " -> ");
	unr_text_escape(out, finding->link, finding->link_length);
}

static const char *name_fault(bool uid_unmapped, bool gid_unmapped)
{
	if (uid_unmapped && gid_unmapped)
		return "uid and gid outside the map";
	if (uid_unmapped)
		return "uid outside the map";
	return gid_unmapped ? "gid outside the map" : "both in the map";
}

static void format_kernel(enum unr_call call, int error, char text[40])
{
	if (call == UNR_CALL_NONE)
		(void) snprintf(text, 40, "no chown made");
	else
		(void) snprintf(text, 40, "%s: %s", unr_call_name(call),
				error == 0 ? "ok" : unr_errno_name(error));
}

static void fill_cells(const struct unr_text_report *report, const struct unr_finding *finding,
		       struct cells *cells)
{
	format_mode(finding, cells->mode);
	(void) snprintf(cells->uid, sizeof(cells->uid), "%" PRId64, finding->uid);
	(void) snprintf(cells->gid, sizeof(cells->gid), "%" PRId64, finding->gid);
	format_size(finding, cells->size);
	format_date(finding->mtime, report->result->started.tv_sec, cells->date);
	format_kernel(finding->call, finding->error, cells->kernel);
	cells->fault = name_fault(finding->uid_unmapped, finding->gid_unmapped);
	unr_text_clear(&cells->path);
	put_path(&cells->path, finding);
	report->out->failed |= cells->path.failed;
}

static int path_width(const struct cells *cells)
{
	size_t width = unr_layout_width(unr_text_string(&cells->path), cells->path.length);

	return width > MAX_PATH_WIDTH ? MAX_PATH_WIDTH + 1 : (int) width;
}

static void widen(int *width, size_t needed)
{
	if ((int) needed > *width)
		*width = (int) needed;
}

static void measure(const struct cells *cells, struct columns *columns)
{
	widen(&columns->uid, strlen(cells->uid));
	widen(&columns->gid, strlen(cells->gid));
	widen(&columns->size, strlen(cells->size));
	widen(&columns->fault, strlen(cells->fault));
	if (path_width(cells) <= MAX_PATH_WIDTH)
		widen(&columns->path, (size_t) path_width(cells));
}

static void put_cells(struct unr_text *out, const struct cells *cells,
		      const struct columns *columns, bool faults)
{
	int width = path_width(cells);

	unr_text_printf(out, "%s 1 %*s %*s %*s %s ", cells->mode, columns->uid, cells->uid,
			columns->gid, cells->gid, columns->size, cells->size, cells->date);
	unr_text_append(out, unr_text_string(&cells->path), cells->path.length);
	if (faults) {
		unr_layout_spaces(out,
				  width < columns->path ? (size_t) (columns->path - width) : 0);
		unr_text_printf(out, "  %-*s  %s", columns->fault, cells->fault, cells->kernel);
	}
	unr_text_puts(out, "\n");
}

static void put_rest(const struct unr_text_report *report, uint64_t rest)
{
	if (rest == 0)
		return;
	unr_text_style(report, UNR_TEXT_DIM);
	unr_text_puts(report->out, "(");
	unr_text_count(report->out, rest);
	unr_text_printf(report->out, " more; --verbose lists %s, --format json has all)",
			rest == 1 ? "it" : "them");
	unr_text_plain(report);
	unr_text_puts(report->out, "\n");
}

struct unr_survey unr_text_survey(const struct unr_text_report *report,
				  const struct unr_choice *choice)
{
	unr_auto(unr_choice_reader_done) struct unr_choice_reader reader =
		unr_choice_start(choice, report->sink);
	struct unr_survey survey = { 0 };
	const struct unr_finding *finding;

	while ((finding = unr_choice_next(&reader)) != NULL) {
		if (survey.n++ == 0) {
			survey.common = true;
			survey.uid_unmapped = finding->uid_unmapped;
			survey.gid_unmapped = finding->gid_unmapped;
			survey.call = finding->call;
			survey.error = finding->error;
		}
		survey.common = survey.common && survey.uid_unmapped == finding->uid_unmapped &&
				survey.gid_unmapped == finding->gid_unmapped &&
				survey.call == finding->call && survey.error == finding->error;
	}
	return survey;
}

void unr_text_put_common_fault(const struct unr_text_report *report,
			       const struct unr_survey *survey)
{
	char kernel[40];

	format_kernel(survey->call, survey->error, kernel);
	unr_layout_count(report->out, survey->n, "entry", "entries");
	unr_text_printf(report->out, ", %s, %s\n",
			name_fault(survey->uid_unmapped, survey->gid_unmapped), kernel);
}

void unr_text_put_list(const struct unr_text_report *report, const struct unr_choice *choice,
		       uint64_t n, bool faults, uint64_t limit)
{
	uint64_t shown = n > limit && !report->options->verbose ? limit : n;
	unr_auto(cells_done) struct cells cells = { 0 };
	struct columns columns = { 0 };

	for (int pass = 0; pass < 2; pass++) {
		unr_auto(unr_choice_reader_done) struct unr_choice_reader reader =
			unr_choice_start(choice, report->sink);
		const struct unr_finding *finding;

		for (uint64_t i = 0; i < shown && (finding = unr_choice_next(&reader)) != NULL;
		     i++) {
			fill_cells(report, finding, &cells);
			if (pass == 0)
				measure(&cells, &columns);
			else
				put_cells(report->out, &cells, &columns, faults);
			(void) unr_report_drain(report->sink);
		}
	}
	put_rest(report, n - shown);
}
