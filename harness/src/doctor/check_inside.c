/* SPDX-License-Identifier: MIT */
/* What came of the steps that were tried in a namespace: see check.h. */
#include "doctor/check.h"

static void check_step(const struct unr_patient *patient, enum unr_trial_step step,
		       const char *works, struct unr_check *ret)
{
	const struct unr_error *err = &patient->trial.steps[step];

	if (err->kind == UNR_ERROR_NONE)
		unr_text_puts(&ret->found, works);
	else
		unr_check_error(ret, err);
}

void unr_check_root(const struct unr_patient *patient, struct unr_check *ret)
{
	bool self = patient->trial.choice.method == UNR_MAP_SELF;

	check_step(patient, UNR_TRIAL_START,
		   self ? "a child becomes root inside; its groups stay, as the kernel demands "
			  "with this map" :
			  "a child drops its groups and becomes root inside",
		   ret);
}

void unr_check_tmpfs(const struct unr_patient *patient, struct unr_check *ret)
{
	check_step(patient, UNR_TRIAL_TMPFS, "a tmpfs is mounted inside, as root directory", ret);
}

void unr_check_chown(const struct unr_patient *patient, struct unr_check *ret)
{
	check_step(patient, UNR_TRIAL_CHOWN, "a file is given to the last id of the map", ret);
}

void unr_check_overlay(const struct unr_patient *patient, struct unr_check *ret)
{
	check_step(patient, UNR_TRIAL_OVERLAY, "an overlay is mounted inside", ret);
}

void unr_check_sandbox(const struct unr_patient *patient, struct unr_check *ret)
{
	check_step(patient, UNR_TRIAL_SANDBOX, "a child gives up what an extraction does not need",
		   ret);
}

void unr_check_run(const struct unr_patient *patient, struct unr_check *ret)
{
	const struct unr_map_choice *choice = &patient->trial.choice;
	unr_auto(unr_text_done) struct unr_text works = { 0 };
	static const char *const ways[UNR_MAP_METHOD_COUNT_] = {
		[UNR_MAP_DIRECT] = "mapped directly",
		[UNR_MAP_NEWUIDMAP] = "mapped through newuidmap",
		[UNR_MAP_SELF] = "mapped, the caller's own",
	};

	unr_text_puts(&works, "works, with ");
	unr_text_count(&works, unr_idmap_total(&choice->maps.of[UNR_UID]));
	unr_text_puts(&works, choice->method == UNR_MAP_SELF ? " id " : " ids ");
	unr_text_puts(&works, ways[choice->method]);
	check_step(patient, UNR_TRIAL_SANDBOX, unr_text_string(&works), ret);
}
