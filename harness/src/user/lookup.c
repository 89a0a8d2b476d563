/* SPDX-License-Identifier: MIT */
/* Lines of passwd and group, and what goes wrong with them: see internal.h. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/engine.h"
#include "user/internal.h"

/* moby/sys/user, user_utils.go: what a file of users may have at most. */
#define FILE_MAX ((uint64_t) 10 << 20)

/* bufio.Scanner's buffer for lines of passwd. */
#define PASSWD_LINE_MAX ((size_t) 64 << 10)

void reader_done(struct reader *reader)
{
	unr_user_lines_done(&reader->lines);
}

bool is_in_range(int64_t id)
{
	return id >= 0 && id <= INT32_MAX;
}

int want(const struct resolution *r, struct unr_slice name, struct wanted *ret)
{
	struct wanted wanted = { .name = name };
	int error = unr_go_atoi(name, &wanted.number);

	wanted.is_number = error == 0;
	if (r->request->rules->bounds_ids &&
	    (error == -ERANGE || (error == 0 && !is_in_range(wanted.number))))
		return refuse(r, RANGE_TEXT);
	*ret = wanted;
	return 0;
}

int64_t file_id(const struct unr_user_rules *rules, struct unr_slice text)
{
	int64_t id;

	(void) !unr_go_atoi(text, &id);
	return rules->bounds_ids && !is_in_range(id) ? -1 : id;
}

static struct reader open_file(const struct unr_user_request *request,
			       const struct unr_user_file *file, size_t limit, bool strictly)
{
	struct reader reader = { .lines = { .fd = file->fd, .limit = limit },
				 .rules = request->rules,
				 .is_missing = file->fd < 0 };
	struct stat st;

	if (reader.is_missing || !strictly || !request->rules->regular_files_only)
		return reader;
	reader.is_missing = fstat(file->fd, &st) < 0 || !S_ISREG(st.st_mode);
	reader.lines.bytes = FILE_MAX;
	return reader;
}

struct reader open_passwd(const struct unr_user_request *request)
{
	return open_file(request, &request->passwd, PASSWD_LINE_MAX, true);
}

struct reader open_group(const struct unr_user_request *request, bool strictly)
{
	return open_file(request, &request->group, request->rules->group_line_max, strictly);
}

int next_group(struct reader *reader, struct group_line *ret)
{
	struct unr_slice line;
	int n;

	if (reader->is_missing)
		return 0;
	while ((n = unr_user_lines_next(&reader->lines, &line)) == 1) {
		if (!reader->rules->keeps_group_spaces)
			line = unr_go_trim(line);
		if (line.length == 0 ||
		    (!reader->rules->keeps_group_spaces && line.bytes[0] == '#'))
			continue;
		ret->name = unr_slice_field(&line, ':');
		(void) unr_slice_field(&line, ':');
		ret->gid = file_id(reader->rules, unr_slice_field(&line, ':'));
		ret->members = unr_slice_field(&line, ':');
		return 1;
	}
	return n;
}

bool fits_group(const struct wanted *wanted, const struct group_line *line)
{
	return wanted->is_number ? line->gid == wanted->number :
				   unr_slice_equals(line->name, wanted->name);
}

int refuse(const struct resolution *r, const char *fmt, ...)
{
	char *words = NULL;
	va_list args;
	int n;

	va_start(args, fmt);
	n = vasprintf(&words, fmt, args);
	va_end(args);
	if (n < 0)
		return unr_fail_memory(r->err);
	unr_text_append(r->refusal, words, (size_t) n);
	free(words);
	return r->refusal->failed ? unr_fail_memory(r->err) : REFUSED;
}

void put_fault(struct unr_text *text, const struct unr_user_file *file, int error)
{
	if (error == -EMSGSIZE) {
		unr_text_puts(text, "bufio.Scanner: token too long");
		return;
	}
	unr_text_printf(text, "read %s: ", file->shown);
	if (error == -EFBIG)
		unr_text_printf(text, "file exceeds %llu bytes", (unsigned long long) FILE_MAX);
	else
		unr_go_errno(text, -error);
}

bool is_own_fault(int error)
{
	return error == -ENOMEM || error == -E2BIG;
}

int own_fault(const struct resolution *r, const struct unr_user_file *file, int error)
{
	if (error == -ENOMEM)
		return unr_fail_memory(r->err);
	return unr_fail(r->err, UNR_ERROR_FAILED, error,
			"%s: a line of more than 64 MiB, which is not read", file->shown);
}

int add_group(const struct resolution *r, int64_t gid)
{
	struct unr_user *user = r->user;
	size_t room = user->room == 0 ? 16 : user->room * 2;
	int64_t *groups;

	if (user->n_groups == user->room) {
		groups = reallocarray(user->groups, room, sizeof(*groups));
		if (groups == NULL)
			return unr_fail_memory(r->err);
		user->groups = groups;
		user->room = room;
	}
	user->groups[user->n_groups++] = gid;
	return 0;
}
