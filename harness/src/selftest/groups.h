/* SPDX-License-Identifier: MIT */
/* The groups of cases, each with its table in the file of its name.  Inside selftest/ only. */
#ifndef UNR_SELFTEST_GROUPS_H
#define UNR_SELFTEST_GROUPS_H

#include "selftest/case.h"

extern const struct st_group st_group_maps;     /* maps.c: what the text of a map may be */
extern const struct st_group st_group_ranges;   /* ranges.c: what a map does to numbers */
extern const struct st_group st_group_writers;  /* writers.c: who may write which map */
extern const struct st_group st_group_create;   /* create.c: making a user namespace */
extern const struct st_group st_group_join;     /* join.c: entering one, and asking what it is */
extern const struct st_group st_group_chown;    /* chown.c: owners, on every file system */
extern const struct st_group st_group_calls;    /* calls.c: the calls that change an owner */
extern const struct st_group st_group_ids;      /* ids.c: the ids of a process */
extern const struct st_group st_group_exec;     /* exec.c: what execve(2) makes of them */
extern const struct st_group st_group_peers;    /* peers.c: processes on both sides */
extern const struct st_group st_group_signals;  /* signals.c: signals, tracing, priorities */
extern const struct st_group st_group_nodes;    /* nodes.c: nodes, attributes, file capabilities */
extern const struct st_group st_group_acls;     /* acls.c: ACLs across namespaces */
extern const struct st_group st_group_mounts;   /* mounts.c: file systems in a namespace */
extern const struct st_group st_group_idmapped; /* idmapped.c: idmapped mounts */
extern const struct st_group st_group_limits;   /* limits.c: limits, and what is the host's */

#endif
