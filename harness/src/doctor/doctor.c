/* SPDX-License-Identifier: MIT */
/*
 * The table of checks, and how their answers become a diagnosis.  Nothing is
 * decided here that a run decides otherwise: the checks call what a run calls.
 */
#include "usernsrepro/doctor.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "doctor/check.h"
#include "run/profile.h"
#include "userns/namespace.h"

/* What it means when a check is bad. */
#define ENDS_RUN "run, scenario run: end with status 77"
#define ONE_ID                                                                                     \
	"run: maps id 0 only; the engine's verdict is the same, the kernel's is worth nothing "    \
	"for other ids; with a rootless engine it ends with status 77"
#define OTHERS_TOO                                                                                 \
	"run --rootfs: files of the kept tree belong to ids that somebody else may use, too"
#define NO_OVERLAY                                                                                 \
	"shell extracts all layers into one tree instead; a rootless engine falls back to "        \
	"fuse-overlayfs or vfs on this host, as run --driver vfs does"
#define NO_DOCKREMAP "run --profile docker and --userns-remap default: end with status 77"

/* In the order of the report; the last one is the verdict. */
static const struct {
	const char *name;
	unr_check_fn look;
	enum unr_health bad;
	const char *means;
} checks[] = {
	{ "kernel", unr_check_kernel, UNR_HEALTH_MISSING, ENDS_RUN },
	{ "proc", unr_check_proc, UNR_HEALTH_MISSING, ENDS_RUN },
	{ "namespaces", unr_check_namespaces, UNR_HEALTH_MISSING, ENDS_RUN },
	{ "limit", unr_check_limit, UNR_HEALTH_MISSING, ENDS_RUN },
	{ "clone-switch", unr_check_clone_switch, UNR_HEALTH_MISSING, ENDS_RUN },
	{ "apparmor", unr_check_apparmor, UNR_HEALTH_MISSING, ENDS_RUN },
	{ "selinux", unr_check_selinux, UNR_HEALTH_MISSING, ENDS_RUN },
	{ "seccomp", unr_check_seccomp, UNR_HEALTH_MISSING, ENDS_RUN },
	{ "no-new-privs", unr_check_no_new_privs, UNR_HEALTH_DEGRADED, ONE_ID },
	{ "newuidmap", unr_check_newuidmap, UNR_HEALTH_DEGRADED, ONE_ID },
	{ "newgidmap", unr_check_newgidmap, UNR_HEALTH_DEGRADED, ONE_ID },
	{ "subuid", unr_check_subuid, UNR_HEALTH_DEGRADED, ONE_ID },
	{ "subgid", unr_check_subgid, UNR_HEALTH_DEGRADED, ONE_ID },
	{ "overlap", unr_check_overlap, UNR_HEALTH_DEGRADED, OTHERS_TOO },
	{ "map-direct", unr_check_map_direct, UNR_HEALTH_DEGRADED, ONE_ID },
	{ "map-newuidmap", unr_check_map_newuidmap, UNR_HEALTH_DEGRADED, ONE_ID },
	{ "map-self", unr_check_map_self, UNR_HEALTH_DEGRADED,
	  "run --profile single: ends with status 77" },
	{ "root", unr_check_root, UNR_HEALTH_MISSING, ENDS_RUN },
	{ "tmpfs", unr_check_tmpfs, UNR_HEALTH_MISSING, ENDS_RUN },
	{ "chown", unr_check_chown, UNR_HEALTH_DEGRADED,
	  "run: the kernel refuses owners that have a place in the map" },
	{ "overlay", unr_check_overlay, UNR_HEALTH_DEGRADED, NO_OVERLAY },
	{ "sandbox", unr_check_sandbox, UNR_HEALTH_MISSING, ENDS_RUN },
	{ "dockremap", unr_check_dockremap, UNR_HEALTH_DEGRADED, NO_DOCKREMAP },
	{ "run", unr_check_run, UNR_HEALTH_MISSING, ENDS_RUN },
};

const char *unr_health_name(enum unr_health health)
{
	static const char *const names[UNR_HEALTH_COUNT_] = {
		[UNR_HEALTH_OK] = "ok",
		[UNR_HEALTH_DEGRADED] = "degraded",
		[UNR_HEALTH_MISSING] = "missing",
	};

	return names[health];
}

void unr_diagnosis_done(struct unr_diagnosis *diagnosis)
{
	for (size_t i = 0; i < diagnosis->n_symptoms; i++) {
		free(diagnosis->symptoms[i].found);
		free(diagnosis->symptoms[i].remedy);
	}
	free(diagnosis->symptoms);
	*diagnosis = (struct unr_diagnosis) { 0 };
}

void unr_check_obstacle(struct unr_check *ret)
{
	ret->bad = true;
	unr_text_puts(&ret->found, ret->obstacle.reason);
}

void unr_check_error(struct unr_check *ret, const struct unr_error *err)
{
	size_t length = err->remedy == 0 ? strlen(err->message) : err->remedy - strlen(": ");

	ret->bad = true;
	ret->err = *err;
	unr_text_append(&ret->found, err->message, length);
}

/* Of @size bytes one line for a terminal, with nothing that steers it; owned, NULL without memory. */
static char *make_line(const char *bytes, size_t size)
{
	char *line = strndup(bytes, size);

	for (char *c = line; c != NULL && *c != '\0'; c++)
		if ((unsigned char) *c < ' ' || *c == 0x7f)
			*c = '?';
	return line;
}

/* Owned; NULL where there is none, or no memory. */
static char *remedy_of(const struct unr_check *check, enum unr_distribution distribution)
{
	unr_autofree char *remedy = NULL;

	if (check->err.remedy != 0)
		remedy = strdup(check->err.message + check->err.remedy);
	else if (check->obstacle.remedy != UNR_REMEDY_NONE)
		remedy = unr_obstacle_remedy(&check->obstacle, distribution);
	return remedy == NULL ? NULL : make_line(remedy, strlen(remedy));
}

static int examine_one(size_t i, const struct unr_patient *patient, struct unr_symptom *ret)
{
	struct unr_check check = { 0 };
	bool known;

	checks[i].look(patient, &check);
	*ret = (struct unr_symptom) {
		.name = checks[i].name,
		.health = check.bad ? checks[i].bad : UNR_HEALTH_OK,
		.found = check.found.failed ?
				 NULL :
				 make_line(unr_text_string(&check.found), check.found.length),
		.means = check.bad ? checks[i].means : NULL,
		.remedy = check.bad ? remedy_of(&check, patient->distribution) : NULL,
	};
	known = check.err.remedy != 0 || check.obstacle.remedy != UNR_REMEDY_NONE;
	unr_text_done(&check.found);
	return ret->found == NULL || (check.bad && known && ret->remedy == NULL) ? -1 : 0;
}

static int look_at_patient(struct unr_patient *ret, struct unr_error *err)
{
	const struct passwd *entry = getpwuid(geteuid());
	int r;

	unr_userns_facts_look(&ret->facts);
	ret->distribution = unr_distribution_here();
	ret->own[UNR_UID] = geteuid();
	ret->own[UNR_GID] = getegid();
	if (entry != NULL)
		(void) snprintf(ret->login, sizeof(ret->login), "%s", entry->pw_name);
	r = unr_profile_find(NULL)->maps(&ret->wanted, err);
	if (r < 0)
		return r;
	ret->namespaces = unr_child_try_namespaces();
	unr_trial_make(&ret->wanted, &ret->trial);
	return 0;
}

static int examine(const struct unr_patient *patient, struct unr_diagnosis *ret,
		   struct unr_error *err)
{
	struct utsname uts;

	if (uname(&uts) == 0)
		(void) snprintf(ret->kernel, sizeof(ret->kernel), "%s", uts.release);
	ret->distribution = unr_distribution_name(patient->distribution);
	ret->symptoms = calloc(UNR_COUNT(checks), sizeof(*ret->symptoms));
	if (ret->symptoms == NULL)
		return unr_fail_memory(err);
	for (size_t i = 0; i < UNR_COUNT(checks); i++) {
		ret->n_symptoms++;
		if (examine_one(i, patient, &ret->symptoms[i]) < 0)
			return unr_fail_memory(err);
	}
	ret->can_run = ret->symptoms[ret->n_symptoms - 1].health == UNR_HEALTH_OK;
	return 0;
}

int unr_doctor_examine(struct unr_diagnosis *ret, struct unr_error *err)
{
	struct unr_patient patient = { 0 };
	struct unr_diagnosis diagnosis = { 0 };
	int r = look_at_patient(&patient, err);

	if (r == 0)
		r = examine(&patient, &diagnosis, err);
	unr_idmaps_done(&patient.wanted);
	unr_trial_done(&patient.trial);
	if (r < 0) {
		unr_diagnosis_done(&diagnosis);
		return r;
	}
	*ret = diagnosis;
	return 0;
}
