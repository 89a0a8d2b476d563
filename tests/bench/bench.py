#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures userns-repro beside docker, podman, umoci, bsdtar and GNU tar; README.md has what and how.

    bench.py [--runs N] [--inputs DIR] [--only NAME[,NAME...]] [--quick] [--doc [FILE]]

Prints tables; with --doc it also renews docs/performance.md and its plot. It never fails because
something is slow.
"""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
# A daemon lies in /usr/sbin, which is not on everybody's path.
os.environ["PATH"] += ":/usr/local/sbin:/usr/sbin:/sbin"

import inputs  # noqa: E402 (the path above comes first)
import machine  # noqa: E402
import measure  # noqa: E402
import place  # noqa: E402
import report  # noqa: E402
import tools  # noqa: E402

DOCUMENT = os.path.join(tools.unrtest.SOURCE_DIR, "docs", "performance.md")
ENTRIES, LAYERS = (1000, 10000, 100000, 1000000), (1, 10, 30, 60, 120)
LAYERED_ENTRIES = 60000
# Who leaves a tree is not asked for more: to make and to remove it takes minutes.
TREE_ENTRIES = 100000
QUICK_ENTRIES, QUICK_LAYERS, QUICK_LAYERED = (100, 300), (1, 3), 600
# On the parts of the real image alone; and on the synthetic ones.
PART_TOOLS = ("run", "run --rootfs", "docker load", "tar -x")
OUR_TOOLS = ("run", "run --rootfs")
SERIES_TOOLS = OUR_TOOLS + ("tar -x",)
SCENARIO = "high-uid-file"
SCENARIO_RUNS = 20
# A run that takes longer than this is not repeated in a series.
LONG_SECONDS = 10


def say(text):
    """A line about what goes on."""
    os.write(2, ("bench: " + text + "\n").encode())


class Stopped(Exception):
    """Somebody has had enough: what was measured so far is reported."""


def _stop(*_):
    raise Stopped()


class Cell:
    """One tool on one form of one image, and what was found."""

    def __init__(self, table, tool, image, form):
        self.tool, self.image, self.form = tool, image, form
        self.result = {"table": table, "tool": tool.name, "image": image.name, "form": form,
                       "entries": image.entries, "layers": len(image.layers), "size": image.size,
                       "failing": image.failing, "wall": [], "cpu": []}

    def is_done(self):
        """Was it refused, or is one run of it enough?"""
        walls = self.result["wall"]
        return "refused" in self.result or (
            self.is_series() and walls and walls[0] > LONG_SECONDS)

    def is_series(self):
        """Is it a point of a series?"""
        return self.result["table"] in ("entries", "layers")


class Bench:
    """One run of everything, on one place."""

    def __init__(self, where, counter):
        self._place, self._counter = where, counter

    def _once(self, cell, take):
        """Brings about the same state each time, and calls take(command) in it."""
        work = self._place.fresh()
        try:
            command = cell.tool.command(cell.image, cell.form, work)
            _warm(cell)
            # Nobody pays for writing back what another has written.
            os.sync()
            return take(command)
        except measure.Refused as why:
            cell.result["refused"] = str(why)[:200]
            say("%s on %s %s: %s" % (cell.tool.name, cell.image.name, cell.form, why))
            return None
        finally:
            cell.tool.undo(cell.image, cell.form)
            self._place.clear()

    def time(self, cell):
        """One timed run."""
        taken = self._once(cell, lambda command: measure.timed(
            command, cell.tool.good, cell.tool.daemon()))
        if taken:
            cell.result["wall"].append(taken.wall)
            cell.result["cpu"].append(taken.cpu)

    def inspect(self, cell):
        """One run for memory and system calls."""
        cell.result.update(self._once(cell, lambda command: measure.inspected(
            self._counter, command, cell.tool.good, cell.tool.daemon(), cell.tool.group)) or {})

    def measure(self, cells, runs):
        """All of them in turn, again and again, so that what disturbs one disturbs its neighbours."""
        for turn in range(runs):
            for cell in cells:
                if not cell.is_done():
                    self.time(cell)
                    say("%(tool)s, %(image)s, %(form)s: %(wall)s" % cell.result)
            say("run %d of %d done" % (turn + 1, runs))
        for cell in cells:
            if "refused" not in cell.result and not (
                    cell.is_series() and cell.tool.name not in OUR_TOOLS):
                self.inspect(cell)


def _warm(cell):
    """Has what is read in the page cache."""
    paths = {"archive": [cell.image.archive()] + cell.image.layers}.get(cell.form)
    for path in paths or cell.image.blobs(cell.form):
        for _ in inputs.images.blocks(path):
            pass


def _time_scenario(runs):
    command = [tools.unrtest.PROGRAM, "scenario", "run", SCENARIO]
    return [measure.timed(command).wall for _ in range(runs)]


def _cells(table, chosen, pictures, forms=tools.FORMS):
    return [Cell(table, tool, image, form) for image in pictures for tool in chosen
            for form in forms if form in tool.forms and (form == "archive"
                                                        or form in image.layouts)]


def _named(chosen, names):
    return [tool for tool in chosen if tool.name in names]


def _real_images(stock, quick, layouts):
    """The image that all tools are asked about, and its parts."""
    if quick:
        return stock.made(QUICK_LAYERED, 2, layouts=layouts), [stock.made(QUICK_ENTRIES[0], 1)]
    parts = [stock.real(name, [name], ()) for name in ("debian", "node")]
    return stock.real("app", ["debian", "node"], layouts), parts


def _plan(stock, chosen, quick, layouts):
    """The groups of cells that are measured in turn."""
    whole, parts = _real_images(stock, quick, layouts)
    yield _cells("whole", chosen, [whole])
    yield _cells("parts", _named(chosen, PART_TOOLS), parts, ("archive",))
    for name, points in (("entries", [(n, 1) for n in (QUICK_ENTRIES if quick else ENTRIES)]),
                         ("layers", [(QUICK_LAYERED if quick else LAYERED_ENTRIES, n)
                                     for n in (QUICK_LAYERS if quick else LAYERS)])):
        for failing, users in ((False, SERIES_TOOLS), (True, ("run",))):
            pictures = [stock.made(entries, layers, failing) for entries, layers in points]
            cells = _cells(name, _named(chosen, users), pictures, ("archive",))
            yield [cell for cell in cells
                   if cell.tool.name == "run" or cell.image.entries <= TREE_ENTRIES]


def _start(tool, where, stack):
    """Starts what a tool needs; the reason why it cannot be, or None."""
    try:
        tool.start(where, stack)
    except (tools.engine.EngineError, RuntimeError, OSError) as why:
        return str(why).replace("\n", " ")[:200]
    return None


def _choose(only, where, stack):
    """The tools that can be run here, started; and why the others are left out."""
    chosen, left_out = [], {}
    for tool in tools.all_tools():
        reason = "not asked for" if only and tool.name not in only else tool.why_not()
        if reason is None:
            reason = _start(tool, where, stack)
        if reason is None:
            chosen.append(tool)
        else:
            left_out[tool.name] = reason
    for name, reason in left_out.items():
        say("left out: %s: %s" % (name, reason))
    return chosen, left_out


def _check_program():
    """Ends here where the program itself cannot do its work."""
    if not os.access(tools.unrtest.PROGRAM, os.X_OK):
        sys.exit("bench: there is no program %s: ./bootstrap run builds it; or "
                 "name another one by USERNS_REPRO" % tools.unrtest.PROGRAM)
    done = subprocess.run([tools.unrtest.PROGRAM, "scenario", "run", SCENARIO], check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True)
    if done.returncode == tools.unrtest.SKIPPED:
        tools.unrtest.skip(done.stderr.strip())
    if done.returncode != 0:
        sys.exit("bench: %s: exit %d" % (" ".join(done.args), done.returncode))


def _run(arguments):
    stock = inputs.Inputs(arguments.inputs, say)
    counter = measure.Counter()
    layouts = ("gzip", "zstd") if inputs.shutil.which("zstd") else ("gzip",)
    with contextlib.ExitStack() as stack:
        where = stack.enter_context(place.Place(arguments.inputs))
        os.environ["TMPDIR"] = where.path
        chosen, left_out = _choose(arguments.only, where, stack)
        if "zstd" not in layouts:
            left_out["zstd images"] = "no zstd on PATH"
        groups = list(_plan(stock, chosen, arguments.quick, layouts))
        bench = Bench(where, counter)
        try:
            for cells in groups:
                if cells:
                    say("%s: %d cells" % (cells[0].result["table"], len(cells)))
                    bench.measure(cells, arguments.runs)
        except Stopped:
            left_out["the rest"] = "the measuring was ended by a signal"
        return {"cells": [cell.result for cells in groups for cell in cells
                          if cell.result["wall"] or "refused" in cell.result],
                "scenario": _time_scenario(2 if arguments.quick else SCENARIO_RUNS),
                "left_out": left_out, "runs": arguments.runs, "counter": counter.tool,
                "machine": machine.describe(where, arguments.inputs),
                "versions": {tool.name: tool.version() for tool in chosen}}


def _default_inputs():
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(cache, "userns-repro-bench")


def _arguments():
    parser = argparse.ArgumentParser(
        description="measure userns-repro beside docker, podman, umoci, bsdtar and GNU tar")
    parser.add_argument("--inputs", metavar="DIR", default=_default_inputs(),
                        help="keep the images that are measured here; default: %(default)s")
    parser.add_argument("--runs", type=int, help="timed runs of each; default: 3, quick: 1")
    parser.add_argument("--only", type=lambda text: text.split(","), metavar="NAME[,NAME...]",
                        help="only these tools, as the tables name them")
    parser.add_argument("--quick", action="store_true",
                        help="small synthetic images only: to try this program, not to know")
    parser.add_argument("--doc", nargs="?", const=DOCUMENT, metavar="FILE",
                        help="renew FILE and the plot beside it; default: docs/performance.md")
    parser.add_argument("--json", metavar="FILE", help="write what was found to FILE")
    arguments = parser.parse_args()
    if arguments.doc == DOCUMENT and (arguments.quick or arguments.only):
        parser.error("--doc without FILE is for all of it, not for --quick or --only")
    unknown = set(arguments.only or ()) - {tool.name for tool in tools.all_tools()}
    if unknown:
        parser.error("no tool is called %s" % ", ".join(sorted(unknown)))
    arguments.runs = arguments.runs or (1 if arguments.quick else 3)
    return arguments


def main():
    arguments = _arguments()
    place.enter_namespace()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    _check_program()
    try:
        found = _run(arguments)
    except inputs.InputError as why:
        sys.exit("bench: %s" % why)
    except Stopped:
        sys.exit("bench: ended by a signal before anything was measured")
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump(found, file, indent=1)
    print(report.as_text(found))
    if arguments.doc:
        report.renew(arguments.doc, found)


if __name__ == "__main__":
    main()
