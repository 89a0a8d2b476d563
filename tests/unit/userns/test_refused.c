/* SPDX-License-Identifier: MIT */
/* userns/refused: which obstacle an errno and the settings of a host come to. */
#include "unr_test.h"

#include <errno.h>
#include <string.h>

#include "userns/refused.h"

/* A host that says nothing against it. */
#define SWITCHES(clone, apparmor)                                                                  \
	.max_user_namespaces = 100, .unprivileged_clone = (clone), .apparmor_restrict = (apparmor)
#define QUIET SWITCHES(-1, -1)

struct refusal_case {
	enum unr_refusal refusal;
	int error;
	struct unr_userns_facts facts;
	enum unr_remedy remedy;
	const char *subject, *reason;
};

static const struct refusal_case cases[] = {
	/* Switches, whatever else there is. */
	{ UNR_REFUSAL_CLONE,
	  EPERM,
	  { SWITCHES(0, -1), .seccomp = true, .chrooted = true },
	  UNR_REMEDY_SYSCTL,
	  "kernel.unprivileged_userns_clone=1",
	  "cannot X: Operation not permitted: kernel.unprivileged_userns_clone is 0" },
	{ UNR_REFUSAL_CLONE,
	  EACCES,
	  { SWITCHES(-1, 2) },
	  UNR_REMEDY_SYSCTL,
	  "kernel.apparmor_restrict_unprivileged_userns=0",
	  "cannot X: Permission denied: kernel.apparmor_restrict_unprivileged_userns is on" },
	{ UNR_REFUSAL_INSIDE,
	  EPERM,
	  { SWITCHES(-1, 1), .seccomp = true },
	  UNR_REMEDY_SYSCTL,
	  "kernel.apparmor_restrict_unprivileged_userns=0",
	  "cannot X: Operation not permitted: kernel.apparmor_restrict_unprivileged_userns is "
	  "on" },
	/* The other switch is for clone(2) only; one that is off is no reason. */
	{ UNR_REFUSAL_INSIDE,
	  EPERM,
	  { SWITCHES(0, 0), .seccomp = true },
	  UNR_REMEDY_CONTAINER,
	  "--security-opt seccomp=unconfined",
	  "cannot X: Operation not permitted: a seccomp filter is in force" },
	{ UNR_REFUSAL_CLONE,
	  EPERM,
	  { SWITCHES(1, -1), .seccomp = true },
	  UNR_REMEDY_CONTAINER,
	  "--security-opt seccomp=unconfined",
	  "cannot X: Operation not permitted: a seccomp filter is in force" },
	/* Security modules answer EACCES. */
	{ UNR_REFUSAL_CLONE,
	  EACCES,
	  { QUIET, .selinux_enforcing = true, .seccomp = true },
	  UNR_REMEDY_SELINUX,
	  "",
	  "cannot X: Permission denied: SELinux is enforcing" },
	{ UNR_REFUSAL_INSIDE,
	  EACCES,
	  { QUIET, .seccomp = true },
	  UNR_REMEDY_CONTAINER,
	  "--security-opt apparmor=unconfined",
	  "cannot X: Permission denied: an AppArmor profile forbids it" },
	{ UNR_REFUSAL_INSIDE,
	  EPERM,
	  { QUIET, .selinux_enforcing = true },
	  UNR_REMEDY_SUSPECTS,
	  "",
	  "cannot X: Operation not permitted: something takes this right or its capabilities "
	  "away" },
	/* Where the process stands. */
	{ UNR_REFUSAL_CLONE,
	  EPERM,
	  { QUIET, .chrooted = true },
	  UNR_REMEDY_OUTSIDE,
	  "the chroot",
	  "cannot X: Operation not permitted: this process is in a chroot" },
	{ UNR_REFUSAL_CLONE,
	  EPERM,
	  { QUIET },
	  UNR_REMEDY_SUSPECTS,
	  "",
	  "cannot X: Operation not permitted: something takes this right or its capabilities "
	  "away" },
	/* Limits. */
	{ UNR_REFUSAL_CLONE,
	  ENOSPC,
	  { QUIET, .exhausted = "user.max_net_namespaces" },
	  UNR_REMEDY_SYSCTL,
	  "user.max_net_namespaces=15000",
	  "cannot X: No space left on device: user.max_net_namespaces is 0" },
	{ UNR_REFUSAL_CLONE,
	  ENOSPC,
	  { QUIET },
	  UNR_REMEDY_SYSCTL,
	  "user.max_user_namespaces=15000",
	  "cannot X: No space left on device: the limit of namespaces is reached, here or further "
	  "out" },
	{ UNR_REFUSAL_CLONE,
	  EUSERS,
	  { QUIET },
	  UNR_REMEDY_OUTSIDE,
	  "so many user namespaces",
	  "cannot X: Too many users: they are nested too deeply" },
	{ UNR_REFUSAL_CLONE,
	  EINVAL,
	  { QUIET },
	  UNR_REMEDY_KERNEL,
	  "CONFIG_USER_NS, CONFIG_PID_NS, CONFIG_NET_NS, CONFIG_UTS_NS, CONFIG_IPC_NS and "
	  "CONFIG_CGROUPS",
	  "cannot X: Invalid argument: the kernel was built without a namespace that is needed" },
	/* Overlays. */
	{ UNR_REFUSAL_OVERLAY,
	  ENODEV,
	  { QUIET },
	  UNR_REMEDY_MODULE,
	  "overlay",
	  "cannot X: No such device: the kernel has no overlay" },
	{ UNR_REFUSAL_OVERLAY,
	  EPERM,
	  { QUIET, .seccomp = true },
	  UNR_REMEDY_KERNEL,
	  "overlay mounts in user namespaces (Linux 5.11 or later)",
	  "cannot X: Operation not permitted: this kernel has no overlay mounts in user "
	  "namespaces" },
	{ UNR_REFUSAL_OVERLAY,
	  EINVAL,
	  { QUIET },
	  UNR_REMEDY_KERNEL,
	  "overlay mounts in user namespaces (Linux 5.11 or later)",
	  "cannot X: Invalid argument: this kernel has no overlay mounts in user namespaces" },
	{ UNR_REFUSAL_OVERLAY,
	  EACCES,
	  { QUIET },
	  UNR_REMEDY_CONTAINER,
	  "--security-opt apparmor=unconfined",
	  "cannot X: Permission denied: an AppArmor profile forbids it" },
};

static void explain__finds_the_obstacle(void **state)
{
	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct unr_obstacle obstacle;

		assert_true(unr_userns_explain(cases[i].refusal, cases[i].error, &cases[i].facts,
					       "X", &obstacle));
		assert_string_equal(obstacle.reason, cases[i].reason);
		assert_int_equal(obstacle.remedy, cases[i].remedy);
		assert_string_equal(obstacle.subject, cases[i].subject);
	}
}

/* Want of memory, faults of ours: not the host's affair. */
static void explain__leaves_failures_alone(void **state)
{
	static const int errors[] = { ENOMEM, EAGAIN, ENOSYS, EIO };
	const struct unr_userns_facts facts = { QUIET, .seccomp = true, .chrooted = true };
	struct unr_obstacle obstacle;

	(void) state;
	for (unsigned int refusal = 0; refusal <= UNR_REFUSAL_OVERLAY; refusal++)
		for (size_t i = 0; i < UNR_COUNT(errors); i++)
			assert_false(unr_userns_explain((enum unr_refusal) refusal, errors[i],
							&facts, "X", &obstacle));
	assert_false(unr_userns_explain(UNR_REFUSAL_INSIDE, EINVAL, &facts, "X", &obstacle));
	assert_false(unr_userns_explain(UNR_REFUSAL_INSIDE, ENOSPC, &facts, "X", &obstacle));
}

/* As an error: kind and code, and where the remedy begins. */
static void refused__says_what_and_why(void **state)
{
	struct unr_error err = { 0 };

	(void) state;
	assert_int_equal(unr_userns_clone_refused(EUSERS, &err), -EUSERS);
	assert_int_equal(err.kind, UNR_ERROR_CANNOT_RUN);
	assert_string_equal(err.message,
			    "cannot create a user namespace: Too many users: they are nested too "
			    "deeply: run this outside of so many user namespaces");
	assert_string_equal(err.message + err.remedy,
			    "run this outside of so many user namespaces");
	errno = EIO;
	assert_int_equal(unr_userns_refused(&err, "mount a tmpfs"), -EIO);
	assert_int_equal(err.kind, UNR_ERROR_FAILED);
	assert_string_equal(err.message, "cannot mount a tmpfs inside the user namespace: "
					 "Input/output error");
	assert_int_equal(err.remedy, 0);
	errno = ENODEV;
	assert_int_equal(unr_userns_overlay_refused(&err), -ENODEV);
	assert_string_equal(err.message + err.remedy, "modprobe overlay");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(explain__finds_the_obstacle),
	cmocka_unit_test(explain__leaves_failures_alone),
	cmocka_unit_test(refused__says_what_and_why),
};

UNR_TEST_MAIN("refused", tests, NULL);
