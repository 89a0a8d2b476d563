# SPDX-License-Identifier: MIT
"""The same images to a judge and to userns-repro: what each says, and what differs."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from typing import NamedTuple

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import unrtest  # noqa: E402
import cases  # noqa: E402
import somebody  # noqa: E402

SCENARIOS = os.path.join(unrtest.SOURCE_DIR, "scenarios")


class Answer(NamedTuple):
    """Whether an image loads, and the words where it does not."""

    ok: bool
    message: str


def need(*commands):
    """Ends the test where one of the commands, or what Somebody needs, is missing."""
    # A daemon lies in /usr/sbin, which is not on everybody's path.
    os.environ["PATH"] += ":/usr/local/sbin:/usr/sbin:/sbin"
    reason = somebody.why_not(commands)
    if reason is not None:
        unrtest.skip(reason)
    # So that the namespaces go when ctest ends the test.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


def _scenario_names():
    return sorted(item.name for item in os.scandir(SCENARIOS)
                  if os.path.exists(os.path.join(item.path, "scenario.json")))


def write_images(directory):
    """Every case and every scenario as a docker-archive: {name: path}."""
    paths = {}
    for name, data in cases.images().items():
        paths["case " + name] = os.path.join(directory, name + ".tar")
        with open(paths["case " + name], "wb") as file:
            file.write(data)
    for name in _scenario_names():
        paths["scenario " + name] = os.path.join(directory, "scenario-" + name + ".tar")
        subprocess.run([unrtest.PROGRAM, "scenario", "export", name, paths["scenario " + name]],
                       check=True, stdin=subprocess.DEVNULL)
    return paths


def ask_program(user, paths, *options):
    """{name: Answer} of userns-repro, run as the user with --profile rootless."""
    program = user.share(unrtest.PROGRAM)
    script = ('exec "$PROGRAM" run --profile rootless --format json %s '
              '"docker-archive:$1"' % " ".join(options))
    answers = {}
    for name, (status, errors, output) in zip(paths, user.run_each(
            script, paths.values(), PROGRAM=program)):
        if status not in (0, 1) or errors:
            raise somebody.JudgeError("userns-repro on %s: status %d: %s"
                                      % (name, status, errors.decode(errors="replace")))
        report = json.loads(output)
        _check_report(name, report)
        answers[name] = _of_loading(report["verdict"])
    return answers


def _of_loading(verdict):
    """What is said of a start that fails comes after the loading, which judges are asked for."""
    if verdict["stage"] == "runtime":
        return Answer(True, "")
    return Answer(verdict["ok"], verdict["message"])


def _check_report(name, report):
    """What holds of every report under a rootless map."""
    wanted = [{"inside": 0, "outside": somebody.ID, "count": 1},
              {"inside": 1, "outside": somebody.FIRST, "count": somebody.COUNT}]
    if (report["map"] != {"uid": wanted, "gid": wanted} or
            report["host"]["map_method"] != "newuidmap" or report["disagreements"]):
        raise somebody.JudgeError("%s: the report is not one of a rootless engine: %r"
                                  % (name, report))


def _same_words(text):
    """Without what is different every time: the time in a log line."""
    return re.sub(r'time="[^"]*"', 'time=""', text)


def main(judge, *options):
    """@judge(user, paths) gives {name: Answer}; 0 when userns-repro gives the same."""
    with somebody.Somebody() as user:
        paths = write_images(user.path("shared"))
        real = judge(user, paths)
        ours = ask_program(user, paths, *options)
    differ = 0
    for name in paths:
        if (real[name].ok, _same_words(real[name].message)) == \
                (ours[name].ok, _same_words(ours[name].message)):
            continue
        differ += 1
        print("FAIL %s\n  judge        %s\n  userns-repro %s" % (name, _shown(real[name]),
                                                                _shown(ours[name])))
    refused = sum(not answer.ok for answer in real.values())
    print("%s: %d images, %d refused, %d differ" % (" ".join(options), len(paths), refused,
                                                    differ))
    # A judge that takes everything, or nothing, has not been asked.
    return 1 if differ or not 0 < refused < len(paths) else 0


def _shown(answer):
    return "loads" if answer.ok else repr(answer.message)


def free_disk(path):
    """What a judge has stored is of no use to the next one."""
    shutil.rmtree(path, ignore_errors=True)
