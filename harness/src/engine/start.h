/* SPDX-License-Identifier: MIT */
/*
 * The start of a container, as far as it is about ids: how an engine and its
 * runtime read USER, what they look at, and in which words they refuse.  Rows of
 * the engine table; nothing here touches a file or makes a call.
 */
#ifndef UNR_ENGINE_START_H
#define UNR_ENGINE_START_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "engine/driver.h"
#include "usernsrepro/idmap.h"

/* How /etc/passwd and /etc/group are read; zero is what runc 1.1 and docker 20.10.24 do. */
struct unr_user_rules {
	size_t group_line_max;   /* bytes of a line and its end; 0: any */
	bool keeps_group_spaces; /* around a line of group; then '#' begins no comment */
	bool bounds_ids;         /* a number outside 0..2147483647 is an error, in a file -1 */
	bool regular_files_only; /* anything else counts as missing, 10 MiB are the limit */
	bool takes_twice;        /* a group that is asked for under two names */
	const char *no_group;    /* printf format for a name of --group-add */
	const char *group_fault; /* the same for the whole list, when the file cannot be read */
};

/* The calls that give a process its ids, in the order in which a runtime makes them. */
enum unr_start_call { UNR_SETGROUPS, UNR_SETGID, UNR_SETUID, UNR_START_CALL_COUNT_ };

/** unr_start_call_name() - "setgroups" and so on. */
const char *unr_start_call_name(enum unr_start_call call);

/* Who the process is to be. */
struct unr_start_ids {
	uint32_t uid, gid;
	const uint32_t *groups; /* borrowed; for setgroups(2) */
	size_t n_groups;
};

/* What each call comes to: 0 or a positive errno. */
struct unr_start_answers {
	int errors[UNR_START_CALL_COUNT_];
};

/* One way to start a container. */
struct unr_start {
	const char *client;                    /* what `docker run` puts in front of it all */
	const char *words;                     /* printf format around the runtime's text */
	const struct unr_user_rules *rules;    /* of the engine */
	const struct unr_user_rules *looks_up; /* the runtime reads the files again; or NULL */
	bool prepares_tree;                    /* has a layer of its own on top: see user/view.c */
	bool adds_primary_group;               /* to those for setgroups(2) */
	bool needs_a_name;                     /* for that: not where USER is empty */
	bool denies_directories;               /* says so behind "is a directory" */
	bool leaves_out_groups;                /* of the files, that have no place in the map */
	bool libc_words;                       /* errno's text as the C library has it, not Go */
	bool checks_map;                       /* uid, then gid, before any call */
	const char *faults[UNR_START_CALL_COUNT_]; /* printf formats: errno's text, id */
	/* Where the container's tree is, for messages; by the way its layers were extracted. */
	const char *root[UNR_DRIVER_COUNT_];
};

/**
 * unr_start_expect() - what the kernel answers under @maps
 *
 * EINVAL for an id without a place, and for more groups than it takes (setgroups(2)).
 */
struct unr_start_answers unr_start_expect(const struct unr_idmaps *maps,
					  const struct unr_start_ids *ids);

/**
 * unr_start_fault() - the runtime's text for ids that it cannot set
 * @maps:    what it compares with
 * @answers: to the calls
 * @ret:     empty; stays so when there is no fault
 */
void unr_start_fault(const struct unr_start *start, const struct unr_idmaps *maps,
		     const struct unr_start_ids *ids, const struct unr_start_answers *answers,
		     struct unr_text *ret);

/** unr_start_message() - append a text of the runtime as the engine passes it on. */
void unr_start_message(const struct unr_start *start, const char *fault, struct unr_text *ret);

#endif
