#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""dockerd below rootlesskit, with two storage drivers, and --engine docker-rootless-20.10."""

import subprocess
import sys

import compare

# As dockerd-rootless.sh does it, but for the network, which loading does not need.
START = 'rm -rf /run/docker /run/containerd; exec dockerd "$@"'


def judge(driver):
    """The judge with one storage driver."""
    def ask(user, paths):
        run, home = user.path("run"), user.path("home")
        user.start(["rootlesskit", "--net=host", "--copy-up=/etc", "--copy-up=/run", "sh", "-c",
                    START, "sh", "--rootless", "--storage-driver", driver,
                    "--data-root", home + "/" + driver, "--exec-root", run + "/" + driver,
                    "--pidfile", run + "/" + driver + ".pid", "-H", "unix://%s/docker.sock" % run,
                    "--iptables=false", "--ip6tables=false", "--bridge=none"],
                   MOBY_DISABLE_PIGZ="1")
        answers = {name: _load(run, path) for name, path in paths.items()}
        user.stop()
        compare.free_disk(home + "/" + driver)
        return answers
    return ask


def _load(run, path):
    done = subprocess.run(["docker", "-H", "unix://%s/docker.sock" % run, "load", "-q", "-i",
                           path], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60, check=False)
    if done.returncode not in (0, 1):
        raise compare.somebody.JudgeError("%s: %d %r" % (path, done.returncode, done.stderr))
    return compare.Answer(done.returncode == 0, done.stderr.decode()[:-1])


if __name__ == "__main__":
    compare.need("dockerd", "docker", "containerd", "rootlesskit")
    sys.exit(compare.main(judge("vfs"), "--engine=docker-rootless-20.10", "--driver=vfs") |
             compare.main(judge("overlay2"), "--engine=docker-rootless-20.10",
                          "--driver=overlay2"))
