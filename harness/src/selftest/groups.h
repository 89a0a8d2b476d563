/* SPDX-License-Identifier: MIT */
/* The groups of cases, each with its table in the file of its name.  Inside selftest/ only. */
#ifndef UNR_SELFTEST_GROUPS_H
#define UNR_SELFTEST_GROUPS_H

#include "selftest/case.h"

extern const struct st_group st_group_maps;    /* maps.c: what the text of a map may be */
extern const struct st_group st_group_ranges;  /* ranges.c: what a map does to numbers */
extern const struct st_group st_group_writers; /* writers.c: who may write which map */

#endif
