#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Some random layers and configs through dockerd and userns-repro.

UNR_RANDOM_LAYERS says how many layers are loaded for each driver (default 250), UNR_RANDOM_PULLS how
many more are pulled (default 100), UNR_RANDOM_CONFIGS how many configs are loaded, and pulled (default
100), UNR_RANDOM_SEED where to begin (default 1), UNR_DOCKERD_TREES whether trees are compared (see
README.md).
compare.py and compare_configs.py are the same thing for the hand.
"""

import os
import sys

import compare
import compare_configs
import judge

DRIVERS = ("overlay2", "vfs")


def main():
    """Reads the environment; there is no command line."""
    counts = {"load": int(os.environ.get("UNR_RANDOM_LAYERS", "250")),
              "pull": int(os.environ.get("UNR_RANDOM_PULLS", "100"))}
    first = int(os.environ.get("UNR_RANDOM_SEED", "1"))
    configs = int(os.environ.get("UNR_RANDOM_CONFIGS", "100"))
    if min(configs, *counts.values()) < 1:
        sys.exit("UNR_RANDOM_LAYERS, UNR_RANDOM_PULLS and UNR_RANDOM_CONFIGS must be at least 1")
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
        differ += compare_configs.run(range(first, first + configs), judge.program_path(), way=way)
        first += count
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
