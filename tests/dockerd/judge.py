# SPDX-License-Identifier: MIT
"""Asks dockerd and userns-repro the same question and names the differences.

Two askers with one method: outcome(image) says whether it loads, with which
words if not, and which trees it leaves.  What is not the same on purpose (the
time in a log line, "now") is made equal here and nowhere else.
"""

import contextlib
import json
import os
import re
import signal
import struct
import subprocess
import sys
import tempfile
import time
from typing import List, NamedTuple, Optional

import engine
import registry

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import daemons  # noqa: E402 (the path above comes first)
import unrtest  # noqa: E402

PROGRAM_SECONDS = 60
# Whose rules a daemon has, by the beginning of its version; the first that fits.
# Debian builds its 28.5 with the extraction code of 29.7 (go-archive 0.3.3).
ENGINES = (
    (r"20\.10\.(\d|1[0-3])\b", "docker-20.10.9"), (r"20\.10\.", "docker-20.10"),
    (r"23\.0\.", "docker-23.0"), (r"24\.0\.", "docker-24.0"), (r"2[567]\.", "docker-25.0"),
    (r"28\.5\.2\+dfsg", "docker-29.7"), (r"28\.[1-5]\.|29\.[0-6]\.", "docker-28.1"),
    (r"29\.", "docker-29.7"),
)
# What a file system's clock may be behind: a tick, and as much again.
TICK_NS = 20000000
# userns-repro's exit status for an image that cannot be read.
FAILED = 3
# What the image is called that it is given.
IMAGE = "image"
# How a line about a tree begins.
TREE = "tree "

_LOG_TIME = re.compile(r'time="[^"]*"')
_ATTRIBUTE = re.compile(r'^lsetxattr (/.*: xattr ".*?"(?=: )|[^/].*? (?=/))')


class Outcome(NamedTuple):
    """An answer to: does it load?

    @trees: of the layers from the bottom, only if asked for and loaded.
    @fault: what is wrong with the way it was answered.
    """

    ok: bool
    message: str
    trees: Optional[List[dict]] = None
    fault: str = ""


def _message(text):
    """Log lines inside a message carry the time of day."""
    return _LOG_TIME.sub('time="..."', text)


def engine_of(running):
    """The --engine whose rules the daemon has; ends the program where there is none."""
    version = running.version()
    for beginning, name in ENGINES:
        if re.match(beginning, version):
            return name
    return unrtest.skip("dockerd is %s, whose rules are not known" % version)


class Dockerd:
    """The real one."""

    name = "dockerd"

    def __init__(self, running, trees=False, registry=None):
        engine_of(running)
        self._engine = running
        self._trees = trees
        self._registry = registry
        # Of images that are asked for side by side a layer may be an older one's.
        self._started = time.time_ns()

    def _answer(self, image):
        if self._registry is None:
            return self._engine.load(image.archive())
        with self._registry.published(image) as reference:
            return self._engine.pull(reference)

    def outcome(self, image):
        """Loads or pulls @image, looks at it, removes it."""
        answer = self._answer(image)
        if answer.exit != 0:
            # One that has got no name is there all the same.
            if image.tag is not None:
                self._engine.remove(image.id())
            return Outcome(False, _message(answer.message))
        try:
            trees = _timeless(self._engine.tree(image.id()), self._started) if self._trees else None
        finally:
            self._engine.remove(image.id())
        return Outcome(True, "", trees)


class Program:
    """userns-repro; @directory: where archives and trees may be put."""

    name = "userns-repro"

    def __init__(self, path, directory, driver="overlay2", trees=False, way="load",
                 rules="docker-20.10"):
        self._path = path
        self._rules = rules
        self._directory = directory
        self._driver = driver
        self._trees = trees
        self._way = way

    def outcome(self, image):
        """Runs the program on @image."""
        work = tempfile.mkdtemp(dir=self._directory)
        try:
            # The root of a namespace is a stranger on the host.
            os.chmod(work, 0o711)
            source = os.path.join(work, IMAGE)
            if self._way == "pull":
                registry.Manifest(image).write_layout(source)
                return self.outcome_of("oci:" + source, work)
            with open(source, "wb") as file:
                file.write(image.archive())
            return self.outcome_of("docker-archive:" + source, work)
        finally:
            daemons.remove_tree(work)

    def outcome_of(self, source, work):
        """Runs the program on an image named as on its command line."""
        kept = os.path.join(work, "trees")
        started = time.time_ns()
        # Where it could leave something behind.
        folders = [os.path.join(work, name) for name in ("current", "temporary")]
        for folder in folders:
            os.mkdir(folder)
        command = [self._path, "run", "--format", "json", "--as", self._way, "--progress", "none",
                   "--driver", self._driver, "--engine", self._rules]
        command += ["--rootfs", kept] if self._trees else []
        try:
            done = subprocess.run(command + [source], stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  timeout=PROGRAM_SECONDS, cwd=folders[0],
                                  env=dict(os.environ, TMPDIR=folders[1]))
        except subprocess.TimeoutExpired:
            return Outcome(False, "(no answer in %d s)" % PROGRAM_SECONDS)
        left = [name for folder in folders for name in os.listdir(folder)]
        if left:
            return Outcome(False, "(left behind: %r)" % left)
        if done.returncode == FAILED:
            # No image by its own account: the engine's words stand behind the file's name.
            words = done.stderr.decode(errors="surrogateescape").rstrip("\n")
            return Outcome(False, words.split("%s/%s: " % (work, IMAGE), 1)[-1])
        try:
            return self._read(done, kept, started)
        except (ValueError, KeyError, TypeError) as error:
            words = done.stderr.decode(errors="replace").strip()
            return Outcome(False, "(no report: exit status %d, %r; standard error: %s)"
                           % (done.returncode, error, words))

    def _read(self, done, kept, started):
        verdict = json.loads(done.stdout.decode(errors="surrogateescape"))["verdict"]
        # What fails only when it is started has been loaded.
        loads = verdict["ok"] or verdict["stage"] == "runtime"
        trees = None
        if loads and self._trees:
            trees = _timeless([engine.walk(directory) for directory in self._directories(kept)],
                              started)
        fault = ""
        if done.returncode != (0 if verdict["ok"] else 1):
            fault = "exit status %d with ok: %s" % (done.returncode, verdict["ok"])
        return Outcome(loads, "" if loads else _message(verdict["message"]), trees, fault)

    def _directories(self, kept):
        if self._driver == "vfs":
            # An image without layers has no tree.
            return [path for path in (os.path.join(kept, "rootfs"),) if os.path.exists(path)]
        return [os.path.join(kept, name) for name in sorted(os.listdir(kept), key=int)]


# -- differences -------------------------------------------------------------

def _any_attribute(text):
    """Of several attributes that fail, dockerd names the first of a random order."""
    return _ATTRIBUTE.sub("lsetxattr ... ", text)


def differences(real, ours, namespace_only=False, any_attribute=False):
    """Lines that say where two outcomes differ; none when they agree.

    @namespace_only: leave out what needs host privilege (see _within_reach).
    @any_attribute: where an attribute fails, another of the same entry may be named.
    """
    lines = []
    alike = _any_attribute if any_attribute else str
    if real.ok != ours.ok or alike(real.message) != alike(ours.message):
        lines += ["%-12s %s" % (who, "loads" if outcome.ok else outcome.message)
                  for who, outcome in (("dockerd", real), ("userns-repro", ours))]
    lines += [outcome.fault for outcome in (real, ours) if outcome.fault]
    if real.trees is not None and ours.trees is not None:
        lines += _tree_differences(real.trees, ours.trees, namespace_only)
    return lines


# Reading a tree changes the atime of what is read, so it is no evidence.
_COMPARED = ("type", "mode", "uid", "gid", "size", "nlink", "mtime_ns", "rdev", "same_as",
             "target", "sha256", "xattrs")


def _tree_differences(real, ours, namespace_only):
    if len(real) != len(ours):
        return [TREE + "count: %d with dockerd, %d with userns-repro" % (len(real), len(ours))]
    lines = []
    for index, (one, other) in enumerate(zip(real, ours)):
        if namespace_only:
            one, other = _within_reach(one), _within_reach(other)
        for path in sorted(set(one) | set(other)):
            if path not in one or path not in other:
                lines.append(TREE + "%d: %r only with %s"
                             % (index, path, "dockerd" if path in one else "userns-repro"))
                continue
            lines += [TREE + "%d: %r: %s is %s with dockerd, %s with userns-repro"
                      % (index, path, key, _shown(key, one[path][key]),
                         _shown(key, other[path][key]))
                      for key in _COMPARED if one[path][key] != other[path][key]]
    return lines


def _shown(key, value):
    return "0%o" % value if key == "mode" else repr(value)


def _timeless(trees, started):
    """@trees with "now" for every time that passed since @started: no entry has it."""
    ended = time.time_ns()
    for tree in trees:
        for record in tree.values():
            if started - TICK_NS <= record["mtime_ns"] <= ended:
                record["mtime_ns"] = "now"
    return trees


def _within_reach(tree):
    """@tree without what only the host's root can make.

    Device nodes but whiteouts, trusted.* attributes; a file capability loses the owner
    of the namespace that the kernel adds to it.
    """
    kept = {}
    for path, record in tree.items():
        if record["type"] in ("char", "block") and record["rdev"] != (0, 0):
            continue
        xattrs = {}
        for key, value in record["xattrs"].items():
            if key.startswith("trusted.") or key == "user.overlay.opaque":
                continue
            if key == "security.capability" and len(value) == 24:
                magic = struct.unpack("<I", value[:4])[0]
                value = struct.pack("<I", (magic & 0xffffff) | 0x02000000) + value[4:20]
            xattrs[key] = value
        kept[path] = dict(record, xattrs=xattrs)
    return kept


# -- shrinking ----------------------------------------------------------------

def shrink(layer, differs):
    """A layer with as few items as possible for which @differs is still true."""
    plain = layer.__class__(layer.items, name=layer.name)
    if layer.wrapping != "plain" and differs(plain):
        layer = plain
    items, step = list(layer.items), max(len(layer.items) // 2, 1)
    while True:
        at, smaller = 0, False
        while at < len(items):
            candidate = items[:at] + items[at + step:]
            if differs(layer.with_items(candidate)):
                items, smaller = candidate, True
            else:
                at += step
        if step > 1:
            step //= 2
        elif not smaller:
            return layer.with_items(items)


# -- what the programs here share ----------------------------------------------

def program_path(given=None):
    """userns-repro, as given or as all tests find it."""
    path = os.path.abspath(given or unrtest.PROGRAM)
    if not os.access(path, os.X_OK):
        sys.exit("no program at %s: build it or set USERNS_REPRO" % path)
    return path


def require_dockerd(root=None):
    """Ends the program where dockerd cannot run."""
    reason = engine.why_not(root)
    if reason is not None:
        unrtest.skip(reason)


def require_way(way):
    """Ends the program where images cannot be given to dockerd in this way."""
    reason = registry.why_not() if way == "pull" else None
    if reason is not None:
        unrtest.skip(reason)


def registry_for(way, running):
    """A registry for the daemon @running, or nothing where images are loaded."""
    return registry.Registry(running.work) if way == "pull" else contextlib.nullcontext()


def wanted_trees():
    """$UNR_DOCKERD_TREES as (compare trees?, only what a namespace can make?)."""
    value = os.environ.get("UNR_DOCKERD_TREES", "all")
    if value not in ("none", "all", "namespace-only"):
        sys.exit("UNR_DOCKERD_TREES is all, namespace-only or none")
    return value != "none", value == "namespace-only"


def end_on_sigterm():
    """Makes SIGTERM run the clean-up that Ctrl-C runs."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
