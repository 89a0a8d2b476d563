/* SPDX-License-Identifier: MIT */
/* The kernel, its switches and what surrounds this process: see check.h. */
#include "doctor/check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/utsname.h>

#include "userns/refused.h"

/* Which of the namespaces of a run the kernel has: namespaces(7). */
void unr_check_kernel(const struct unr_patient *patient, struct unr_check *ret)
{
	static const struct {
		const char *file, *option;
	} namespaces[] = {
		{ "user", "CONFIG_USER_NS" },   { "mnt", "CONFIG_NAMESPACES" },
		{ "pid", "CONFIG_PID_NS" },     { "ipc", "CONFIG_IPC_NS" },
		{ "uts", "CONFIG_UTS_NS" },     { "net", "CONFIG_NET_NS" },
		{ "cgroup", "CONFIG_CGROUPS" },
	};
	struct utsname uts = { 0 };

	(void) uname(&uts);
	for (size_t i = 0; i < UNR_COUNT(namespaces); i++) {
		char path[40];

		(void) snprintf(path, sizeof(path), "/proc/self/ns/%s", namespaces[i].file);
		/* Without /proc there is nothing to see; that is another check's affair. */
		if (access(path, F_OK) == 0 || access("/proc/self/ns", F_OK) < 0)
			continue;
		unr_obstacle_set(&ret->obstacle, UNR_REMEDY_KERNEL, namespaces[i].option,
				 "Linux %s has no %s namespaces", uts.release, namespaces[i].file);
		unr_check_obstacle(ret);
		return;
	}
	(void) patient;
	unr_text_printf(&ret->found, "Linux %s, %s, with all namespaces that are needed",
			uts.release, uts.machine);
}

void unr_check_proc(const struct unr_patient *patient, struct unr_check *ret)
{
	(void) patient;
	if (unr_map_proc_obstacle(&ret->obstacle))
		unr_check_obstacle(ret);
	else
		unr_text_puts(&ret->found, "/proc is mounted, and can be written to");
}

void unr_check_namespaces(const struct unr_patient *patient, struct unr_check *ret)
{
	struct unr_error err = { 0 };

	if (patient->namespaces == 0) {
		unr_text_puts(&ret->found, "made: user, mount, pid, ipc, uts, net and cgroup");
		return;
	}
	(void) unr_userns_clone_refused(-patient->namespaces, &err);
	unr_check_error(ret, &err);
}

void unr_check_limit(const struct unr_patient *patient, struct unr_check *ret)
{
	char subject[80];

	if (patient->facts.exhausted[0] != '\0') {
		(void) snprintf(subject, sizeof(subject), "%s=15000", patient->facts.exhausted);
		unr_obstacle_set(&ret->obstacle, UNR_REMEDY_SYSCTL, subject, "%s is 0",
				 patient->facts.exhausted);
		unr_check_obstacle(ret);
	} else if (patient->facts.max_user_namespaces < 0) {
		unr_text_puts(&ret->found, "there is no user.max_user_namespaces to be seen");
	} else {
		unr_text_printf(&ret->found, "user.max_user_namespaces is %" PRId64,
				patient->facts.max_user_namespaces);
	}
}

/* A switch that may be off for others only: that shows when it is tried. */
static void check_switch(const char *name, int64_t value, int64_t good, bool works,
			 struct unr_check *ret)
{
	char subject[80];

	if (value < 0) {
		unr_text_printf(&ret->found, "no %s here", name);
	} else if (value == good || works) {
		unr_text_printf(&ret->found, "%s is %" PRId64 "%s", name, value,
				value == good ? "" : ", but not in force for this program");
	} else {
		(void) snprintf(subject, sizeof(subject), "%s=%" PRId64, name, good);
		unr_obstacle_set(&ret->obstacle, UNR_REMEDY_SYSCTL, subject,
				 "%s is %" PRId64 ", and in force for this program", name, value);
		unr_check_obstacle(ret);
	}
}

void unr_check_clone_switch(const struct unr_patient *patient, struct unr_check *ret)
{
	check_switch("kernel.unprivileged_userns_clone", patient->facts.unprivileged_clone, 1,
		     patient->namespaces == 0, ret);
}

/* Did the namespaces, and what was tried inside, come to nothing for want of a right? */
static bool is_denied(const struct unr_patient *patient)
{
	const struct unr_error *err = &patient->trial.steps[UNR_TRIAL_SANDBOX];

	return err->kind != UNR_ERROR_NONE && (err->code == -EPERM || err->code == -EACCES);
}

void unr_check_apparmor(const struct unr_patient *patient, struct unr_check *ret)
{
	check_switch("kernel.apparmor_restrict_unprivileged_userns",
		     patient->facts.apparmor_restrict, 0, !is_denied(patient), ret);
}

void unr_check_selinux(const struct unr_patient *patient, struct unr_check *ret)
{
	if (!patient->facts.selinux_enforcing) {
		unr_text_puts(&ret->found, "SELinux is not enforcing");
	} else if (!is_denied(patient)) {
		unr_text_puts(&ret->found, "SELinux is enforcing, and allows what was tried");
	} else {
		unr_obstacle_set(&ret->obstacle, UNR_REMEDY_SELINUX, "",
				 "SELinux is enforcing, and something was refused");
		unr_check_obstacle(ret);
	}
}

void unr_check_seccomp(const struct unr_patient *patient, struct unr_check *ret)
{
	if (!patient->facts.seccomp) {
		unr_text_puts(&ret->found, "no seccomp filter is in force");
	} else if (!is_denied(patient)) {
		unr_text_puts(&ret->found,
			      "a seccomp filter is in force, and allows what was tried");
	} else {
		unr_obstacle_set(&ret->obstacle, UNR_REMEDY_CONTAINER,
				 "--security-opt seccomp=unconfined",
				 "a seccomp filter is in force, and something was refused");
		unr_check_obstacle(ret);
	}
}

/* It keeps newuidmap from its privilege, which root does without. */
void unr_check_no_new_privs(const struct unr_patient *patient, struct unr_check *ret)
{
	if (!patient->facts.no_new_privs) {
		unr_text_puts(&ret->found, "no_new_privs is off");
	} else if (patient->own[UNR_UID] == 0) {
		unr_text_puts(&ret->found, "no_new_privs is on, which does not matter to root");
	} else {
		unr_obstacle_set(&ret->obstacle, UNR_REMEDY_NEW_PRIVILEGES, "",
				 "no_new_privs is on, so newuidmap gets no privilege");
		unr_check_obstacle(ret);
	}
}
