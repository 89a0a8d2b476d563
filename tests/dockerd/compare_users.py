#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares whom userns-repro and a real dockerd start a container as, on random users.

For each seed both are asked, and what they differ on is printed.  --survey asks
dockerd alone and counts its answers: how good the mix of cases is.
"""

import collections
import dataclasses
import re
import time

import comparison
import engine
import judge
import random_users
import users


def require():
    """Ends the program where this cannot be done."""
    reason = users.why_not()
    if reason is not None:
        judge.unrtest.skip(reason)


def run(cases, path, driver="overlay2", jobs=2, root=None):
    """Compares on @cases, which have a name each; the number of those that differ."""
    started = time.monotonic()
    if driver == "vfs":
        # In a tree that is kept as root some directories are the host's root's: a known limit.
        cases = [dataclasses.replace(case, kept=False) for case in cases]
    with engine.Engine(driver, root=root) as running:
        rules = judge.engine_of(running)
        print("dockerd %s against --engine %s" % (running.version(), rules))
        command = users.command_layer(running.work)
        real = users.Dockerd(running, command)
        ours = users.Program(path, running.work, command, driver, rules)

        def agree(case):
            lines = users.differences(real.outcome(case), ours.outcome(case))
            if lines:
                print("\n  ".join([case.name, case.describe()] + lines), flush=True)
            return not lines

        differ = sum(not agreed for agreed in comparison.each(cases, jobs, agree))
    print("%d compared, %d differ (%s, %.1f a second)"
          % (len(cases), differ, driver, len(cases) / (time.monotonic() - started)))
    return differ


def survey(cases, driver, jobs, root=None):
    """Prints how often dockerd gives which answer."""
    counts, examples = collections.Counter(), {}
    with engine.Engine(driver, root=root) as running:
        real = users.Dockerd(running, users.command_layer(running.work))

        def ask(case):
            return case.name, real.outcome(case)

        for name, outcome in comparison.each(cases, jobs, ask):
            kind = re.sub(r"(user|group|spec) \S*( .)?:", r"\1 ...:", outcome.message) or "starts"
            counts[kind] += 1
            examples.setdefault(kind, name)
    comparison.print_survey(counts, examples, "")


def main():
    """The command line."""
    options = comparison.parse(comparison.parser(__doc__, 500))
    require()
    cases = [random_users.case(seed) for seed in options.seeds]
    if options.survey:
        survey(cases, options.driver, options.jobs, options.engine_root)
        return 0
    differ = run(cases, judge.program_path(options.program), options.driver, options.jobs,
                 options.engine_root)
    return 1 if differ else 0


if __name__ == "__main__":
    comparison.end(main)
