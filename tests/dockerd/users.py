# SPDX-License-Identifier: MIT
"""Asks dockerd and userns-repro whom a container would run as.

Two askers with one method: outcome(case) is the message with which the start is
refused, or else the ids of the process that was started.  dockerd really runs
ids.c in the image; what is not the same on purpose (where the container's tree
lies, runc's line numbers) is made equal here and nowhere else.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from typing import List, NamedTuple, Optional, Tuple

import engine
import judge
import layers
from layers import entry

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import daemons  # noqa: E402 (the path above comes first)

COMMAND = "/ids"
PROGRAM_SECONDS = 60
# Where a container's tree is: in dockerd's directory, and as userns-repro writes it.
_ROOT = re.compile(r"/\S*?/(overlay2/[0-9a-f]{64}/merged|vfs/dir/[0-9a-f]{64}|"
                   r"overlay2/N/merged|vfs/dir/N)(?=[/:]|$)")
_LINE = re.compile(r"container_linux\.go:\d+")


class Outcome(NamedTuple):
    """@message: why it does not start; @ids: uid, gid and sorted groups where it does."""

    message: str
    ids: Optional[Tuple[int, int, Tuple[int, ...]]]


@dataclass(frozen=True)
class Case:
    """An image, and how it is run."""

    name: str
    layers: List[layers.Layer]  # without the command, which lies in a layer of its own below
    user: str = ""              # of the config
    override: Optional[str] = None
    groups: Tuple[str, ...] = ()
    kept: bool = False          # let the program keep the tree: then it has all contents
    config: dict = field(default_factory=dict)

    def describe(self):
        """The case as a person wants to see it."""
        lines = ["USER %r, --user %r, --group-add %r%s" % (
            self.user, self.override, self.groups, ", --rootfs" if self.kept else "")]
        for index, layer in enumerate(self.layers):
            lines += ["layer %d" % index, layer.describe()]
        return "\n".join(lines)


def why_not():
    """What is missing for the command of the images, or None."""
    return None if shutil.which("cc") else "no cc on PATH to compile ids.c with"


def command_layer(work):
    """The lowest layer of each image: the command."""
    program = os.path.join(work, "ids")
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "ids.c")
    subprocess.run(["cc", "-O1", "-static", "-o", program, source], check=True)
    with open(program, "rb") as file:
        return layers.layer(entry(COMMAND[1:].encode(), content=file.read(), mode=0o755))


def image_of(case, command):
    """The docker image of a case."""
    return layers.Image([command] + case.layers,
                        config=dict({"User": case.user, "Cmd": [COMMAND]}, **case.config))


def alike(message):
    """A message without what differs on purpose."""
    return _LINE.sub("container_linux.go:N", _ROOT.sub("ROOT", message))


class Dockerd:
    """The real one: loads the image, runs it, removes both."""

    def __init__(self, running, command):
        self._engine = running
        self._command = command

    def outcome(self, case):
        """What `docker run` comes to."""
        image = image_of(case, self._command)
        answer = self._engine.load(image.archive())
        if answer.exit != 0:
            raise engine.EngineError("%s does not load: %s" % (case.name, answer.message))
        try:
            answer = self._engine.run(image.id(), case.override, case.groups)
        finally:
            self._engine.remove(image.id())
        if answer.exit != 0:
            return Outcome(alike(answer.message), None)
        uid, gid, *groups = (int(word) for word in answer.message.split())
        return Outcome("", (uid, gid, tuple(sorted(set(groups)))))


class Program:
    """userns-repro; @directory: where archives and trees may be put."""

    def __init__(self, path, directory, command, driver="overlay2", rules="docker-20.10"):
        self._path = path
        self._directory = directory
        self._command = command
        self._driver = driver
        self._rules = rules

    def outcome(self, case):
        """What `userns-repro run` says of it."""
        work = tempfile.mkdtemp(dir=self._directory)
        try:
            os.chmod(work, 0o711)
            archive = os.path.join(work, "image.tar")
            with open(archive, "wb") as file:
                file.write(image_of(case, self._command).archive())
            return self.outcome_of("docker-archive:" + archive, case, work)
        finally:
            daemons.remove_tree(work)

    def outcome_of(self, source, case, work):
        """The same of an image that is there already."""
        arguments = [self._path, "run", "--format", "json", "--progress", "none", "--driver",
                     self._driver, "--engine", self._rules]
        if case.override is not None:
            arguments.append("--user=" + case.override)
        arguments += ["--group-add=" + group for group in case.groups]
        if case.kept:
            arguments.append("--rootfs=" + os.path.join(work, "tree"))
        done = subprocess.run(arguments + [source], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=PROGRAM_SECONDS, check=False)
        try:
            report = json.loads(done.stdout.decode(errors="surrogateescape"))
            return _read(report, done.returncode)
        except (ValueError, KeyError) as error:
            return Outcome("(no report: exit status %d, %r; %s)"
                           % (done.returncode, error, done.stderr.decode(errors="replace")), None)


def _read(report, status):
    verdict, runtime = report["verdict"], report["runtime"]
    if status != (0 if runtime["ok"] else 1) or verdict["ok"] != runtime["ok"]:
        return Outcome("(exit status %d, verdict %r, runtime %r)" % (status, verdict, runtime),
                       None)
    if not runtime["ok"]:
        return Outcome(alike(runtime["message"]), None)
    if any(runtime["kernel"].values()):
        return Outcome("(starts, and the kernel says %r)" % runtime["kernel"], None)
    return Outcome("", (runtime["uid"], runtime["gid"], tuple(sorted(set(runtime["groups"])))))


def differences(real, ours):
    """Lines that say where two outcomes differ; none when they agree."""
    if real == ours:
        return []
    return ["%-12s %s" % (who, outcome.message or "starts as %s %s %s" % outcome.ids)
            for who, outcome in (("dockerd", real), ("userns-repro", ours))]
