/* SPDX-License-Identifier: MIT */
/* doctor/: what a check says of facts that are given; tests/userns/ has real hosts. */
#include "unr_test.h"

#include <errno.h>
#include <string.h>

#include "doctor/check.h"

/* A host that allows everything. */
#define SWITCHES(clone, apparmor)                                                                  \
	.max_user_namespaces = 100, .unprivileged_clone = (clone), .apparmor_restrict = (apparmor)
#define GOOD SWITCHES(-1, -1)
#define FINE UNR_REMEDY_NONE, NULL
#define REFUSED                                                                                    \
	{                                                                                          \
		[UNR_TRIAL_SANDBOX] = {.kind = UNR_ERROR_CANNOT_RUN, .code = -EPERM }              \
	}
#define BROKEN                                                                                     \
	{                                                                                          \
		[UNR_TRIAL_SANDBOX] = {.kind = UNR_ERROR_FAILED, .code = -EIO }                    \
	}

struct check_case {
	unr_check_fn look;
	struct unr_patient patient;
	const char *found;
	enum unr_remedy remedy; /* NONE: it is good */
	const char *subject;
};

static void run_cases(const struct check_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct unr_check check = { 0 };

		cases[i].look(&cases[i].patient, &check);
		assert_string_equal(unr_text_string(&check.found), cases[i].found);
		assert_int_equal(check.bad, cases[i].remedy != UNR_REMEDY_NONE);
		assert_int_equal(check.obstacle.remedy, cases[i].remedy);
		if (cases[i].subject != NULL)
			assert_string_equal(check.obstacle.subject, cases[i].subject);
		unr_text_done(&check.found);
	}
}

static void switches__count_where_they_are_in_force(void **state)
{
#define CLONE "kernel.unprivileged_userns_clone"
#define APPARMOR "kernel.apparmor_restrict_unprivileged_userns"
	static const struct check_case cases[] = {
		{ unr_check_clone_switch, { .facts = { GOOD } }, "no " CLONE " here", FINE },
		{ unr_check_clone_switch, { .facts = { SWITCHES(1, -1) } }, CLONE " is 1", FINE },
		{ unr_check_clone_switch,
		  { .facts = { SWITCHES(0, -1) } },
		  CLONE " is 0, but not in force for this program",
		  FINE },
		{ unr_check_clone_switch,
		  { .facts = { SWITCHES(0, -1) }, .namespaces = -EPERM },
		  CLONE " is 0, and in force for this program",
		  UNR_REMEDY_SYSCTL,
		  CLONE "=1" },
		{ unr_check_apparmor, { .facts = { GOOD } }, "no " APPARMOR " here", FINE },
		{ unr_check_apparmor, { .facts = { SWITCHES(-1, 0) } }, APPARMOR " is 0", FINE },
		{ unr_check_apparmor,
		  { .facts = { SWITCHES(-1, 1) } },
		  APPARMOR " is 1, but not in force for this program",
		  FINE },
		{ unr_check_apparmor,
		  { .facts = { SWITCHES(-1, 1) }, .trial = { .steps = BROKEN } },
		  APPARMOR " is 1, but not in force for this program",
		  FINE },
		{ unr_check_apparmor,
		  { .facts = { SWITCHES(-1, 1) }, .trial = { .steps = REFUSED } },
		  APPARMOR " is 1, and in force for this program",
		  UNR_REMEDY_SYSCTL,
		  APPARMOR "=0" },
	};

	(void) state;
	run_cases(cases, UNR_COUNT(cases));
}

static void limit__is_what_it_is(void **state)
{
	static const struct check_case cases[] = {
		{ unr_check_limit, { .facts = { GOOD } }, "user.max_user_namespaces is 100", FINE },
		{ unr_check_limit,
		  { .facts = { .max_user_namespaces = -1 } },
		  "there is no user.max_user_namespaces to be seen",
		  FINE },
		{ unr_check_limit,
		  { .facts = { GOOD, .exhausted = "user.max_pid_namespaces" } },
		  "user.max_pid_namespaces is 0",
		  UNR_REMEDY_SYSCTL,
		  "user.max_pid_namespaces=15000" },
	};

	(void) state;
	run_cases(cases, UNR_COUNT(cases));
}

static void surroundings__matter_where_something_was_refused(void **state)
{
	static const struct check_case cases[] = {
		{ unr_check_selinux, { .facts = { GOOD } }, "SELinux is not enforcing", FINE },
		{ unr_check_selinux,
		  { .facts = { GOOD, .selinux_enforcing = true } },
		  "SELinux is enforcing, and allows what was tried",
		  FINE },
		{ unr_check_selinux,
		  { .facts = { GOOD, .selinux_enforcing = true }, .trial = { .steps = REFUSED } },
		  "SELinux is enforcing, and something was refused",
		  UNR_REMEDY_SELINUX,
		  NULL },
		{ unr_check_seccomp, { .facts = { GOOD } }, "no seccomp filter is in force", FINE },
		{ unr_check_seccomp,
		  { .facts = { GOOD, .seccomp = true } },
		  "a seccomp filter is in force, and allows what was tried",
		  FINE },
		{ unr_check_seccomp,
		  { .facts = { GOOD, .seccomp = true }, .trial = { .steps = REFUSED } },
		  "a seccomp filter is in force, and something was refused",
		  UNR_REMEDY_CONTAINER,
		  "--security-opt seccomp=unconfined" },
		{ unr_check_no_new_privs, { .facts = { GOOD } }, "no_new_privs is off", FINE },
		{ unr_check_no_new_privs,
		  { .facts = { GOOD, .no_new_privs = true } },
		  "no_new_privs is on, which does not matter to root",
		  FINE },
		{ unr_check_no_new_privs,
		  { .facts = { GOOD, .no_new_privs = true }, .own = { 1000, 1000 } },
		  "no_new_privs is on, so newuidmap gets no privilege",
		  UNR_REMEDY_NEW_PRIVILEGES,
		  NULL },
	};

	(void) state;
	run_cases(cases, UNR_COUNT(cases));
}

/* Each step tells its own error; what is behind one that failed was not tried. */
static void steps__tell_their_errors(void **state)
{
	static const struct {
		unr_check_fn look;
		enum unr_trial_step step;
		const char *works;
	} steps[] = {
		{ unr_check_root, UNR_TRIAL_START,
		  "a child drops its groups and becomes root inside" },
		{ unr_check_tmpfs, UNR_TRIAL_TMPFS,
		  "a tmpfs is mounted inside, as root directory" },
		{ unr_check_chown, UNR_TRIAL_CHOWN, "a file is given to the last id of the map" },
		{ unr_check_overlay, UNR_TRIAL_OVERLAY, "an overlay is mounted inside" },
		{ unr_check_sandbox, UNR_TRIAL_SANDBOX,
		  "a child gives up what an extraction does not need" },
		{ unr_check_run, UNR_TRIAL_SANDBOX, "works, with 0 ids mapped directly" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(steps); i++) {
		struct unr_patient patient = { 0 };
		struct unr_check check = { 0 };

		steps[i].look(&patient, &check);
		assert_string_equal(unr_text_string(&check.found), steps[i].works);
		assert_false(check.bad);
		unr_text_clear(&check.found);
		(void) unr_fail(&patient.trial.steps[steps[i].step], UNR_ERROR_CANNOT_RUN, -EPERM,
				"no: do this");
		patient.trial.steps[steps[i].step].remedy = 4;
		steps[i].look(&patient, &check);
		assert_true(check.bad);
		assert_string_equal(unr_text_string(&check.found), "no");
		assert_string_equal(check.err.message + check.err.remedy, "do this");
		unr_text_done(&check.found);
	}
}

static void run__tells_how_it_is_mapped(void **state)
{
	struct unr_id_range own = { .outside = 1000, .count = 1 };
	struct unr_patient patient = {
		.trial = { .choice = { .method = UNR_MAP_SELF,
				       .maps = { { { .ranges = &own, .n_ranges = 1 } } } } }
	};
	struct unr_check check = { 0 };

	(void) state;
	unr_check_run(&patient, &check);
	assert_string_equal(unr_text_string(&check.found),
			    "works, with 1 id mapped, the caller's own");
	unr_text_clear(&check.found);
	own.count = 65536;
	patient.trial.choice.method = UNR_MAP_NEWUIDMAP;
	unr_check_run(&patient, &check);
	assert_string_equal(unr_text_string(&check.found),
			    "works, with 65,536 ids mapped through newuidmap");
	unr_text_clear(&check.found);
	patient.trial.choice.method = UNR_MAP_SELF;
	unr_check_root(&patient, &check);
	assert_string_equal(unr_text_string(&check.found),
			    "a child becomes root inside; its groups stay, as the kernel demands "
			    "with this map");
	unr_text_done(&check.found);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(switches__count_where_they_are_in_force),
	cmocka_unit_test(limit__is_what_it_is),
	cmocka_unit_test(surroundings__matter_where_something_was_refused),
	cmocka_unit_test(steps__tell_their_errors),
	cmocka_unit_test(run__tells_how_it_is_mapped),
};

UNR_TEST_MAIN("check", tests, NULL);
