/* SPDX-License-Identifier: MIT */
/*
 * The table of formats, and what is the same for all: where a report goes.
 */
#include "usernsrepro/report.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "report/format.h"

static const unr_report_fn formats[UNR_REPORT_FORMAT_COUNT_] = {
	[UNR_REPORT_TEXT] = unr_report_text,
	[UNR_REPORT_JSON] = unr_report_json,
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
	struct unr_error own = { 0 };
	struct unr_report_out out = { .fd = fd, .format = names[format], .err = &own };
	int r;

	assert(format < UNR_REPORT_FORMAT_COUNT_ && formats[format] != NULL);
	formats[format](result, options == NULL ? &plain : options, &out);
	r = unr_report_finish(&out);
	unr_text_done(&out.text);
	if (r < 0 && err != NULL)
		*err = own;
	return r;
}
