#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""podman load of an ordinary user, with both storage drivers, and --engine podman-rootless."""

import re
import sys

import compare
import starts

PODMAN = ('podman --root "$HOME/$DRIVER" --runroot "$XDG_RUNTIME_DIR/$DRIVER" '
          '--storage-driver "$DRIVER" --cgroup-manager cgroupfs --events-backend none ')
SCRIPT = "exec " + PODMAN + 'load -q -i "$1"'
# $1 is PATH=IDENTITY=GROUP.  crun wants cgroups that are all of the second kind, or none.
RUN = ('path="${1%%=*}"; rest="${1#*=}"; group="${rest#*=}"; ' + PODMAN + 'load -q -i "$path" '
       ">&2 || exit 99; exec " + PODMAN + "run --rm --pull never --runtime crun --network none "
       '--cgroups disabled --log-driver none ${group:+--group-add "$group"} "${rest%%=*}"')
CONTAINER = re.compile(r"\b[0-9a-f]{64}\b")
# podman tries each format it knows; the line of the one that it is has the words.
OF_ARCHIVE = re.compile(r"\n \* docker-archive: (.*?)\n \* dir: ", re.DOTALL)
# Where a lower layer is there already, looking it up and making the next one run side by side,
# and either of the two has the error in its hands.
REUSED = re.compile(r"\Atrying to reuse blob sha256:[0-9a-f]{64} at destination: ")


def judge(driver):
    """The judge with one storage driver."""
    def ask(user, paths):
        # The name of the driver is in a database in the home directory.
        compare.free_disk(user.path("home", ".local"))
        answers = {}
        for name, (status, text, _) in zip(paths, user.run_each(SCRIPT, paths.values(),
                                                               DRIVER=driver)):
            found = OF_ARCHIVE.search(text.decode())
            if status not in (0, 125) or (status == 125) != (found is not None):
                raise compare.somebody.JudgeError("%s: %d %s" % (name, status, text.decode()))
            answers[name] = compare.Answer(status == 0, REUSED.sub("writing blob: ", found.group(1))
                                           if found else "")
        return answers
    return ask


def start(user, images):
    """Starts a container of each."""
    compare.free_disk(user.path("home", ".local"))
    arguments = ["%s=%s=%s" % (case.path, case.identity, case.group) for case in images.values()]
    answers = {}
    for name, (status, text, output) in zip(images, user.run_each(RUN, arguments, DRIVER="vfs",
                                                                 UNR_CGROUP2="1")):
        words = [line for line in text.decode().splitlines() if line.startswith("Error: ")]
        if status == 0:
            answers[name] = starts.started(output)
        elif len(words) == 1:
            answers[name] = starts.refused(CONTAINER.sub("N", words[0][len("Error: "):]))
        else:
            raise compare.somebody.JudgeError("%s: %d %s" % (name, status, text.decode()))
    return answers


if __name__ == "__main__":
    compare.need("podman", "crun")
    sys.exit(starts.main(start, "--engine=podman-rootless", "--driver=vfs",
                         passed_over=("USER %r" % starts.ONLY_RUNC,)) |
             compare.main(judge("overlay"), "--engine=podman-rootless", "--driver=overlay2") |
             compare.main(judge("vfs"), "--engine=podman-rootless", "--driver=vfs"))
