#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares userns-repro with a real dockerd on random layers.

For each seed both are asked whether the layer loads, and with which words not.
A layer on which they differ is shrunk to the entries that matter and printed.
--survey asks dockerd alone and counts its answers: how good the mix of layers is.
"""

import collections
import re
import sys
import threading
import time

import comparison
import engine
import judge
import layers
import lower_layers
import random_layers


def _alike(one, other):
    """Is it the same disagreement?  Of trees any will do: names and numbers go with the items."""
    def words(lines):
        return [line for line in lines if not line.startswith(judge.TREE)]

    return bool(other) and words(one) == words(other)


class Comparison:
    """Both askers and what they disagreed on; compare() may run in several threads."""

    def __init__(self, real, ours, namespace_only=False, with_lower=False):
        self._with_lower = with_lower
        self._real = real
        self._ours = ours
        self._namespace_only = namespace_only
        self._printing = threading.Lock()

    def ask(self, layer, below):
        """The differences for one layer over another, if there is one."""
        image = layers.Image([layer] if below is None else [below, layer])
        return judge.differences(self._real.outcome(image), self._ours.outcome(image),
                                 self._namespace_only, any_attribute=True)

    def compare(self, seed):
        """True if both agree on the layer of @seed; otherwise it is shown, shrunk."""
        # vfs sees what lies below, so it gets something.
        below = lower_layers.layer(seed) if self._with_lower else None
        layer = random_layers.layer(seed)
        first = self.ask(layer, below)
        if not first:
            return True
        small = judge.shrink(layer, lambda smaller: _alike(first, self.ask(smaller, below)))
        if below is not None:
            below = judge.shrink(below, lambda smaller: _alike(first, self.ask(small, smaller)))
        lines = self.ask(small, below)
        with self._printing:
            print("%s, shrunk from %d to %d items" % (layer.name, len(layer.items),
                                                      len(small.items)))
            print(small.describe())
            if below is not None:
                print("  over\n" + below.describe())
            for line in lines or ["(not every time) " + line for line in first]:
                print("  " + line)
            sys.stdout.flush()
        return False


def run(seeds, path, driver="overlay2", jobs=2, trees=False, namespace_only=False, way="load",
        root=None):
    """Compares on the layers of @seeds; the number of those that differ."""
    started = time.monotonic()
    with engine.Engine(driver, root=root) as running, judge.registry_for(way, running) as source:
        rules = judge.engine_of(running)
        print("dockerd %s against --engine %s" % (running.version(), rules))
        ours = judge.Program(path, running.work, driver, trees, way, rules)
        both = Comparison(judge.Dockerd(running, trees, source), ours, namespace_only,
                          with_lower=driver == "vfs")
        differ = sum(not agreed for agreed in comparison.each(seeds, jobs, both.compare))
        kept = running.kept()
        if kept:
            print("dockerd kept of images that failed or are removed: %s" % ", ".join(kept))
            differ += 1
    print("%d compared, %d differ (seeds %d to %d, %s, %s, %.1f layers/s)"
          % (len(seeds), differ, seeds[0], seeds[-1], driver, way,
             len(seeds) / (time.monotonic() - started)))
    return differ


def survey(seeds, driver, jobs, root=None):
    """Prints how often dockerd gives which answer."""
    counts = collections.Counter()
    with engine.Engine(driver, root=root) as running:
        real = judge.Dockerd(running)

        def ask(seed):
            return seed, real.outcome(layers.Image([random_layers.layer(seed)]))

        examples = {}
        for seed, outcome in comparison.each(seeds, jobs, ask):
            kind = "loads" if outcome.ok else re.sub(r"(/[^:\s]*)", "/...", outcome.message)
            counts[kind] += 1
            examples.setdefault(kind, seed)
    comparison.print_survey(counts, examples, "seed ")


def main():
    """The command line."""
    parser = comparison.parser(__doc__, 200)
    parser.add_argument("--way", choices=("load", "pull"), default="load",
                        help="docker load, or docker pull from a registry of its own")
    parser.add_argument("--trees", action="store_true", help="compare the trees as well")
    parser.add_argument("--namespace-only", action="store_true",
                        help="in trees, leave out what needs host privilege")
    options = comparison.parse(parser)
    judge.require_way(options.way)
    if options.survey:
        survey(options.seeds, options.driver, options.jobs, options.engine_root)
        return 0
    differ = run(options.seeds, judge.program_path(options.program), options.driver,
                 options.jobs, options.trees, options.namespace_only, options.way,
                 options.engine_root)
    return 1 if differ else 0


if __name__ == "__main__":
    comparison.end(main)
