# SPDX-License-Identifier: MIT
"""docker-daemon: against a real dockerd: the image comes out of it as it went in."""
import json
import os
import sys

import engine

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
# pylint: disable=wrong-import-position
import images
import programtest

# The engine's map has a place for it, the one that the program is given has not.
SMALL = "0:100000:1000"
LAYER = images.tar(images.entry("srv", kind=images.DIRECTORY), images.entry("srv/high", 5000, 1))


class Daemon(programtest.ProgramTest):
    """One engine for all of it: it takes seconds to start."""

    def setUp(self):
        super().setUp()
        reason = engine.why_not()
        if reason:
            self.skipTest(reason)

    def report(self, image, env):
        """The JSON report of a run under the small map."""
        result = self.run_program("run", "--format", "json", "--uidmap", SMALL, image, env=env)
        self.assertEqual((result.returncode, result.stderr), (1, ""), image)
        return json.loads(result.stdout)

    def test_daemon(self):
        image = images.Image(images.GOOD_LAYER, LAYER, tags=("app:1", "app:2"))
        path = self.write("app.tar", images.old_archive(image))
        with engine.Engine() as docker:
            answer = docker.load(images.old_archive(image))
            self.assertEqual(answer.exit, 0, answer.message)
            env = self.environment(DOCKER_HOST="unix://" + os.path.join(docker.directory, "sock"))
            wanted = self.report("docker-archive:" + path + ":app:1", env)
            self.assertEqual([one["uid"] for one in wanted["failures"]], [5000])
            for name in ("app:1", "docker.io/library/app:2", images.digest(image.config())):
                with self.subTest(name):
                    found = self.report("docker-daemon:" + name, env)
                    for part in ("failures", "verdict", "runtime"):
                        self.assertEqual(found.get(part), wanted.get(part))
            for name in ("app", "nobody/has:this", "sha256:" + "0" * 64):
                with self.subTest(name):
                    self.assert_error(self.run_program("run", "docker-daemon:" + name, env=env),
                                      3, env["DOCKER_HOST"], name)


if __name__ == "__main__":
    programtest.main()
