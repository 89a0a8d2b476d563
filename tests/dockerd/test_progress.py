# SPDX-License-Identifier: MIT
"""The progress of the docker client and the program's, of the same image on the same terminal."""
import os
import random
import re
import shutil
import subprocess
import sys

import engine

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(HERE, "..", "registry"), os.path.join(HERE, "..", "cli")]
# pylint: disable=wrong-import-position
import images
import programtest
import screen
import servers

WIDE, NARROW = 140, 110
# What the program adds to docker's line, and a line that is no layer's.
OWN, LAYER = re.compile(r"  (\d+ entr(y|ies) )?refused$"), re.compile(r"^[0-9a-f]{12}: ")
# Shown for as long as it takes, or not at all (docker merges them).
PASSING = ("Waiting", "Downloading", "Verifying Checksum", "Download complete", "Extracting")


def layers():
    """Of several sizes, the last of them refused."""
    noise = random.Random(1)
    return [images.tar(images.entry("f", data=noise.randbytes(size)))
            for size in (3000000, 70000, 5, 999000)] + [images.BAD_LAYER]


def rows(screenful):
    """The layers' lines."""
    return [OWN.sub("", line) for line in screenful.split("\n") if LAYER.match(line)]


def settled(lines):
    """What is left of lines of a log without those that may be missing."""
    return sorted(line.rstrip() for line in lines if LAYER.match(line) and
                  not line.partition(": ")[2].startswith(PASSING))


class Progress(programtest.ProgramTest):
    """One engine for all of it."""

    def setUp(self):
        super().setUp()
        reason = engine.why_not() or servers.why_not() or \
            (None if shutil.which("docker") else "no docker on PATH")
        if reason:
            self.skipTest(reason)

    def compare(self, env, ask, *words):
        """The same lines in the end, on a wide terminal and on a narrower one."""
        for width in (WIDE, NARROW):
            command = [programtest.unrtest.PROGRAM, "run", "--progress", "tty", *words]
            theirs, status = screen.run(["docker", *ask], 24, width, env=env)
            self.assertEqual(status, 1, theirs)
            ours, status = screen.run(command, 24, width, env=env)
            self.assertEqual(status, 1, ours)
            wanted = rows(screen.Screen(24, width).write(theirs).text)
            self.assertEqual(len(wanted), 5, theirs)
            self.assertEqual(rows(screen.Screen(24, width).write(ours).text), wanted)

    def test_progress(self):
        image = images.Image(*layers(), compress=True)
        path = self.write("app.tar", images.old_archive(image))
        os.mkdir(self.path("registry"))
        with engine.Engine() as docker, servers.Registry(self.path("registry")) as registry:
            env = self.environment(DOCKER_HOST="unix://" + os.path.join(docker.directory, "sock"),
                                   TERM="xterm")
            name = registry.push("app", "latest", servers.Stored(image, docker=True))
            ask = ["pull", name.partition("://")[2]]
            self.compare(env, ["load", "-i", path], path)
            self.compare(env, ask, "--tls-verify=false", name)
            theirs = subprocess.run(["docker", *ask], env=env, capture_output=True, text=True,
                                    check=False).stdout.splitlines()
            ours = self.run_program("run", "--progress", "plain", "--tls-verify=false", name,
                                    env=env).stderr.splitlines()
            self.assertEqual([line for line in settled(ours) if "refused" not in line],
                             settled(theirs))
            for line in ours:
                self.assertIn(line.partition(": ")[2].rstrip("0123456789.kMB "),
                              PASSING + ("Pulling fs layer", "Pull complete",
                                         "1 entry refused"))


if __name__ == "__main__":
    programtest.main()
