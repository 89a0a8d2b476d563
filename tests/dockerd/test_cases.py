#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the cases of cases.py through dockerd and userns-repro.

dockerd must answer as the case says, and userns-repro as dockerd does.  Of other
versions than the one of the tables the second alone is asked, of both drivers for
every case.

    test_cases.py [--dockerd-only] [--engine-root DIR] [WORDS]

WORDS: only cases whose name contains them.  DIR: the root directory whose dockerd
is asked; userns-repro follows its version.
"""

import argparse
import collections
import itertools
import sys
import threading

import cases
import comparison
import engine
import judge

JOBS = 2
# Whose answers the tables have.
RULES = "docker-20.10"
# Engines that are not followed in a case: see the known limits in docs/dockerd-extraction.md.
NOT_FOLLOWED = {"path of more than 4096 bytes": ("docker-29.7",)}
# Of these dockerd 26.1 forgets a layer that it has extracted: nothing is extracted twice after them.
LAST = ("platform: windows", "platform: Windows", "platform: plan9")
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


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dockerd-only", action="store_true",
                        help="compare dockerd with the tables alone")
    parser.add_argument("--engine-root", metavar="DIR",
                        help="the root directory whose dockerd is asked (default: this one)")
    parser.add_argument("words", nargs="*", help="only cases whose name contains these")
    return parser.parse_args()


def main():
    """The command line."""
    options = _arguments()
    chosen = [case for case in cases.every() if " ".join(options.words) in case.name]
    if not chosen:
        sys.exit("no case of that name")
    judge.end_on_sigterm()
    judge.require_dockerd(options.engine_root)
    failed = 0
    for driver, way in itertools.product(TREES, WAYS):
        mine = [case for case in chosen if case.way == way]
        if mine:
            judge.require_way(way)
            failed += _check_all(mine, driver, way, options)
    return 1 if failed else 0


def _of_driver(chosen, driver, rules):
    """The cases for one driver; of other versions every image is asked of both, once."""
    if rules == RULES:
        return [case for case in chosen if case.driver == driver]
    return list({id(case.image): case for case in chosen}.values())


def _ends_early(case):
    """Does a pull end while a layer is on its way, for what the config says?"""
    refused = case.way == "pull" and ": config: " in case.name and case.message
    return refused or case.name.endswith(LAST)


def _check_all(chosen, driver, way, options):
    """The number of cases that fail."""
    trees, namespace_only = judge.wanted_trees()
    with engine.Engine(driver, root=options.engine_root) as running, \
            judge.registry_for(way, running) as source:
        rules = judge.engine_of(running)
        chosen = _of_driver(chosen, driver, rules)
        real = judge.Dockerd(running, True, source)
        ours = None if options.dockerd_only else judge.Program(
            judge.program_path(), running.work, driver, trees, way, rules)

        # dockerd does not extract a layer that it has from another image just then.
        locks = collections.defaultdict(threading.Lock)

        def check(case):
            with locks[tuple(each.diff_id() for each in case.image.layers[:1])]:
                outcome = real.outcome(case.image)
            lines = _claims(case, outcome) if rules == RULES else []
            if ours is not None and rules not in NOT_FOLLOWED.get(case.name, ()):
                lines += judge.differences(outcome, ours.outcome(case.image), namespace_only)
            if lines:
                print("\n  ".join(["FAIL " + case.name] + lines) + "\n", end="")
            return bool(lines)

        last = [case for case in chosen if _ends_early(case)]
        failed = sum(comparison.each([case for case in chosen if case not in last], JOBS, check))
        kept = running.kept()
        failed += sum(comparison.each(last, JOBS, check))
        print("dockerd %s (%s, %s, --engine %s): %d cases, %d failed"
              % (running.version(), driver, way, rules, len(chosen), failed))
        if kept:
            print("FAIL dockerd kept of images that failed or are removed:\n  %s"
                  % "\n  ".join(kept))
        return failed + bool(kept)


if __name__ == "__main__":
    sys.exit(main())
