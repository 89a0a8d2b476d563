/* SPDX-License-Identifier: MIT */
/* The ids of a finding that are at fault, by which lines of the text report are grouped. */
#ifndef UNR_REPORT_FAULT_H
#define UNR_REPORT_FAULT_H

#include "usernsrepro/finding.h"

/* The ids at fault; another id beside them does not make another group. */
struct unr_fault {
	bool has_uid, has_gid;
	int64_t uid, gid; /* 0 without */
};

/* "uid 18446744073709551615, gid …" and its NUL. */
enum { UNR_FAULT_TEXT = 64 };

struct unr_fault unr_fault_of(const struct unr_finding *finding);
bool unr_fault_same(const struct unr_fault *a, const struct unr_fault *b);

/** unr_fault_format() - "uid 1, gid 2", or one of them */
void unr_fault_format(const struct unr_fault *fault, char ret[UNR_FAULT_TEXT]);

#endif
