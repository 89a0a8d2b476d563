#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Builds a real image without a container engine, as a docker archive.

    build_image.py OUT.tar [--cache DIR] [--variant npm9|same-run|next-layer]

Layer 0 is a Debian root with node and npm; the layers above are what npm 9.1.1, run there as
root, really left behind. The layers are kept in the cache folder, so that a second image of
any variant is only a copy. Exit status 77: this host cannot do it, and why.
"""

import argparse
import contextlib
import fcntl
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import debian_root  # noqa: E402 (the path above comes first)
from debian_root import BuildError, Unavailable  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
APP = os.path.join(HERE, "npm9")
EXIT_UNAVAILABLE = 77
EXIT_INTERRUPTED = 130

# variant -> the layers above the base, each with the shell line that made it
VARIANTS = {
    "npm9": (("install", debian_root.INSTALL),),
    "same-run": (("install-chown", debian_root.INSTALL + " && " + debian_root.CHOWN),),
    "next-layer": (("install", debian_root.INSTALL), ("chown", debian_root.CHOWN)),
}
PROGRAMS = ("mmdebstrap", "unshare", "setpriv", "mount", "umount", "chroot")
NAMESPACES = ("unshare", "--mount", "--pid", "--fork", "--kill-child=KILL", "--mount-proc")
GO_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "i686": "386"}


def ensure_layers(cache):
    """Build the layers unless the cache folder has them; gives their facts."""
    os.makedirs(cache, exist_ok=True)
    with open(os.path.join(cache, "lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        facts_path = os.path.join(cache, "layers.json")
        facts = _read_facts(facts_path)
        if facts is None:
            _build_in_namespaces(cache)
            facts = _read_facts(facts_path)
        if facts is None:
            raise BuildError("the build left no layers")
        return facts


def write_archive(cache, facts, variant, out):
    """Write one variant as `docker save` would; gives the created_by of each of its layers."""
    names = ["base"] + [name for name, _ in VARIANTS[variant]]
    config = _config(facts, variant)
    config_name = hashlib.sha256(config).hexdigest() + ".json"
    paths = [facts["layers"][name]["diff_id"].split(":")[1] + "/layer.tar" for name in names]
    manifest = [{"Config": config_name, "RepoTags": ["userns-repro-real:" + variant],
                 "Layers": paths}]
    with tarfile.open(out, "w", format=tarfile.PAX_FORMAT) as tar:
        for name, path in zip(names, paths):
            with open(os.path.join(cache, name + ".tar"), "rb") as blob:
                info = tarfile.TarInfo(path)
                info.size = facts["layers"][name]["size"]
                tar.addfile(info, blob)
        _add_bytes(tar, config_name, config)
        _add_bytes(tar, "manifest.json", json.dumps(manifest).encode())
    history = json.loads(config)["history"]
    return [step["created_by"] for step in history if not step.get("empty_layer")]


def _add_bytes(tar, name, data):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data))


def _config(facts, variant):
    """The image config with the history that the Dockerfile of the variant would leave."""
    path = "PATH=" + debian_root.IMAGE_PATH
    base_id = facts["layers"]["base"]["diff_id"]
    history = [
        {"created_by": "/bin/sh -c #(nop) ADD file:%s in / " % base_id.split(":")[1]},
        {"created_by": "/bin/sh -c #(nop)  CMD [\"bash\"]", "empty_layer": True},
        {"created_by": "WORKDIR /app", "comment": "buildkit.dockerfile.v0",
         "empty_layer": True},
    ]
    for _, command in VARIANTS[variant]:
        history.append({"created_by": "RUN /bin/sh -c %s # buildkit" % command,
                        "comment": "buildkit.dockerfile.v0"})
    for step in history:
        step["created"] = facts["created"]
    names = ["base"] + [name for name, _ in VARIANTS[variant]]
    return json.dumps({
        "architecture": facts["architecture"], "os": "linux", "created": facts["created"],
        "config": {"Env": [path], "Cmd": ["bash"], "WorkingDir": "/app"},
        "rootfs": {"type": "layers",
                   "diff_ids": [facts["layers"][name]["diff_id"] for name in names]},
        "history": history,
    }).encode()


def _cache_key():
    """Changes whenever anything that decides the layers does."""
    digest = hashlib.sha256(os.uname().machine.encode())
    files = [os.path.join(HERE, name) for name in ("debian_root.py", "layer.py")]
    files += [os.path.join(APP, name) for name in sorted(os.listdir(APP))]
    for path in files:
        with open(path, "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def _read_facts(path):
    try:
        with open(path, encoding="utf-8") as file:
            facts = json.load(file)
    except (FileNotFoundError, ValueError):
        return None
    return facts if facts.get("key") == _cache_key() else None


def _build_in_namespaces(cache):
    """Run this file again where its mounts and processes cannot outlive it."""
    _check_host()
    os.makedirs(os.path.join(cache, "root"), exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(os.path.join(cache, "layers.json"))
    done = subprocess.run(
        ["setpriv", "--pdeathsig", "KILL", *NAMESPACES,
         sys.executable, os.path.abspath(__file__), "--inside", cache],
        check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    if done.returncode == EXIT_UNAVAILABLE:
        raise Unavailable(done.stdout.strip())
    if done.returncode != 0:
        raise BuildError(done.stdout.strip() or "build: exit %d" % done.returncode)


def _check_host():
    if os.geteuid() != 0:
        raise Unavailable("building a root needs root")
    for name in PROGRAMS:
        if shutil.which(name) is None:
            raise Unavailable("there is no %s here" % name)
    probe = subprocess.run([*NAMESPACES, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], check=False,
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                           stderr=subprocess.PIPE, text=True)
    if probe.returncode != 0:
        raise Unavailable("no mount namespace: " + probe.stderr.strip())


def _inside(cache):
    """The part that runs as the first process of the namespaces."""
    facts = {
        "key": _cache_key(),
        "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "architecture": GO_ARCHITECTURES.get(os.uname().machine, os.uname().machine),
    }
    facts["layers"] = debian_root.build(cache, APP)
    unfinished = os.path.join(cache, "layers.json.new")
    with open(unfinished, "w", encoding="utf-8") as file:
        json.dump(facts, file, indent=1)
    os.rename(unfinished, os.path.join(cache, "layers.json"))


def _arguments():
    parser = argparse.ArgumentParser(
        description="build a real image whose npm layer carries ids above 65535")
    parser.add_argument("out", nargs="?", metavar="OUT.tar")
    parser.add_argument("--cache", metavar="DIR", help="keep the layers here")
    parser.add_argument("--variant", choices=sorted(VARIANTS), default="npm9")
    parser.add_argument("--inside", metavar="DIR", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.out is None and arguments.inside is None:
        parser.error("OUT.tar is missing")
    return arguments


def _build_out(arguments):
    with contextlib.ExitStack() as stack:
        cache = arguments.cache
        if cache is None:
            cache = stack.enter_context(tempfile.TemporaryDirectory(prefix="real-image-"))
        cache = os.path.abspath(cache)
        write_archive(cache, ensure_layers(cache), arguments.variant, arguments.out)


def main():
    arguments = _arguments()
    try:
        if arguments.inside is not None:
            _inside(arguments.inside)
        else:
            _build_out(arguments)
    except Unavailable as why:
        print(why)
        return EXIT_UNAVAILABLE
    except (BuildError, OSError) as why:
        print(why)
        return 1
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())
