#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""dockerd below rootlesskit, with two storage drivers, and --engine docker-rootless-20.10."""

import subprocess
import sys

import compare
import starts

CLIENT = "docker: Error response from daemon: "
# As dockerd-rootless.sh does it, but for the network, which loading does not need.
START = 'rm -rf /run/docker /run/containerd; exec dockerd "$@"'


def _with_daemon(user, driver, ask):
    """What @ask comes to while the daemon runs."""
    run, home = user.path("run"), user.path("home")
    user.start(["rootlesskit", "--net=host", "--copy-up=/etc", "--copy-up=/run", "sh", "-c",
                START, "sh", "--rootless", "--storage-driver", driver,
                "--data-root", home + "/" + driver, "--exec-root", run + "/" + driver,
                "--pidfile", run + "/" + driver + ".pid", "-H", "unix://%s/docker.sock" % run,
                "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--bridge=none"],
               MOBY_DISABLE_PIGZ="1")
    answers = ask(run)
    user.stop()
    compare.free_disk(home + "/" + driver)
    return answers


def judge(driver):
    """The judge with one storage driver."""
    def ask(user, paths):
        return _with_daemon(user, driver, lambda run: {
            name: _load(run, path) for name, path in paths.items()})
    return ask


def start(driver):
    """Starts a container of each image, with one storage driver."""
    def ask(user, images):
        return _with_daemon(user, driver, lambda run: {
            name: _start(run, case) for name, case in images.items()})
    return ask


def _docker(run, *words):
    return subprocess.run(["docker", "-H", "unix://%s/docker.sock" % run, *words],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60, check=False)


def _start(run, case):
    if not _load(run, case.path).ok:
        raise compare.somebody.JudgeError("%s does not load" % case.path)
    done = _docker(run, "run", "--rm", "--network=none",
                   *(["--group-add", case.group] if case.group else []), case.identity)
    if done.returncode == 0:
        return starts.started(done.stdout)
    # Newer clients have a line about --help behind it.
    text = done.stderr.decode().split("\n\n")[0].rstrip("\n")
    if done.returncode not in (125, 126) or not text.startswith(CLIENT):
        raise compare.somebody.JudgeError("%s: %d %r" % (case, done.returncode, done.stderr))
    return starts.refused(text[len(CLIENT):].removesuffix("."))


def _load(run, path):
    done = _docker(run, "load", "-q", "-i", path)
    if done.returncode not in (0, 1):
        raise compare.somebody.JudgeError("%s: %d %r" % (path, done.returncode, done.stderr))
    return compare.Answer(done.returncode == 0, done.stderr.decode()[:-1])


if __name__ == "__main__":
    compare.need("dockerd", "docker", "containerd", "rootlesskit")
    sys.exit(starts.main(start("vfs"), "--engine=docker-rootless-20.10", "--driver=vfs") |
             compare.main(judge("vfs"), "--engine=docker-rootless-20.10", "--driver=vfs") |
             compare.main(judge("overlay2"), "--engine=docker-rootless-20.10",
                          "--driver=overlay2"))
