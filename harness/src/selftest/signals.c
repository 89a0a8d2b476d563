/* SPDX-License-Identifier: MIT */
/* Signals, tracing and priorities across namespaces: who may, and who is named. */
#include <sched.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "selftest/groups.h"
#include "selftest/kit.h"

#define MAP "0 1000 1000"

/* What processes of a case share. */
struct shared {
	pid_t pid; /* of the other one */
	int id;    /* one's own, or the one that is to be named */
	int error; /* of kill(2); 0: none */
};

/* ---- signals ---- */

static void kill_outwards(struct st *t)
{
	const struct shared *shared = t->shared;

	st_want(t, EPERM, kill(shared->pid, 0));
	st_want(t, EPERM, kill(shared->pid, SIGTERM));
}

static void kill_outside(struct st *t)
{
	struct shared *shared = st_shared_memory(t);

	shared->pid = getpid();
	st_inside(t, MAP, kill_outwards);
}

static void kill_sibling(struct st *t)
{
	struct shared *shared = st_shared_memory(t);
	struct st_child child;

	st_inside_start(t, "0 3000 10", st_idle, &child);
	shared->pid = child.pid;
	st_inside(t, MAP, kill_outwards);
	st_child_end(t, &child);
}

static void be_five_and_wait(struct st *t)
{
	st_become(t, 5, 5);
	st_wait(t);
}

static void kill_as(struct st *t)
{
	const struct shared *shared = t->shared;

	st_become(t, (uid_t) shared->id, (gid_t) shared->id);
	st_want(t, shared->error, kill(shared->pid, 0));
}

static void want_kill_as(struct st *t, int id, const struct st_child *child, int error)
{
	*(struct shared *) t->shared =
		(struct shared) { .id = id, .pid = child->pid, .error = error };
	st_run(t, kill_as);
}

static void kill_within(struct st *t)
{
	struct st_child child;

	st_child_start(t, 0, be_five_and_wait, &child);
	st_child_step(t, &child);
	st_want(t, 0, kill(child.pid, 0));
	want_kill_as(t, 5, &child, 0);
	want_kill_as(t, 6, &child, EPERM);
	st_child_end(t, &child);
}

static void kill_inside(struct st *t)
{
	(void) st_shared_memory(t);
	st_inside(t, MAP, kill_within);
}

static void kill_inwards(struct st *t)
{
	struct st_child child;

	(void) st_shared_memory(t);
	st_inside_start(t, MAP, be_five_and_wait, &child);
	st_child_step(t, &child);
	st_want(t, 0, kill(child.pid, 0));
	/* No capability, but the same id, as the kernel sees it. */
	want_kill_as(t, 1005, &child, 0);
	want_kill_as(t, 1006, &child, EPERM);
	st_child_end(t, &child);
}

static void send_signal(struct st *t)
{
	const struct shared *shared = t->shared;

	st_become(t, 5, 5);
	st_want(t, 0, kill(shared->pid, SIGUSR1));
}

static void be_five_and_be_told(struct st *t)
{
	const struct shared *shared = t->shared;
	siginfo_t info = { 0 };
	sigset_t set;

	st_become(t, 5, 5);
	(void) sigemptyset(&set);
	(void) sigaddset(&set, SIGUSR1);
	st_want(t, 0, sigprocmask(SIG_BLOCK, &set, NULL));
	st_wait(t);
	st_want(t, 0, sigwaitinfo(&set, &info));
	st_equal(t, shared->id, info.si_uid);
}

static void signal_within(struct st *t)
{
	struct shared *shared = t->shared;
	struct st_child child;

	shared->id = 5;
	st_child_start(t, 0, be_five_and_be_told, &child);
	st_child_step(t, &child);
	shared->pid = child.pid;
	st_run(t, send_signal);
	st_child_end(t, &child);
}

static void signal_sender(struct st *t)
{
	(void) st_shared_memory(t);
	st_inside(t, MAP, signal_within);
}

static void signal_from_outside(struct st *t)
{
	struct shared *shared = st_shared_memory(t);
	struct st_child child;

	shared->id = (int) st_overflow_uid(t);
	st_inside_start(t, MAP, be_five_and_be_told, &child);
	st_child_step(t, &child);
	st_want(t, 0, kill(child.pid, SIGUSR1));
	st_child_end(t, &child);
}

/* ---- tracing ---- */

static void trace_outwards(struct st *t)
{
	const struct shared *shared = t->shared;

	st_want(t, EPERM, ptrace(PTRACE_SEIZE, shared->pid, NULL, NULL));
}

static void trace_outside(struct st *t)
{
	struct shared *shared = st_shared_memory(t);
	struct st_child child;

	/* The same id for the kernel, but without the namespace. */
	st_child_start(t, 0, st_idle, &child);
	shared->pid = child.pid;
	st_inside(t, "0 0 1000", trace_outwards);
	st_child_end(t, &child);
}

static void trace_inside(struct st *t)
{
	struct st_child child;

	st_inside_start(t, MAP, be_five_and_wait, &child);
	st_child_step(t, &child);
	st_want(t, 0, ptrace(PTRACE_SEIZE, child.pid, NULL, NULL));
	st_want(t, 0, ptrace(PTRACE_INTERRUPT, child.pid, NULL, NULL));
	st_want(t, 0, waitpid(child.pid, NULL, 0));
	st_want(t, 0, ptrace(PTRACE_DETACH, child.pid, NULL, NULL));
	st_child_end(t, &child);
}

/* ---- priorities ---- */

/* The lowest one: the caller's may be low already. */
static void set_outer_priority(struct st *t)
{
	const struct shared *shared = t->shared;

	st_want(t, EPERM, setpriority(PRIO_PROCESS, (id_t) shared->pid, 19));
	st_want(t, 0, setpriority(PRIO_PROCESS, 0, 19));
}

static void priority_outside(struct st *t)
{
	struct shared *shared = st_shared_memory(t);

	shared->pid = getpid();
	st_inside(t, MAP, set_outer_priority);
}

#define ROOT(case_name, sentence, where, function)                                                 \
	{                                                                                          \
		case_name, sentence, where, .stage = ST_STAGE_ROOT, .run = function                \
	}

static const struct st_case CASES[] = {
	ROOT("kill-outside", "Root of a namespace sends no signal out of it.", "kill(2)",
	     kill_outside),
	ROOT("kill-sibling", "Root of a namespace sends no signal to one beside it.", "kill(2)",
	     kill_sibling),
	ROOT("kill-inside", "Within a namespace its root may, and another user may not.", "kill(2)",
	     kill_inside),
	ROOT("kill-inwards", "From outside root may, and whoever has the same id outside.",
	     "kill(2)", kill_inwards),
	ROOT("signal-sender", "A signal within a namespace names the sender's id there.",
	     "user_namespaces(7)", signal_sender),
	ROOT("signal-from-outside", "A signal names a sender without a place by the overflow id.",
	     "user_namespaces(7)", signal_from_outside),
	ROOT("trace-outside", "Root of a namespace traces nobody outside, whatever the ids.",
	     "ptrace(2)", trace_outside),
	ROOT("trace-inside", "Root outside traces processes inside.", "ptrace(2)", trace_inside),
	ROOT("priority-outside", "Root of a namespace sets no priority outside.", "setpriority(2)",
	     priority_outside),
};

const struct st_group st_group_signals =
	ST_GROUP("signals", "signals, tracing and priorities across namespaces", CASES);
