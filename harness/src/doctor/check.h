/* SPDX-License-Identifier: MIT */
/*
 * The checks of the doctor: what one is given and what it answers.  Inside
 * doctor/ only.
 */
#ifndef UNR_DOCTOR_CHECK_H
#define UNR_DOCTOR_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "doctor/trial.h"
#include "userns/facts.h"
#include "usernsrepro/map_writer.h"
#include "usernsrepro/obstacle.h"
#include "usernsrepro/subid.h"

/* What several checks go by: found out once, before the first of them. */
struct unr_patient {
	struct unr_userns_facts facts;
	enum unr_distribution distribution;
	uint32_t own[UNR_ID_KIND_COUNT_];
	char login[256];          /* "" : there is none */
	struct unr_idmaps wanted; /* owned; the default profile's */
	int namespaces;           /* 0, or -errno of the attempt to make them */
	struct unr_trial trial;   /* a run up to where the layers would come */
};

/* The answer of a check; its words have no final stop. */
struct unr_check {
	bool bad;                     /* the row's health is then the table's */
	struct unr_text found;        /* owned */
	struct unr_obstacle obstacle; /* whose reason is "found"; or its reason is "" */
	struct unr_error err;         /* the same from a call that was tried; kind NONE: none */
};

/** typedef unr_check_fn - look at one thing; no memory shows in @ret->found.failed */
typedef void (*unr_check_fn)(const struct unr_patient *patient, struct unr_check *ret);

/** unr_check_obstacle() - it is bad, because of @ret->obstacle, which the caller has set */
void unr_check_obstacle(struct unr_check *ret);

/** unr_check_error() - it is bad, because of this */
void unr_check_error(struct unr_check *ret, const struct unr_error *err);

/* check_host.c: the kernel and its switches */
void unr_check_kernel(const struct unr_patient *patient, struct unr_check *ret);
void unr_check_proc(const struct unr_patient *patient, struct unr_check *ret);
void unr_check_namespaces(const struct unr_patient *patient, struct unr_check *ret);
void unr_check_limit(const struct unr_patient *patient, struct unr_check *ret);
void unr_check_clone_switch(const struct unr_patient *patient, struct unr_check *ret);
void unr_check_apparmor(const struct unr_patient *patient, struct unr_check *ret);
void unr_check_selinux(const struct unr_patient *patient, struct unr_check *ret);
void unr_check_seccomp(const struct unr_patient *patient, struct unr_check *ret);
void unr_check_no_new_privs(const struct unr_patient *patient, struct unr_check *ret);

/* check_ids.c: helpers, ranges and maps */
void unr_check_newuidmap(const struct unr_patient *patient, struct unr_check *ret);
void unr_check_newgidmap(const struct unr_patient *patient, struct unr_check *ret);
void unr_check_subuid(const struct unr_patient *patient, struct unr_check *ret);
void unr_check_subgid(const struct unr_patient *patient, struct unr_check *ret);
void unr_check_overlap(const struct unr_patient *patient, struct unr_check *ret);
void unr_check_map_direct(const struct unr_patient *patient, struct unr_check *ret);
void unr_check_map_newuidmap(const struct unr_patient *patient, struct unr_check *ret);
void unr_check_map_self(const struct unr_patient *patient, struct unr_check *ret);
void unr_check_dockremap(const struct unr_patient *patient, struct unr_check *ret);

/* check_inside.c: what was tried inside */
void unr_check_root(const struct unr_patient *patient, struct unr_check *ret);
void unr_check_tmpfs(const struct unr_patient *patient, struct unr_check *ret);
void unr_check_chown(const struct unr_patient *patient, struct unr_check *ret);
void unr_check_overlay(const struct unr_patient *patient, struct unr_check *ret);
void unr_check_sandbox(const struct unr_patient *patient, struct unr_check *ret);
void unr_check_run(const struct unr_patient *patient, struct unr_check *ret);

#endif
