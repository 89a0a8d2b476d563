#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the cases of cases.py through dockerd and userns-repro.

dockerd must answer as the case says, and userns-repro as dockerd does.

    test_cases.py [--dockerd-only] [WORDS]    only cases whose name contains WORDS
"""

import itertools
import sys

import cases
import compare
import engine
import judge

JOBS = 2
WAYS = ("load", "pull")
# Which of the trees that each driver leaves a case speaks of.
TREES = {"overlay2": 0, "vfs": -1}


def _claims(case, outcome):
    """Where dockerd is not as the case says."""
    if outcome.message != case.message:
        return ["expected %r" % (case.message or "loads"),
                "dockerd  %r" % (outcome.message or "loads")]
    lines, tree = [], outcome.trees[TREES[case.driver]] if case.tree else {}
    for path, claims in case.tree.items():
        record = tree.get(path)
        if claims is None:
            lines += ["dockerd made %r" % path] if record is not None else []
            continue
        if record is None:
            lines.append("dockerd made no %r, only %r" % (path, sorted(tree)))
            continue
        for key, value in claims.items():
            if (record[key] == 0) if value is cases.NOW else (record[key] != value):
                lines.append("%r: %s is %r with dockerd, not %r" % (path, key, record[key], value))
    return lines


def main():
    """The command line."""
    arguments = sys.argv[1:]
    alone = "--dockerd-only" in arguments
    words = [argument for argument in arguments if argument != "--dockerd-only"]
    chosen = [case for case in cases.every() if not words or " ".join(words) in case.name]
    if not chosen:
        sys.exit("no case of that name")
    judge.end_on_sigterm()
    judge.require_dockerd()
    trees, namespace_only = judge.wanted_trees()
    path = None if alone else judge.program_path()
    failed = 0
    for driver, way in itertools.product(TREES, WAYS):
        mine = [case for case in chosen if (case.driver, case.way) == (driver, way)]
        if mine:
            judge.require_way(way)
            failed += _check_all(mine, driver, way, path, trees, namespace_only)
    print("%d cases, %d failed" % (len(chosen), failed))
    return 1 if failed else 0


def _check_all(chosen, driver, way, path, trees, namespace_only):
    """The number of cases that fail; @path: the program, None to ask dockerd alone."""
    with engine.Engine(driver) as running, judge.registry_for(way, running) as source:
        real = judge.Dockerd(running, True, source)
        ours = None if path is None else judge.Program(path, running.work, driver, trees, way)

        def check(case):
            outcome = real.outcome(case.image)
            lines = _claims(case, outcome)
            if ours is not None:
                lines += judge.differences(outcome, ours.outcome(case.image), namespace_only)
            if lines:
                print("\n  ".join(["FAIL " + case.name] + lines) + "\n", end="")
            return bool(lines)

        failed = sum(compare.each(chosen, JOBS, check))
        kept = running.kept()
        if kept:
            print("FAIL dockerd kept of images that failed or are removed:\n  %s"
                  % "\n  ".join(kept))
        return failed + bool(kept)


if __name__ == "__main__":
    sys.exit(main())
