/* SPDX-License-Identifier: MIT */
/* A report on its way to a descriptor: see out.h. */
#include "report/out.h"

#include <string.h>

#include "base/fd.h"

/* Bytes that are worth a write(2); small reports are one. */
enum { MUCH = 64 * 1024 };

static void write_out(struct unr_report_out *out)
{
	int r;

	if (out->text.failed && out->error == 0)
		out->error = unr_fail_memory(out->err);
	if (out->error < 0)
		return;
	r = unr_write_full(out->fd, out->text.bytes, out->text.length);
	if (r < 0)
		out->error = unr_fail(out->err, UNR_ERROR_FAILED, r,
				      "cannot write the %s report: %s", out->format, strerror(-r));
	unr_text_clear(&out->text);
}

bool unr_report_drain(struct unr_report_out *out)
{
	if (out->text.failed || out->text.length >= MUCH)
		write_out(out);
	return out->error == 0;
}

int unr_report_finish(struct unr_report_out *out)
{
	write_out(out);
	return out->error;
}
