# SPDX-License-Identifier: MIT
"""What the long comparisons with a dockerd share: their command line, and threads.

compare.py and compare_users.py say what is compared; this knows neither layers nor users.
"""

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed

import judge


def each(items, jobs, function):
    """@function of every item, in @jobs threads; what is not begun is dropped on an error."""
    pool = ThreadPoolExecutor(jobs)
    try:
        for future in as_completed([pool.submit(function, item) for item in items]):
            yield future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def parser(description, count):
    """The options that both have; @count is how many are compared where nobody says."""
    options = argparse.ArgumentParser(description=description.splitlines()[0])
    options.add_argument("--driver", choices=("overlay2", "vfs"), default="overlay2")
    options.add_argument("--seed", type=int, default=1, help="the first seed (default 1)")
    options.add_argument("--count", type=int, default=count, help="how many (default %d)" % count)
    options.add_argument("--jobs", type=int, default=2, help="threads (default 2)")
    options.add_argument("--program", metavar="FILE", help="userns-repro (default: of the build)")
    options.add_argument("--engine-root", metavar="DIR",
                         help="the root directory whose dockerd is asked (default: this one)")
    options.add_argument("--survey", action="store_true", help="count dockerd's answers alone")
    return options


def parse(options):
    """The command line; then a dockerd is there, and `seeds` is the range that is asked for."""
    chosen = options.parse_args()
    if chosen.count < 1 or chosen.jobs < 1:
        options.error("--count and --jobs are at least 1")
    chosen.seeds = range(chosen.seed, chosen.seed + chosen.count)
    judge.end_on_sigterm()
    judge.require_dockerd(chosen.engine_root)
    return chosen


def print_survey(counts, examples, what):
    """How often dockerd gives which answer, the commonest first."""
    for kind, count in counts.most_common():
        print("%6d  %s  (%s%s)" % (count, kind, what, examples[kind]))


def end(main):
    """main() as the program's status; Ctrl-C needs no traceback."""
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
