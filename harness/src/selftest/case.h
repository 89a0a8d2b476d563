/* SPDX-License-Identifier: MIT */
/*
 * What a case is: a promise of the kernel, where the promise stands, what is
 * needed to try it, and a function that does.  Data only.
 */
#ifndef UNR_SELFTEST_CASE_H
#define UNR_SELFTEST_CASE_H

#include <stdbool.h>
#include <stddef.h>

struct st;

/* A function of a case; ends the process where a promise is broken. */
typedef void (*st_fn)(struct st *t);

/* A version of Linux as one number that can be compared. */
#define ST_LINUX(major, minor) ((unsigned int) (((major) << 16) | (minor)))

/* As whom a case begins. */
enum st_stage {
	ST_STAGE_CALLER, /* as the program was started */
	/* Without any privilege: the caller, or, started by root, ids that belong to nobody. */
	ST_STAGE_ORDINARY,
	/*
	 * Root over 65536 ids at least, in a tmpfs of its own: started by root it is root itself,
	 * else the root of a namespace with the caller's subordinate ids.
	 */
	ST_STAGE_ROOT,
	/* Root of a namespace 0..65535, as dockerd's remapped root is, in a tmpfs of its own. */
	ST_STAGE_INSIDE,
	ST_STAGE_COUNT_
};

/* What else a case needs, as bits. */
enum {
	ST_NEEDS_ROOT = 1 << 0,    /* privilege over the namespace that the caller is in */
	ST_NEEDS_INITIAL = 1 << 1, /* that namespace is the host's first one */
	/* None: it is tried even where ordinary users' namespaces have no capabilities. */
	ST_MEETS_RESTRICTION = 1 << 2,
};

/* Where the files of a case lie, as bits: one test for each. */
enum {
	ST_ON_TMPFS = 1 << 0,
	ST_ON_EXT4 = 1 << 1,
	ST_ON_XFS = 1 << 2,
	ST_ON_BTRFS = 1 << 3,
	ST_ON_OVERLAY = 1 << 4,
	ST_ON_IDMAPPED = 1 << 5,
	ST_ON_VFAT = 1 << 6,
	ST_ON_DISKS = ST_ON_EXT4 | ST_ON_XFS | ST_ON_BTRFS | ST_ON_VFAT, /* root mounts them */
	/* Whatever has owners. */
	ST_ON_ALL =
		ST_ON_TMPFS | ST_ON_EXT4 | ST_ON_XFS | ST_ON_BTRFS | ST_ON_OVERLAY | ST_ON_IDMAPPED,
};

struct st_case {
	const char *name;    /* "once": the case is maps.once */
	const char *promise; /* one sentence */
	const char *source;  /* a manual page, or a commit of the kernel */
	unsigned int since;  /* the first Linux that promises it; 0: every one that can run it */
	enum st_stage stage;
	unsigned int needs;       /* ST_NEEDS_... */
	unsigned int filesystems; /* ST_ON_...; 0: none in particular */
	st_fn run;
	const void *data; /* for @run: which variant it is */
};

struct st_group {
	const char *name;
	const char *title;
	const struct st_case *cases;
	size_t n_cases;
};

/* Ends the table of a group's file. */
#define ST_GROUP(group_name, group_title, table)                                                   \
	{                                                                                          \
		.name = (group_name), .title = (group_title), .cases = (table),                    \
		.n_cases = sizeof(table) / sizeof((table)[0])                                      \
	}

/* Every group, in the order of a run; @ret_n of them.  See groups.c. */
const struct st_group *const *st_groups(size_t *ret_n);

/* A case on one file system: what is run, and what has an outcome. */
struct st_test {
	const struct st_group *group;
	const struct st_case *of;
	unsigned int filesystem; /* one bit of ST_ON_..., or 0 */
	char name[64];           /* "chown.boundary@ext4" */
};

#endif
