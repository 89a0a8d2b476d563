/* SPDX-License-Identifier: MIT */
/*
 * What the processes that read an image may use, so that a hostile one ends in
 * an error and not in a full machine.  Numbers only; userns/limits.c enforces them.
 */
#ifndef USERNSREPRO_LIMITS_H
#define USERNSREPRO_LIMITS_H

#include <errno.h>
#include <stdint.h>

enum unr_limit {
	UNR_LIMIT_FILE_SIZE,  /* bytes of one file */
	UNR_LIMIT_INODES,     /* files, directories and so on of the tree */
	UNR_LIMIT_MEMORY,     /* bytes of data of each process */
	UNR_LIMIT_OPEN_FILES, /* descriptors of each process */
	UNR_LIMIT_TIME,       /* seconds from the child's start to the verdict */
	UNR_LIMIT_COUNT_
};

#define UNR_LIMIT_NONE UINT64_MAX

/*
 * The code of an error for more files than UNR_LIMIT_INODES: one that no file
 * system answers, so that nothing else is taken for it.
 */
#define UNR_TOO_MANY_FILES EXFULL

/* 0: the default, which userns/limits.c knows. */
struct unr_limits {
	uint64_t of[UNR_LIMIT_COUNT_];
};

#endif
