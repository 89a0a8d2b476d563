/* SPDX-License-Identifier: MIT */
/*
 * What the processes of a case tell the runner, over a socket that keeps records
 * apart.  Inside selftest/ only.
 */
#ifndef UNR_SELFTEST_RECORD_H
#define UNR_SELFTEST_RECORD_H

enum st_record_kind {
	ST_RECORD_END, /* the case has come to its end */
	ST_RECORD_FAIL,
	ST_RECORD_SKIP,
	ST_RECORD_NOTE,
	ST_RECORD_COUNT_
};

struct st_record {
	enum st_record_kind kind;
	char text[500];
};

/* The exit status of a process that has told why, or whose child has. */
enum { ST_EXIT_TOLD = 1 };

#endif
