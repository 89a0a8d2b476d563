/* SPDX-License-Identifier: MIT */
/*
 * A call that failed: the engine's words for it, unless the trouble is the
 * harness's own (its private file system is full, it is out of descriptors),
 * which is no verdict on the image.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "unpack/internal.h"

bool is_own_trouble(int error)
{
	static const int own[] = { ENOSPC, EDQUOT, ENOMEM, EMFILE, ENFILE, EIO, EROFS, ENOSYS };

	for (size_t i = 0; i < UNR_COUNT(own); i++)
		if (error == own[i])
			return true;
	return false;
}

int own_trouble(struct unpack *u, const char *op, int error)
{
	unr_auto(unr_text_done) struct unr_text name = { 0 };

	unr_text_escape(&name, unr_text_string(&u->name), u->name.length);
	return unr_fail(u->err, UNR_ERROR_FAILED, error, "layer %u, %s: %s: %s", u->options->layer,
			unr_text_string(&name), op, strerror(-error));
}

static int finish(struct unpack *u, int error)
{
	unr_text_puts(&u->text, ": ");
	unr_go_errno(&u->text, -error);
	return u->text.failed ? unr_fail_memory(u->err) : STEP_FAILED;
}

int fail_op(struct unpack *u, const char *op, const char *path, int error)
{
	if (is_own_trouble(-error))
		return own_trouble(u, op, error);
	unr_text_clear(&u->text);
	unr_text_printf(&u->text, "%s %s", op, path);
	return finish(u, error);
}

int fail_link(struct unpack *u, const char *op, const char *target, const char *path, int error)
{
	if (is_own_trouble(-error))
		return own_trouble(u, op, error);
	unr_text_clear(&u->text);
	unr_text_printf(&u->text, "%s %s %s", op, target, path);
	return finish(u, error);
}

int fail_bare(struct unpack *u, int error)
{
	if (is_own_trouble(-error))
		return own_trouble(u, "extract", error);
	unr_text_clear(&u->text);
	unr_go_errno(&u->text, -error);
	return u->text.failed ? unr_fail_memory(u->err) : STEP_FAILED;
}

int fail_text(struct unpack *u, const char *fmt, ...)
{
	char text[200];
	va_list args;

	va_start(args, fmt);
	(void) vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	unr_text_clear(&u->text);
	unr_text_puts(&u->text, text);
	return u->text.failed ? unr_fail_memory(u->err) : STEP_FAILED;
}
