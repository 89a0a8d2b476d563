#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every scenario, exported, through dockerd and userns-repro.

    test_scenarios.py [NAME...]

A scenario that asks for another map or engine than this dockerd has is named
and left out.
"""

import hashlib
import json
import os
import subprocess
import sys
import tarfile

import engine
import judge
import users
from judge import unrtest

SCENARIOS = os.path.join(unrtest.SOURCE_DIR, "scenarios")
# What of scenario.json's "run" is the map and the rules of the dockerd here.
SAME_RULES = {"profile": ("appservice",), "driver": ("overlay2",),
              "engine": ("docker-20.10", "docker-20.10.9")}
EXPORT_SECONDS = 60
# No image has it: who is told so would have started, as the user is looked at before.
NO_COMMAND = "/no-such-command"


class Exported:
    """A docker-archive on disk, as judge.Dockerd wants it: what is loaded goes by its id."""

    tag = None

    def __init__(self, path):
        self._path = path

    def archive(self):
        """The bytes of the archive."""
        with open(self._path, "rb") as file:
            return file.read()

    def id(self):
        """The image id: the digest of the config that the manifest names."""
        with tarfile.open(self._path) as tar:
            manifest = json.load(tar.extractfile("manifest.json"))
            config = tar.extractfile(manifest[0]["Config"]).read()
        return "sha256:" + hashlib.sha256(config).hexdigest()


def _names():
    return sorted(entry.name for entry in os.scandir(SCENARIOS)
                  if os.path.exists(os.path.join(entry.path, "scenario.json")))


def _runs(name):
    """How a scenario wants to be run: one dictionary a run."""
    with open(os.path.join(SCENARIOS, name, "scenario.json"), encoding="utf-8") as file:
        wanted = json.load(file).get("run", {})
    return wanted if isinstance(wanted, list) else [wanted]


def _other_rules(wanted):
    """What of a run's rules this dockerd cannot follow, or None."""
    for key, value in wanted.items():
        if value not in SAME_RULES.get(key, (value,) if key in ("user", "group_add",
                                                                "expect") else ()):
            return "%s %r" % (key, value)
    return None


def _fitting_run(name):
    """The first run that is one of this dockerd, and else why there is none."""
    others = [(run, _other_rules(run)) for run in _runs(name)]
    fitting = [run for run, other in others if other is None]
    return (fitting[0], None) if fitting else (None, others[0][1])


def _start_differences(archive, running, path, work):
    """Where `docker run` and the program's report disagree, of an image that loads."""
    image = Exported(archive)
    running.load(image.archive())
    try:
        answer = running.run(image.id(), command=[NO_COMMAND])
    finally:
        running.remove(image.id())
    message = "" if 'exec: "%s"' % NO_COMMAND in answer.message else users.alike(answer.message)
    ours = users.Program(path, work, None).outcome_of("docker-archive:" + archive,
                                                      users.Case(archive, []), work)
    if message == ours.message:
        return []
    return ["docker run   %s" % (message or "starts"),
            "userns-repro %s" % (ours.message or "starts")]


def _check(name, expect, path, running, real, ours, namespace_only):
    """Lines that say what is wrong with one scenario."""
    work = running.work
    archive = os.path.join(work, name + ".tar")
    done = subprocess.run([path, "scenario", "export", name, archive], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=EXPORT_SECONDS)
    if done.returncode != 0 or done.stdout:
        return ["export: exit status %d: %r" % (done.returncode, done.stdout)]
    mine = os.path.join(work, name)
    os.mkdir(mine)
    outcome = real.outcome(Exported(archive))
    lines = judge.differences(outcome, ours.outcome_of("docker-archive:" + archive, mine),
                              namespace_only)
    with open(os.path.join(SCENARIOS, name, expect), encoding="utf-8") as file:
        verdict = json.load(file)["report"]["verdict"]
    if verdict.get("stage") != "runtime" and verdict["ok"] != outcome.ok:
        lines.append("%s says ok: %s, dockerd says %s" % (expect, verdict["ok"], outcome.ok))
    if outcome.ok:
        lines += _start_differences(archive, running, path, work)
    return lines


def main():
    """The command line."""
    judge.end_on_sigterm()
    judge.require_dockerd()
    path = judge.program_path()
    names = sys.argv[1:] or _names()
    if not names:
        sys.exit("no scenario in " + SCENARIOS)
    trees, namespace_only = judge.wanted_trees()
    compared = failed = 0
    with engine.Engine() as running:
        real = judge.Dockerd(running, trees)
        ours = judge.Program(path, running.work, trees=trees)
        for name in names:
            run, other = _fitting_run(name)
            if run is None:
                print("left out %s: %s" % (name, other))
                continue
            lines = _check(name, run.get("expect", "expect.json"), path, running, real, ours,
                           namespace_only)
            compared += 1
            failed += bool(lines)
            print("\n  ".join([("FAIL " if lines else "ok   ") + name] + lines))
    print("%d scenarios compared, %d differ" % (compared, failed))
    return 1 if failed or compared == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
