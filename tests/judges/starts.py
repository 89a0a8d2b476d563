# SPDX-License-Identifier: MIT
"""Whom a container of a rootless engine starts as, and which words it has where it does not.

Each engine really runs ids.c of tests/dockerd in an image with the USER of the case, as the same
ordinary user as userns-repro.
"""

import json
import os
from typing import NamedTuple

import compare
import somebody
# pylint: disable=wrong-import-order
import cases  # noqa: F401 (it finds tests/dockerd)
import layers
import users
from layers import entry

PASSWD = (b"root:x:0:0::/root:/bin/sh\nlow:x:1000:1001::/:/bin/sh\n"
          b"high:x:1000000:1000000::/:/bin/sh\nmember:x:1002:1002::/:/bin/sh\n"
          b"last:x:65536:65536::/:/bin/sh\n")
GROUP = b"root:x:0:\nextra:x:1005:root\nmore:x:1003:low\nhigh:x:70000:member\nmany:x:1004:member\n"
# No engine has to read group for it, but runc does; there it is a directory.
ONLY_RUNC = "78"
# USER, and --group-add.
CASES = (("", ""), ("0", ""), ("low", ""), ("1000", ""), ("77", ""), ("1000:5", ""), ("low:more", ""),
         ("last", ""), ("65536:65536", ""), ("65537", ""), ("70000", ""), ("100000", ""),
         ("low:70000", ""), ("70000:70000", ""), ("high", ""), ("member", ""), ("low", "more"),
         ("low", "70000"), ("low", "nosuch"), ("nosuch", ""), ("low:nosuch", ""),
         ("4294967296", ""), ("-1", ""), (ONLY_RUNC, ""))

class Case(NamedTuple):
    """An image, where it lies, and what it is run with."""

    path: str
    identity: str
    user: str
    group: str

def _name(user, group):
    return "USER %r%s" % (user, " and " + group if group else "")

def write_images(directory):
    """{name: Case}"""
    command = users.command_layer(directory)
    files = layers.layer(entry(b"etc/passwd", content=PASSWD), entry(b"etc/group", content=GROUP))
    unread = layers.layer(entry(b"etc/passwd", content=PASSWD),
                          entry(b"etc/group", b"5", mode=0o755))
    written = {}
    for number, (user, group) in enumerate(CASES):
        image = users.image_of(users.Case("", [unread if user == ONLY_RUNC else files],
                                          user=user), command)
        path = os.path.join(directory, "start-%d.tar" % number)
        with open(path, "wb") as file:
            file.write(image.archive())
        written[_name(user, group)] = Case(path, image.id(), user, group)
    return written

def ids(text):
    """What ids.c has printed."""
    uid, gid, *groups = (int(word) for word in text.split())
    return uid, gid, tuple(sorted(set(groups)))

def started(text):
    """The answer of an engine that has run it."""
    return users.Outcome("", ids(text))

def refused(message):
    """The answer of one that has not."""
    return users.Outcome(message, None)

def ask_program(user, images, *options):
    """{name: Outcome} of userns-repro."""
    program = user.share(compare.unrtest.PROGRAM)
    script = ('exec "$PROGRAM" run --profile rootless --format json %s '
              '${1#*=} "docker-archive:${1%%%%=*}"' % " ".join(options))
    arguments = ["%s=%s" % (case.path, "--group-add " + case.group if case.group else "")
                 for case in images.values()]
    answers = {}
    for name, (_status, errors, output) in zip(images, user.run_each(script, arguments,
                                                                    PROGRAM=program)):
        if errors:
            raise somebody.JudgeError("userns-repro on %s: %s" % (name, errors.decode()))
        runtime = json.loads(output)["runtime"]
        answers[name] = refused(runtime["message"]) if not runtime["ok"] else users.Outcome(
            "", (runtime["uid"], runtime["gid"], tuple(sorted(set(runtime["groups"])))))
    return answers

def main(judge, *options, passed_over=(), takes_groups=True):
    """@judge(user, images) gives {name: Outcome}; 0 when userns-repro gives the same.

    @passed_over: cases that are not compared, by name: documented differences.
    """
    with somebody.Somebody() as user:
        images = write_images(user.path("shared"))
        images = {name: case for name, case in images.items()
                  if name not in passed_over and (takes_groups or not case.group)}
        real = judge(user, images)
        ours = ask_program(user, images, *options)
    differ = 0
    for name in images:
        lines = users.differences(real[name], ours[name])
        if lines:
            differ += 1
            print("\n  ".join(["FAIL start, " + name] + lines))
    refusals = sum(answer.ids is None for answer in real.values())
    print("%s: %d starts, %d refused, %d differ" % (" ".join(options), len(images), refusals,
                                                    differ))
    return 1 if differ or not 0 < refusals < len(images) else 0
