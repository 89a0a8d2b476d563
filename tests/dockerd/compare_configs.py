#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares userns-repro with a real dockerd on random image configs.

For each seed both are asked whether the image loads, and with which words not; what they differ
on is printed.  --survey asks dockerd alone and counts its answers: how good the mix is.
"""

import collections
import re
import time

import comparison
import engine
import judge
import random_configs
from layers import Image, entry, layer


def image(seed):
    """An image of one layer, of which every fifth does not extract."""
    made = layer(entry(b"f", content=b"1", uid=70000 if seed % 5 == 0 else 0))
    return Image([made], edit=random_configs.edit(seed))


def run(seeds, path, driver="overlay2", jobs=2, way="load", root=None):
    """Compares on the configs of @seeds; the number of those that differ."""
    started = time.monotonic()
    with engine.Engine(driver, root=root) as running, judge.registry_for(way, running) as source:
        rules = judge.engine_of(running)
        print("dockerd %s against --engine %s" % (running.version(), rules))
        real = judge.Dockerd(running, registry=source)
        ours = judge.Program(path, running.work, driver, way=way, rules=rules)

        def agree(seed):
            made = image(seed)
            lines = judge.differences(real.outcome(made), ours.outcome(made))
            if lines:
                print("\n  ".join(["config of seed %d" % seed, repr(made.config_bytes())] + lines),
                      flush=True)
            return not lines

        differ = sum(not agreed for agreed in comparison.each(seeds, jobs, agree))
    print("%d configs compared, %d differ (seeds %d to %d, %s, %s, %.1f a second)"
          % (len(seeds), differ, seeds[0], seeds[-1], driver, way,
             len(seeds) / (time.monotonic() - started)))
    return differ


def survey(seeds, driver, jobs, root=None):
    """Prints how often dockerd gives which answer."""
    counts, examples = collections.Counter(), {}
    with engine.Engine(driver, root=root) as running:
        real = judge.Dockerd(running)
        for seed, outcome in comparison.each(
                seeds, jobs, lambda seed: (seed, real.outcome(image(seed)))):
            kind = re.sub(r"(number|field|time|sha256:) ?\S+", r"\1 ...", outcome.message) or "loads"
            counts[kind] += 1
            examples.setdefault(kind, seed)
    comparison.print_survey(counts, examples, "seed ")


def main():
    """The command line."""
    parser = comparison.parser(__doc__, 300)
    parser.add_argument("--way", choices=("load", "pull"), default="load",
                        help="docker load, or docker pull from a registry of its own")
    options = comparison.parse(parser)
    judge.require_way(options.way)
    if options.survey:
        survey(options.seeds, options.driver, options.jobs, options.engine_root)
        return 0
    differ = run(options.seeds, judge.program_path(options.program), options.driver, options.jobs,
                 options.way, options.engine_root)
    return 1 if differ else 0


if __name__ == "__main__":
    comparison.end(main)
