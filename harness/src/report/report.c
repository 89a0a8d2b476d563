/* SPDX-License-Identifier: MIT */
/*
 * The table of formats, and the one write(2) of a report: whole, after it has
 * been made in memory, so that a report is never half one.
 */
#include "usernsrepro/report.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/fd.h"
#include "report/format.h"

static const unr_report_fn formats[UNR_REPORT_FORMAT_COUNT_] = {
	[UNR_REPORT_TEXT] = unr_report_text,
	[UNR_REPORT_JSON] = unr_report_json,
	[UNR_REPORT_APPSERVICE] = unr_report_appservice,
};

static const char *const names[UNR_REPORT_FORMAT_COUNT_ + 1] = {
	[UNR_REPORT_TEXT] = "text",
	[UNR_REPORT_JSON] = "json",
	[UNR_REPORT_APPSERVICE] = "appservice",
};

int unr_report_format_from_name(const char *name)
{
	for (int i = 0; i < UNR_REPORT_FORMAT_COUNT_; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -ENOENT;
}

const char *const *unr_report_format_names(void)
{
	return names;
}

int unr_report_write(const struct unr_result *result, enum unr_report_format format,
		     const struct unr_report_options *options, int fd, struct unr_error *err)
{
	static const struct unr_report_options plain = { 0 };
	unr_auto(unr_text_done) struct unr_text out = { 0 };
	int r;

	assert(format < UNR_REPORT_FORMAT_COUNT_);
	formats[format](result, options == NULL ? &plain : options, &out);
	if (out.failed)
		return unr_fail_memory(err);
	r = unr_write_full(fd, out.bytes, out.length);
	if (r < 0)
		return unr_fail(err, UNR_ERROR_FAILED, r, "cannot write the %s report: %s",
				names[format], strerror(-r));
	return 0;
}
