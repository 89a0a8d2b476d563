/* SPDX-License-Identifier: MIT */
/*
 * What a host lacks and the command that mends it: the one table of such texts.
 * An error that ends with status 77, the note under a map and the doctor all
 * take them from here.  Looks at nothing but the name of the distribution.
 */
#ifndef USERNSREPRO_OBSTACLE_H
#define USERNSREPRO_OBSTACLE_H

#include <stddef.h>

#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"

/* Families that install and privilege things in the same way. */
enum unr_distribution {
	UNR_DISTRIBUTION_OTHER,
	UNR_DISTRIBUTION_DEBIAN, /* and Ubuntu */
	UNR_DISTRIBUTION_FEDORA, /* and RHEL */
	UNR_DISTRIBUTION_SUSE,
	UNR_DISTRIBUTION_ARCH,
	UNR_DISTRIBUTION_ALPINE,
	UNR_DISTRIBUTION_COUNT_
};

/* What mends it.  In brackets: the subject that the command is about. */
enum unr_remedy {
	UNR_REMEDY_NONE,
	UNR_REMEDY_SYSCTL,    /* [NAME=VALUE] */
	UNR_REMEDY_KERNEL,    /* [what the kernel has to have] */
	UNR_REMEDY_CONTAINER, /* [what the surrounding container must allow] */
	UNR_REMEDY_OUTSIDE,   /* [what one has to get out of] */
	UNR_REMEDY_SELINUX,
	UNR_REMEDY_SUSPECTS,
	UNR_REMEDY_PROC_MOUNT,
	UNR_REMEDY_PROC_WRITABLE,
	UNR_REMEDY_MODULE, /* [name of the module] */
	UNR_REMEDY_HELPERS,
	UNR_REMEDY_HELPER_SETUID, /* [path of newuidmap] */
	UNR_REMEDY_HELPER_SETGID, /* [path of newgidmap] */
	UNR_REMEDY_REMOUNT_SUID,  /* [path of the program] */
	UNR_REMEDY_NEW_PRIVILEGES,
	UNR_REMEDY_ACCOUNT,        /* [its name, and what is to be done then] */
	UNR_REMEDY_LOGIN,          /* [its uid] */
	UNR_REMEDY_READABLE,       /* [path of the file] */
	UNR_REMEDY_ADD_SUBUIDS,    /* [FIRST-LAST NAME] */
	UNR_REMEDY_ADD_SUBGIDS,    /* [FIRST-LAST NAME] */
	UNR_REMEDY_REPLACE_SUBIDS, /* [options of usermod(8) NAME] */
	UNR_REMEDY_DIRECTORY,      /* [the source in nsswitch.conf(5)] */
	UNR_REMEDY_ROOT_IS_NO_USER,
	UNR_REMEDY_COUNT_
};

/* Something that stands in the way. */
struct unr_obstacle {
	char reason[320]; /* what was found; "" is no obstacle */
	enum unr_remedy remedy;
	char subject[400]; /* what the command is about */
};

/** unr_distribution_of() - the family that the text of an os-release(5) file names */
UNR_EXPORT enum unr_distribution unr_distribution_of(const char *os_release);

/** unr_distribution_here() - that of this host; OTHER where it does not say */
UNR_EXPORT enum unr_distribution unr_distribution_here(void);

/** unr_distribution_name() - "debian", "fedora", "suse", "arch", "alpine" or "other" */
UNR_EXPORT const char *unr_distribution_name(enum unr_distribution distribution);

/**
 * unr_obstacle_set() - describe one
 * @subject: see enum unr_remedy; "" where it has none
 * @fmt:     lower case, no final stop
 */
UNR_EXPORT void unr_obstacle_set(struct unr_obstacle *ret, enum unr_remedy remedy,
				 const char *subject, const char *fmt, ...) UNR_PRINTF(4, 5);

/** unr_obstacle_remedy() - the command, or what else is to be done; owned, NULL without memory */
UNR_EXPORT char *unr_obstacle_remedy(const struct unr_obstacle *obstacle,
				     enum unr_distribution distribution);

/** unr_obstacle_text() - "reason: remedy", cut at @size */
UNR_EXPORT void unr_obstacle_text(const struct unr_obstacle *obstacle,
				  enum unr_distribution distribution, size_t size, char *ret);

/** unr_obstacle_fail() - the same as an error of kind CANNOT_RUN, for this host; returns @code */
UNR_EXPORT int unr_obstacle_fail(const struct unr_obstacle *obstacle, int code,
				 struct unr_error *err);

#endif
