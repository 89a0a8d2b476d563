#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whom a container starts as: a case for each rule, and some random ones.

UNR_RANDOM_USERS says how many of those (default 100), UNR_RANDOM_SEED where to begin (default 1).
compare_users.py is the same thing for the hand.

    test_users.py [--dockerd-only] [WORDS]    only the cases whose name has these words
"""

import os
import sys

import compare_users
import comparison
import engine
import judge
import random_users
import user_cases
import users


def _wrong(case, expected, real, ours, is_reference):
    """Lines that say what is wrong with one case."""
    outcome = real.outcome(case)
    wanted = (users.Outcome(expected, None) if isinstance(expected, str) else
              users.Outcome("", expected))
    lines = []
    # The table is 20.10.24's.
    if is_reference and outcome != wanted:
        lines.append("the table has %r, dockerd says %r" % (tuple(wanted), tuple(outcome)))
    return lines + (users.differences(outcome, ours.outcome(case)) if ours else [])


def run_cases(path, words, root=None):
    """All cases of the table; how many differ."""
    chosen = [pair for pair in user_cases.cases() if words in pair[0].name]
    with engine.Engine(root=root) as running:
        rules = judge.engine_of(running)
        command = users.command_layer(running.work)
        real = users.Dockerd(running, command)
        ours = path and users.Program(path, running.work, command, rules=rules)

        def agree(pair):
            lines = _wrong(*pair, real, ours, rules == "docker-20.10")
            if lines:
                print("\n  ".join(["FAIL " + pair[0].name] + lines), flush=True)
            return not lines

        differ = sum(not agreed for agreed in comparison.each(chosen, 2, agree))
    print("%d cases, %d differ" % (len(chosen), differ))
    return differ if chosen else 1


def main():
    """The command line and the environment."""
    arguments = sys.argv[1:]
    alone = "--dockerd-only" in arguments
    words = " ".join(word for word in arguments if word != "--dockerd-only")
    judge.end_on_sigterm()
    judge.require_dockerd()
    compare_users.require()
    path = None if alone else judge.program_path()
    differ = run_cases(path, words)
    if not arguments:
        first = int(os.environ.get("UNR_RANDOM_SEED", "1"))
        count = int(os.environ.get("UNR_RANDOM_USERS", "100"))
        if count < 1:
            sys.exit("UNR_RANDOM_USERS must be at least 1")
        differ += compare_users.run([random_users.case(seed)
                                     for seed in range(first, first + count)], path)
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
