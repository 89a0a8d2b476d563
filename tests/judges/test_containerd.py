#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""containerd below rootlesskit, with two snapshotters, and --engine containerd-rootless."""

import re
import subprocess
import sys

import compare

# $1 is the configuration.  /run is the user's own copy.  containerd 1.6 clears what nobody refers
# to a while after anything was removed (gc/scheduler/scheduler.go), and ctr holds no lease on the
# layers that it unpacks: one of them could go before the next was on top of it.  Here it clears
# once, at its start, and then has to rest for days.
START = 'rm -rf /run/containerd; mkdir /run/containerd; exec containerd -c "$1"'
CONFIGURATION = """\
version = 2
root = "{home}/containerd"
state = "{home}/containerd-state"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.restart"]
[grpc]
address = "{run}/containerd.sock"
[debug]
address = "{run}/debug.sock"
[plugins."io.containerd.gc.v1.scheduler"]
startup_delay = "1ms"
pause_threshold = 0.000000001
mutation_threshold = 0
"""
# The mount point has random digits; userns-repro has an N there.
MOUNT = re.compile(r"/\S*?/containerd-mount\d+")


def judge(snapshotter):
    """The judge with one snapshotter."""
    def ask(user, paths):
        configuration = user.path("shared", "config.toml")
        with open(configuration, "w", encoding="utf-8") as file:
            file.write(CONFIGURATION.format(home=user.path("home"), run=user.path("run")))
        user.start(["rootlesskit", "--net=host", "--copy-up=/run", "sh", "-c", START, "sh",
                    configuration])
        answers = {name: _import(user, path, snapshotter) for name, path in paths.items()}
        user.stop()
        compare.free_disk(user.path("home", "containerd"))
        return answers
    return ask


def _import(user, path, snapshotter):
    done = subprocess.run(["ctr", "-a", user.path("run", "containerd.sock"), "image", "import",
                           "--snapshotter", snapshotter, path], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)
    text = done.stderr.decode()
    found = re.search(r"^ctr: (.*)\n\Z", text, re.DOTALL | re.MULTILINE)
    if done.returncode not in (0, 1) or (done.returncode == 1) != (found is not None):
        raise compare.somebody.JudgeError("%s: %d %s" % (path, done.returncode, text))
    return compare.Answer(done.returncode == 0, "" if found is None else
                          MOUNT.sub("/tmp/containerd-mountN", found.group(1)))


if __name__ == "__main__":
    compare.need("containerd", "ctr", "rootlesskit")
    sys.exit(compare.main(judge("native"), "--engine=containerd-rootless", "--driver=vfs") |
             compare.main(judge("overlayfs"), "--engine=containerd-rootless",
                          "--driver=overlay2"))
