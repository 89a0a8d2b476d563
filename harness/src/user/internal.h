/* SPDX-License-Identifier: MIT */
/* What the two halves of a resolution share: user.c and groups.c.  Inside user/ only. */
#ifndef UNR_USER_INTERNAL_H
#define UNR_USER_INTERNAL_H

#include <stdbool.h>

#include "user/lines.h"
#include "user/user.h"

/* The engine has refused: the sentence is in the refusal, and nothing else matters. */
#define REFUSED 1

#define RANGE_TEXT "uids and gids must be in range 0-2147483647"

struct resolution {
	const struct unr_user_request *request;
	struct unr_user *user;
	struct unr_text *refusal;
	struct unr_error *err;
};

/* A user or group as it was asked for. */
struct wanted {
	struct unr_slice name; /* empty: not asked for */
	bool is_number;
	int64_t number;
};

struct group_line {
	struct unr_slice name;
	int64_t gid;
	struct unr_slice members; /* separated by commas */
};

struct reader {
	struct unr_user_lines lines; /* owned */
	const struct unr_user_rules *rules;
	bool is_missing; /* there is nothing to read, and that is no error */
};

/* lookup.c */

void reader_done(struct reader *reader);
DEFINE_UNR_CLEANUP(struct reader, reader_done);

/** want() - take what was asked for apart; 0 or REFUSED. */
UNR_MUST_CHECK int want(const struct resolution *r, struct unr_slice name, struct wanted *ret);

/** file_id() - a number in one of the files, errors ignored as Go's reader does. */
int64_t file_id(const struct unr_user_rules *rules, struct unr_slice text);

bool is_in_range(int64_t id);

/** open_passwd() - by the rules for GetExecUser. */
struct reader open_passwd(const struct unr_user_request *request);

/** open_group() - @strictly: by the rule of regular_files_only, if the engine has it. */
struct reader open_group(const struct unr_user_request *request, bool strictly);

/** next_group() - the next line that is one; 1, 0 or as unr_user_lines_next(). */
UNR_MUST_CHECK int next_group(struct reader *reader, struct group_line *ret);

bool fits_group(const struct wanted *wanted, const struct group_line *line);

/** refuse() - the sentence; REFUSED, or -ENOMEM with the error set. */
UNR_MUST_CHECK int refuse(const struct resolution *r, const char *fmt, ...) UNR_PRINTF(2, 3);

/** put_fault() - append why @file cannot be read, from unr_user_lines_next()'s answer. */
void put_fault(struct unr_text *text, const struct unr_user_file *file, int error);

/** is_own_fault() - is that the harness's trouble? */
bool is_own_fault(int error);
UNR_MUST_CHECK int own_fault(const struct resolution *r, const struct unr_user_file *file,
			     int error);

UNR_MUST_CHECK int add_group(const struct resolution *r, int64_t gid);

/* groups.c */

/** add_asked_groups() - those of --group-add; 0, REFUSED or -errno. */
UNR_MUST_CHECK int add_asked_groups(const struct resolution *r);

#endif
