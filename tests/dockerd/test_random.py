#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Some random layers through dockerd and userns-repro.

UNR_RANDOM_LAYERS says how many are loaded for each driver (default 250), UNR_RANDOM_PULLS how many
more are pulled (default 100), UNR_RANDOM_SEED where to begin (default 1), UNR_DOCKERD_TREES whether
trees are compared (see README.md).
compare.py is the same thing for the hand.
"""

import os
import sys

import compare
import judge

DRIVERS = ("overlay2", "vfs")


def main():
    """Reads the environment; there is no command line."""
    counts = {"load": int(os.environ.get("UNR_RANDOM_LAYERS", "250")),
              "pull": int(os.environ.get("UNR_RANDOM_PULLS", "100"))}
    first = int(os.environ.get("UNR_RANDOM_SEED", "1"))
    if min(counts.values()) < 1:
        sys.exit("UNR_RANDOM_LAYERS and UNR_RANDOM_PULLS must be at least 1")
    judge.end_on_sigterm()
    judge.require_dockerd()
    trees, namespace_only = judge.wanted_trees()
    differ = 0
    for way, count in counts.items():
        judge.require_way(way)
        seeds = range(first, first + count)
        differ += sum(compare.run(seeds, judge.program_path(), driver, trees=trees,
                                  namespace_only=namespace_only, way=way)
                      for driver in DRIVERS)
        first += count
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
