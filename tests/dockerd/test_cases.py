#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the cases of cases.py through dockerd and userns-repro.

dockerd must answer as the case says, and userns-repro as dockerd does.

    test_cases.py [--dockerd-only] [WORDS]    only cases whose name contains WORDS
"""

import sys

import cases
import compare
import engine
import judge

JOBS = 2


def _claims(case, outcome):
    """Where dockerd is not as the case says."""
    if outcome.message != case.message:
        return ["expected %r" % (case.message or "loads"),
                "dockerd  %r" % (outcome.message or "loads")]
    lines = []
    for path, claims in case.tree.items():
        record = outcome.trees[0].get(path)
        if record is None:
            lines.append("dockerd made no %r, only %r" % (path, sorted(outcome.trees[0])))
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
    with engine.Engine() as running:
        real = judge.Dockerd(running, trees=True)
        ours = None if alone else judge.Program(path, running.work, trees=trees)

        def check(case):
            outcome = real.outcome(case.image)
            lines = _claims(case, outcome)
            if ours is not None:
                lines += judge.differences(outcome, ours.outcome(case.image), namespace_only)
            if lines:
                print("\n  ".join(["FAIL " + case.name] + lines) + "\n", end="")
            return bool(lines)

        failed = sum(compare.each(chosen, JOBS, check))
    print("%d cases, %d failed" % (len(chosen), failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
