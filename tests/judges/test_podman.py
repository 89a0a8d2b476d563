#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""podman load of an ordinary user, with both storage drivers, and --engine podman-rootless."""

import re
import sys

import compare

SCRIPT = ('exec podman --root "$HOME/$DRIVER" --runroot "$XDG_RUNTIME_DIR/$DRIVER" '
          '--storage-driver "$DRIVER" --cgroup-manager cgroupfs --events-backend none '
          'load -q -i "$1"')
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


if __name__ == "__main__":
    compare.need("podman")
    sys.exit(compare.main(judge("overlay"), "--engine=podman-rootless", "--driver=overlay2") |
             compare.main(judge("vfs"), "--engine=podman-rootless", "--driver=vfs"))
