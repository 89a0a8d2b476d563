# SPDX-License-Identifier: MIT
"""docker-daemon: against a real dockerd: the image comes out of it as it went in."""
import json
import os
import socket
import subprocess
import sys

import engine

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(HERE, "..", "registry"), os.path.join(HERE, "..", "cli")]
# pylint: disable=wrong-import-position
import images
import programtest
import servers

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

    def test_other_ways(self):
        """TLS with a client's certificate, ssh (a program that plays it), a context of docker's."""
        image = images.Image(images.GOOD_LAYER, LAYER, tags=("app:1",))
        keys = self.path("keys")
        os.mkdir(keys)
        certificate = servers.make_certificate(keys)
        for name in ("ca.pem", "cert.pem"):
            os.symlink(certificate, os.path.join(keys, name))
        os.symlink(certificate + ".key", os.path.join(keys, "key.pem"))
        with socket.create_server(("127.0.0.1", 0)) as free:
            address = "127.0.0.1:%d" % free.getsockname()[1]
        tls = ["--tlsverify", "--tlscacert", certificate, "--tlscert", certificate,
               "--tlskey", certificate + ".key", "-H", "tcp://" + address]
        with engine.Engine(arguments=tls) as docker:
            self.assertEqual(docker.load(images.old_archive(image)).exit, 0)
            sock = "unix://" + os.path.join(docker.directory, "sock")
            by_tls = {"DOCKER_HOST": "tcp://" + address, "DOCKER_TLS_VERIFY": "1"}
            os.mkdir(self.path("bin"))
            os.chmod(self.write("bin/ssh", ('#!/bin/sh\nexec docker -H %s system dial-stdio\n' %
                                            sock).encode()), 0o755)
            path = self.path("bin") + ":" + os.environ["PATH"]
            config = {"DOCKER_CONFIG": self.path("config")}
            subprocess.run(["docker", "context", "create", "other", "--docker",
                            "host=tcp://{0},ca={1}/ca.pem,cert={1}/cert.pem,key={1}/key.pem"
                            .format(address, keys)], env=self.environment(**config), check=True,
                           capture_output=True)
            for env in ({"DOCKER_HOST": sock}, {**by_tls, "DOCKER_CERT_PATH": keys},
                        {"DOCKER_HOST": "ssh://host", "PATH": path},
                        {**config, "DOCKER_CONTEXT": "other"}):
                with self.subTest(env):
                    found = self.report("docker-daemon:app:1", self.environment(**env))
                    self.assertEqual([one["uid"] for one in found["failures"]], [5000])
            # Without a certificate of its own the client is not let in.
            os.mkdir(self.path("half"))
            os.symlink(certificate, self.path("half/ca.pem"))
            env = self.environment(**by_tls, DOCKER_CERT_PATH=self.path("half"))
            self.assert_error(self.run_program("run", "docker-daemon:app:1", env=env), 3,
                              by_tls["DOCKER_HOST"])


if __name__ == "__main__":
    programtest.main()
