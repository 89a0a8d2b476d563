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
	static const int own[] = { ENOSPC, EDQUOT, ENOMEM, EMFILE, ENFILE,
				   EIO,    EROFS,  ENOSYS, EPROTO, EINTR };

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

/* The operations of os.Root, where they are told by another name. */
static const char *shown_op(const struct unpack *u, const char *op)
{
	static const struct {
		const char *op, *rooted;
	} words[] = {
		{ "chmod", "fchmodat2" }, { "chtimes", "chtimesat" }, { "lchown", "lchownat" },
		{ "link", "linkat" },     { "lstat", "statat" },      { "mkdir", "mkdirat" },
		{ "open", "openat" },     { "symlink", "symlinkat" }, { "unlinkat", "RemoveAll" },
	};

	for (size_t i = 0; u->options->engine->rooted && i < UNR_COUNT(words); i++)
		if (strcmp(op, words[i].op) == 0)
			return words[i].rooted;
	return op;
}

const char *shown_path(const struct unpack *u, const char *path)
{
	path += u->unshown < strlen(path) ? u->unshown : strlen(path);
	return *path == '\0' && u->unshown > 0 ? "." : path;
}

int fail_path(struct unpack *u, const char *op, const char *path, int error)
{
	if (is_own_trouble(-error))
		return own_trouble(u, op, error);
	unr_text_clear(&u->text);
	unr_text_printf(&u->text, "%s %s", op, path);
	return finish(u, error);
}

int fail_op(struct unpack *u, const char *op, const char *path, int error)
{
	return fail_path(u, shown_op(u, op), shown_path(u, path), error);
}

int fail_escape(struct unpack *u, const char *op, const char *path)
{
	unr_text_clear(&u->text);
	unr_text_printf(&u->text, "%s %s: path escapes from parent", op, path);
	return u->text.failed ? unr_fail_memory(u->err) : STEP_FAILED;
}

int fail_link(struct unpack *u, const char *op, const char *target, const char *path, int error)
{
	if (is_own_trouble(-error))
		return own_trouble(u, op, error);
	unr_text_clear(&u->text);
	unr_text_printf(&u->text, "%s %s %s", shown_op(u, op), target, shown_path(u, path));
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

int fail_quoted(struct unpack *u, const char *what, const char *name, size_t length)
{
	unr_text_clear(&u->text);
	unr_text_printf(&u->text, "%s ", what);
	unr_go_quote(&u->text, name, length);
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
