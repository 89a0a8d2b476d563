#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Advice, followed for real: an image is built, refused, its Dockerfile changed, built again.

The builder is this docker's own, of a daemon without userns-remap.  It leaves
names of files out of the history where BuildKit has them, so the lines of the
history are put in as BuildKit writes them.
"""

import io
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tarfile

import engine
import judge
from judge import unrtest

BUSYBOX = shutil.which("busybox") or "busybox"
COMMANDS = ("sh", "tar", "find", "chown", "chgrp", "rm", "mkdir", "touch", "cat", "chmod")
BUILD_SECONDS = 120
PT_INTERP = 3
HIGH = 431982
# What each Dockerfile is to be advised, the kind up to the comma, and the id at which it is refused.
CASES = {
    "same-run": ("FROM base\n"
                 "RUN mkdir /app && touch /app/a /app/b && chown -R $(cat /high) /app\n", HIGH),
    "no-same-owner": ("FROM base\n"
                      "COPY tool-1.2.tar.gz /tmp/\n"
                      "RUN mkdir /opt && tar xzf /tmp/tool-1.2.tar.gz -C /opt && true\n", HIGH),
    "low-id": ("FROM base\n"
               "RUN touch /a && chown 431982:70000 /a\n", HIGH),
    "low-id, of a build argument": ("FROM base\n"
                                    "ARG OWNER=431982\n"
                                    "RUN touch /a && chown $OWNER:$OWNER /a\n", HIGH),
    "copy-chown": ("FROM base AS build\n"
                   "RUN mkdir /out && touch /out/f && chown -R $(cat /high) /out\n"
                   "FROM base\n"
                   "COPY --from=build /out /srv/app\n", HIGH),
    "add-unpacked": ("FROM base\n"
                     "ADD tool-1.2.tar.gz /opt/\n", HIGH),
    "add-unpacked, by the older builder": ("FROM base\n"
                                           "ADD tool-1.2.tar.gz /opt/\n", HIGH),
    "user": ("FROM base\n"
             "USER 431982\n", HIGH),
    "low-id, by which USER is found": ("FROM base\n"
                                       "RUN echo a:x:431982:5::/: >> /etc/passwd\n"
                                       "USER 431982\n", HIGH),
    "user, whose group alone": ("FROM base\n"
                                "USER 5:431982\n", HIGH),
}


def _is_static(path):
    """Is it an ELF file of 64 bits, in the host's order, that asks for no interpreter?"""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except FileNotFoundError:
        return False
    table, = struct.unpack_from("=Q", data, 32)
    size, count = struct.unpack_from("=HH", data, 54)
    kinds = [struct.unpack_from("=I", data, table + at * size)[0] for at in range(count)]
    return data[:5] == b"\x7fELF\2" and PT_INTERP not in kinds


def _root_tar():
    """A root directory of busybox alone."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name in ("bin", "tmp", "etc", "srv"):
            info = tarfile.TarInfo(name)
            info.type, info.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(info)
        with open(BUSYBOX, "rb") as file:
            info = tarfile.TarInfo("bin/busybox")
            info.mode, info.size = 0o755, os.fstat(file.fileno()).st_size
            tar.addfile(info, file)
        for name in COMMANDS:
            info = tarfile.TarInfo("bin/" + name)
            info.type, info.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(info)
        for name, text in (("etc/passwd", "root:x:0:0::/:/bin/sh\n"), ("etc/group", "root:x:0:\n"),
                           ("high", "%d:89939\n" % HIGH)):
            info = tarfile.TarInfo(name)
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text.encode()))
    return out.getvalue()


def _write_archive(path):
    """A release as its build host packs it."""
    with tarfile.open(path, "w:gz") as tar:
        for name, kind in (("tool-1.2", tarfile.DIRTYPE), ("tool-1.2/tool", tarfile.REGTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.uid, info.gid, info.mode = kind, HIGH, 89939, 0o755
            tar.addfile(info)


def _history(dockerfile, older):
    """The lines that make layers, of the last stage, as BuildKit writes them; or the builder before
    it, of an ADD."""
    last = dockerfile.split("FROM ")[-1].splitlines()[1:]
    lines = re.sub(r" \\\n\s*", " ", "\n".join(last)).splitlines()
    arguments = [line.removeprefix("ARG ") for line in lines if line.startswith("ARG ")]
    run = " ".join(["RUN", "|%d" % len(arguments)] + arguments if arguments else ["RUN"])
    steps = [re.sub(r"^RUN ", run + " /bin/sh -c ", line).replace("--from=build ", "") + " # buildkit"
             for line in lines if not line.startswith(("USER ", "ARG "))]
    return [re.sub(r"^ADD \S+ (\S+) # buildkit$",
                   r"/bin/sh -c #(nop) ADD file:%s in \1 " % ("5" * 64), step)
            for step in steps] if older else steps


def apply(diff, dockerfile):
    """The Dockerfile after the change; what the history leaves out stays."""
    lines = dockerfile.splitlines()
    at = None
    for line in diff.splitlines():
        mark, text = line[:2], line[2:]
        known = [one.replace("--from=build ", "") for one in lines]
        if mark == "- ":
            at = known.index(text)
            copies = "--from=build " in lines.pop(at)
        elif mark == "  ":
            at = known.index(text.removesuffix(" && \\"))
            lines[at] += " && \\"
            at += 1
        else:
            if mark == "+ " and text.startswith("COPY --chown") and copies:
                text = text.replace("COPY ", "COPY --from=build ")
            lines.insert(at, text)
            at += 1
    return "\n".join(lines) + "\n"


class Builder:
    """docker build, and the archive of what it made."""

    def __init__(self, running):
        self._environment = dict(os.environ, DOCKER_HOST="unix://" + running.address,
                                 DOCKER_BUILDKIT="0")
        self._context = os.path.join(running.work, "context")
        self._archive = os.path.join(running.work, "image.tar")
        os.mkdir(self._context)
        _write_archive(os.path.join(self._context, "tool-1.2.tar.gz"))
        self._docker("import", "-", "base", input=_root_tar())

    def _docker(self, *words, **options):
        done = subprocess.run(("docker",) + words, env=self._environment, check=False,
                              timeout=BUILD_SECONDS, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, **options)
        if done.returncode != 0:
            raise engine.EngineError("docker %s:\n%s" % (words[0], done.stdout.decode()))

    def build(self, dockerfile, older=False):
        """The path of the archive, whose history is as BuildKit has it."""
        with open(os.path.join(self._context, "Dockerfile"), "w", encoding="utf-8") as file:
            file.write(dockerfile)
        self._docker("build", "--network=none", "--no-cache", "--tag=image", self._context)
        self._docker("save", "--output", self._archive, "image")
        self._rewrite(_history(dockerfile, older))
        return self._archive

    def _rewrite(self, steps):
        with tarfile.open(self._archive) as tar:
            members = [(info, tar.extractfile(info).read() if info.isfile() else None)
                       for info in tar]
        content = {info.name: data for info, data in members}
        name = json.loads(content["manifest.json"])[0]["Config"]
        config = json.loads(content[name])
        layers = [line for line in config["history"] if not line.get("empty_layer")]
        for line, step in zip(layers[1:], steps):
            line["created_by"] = step
        with tarfile.open(self._archive, "w") as tar:
            for info, data in members:
                if info.name == name:
                    data = json.dumps(config).encode()
                    info.size = len(data)
                tar.addfile(info, None if data is None else io.BytesIO(data))


def report(program, archive):
    """The exit status and the JSON report."""
    done = subprocess.run((program, "run", "--format=json", archive), check=False,
                          timeout=judge.PROGRAM_SECONDS, stdout=subprocess.PIPE)
    if done.returncode not in (0, 1):
        raise engine.EngineError("userns-repro: exit status %d" % done.returncode)
    return done.returncode, json.loads(done.stdout)


def differences(name, program, builder):
    """What is otherwise than it should be for one kind of advice."""
    dockerfile, wanted = CASES[name]
    kind = name.split(",")[0]
    status, refused = report(program, builder.build(dockerfile, "older" in name))
    advice = refused["advice"]
    if status != 1 or refused["verdict"].get("id") != wanted:
        return ["the image is not refused at %d: %r" % (wanted, refused["verdict"])]
    if len(advice) != 1 or advice[0]["kind"] != kind:
        return ["another advice: %r" % (advice,)]
    changed = apply(advice[0]["diff"].replace("ARCHIVE.", "tool-1.2."), dockerfile)
    status, loads = report(program, builder.build(changed))
    print("%s:\n%s" % (name, advice[0]["diff"]), end="", flush=True)
    if status != 0:
        return ["it does not help: %r\n%s" % (loads["verdict"], changed)]
    return []


def main():
    judge.require_dockerd()
    judge.end_on_sigterm()
    program = judge.program_path()
    if not _is_static(BUSYBOX):
        unrtest.skip("no busybox without libraries, of which images could be made: "
                     "install busybox-static")
    wrong = 0
    with engine.Engine(arguments=["--userns-remap="]) as running:
        builder = Builder(running)
        for name in CASES:
            for line in differences(name, program, builder):
                print("%s: %s" % (name, line))
                wrong += 1
    print("%d pieces of advice followed, %d wrong" % (len(CASES), wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
