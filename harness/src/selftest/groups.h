/* SPDX-License-Identifier: MIT */
/* The groups of cases, each with its table in the file of its name.  Inside selftest/ only. */
#ifndef UNR_SELFTEST_GROUPS_H
#define UNR_SELFTEST_GROUPS_H

#include "selftest/case.h"

extern const struct st_group st_group_maps;    /* maps.c: what the text of a map may be */
extern const struct st_group st_group_ranges;  /* ranges.c: what a map does to numbers */
extern const struct st_group st_group_writers; /* writers.c: who may write which map */
extern const struct st_group st_group_create;  /* create.c: making a user namespace */
extern const struct st_group st_group_join;    /* join.c: entering one, and asking what it is */
extern const struct st_group st_group_chown;   /* chown.c: owners, on every file system */
extern const struct st_group st_group_calls;   /* calls.c: the calls that change an owner */
extern const struct st_group st_group_ids;     /* ids.c: the ids of a process */
extern const struct st_group st_group_exec;    /* exec.c: what execve(2) makes of them */

#endif
