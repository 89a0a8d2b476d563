/* SPDX-License-Identifier: MIT */
/* Refusals and the obstacles behind them: see refused.h. */
#include "userns/refused.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Switches and limits raised to what distributions have. */
#define CLONE_SWITCH "kernel.unprivileged_userns_clone"
#define APPARMOR_SWITCH "kernel.apparmor_restrict_unprivileged_userns"
#define USUAL_LIMIT "=15000"
#define NAMESPACE_OPTIONS                                                                          \
	"CONFIG_USER_NS, CONFIG_PID_NS, CONFIG_NET_NS, CONFIG_UTS_NS, CONFIG_IPC_NS and "          \
	"CONFIG_CGROUPS"

/* Which refusals a cause explains. */
enum {
	CLONE = 1U << UNR_REFUSAL_CLONE,
	INSIDE = 1U << UNR_REFUSAL_INSIDE,
	OVERLAY = 1U << UNR_REFUSAL_OVERLAY,
	ALL = CLONE | INSIDE | OVERLAY,
};

static bool is_denied(int error)
{
	return error == EPERM || error == EACCES;
}

static bool at_clone_switch(int error, const struct unr_userns_facts *facts)
{
	return is_denied(error) && facts->unprivileged_clone == 0;
}

static bool at_apparmor_switch(int error, const struct unr_userns_facts *facts)
{
	return is_denied(error) && facts->apparmor_restrict > 0;
}

static bool at_selinux(int error, const struct unr_userns_facts *facts)
{
	return error == EACCES && facts->selinux_enforcing;
}

/* mount(2) and clone(2) never answer EACCES to root by themselves: a security module does. */
static bool at_apparmor_profile(int error, const struct unr_userns_facts *facts)
{
	(void) facts;
	return error == EACCES;
}

static bool at_chroot(int error, const struct unr_userns_facts *facts)
{
	return error == EPERM && facts->chrooted;
}

static bool at_seccomp(int error, const struct unr_userns_facts *facts)
{
	return error == EPERM && facts->seccomp;
}

static bool at_zero_limit(int error, const struct unr_userns_facts *facts)
{
	return error == ENOSPC && facts->exhausted[0] != '\0';
}

static bool at_limit(int error, const struct unr_userns_facts *facts)
{
	(void) facts;
	return error == ENOSPC;
}

static bool at_depth(int error, const struct unr_userns_facts *facts)
{
	(void) facts;
	return error == EUSERS;
}

static bool at_kernel(int error, const struct unr_userns_facts *facts)
{
	(void) facts;
	return error == EINVAL;
}

static bool at_no_driver(int error, const struct unr_userns_facts *facts)
{
	(void) facts;
	return error == ENODEV;
}

/* EPERM: not for user namespaces; EINVAL: the option userxattr is not known (overlayfs.rst). */
static bool at_old_overlay(int error, const struct unr_userns_facts *facts)
{
	(void) facts;
	return error == EPERM || error == EINVAL;
}

static bool at_unknown(int error, const struct unr_userns_facts *facts)
{
	(void) facts;
	return is_denied(error);
}

/* The first that fits is told: those that are certain come before those that may be. */
static const struct {
	unsigned int refusals; /* that it explains */
	bool (*fits)(int error, const struct unr_userns_facts *facts);
	enum unr_remedy remedy;
	const char *subject;
	const char *reason; /* behind the text of errno */
} causes[] = {
	{ CLONE, at_clone_switch, UNR_REMEDY_SYSCTL, CLONE_SWITCH "=1", CLONE_SWITCH " is 0" },
	{ ALL, at_apparmor_switch, UNR_REMEDY_SYSCTL, APPARMOR_SWITCH "=0",
	  APPARMOR_SWITCH " is on" },
	{ ALL, at_selinux, UNR_REMEDY_SELINUX, "", "SELinux is enforcing" },
	{ ALL, at_apparmor_profile, UNR_REMEDY_CONTAINER, "--security-opt apparmor=unconfined",
	  "an AppArmor profile forbids it" },
	{ CLONE, at_chroot, UNR_REMEDY_OUTSIDE, "the chroot", "this process is in a chroot" },
	{ CLONE | INSIDE, at_seccomp, UNR_REMEDY_CONTAINER, "--security-opt seccomp=unconfined",
	  "a seccomp filter is in force" },
	{ CLONE, at_zero_limit, UNR_REMEDY_SYSCTL, NULL, NULL },
	{ CLONE, at_limit, UNR_REMEDY_SYSCTL, "user.max_user_namespaces" USUAL_LIMIT,
	  "the limit of namespaces is reached, here or further out" },
	{ CLONE, at_depth, UNR_REMEDY_OUTSIDE, "so many user namespaces",
	  "they are nested too deeply" },
	{ CLONE, at_kernel, UNR_REMEDY_KERNEL, NAMESPACE_OPTIONS,
	  "the kernel was built without a namespace that is needed" },
	{ OVERLAY, at_no_driver, UNR_REMEDY_MODULE, "overlay", "the kernel has no overlay" },
	{ OVERLAY, at_old_overlay, UNR_REMEDY_KERNEL,
	  "overlay mounts in user namespaces (Linux 5.11 or later)",
	  "this kernel has no overlay mounts in user namespaces" },
	{ ALL, at_unknown, UNR_REMEDY_SUSPECTS, "",
	  "something takes this right or its capabilities away" },
};

bool unr_userns_explain(enum unr_refusal refusal, int error, const struct unr_userns_facts *facts,
			const char *what, struct unr_obstacle *ret)
{
	for (size_t i = 0; i < UNR_COUNT(causes); i++) {
		const char *subject = causes[i].subject, *reason = causes[i].reason;
		char zero_subject[80], zero_reason[80];

		if ((causes[i].refusals & 1U << refusal) == 0 || !causes[i].fits(error, facts))
			continue;
		if (subject == NULL) {
			(void) snprintf(zero_subject, sizeof(zero_subject), "%s" USUAL_LIMIT,
					facts->exhausted);
			(void) snprintf(zero_reason, sizeof(zero_reason), "%s is 0",
					facts->exhausted);
			subject = zero_subject;
			reason = zero_reason;
		}
		unr_obstacle_set(ret, causes[i].remedy, subject, "cannot %s: %s: %s", what,
				 strerror(error), reason);
		return true;
	}
	return false;
}

static int refuse(enum unr_refusal refusal, int error, const char *what, struct unr_error *err)
{
	struct unr_userns_facts facts;
	struct unr_obstacle obstacle;

	unr_userns_facts_look(&facts);
	if (unr_userns_explain(refusal, error, &facts, what, &obstacle))
		return unr_obstacle_fail(&obstacle, -error, err);
	return unr_fail(err, UNR_ERROR_FAILED, -error, "cannot %s: %s", what, strerror(error));
}

int unr_userns_clone_refused(int error, struct unr_error *err)
{
	return refuse(UNR_REFUSAL_CLONE, error, "create a user namespace", err);
}

static int refuse_inside(enum unr_refusal refusal, const char *what, struct unr_error *err)
{
	int error = errno;
	char inside[120];

	(void) snprintf(inside, sizeof(inside), "%s inside the user namespace", what);
	return refuse(refusal, error, inside, err);
}

int unr_userns_refused(struct unr_error *err, const char *what)
{
	return refuse_inside(UNR_REFUSAL_INSIDE, what, err);
}

int unr_userns_overlay_refused(struct unr_error *err)
{
	return refuse_inside(UNR_REFUSAL_OVERLAY, "mount an overlay", err);
}
