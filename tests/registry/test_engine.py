# SPDX-License-Identifier: MIT
"""docker-daemon: how an engine is found and reached, and what it may say."""
import hashlib
import json
import os
import sys
import threading

import servers
from servers import Faulty, images
from test_registry import RegistryTest

import programtest

BIG = images.Image(images.tar(images.entry("big", data=os.urandom(300000))), images.BAD_LAYER)
# Plays ssh: keeps its arguments and joins its standard input and output to an engine.
SSH = """#!{python}
import os, socket, sys, threading
with open({arguments!r}, "w", encoding="utf-8") as file:
    file.write(" ".join(sys.argv[1:]))
engine = socket.create_connection(({host!r}, {port}))

def forward():
    while data := os.read(0, 65536):
        engine.sendall(data)

threading.Thread(target=forward, daemon=True).start()
while data := engine.recv(65536):
    while data:
        data = data[os.write(1, data):]
"""


class EngineTest(RegistryTest):
    """What tests of engines share."""

    def run_daemon(self, host, name="app", **more):
        """A run with that DOCKER_HOST."""
        return self.run_program("run", "docker-daemon:" + name,
                                env=self.environment(DOCKER_HOST=host, **more))

    def engine(self, certificate=None):
        """One that has the image."""
        archive = images.old_archive(BIG)
        return self._started.enter_context(Faulty(
            act=lambda handler, path: handler.answer(200, archive), certificate=certificate))


class Engine(EngineTest):
    """docker-daemon: by a tcp address, and what an engine may say."""

    def test_answers(self):
        archive = images.old_archive(BIG)
        answers = {"/images/app:latest/get": lambda handler: handler.answer(200, archive),
                   "/images/cut:latest/get": lambda handler: handler.cut(200, archive, 200000),
                   "/images/h:1/a:x/get": lambda handler: handler.answer(
                       404, b'{"message": "no such \\u001b[2Jimage"}'),
                   "/images/odd:latest/get": lambda handler: handler.answer(500, b"<html>"),
                   "/images/none:latest/get": lambda handler: handler.answer(200)}
        with Faulty(act=lambda handler, path: answers[path](handler)) as server:
            host = "tcp://" + server.host
            self.assert_refused(self.run_daemon(host), "srv/high")
            for name, words in (("cut", "the connection was cut"), ("odd", "answers 500"),
                                ("h:1/a:x", "h:1/a:x: no such ?[2Jimage"),
                                ("none", "sends nothing for none:latest")):
                with self.subTest(name):
                    self.assert_error(self.run_daemon(host, name), 3, host, words)

    def test_hosts(self):
        for host, words in (("unix://" + self.path("nothing"), "is the docker daemon running"),
                            ("npipe://host", "only unix://, tcp:// and ssh:// are supported"),
                            ("tcp://user@host/x", "only unix://, tcp:// and ssh:// are"),
                            ("ssh://-oProxyCommand=x", "is not ssh://[USER@]HOST"),
                            ("ssh://-x", "is not ssh://"),
                            ("ssh://host;x", "is not ssh://"), ("ssh://u:p@host", "is not ssh://"),
                            ("ssh://host/a$b", "is not ssh://"),
                            ("tcp://127.0.0.1:1", "tcp://127.0.0.1:1: Connection refused")):
            with self.subTest(host):
                self.assert_error(self.run_daemon(host), 3, host, words)

    def test_tls(self):
        certificate = servers.make_certificate(self.folder)
        engine = self.engine(certificate)
        host, keys = "tcp://" + engine.host, self.path("keys")
        os.mkdir(keys)
        self.assert_error(self.run_daemon(host), 3, host)
        self.assert_error(self.run_daemon(host, DOCKER_TLS_VERIFY="1", DOCKER_CERT_PATH=keys), 3,
                          host, "certificate is not trusted")
        self.assert_refused(self.run_daemon(host, DOCKER_TLS="1"), "srv/high")
        os.symlink(certificate, os.path.join(keys, "ca.pem"))
        self.assert_refused(self.run_daemon(host, DOCKER_TLS_VERIFY="1", DOCKER_CERT_PATH=keys),
                            "srv/high")


class Powers(EngineTest):
    """What the process has that reads what an engine sends: it stays who it is."""

    def test_powers(self):
        begun, ended = threading.Event(), threading.Event()

        def act(handler, _):
            handler.cut(200, images.old_archive(BIG), 1000)
            begun.set()
            ended.wait(programtest.PATIENCE)

        with Faulty(act=act) as server:
            process = self.start_program(
                "run", "docker-daemon:app", env=self.environment(DOCKER_HOST="tcp://" + server.host))
            status = self.look_at_fetcher(process, begun, ended)
        self.assertEqual(set(status["Uid"].split()), {str(os.geteuid())})


class Ssh(EngineTest):
    """ssh://: a program named ssh is run, with the words of the docker client."""

    def test_ssh(self):
        engine = self.engine()
        host, port = engine.host.split(":")
        os.mkdir(self.path("bin"))
        path = self.write("bin/ssh", SSH.format(python=sys.executable, host=host, port=port,
                                                arguments=self.path("arguments")).encode())
        os.chmod(path, 0o755)
        words = "docker system dial-stdio"
        for name, arguments in (
                ("host", "-- host " + words), ("u@h-1.x:22", "-l u -p 22 -- h-1.x " + words),
                ("h/run/x.sock", "-- h docker --host unix:///run/x.sock system dial-stdio")):
            result = self.run_daemon("ssh://" + name,
                                     PATH=self.path("bin") + ":" + os.environ["PATH"])
            self.assert_refused(result, "srv/high")
            with open(self.path("arguments"), encoding="utf-8") as file:
                self.assertEqual(file.read(), "-o ConnectTimeout=30 -T " + arguments)

    def test_it_fails(self):
        os.mkdir(self.path("bin"))
        for script, words in (("echo no such host >&2; exit 255", "no such host"), (None, "")):
            if script:
                os.chmod(self.write("bin/ssh", f"#!/bin/sh\n{script}\n".encode()), 0o755)
            else:
                os.unlink(self.path("bin/ssh"))
            result = self.run_daemon("ssh://host", PATH=self.path("bin"))
            self.assertEqual((result.returncode, result.stdout), (3, ""))
            self.assertIn(words, result.stderr)
            self.assertIn("userns-repro: ssh://host: ", result.stderr)


class Contexts(EngineTest):
    """What `docker context` has written."""

    def context(self, name, **endpoint):
        """A context; returns where its certificates belong."""
        digits = hashlib.sha256(name.encode()).hexdigest()
        folder = self.path("docker/contexts/meta/" + digits)
        os.makedirs(folder)
        with open(os.path.join(folder, "meta.json"), "w", encoding="utf-8") as file:
            json.dump({"Name": name, "Metadata": {}, "Endpoints": {"docker": endpoint}}, file)
        return self.path(f"docker/contexts/tls/{digits}/docker")

    def assert_found(self, **environment):
        """The image is there."""
        self.assert_refused(self.run_program("run", "docker-daemon:app",
                                             env=self.environment(**environment)), "srv/high")

    def assert_not_found(self, *words, **environment):
        """It is not, and why."""
        self.assert_error(self.run_program("run", "docker-daemon:app",
                                           env=self.environment(**environment)), 3, *words)

    def test_which(self):
        host = "tcp://" + self.engine().host
        self.context("here", Host=host)
        self.context("gone", Host="tcp://127.0.0.1:1")
        self.assert_found(DOCKER_HOST="", DOCKER_CONTEXT="here")
        self.assert_not_found("127.0.0.1:1", DOCKER_CONTEXT="gone")
        self.assert_found(DOCKER_HOST=host, DOCKER_CONTEXT="gone")
        self.write_config(currentContext="here")
        self.assert_found()
        self.assert_not_found("127.0.0.1:1", DOCKER_CONTEXT="gone")
        self.write_config(currentContext="gone")
        self.assert_found(DOCKER_CONTEXT="here")
        self.assert_found(DOCKER_HOST=host)
        self.assert_not_found("unix:///var/run/docker.sock", DOCKER_CONTEXT="default")

    def test_what_is_wrong(self):
        self.context("empty", Host="")
        self.context("odd", Host=1)
        self.assert_not_found("context x", "is not there", DOCKER_CONTEXT="x")
        self.assert_not_found("context empty names no engine", DOCKER_CONTEXT="empty")
        self.assert_not_found("Endpoints.docker.Host", DOCKER_CONTEXT="odd")
        self.write_config(currentContext=[])
        self.assert_not_found("currentContext")

    def test_tls(self):
        certificate = servers.make_certificate(self.folder)
        host = "tcp://" + self.engine(certificate).host
        folder = self.context("checked", Host=host)
        os.makedirs(folder)
        self.assert_not_found("certificate is not trusted", DOCKER_CONTEXT="checked")
        os.symlink(certificate, os.path.join(folder, "ca.pem"))
        self.assert_found(DOCKER_CONTEXT="checked")
        self.context("any", Host=host, SkipTLSVerify=True)
        self.assert_found(DOCKER_CONTEXT="any")


if __name__ == "__main__":
    programtest.main()
