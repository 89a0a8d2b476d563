#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""containerd below rootlesskit, with two snapshotters, and --engine containerd-rootless."""

import os
import re
import shutil
import subprocess
import sys

import compare
import starts

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
# Below rootlesskit nobody has delegated a cgroup, and nerdctl then goes without, as this does.
RUNTIME = """\
#!/usr/bin/env python3
import json, os, sys
if "--bundle" in sys.argv:
    path = os.path.join(sys.argv[sys.argv.index("--bundle") + 1], "config.json")
    with open(path) as file:
        config = json.load(file)
    for key in ("cgroupsPath", "resources"):
        config["linux"].pop(key, None)
    with open(path, "w") as file:
        json.dump(config, file)
os.execv("{runc}", ["runc"] + sys.argv[1:])
"""
# What containerd resolves by rules of its own: see docs/rootless.md.
OWN_RULES = ("USER '1000:5'", "USER 'low:more'", "USER 'nosuch'", "USER 'low:nosuch'",
             "USER '4294967296'", "USER '-1'")
# The mount point has random digits; userns-repro has an N there.
MOUNT = re.compile(r"/\S*?/containerd-mount\d+")


def _with_daemon(user, ask):
    """What @ask comes to while the daemon runs."""
    configuration = user.path("shared", "config.toml")
    with open(configuration, "w", encoding="utf-8") as file:
        file.write(CONFIGURATION.format(home=user.path("home"), run=user.path("run")))
    user.start(["rootlesskit", "--net=host", "--copy-up=/run",
                "--state-dir", user.path("run", "rootlesskit"), "sh", "-c", START, "sh",
                configuration])
    answers = ask()
    user.stop()
    compare.free_disk(user.path("home", "containerd"))
    return answers


def judge(snapshotter):
    """The judge with one snapshotter."""
    def ask(user, paths):
        return _with_daemon(user, lambda: {
            name: _import(user, path, snapshotter) for name, path in paths.items()})
    return ask


def start(user, images):
    """Starts a container of each image."""
    runtime = user.path("shared", "runc-without-cgroups")
    with open(runtime, "w", encoding="utf-8") as file:
        file.write(RUNTIME.format(runc=shutil.which("runc")))
    os.chmod(runtime, 0o755)
    return _with_daemon(user, lambda: {
        name: _start(user, case, runtime) for name, case in images.items()})


def _start(user, case, runtime):
    if not _import(user, case.path, "native", "--index-name", case.path).ok:
        raise compare.somebody.JudgeError("%s does not load" % case.path)
    with open(user.path("run", "rootlesskit", "child_pid"), encoding="utf-8") as file:
        pid = file.read().strip()
    done = subprocess.run(
        user.enter() + ["nsenter", "-U", "-m", "-t", pid, "ctr", "-a",
                        user.path("run", "containerd.sock"), "run", "--rm", "--snapshotter",
                        "native", "--runc-root", user.path("run", "runc"), "--runc-binary",
                        runtime, case.path, os.path.basename(case.path)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
        check=False)
    if done.returncode == 0:
        return starts.started(done.stdout)
    text = done.stderr.decode()
    if not text.startswith("ctr: "):
        raise compare.somebody.JudgeError("%s: %d %s" % (case, done.returncode, text))
    return starts.refused(text[len("ctr: "):].rstrip("\n"))


def _import(user, path, snapshotter, *options):
    done = subprocess.run(["ctr", "-a", user.path("run", "containerd.sock"), "image", "import",
                           "--snapshotter", snapshotter, *options, path], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)
    text = done.stderr.decode()
    found = re.search(r"^ctr: (.*)\n\Z", text, re.DOTALL | re.MULTILINE)
    if done.returncode not in (0, 1) or (done.returncode == 1) != (found is not None):
        raise compare.somebody.JudgeError("%s: %d %s" % (path, done.returncode, text))
    return compare.Answer(done.returncode == 0, "" if found is None else
                          MOUNT.sub("/tmp/containerd-mountN", found.group(1)))


if __name__ == "__main__":
    compare.need("containerd", "ctr", "rootlesskit", "runc", "nsenter")
    sys.exit(starts.main(start, "--engine=containerd-rootless", "--driver=vfs",
                         passed_over=OWN_RULES, takes_groups=False) |
             compare.main(judge("native"), "--engine=containerd-rootless", "--driver=vfs") |
             compare.main(judge("overlayfs"), "--engine=containerd-rootless",
                          "--driver=overlay2"))
