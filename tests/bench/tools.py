# SPDX-License-Identifier: MIT
"""What is compared: how each tool is asked to unpack an image, and how that is undone.

Each is given a fresh directory for what it writes. Engines live on the same file system.
Nothing here takes a time or judges one.
"""

import contextlib
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
for folder in ("support", "dockerd"):
    sys.path.insert(0, os.path.join(HERE, "..", folder))
import engine  # noqa: E402 (the paths above come first)
import registry  # noqa: E402
import unrtest  # noqa: E402

import groups  # noqa: E402
import images  # noqa: E402

FORMS = ("archive", "gzip", "zstd")
UNTAR = 'set -e; program=$1; shift; for layer; do "$program" -xf "$layer" -C "$0"; done'
# Since this version docker takes zstd.
ZSTD_ENGINE = "docker-23.0"
SOURCES = {"archive": "docker-archive:", "gzip": "oci:", "zstd": "oci:"}


class Tool:
    """One way to unpack; `forms` are what it is asked to read."""

    name = None
    program = None
    forms = FORMS
    good = (0,)
    group = None  # of a daemon

    def why_not(self):
        """The reason why it cannot be run here, or None."""
        return None if shutil.which(self.program) else "no %s on PATH" % self.program

    def version(self):
        """Its version as a few words."""
        text = subprocess.run([self.program, "--version"], check=False, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, text=True).stdout
        return re.split(r",| - |\n", text)[0].strip()

    def start(self, place, stack):
        """Starts what it needs, once; `stack` ends it."""

    def daemon(self):
        """The processes of a daemon, whose share counts."""
        return ()

    def command(self, image, form, work):
        """What is run and measured."""
        raise NotImplementedError

    def undo(self, image, form):
        """Removes what the command left elsewhere than in its directory."""


def source(image, form):
    """An image in a file or a directory, as userns-repro names it."""
    return SOURCES[form] + (image.archive() if form == "archive" else image.layout(form))


class Run(Tool):
    """userns-repro's verdict."""

    name = "run"
    program = unrtest.PROGRAM
    good = (0, 1)

    @staticmethod
    def _options(form):
        return ["run", "--progress", "none"] + (
            ["--engine", ZSTD_ENGINE] if form == "zstd" else [])

    def command(self, image, form, work):
        return [self.program] + self._options(form) + [source(image, form)]


class RunUnverified(Run):
    """The same without digests of the layers, which shows what they cost."""

    name = "run --no-verify"
    forms = ("archive",)

    def command(self, image, form, work):
        return ([self.program] + self._options(form) + ["--no-verify", source(image, form)])


class Floor(Tool):
    """What no verdict can do without; not a way to unpack."""

    name = "floor"
    program = os.path.join(os.path.dirname(unrtest.PROGRAM), "tests", "unr-floor")
    forms = ("archive",)

    def why_not(self):
        return super().why_not() or (None if os.geteuid() == 0 else "needs root")

    def version(self):
        return Run().version()

    def command(self, image, form, work):
        return [self.program, work, str(image.entries)] + image.layers


class RunRootfs(Run):
    """userns-repro with a tree that is kept."""

    name = "run --rootfs"

    def command(self, image, form, work):
        return ([self.program] + self._options(form)
                + ["--rootfs", os.path.join(work, "tree"), source(image, form)])


class Served:
    """A registry with the layouts of images, each under a reference."""

    def __init__(self):
        self._stack, self._registry, self._references = None, None, {}

    def start(self, place, stack):
        """Starts the registry, if it does not run yet."""
        if self._registry is None:
            self._stack = stack
            directory = os.path.join(place.path, "registry")
            os.mkdir(directory)
            self._registry = stack.enter_context(registry.Registry(directory))

    def reference(self, image, form):
        """Under which name the registry has the image."""
        key = (image.name, form)
        if key not in self._references:
            self._references[key] = self._stack.enter_context(
                self._registry.serving(images.Stored(image.layout(form))))
        return self._references[key]


class RunRegistry(Run):
    """userns-repro's verdict on an image in a registry."""

    name = "run docker://"
    forms = ("gzip", "zstd")

    def __init__(self, served):
        self._served = served

    def why_not(self):
        return super().why_not() or registry.why_not()

    def start(self, place, stack):
        self._served.start(place, stack)

    def command(self, image, form, work):
        return ([self.program] + self._options(form) + [
            "--tls-verify=false", "docker://%s:latest" % self._served.reference(image, form)])


class Docker(Tool):
    """A real dockerd with userns-remap; started once for both of its commands."""

    program = "docker"

    def __init__(self, host):
        self._host = host

    def why_not(self):
        return super().why_not() or engine.why_not()

    def version(self):
        return "%s, dockerd %s" % (super().version(), self._host.engine.version())

    def start(self, place, stack):
        self._host.start(place, stack)

    @property
    def group(self):
        return self._host.group

    def daemon(self):
        return self._host.engine.processes()

    def _client(self, *arguments):
        return [self.program, "-H", "unix://" + self._host.engine.address] + list(arguments)


class Host:
    """The dockerd, in a control group of its own where there can be one."""

    def __init__(self):
        self.engine, self.group = None, None

    def start(self, place, stack):
        """Starts it, if it does not run yet."""
        if self.engine is not None:
            return
        with contextlib.ExitStack() as inside:
            with contextlib.suppress(OSError):
                self.group = stack.enter_context(groups.Group("dockerd"))
                inside.enter_context(self.group.entered())
            self.engine = stack.enter_context(engine.Engine("overlay2", parent=place.path))


class DockerLoad(Docker):
    """docker load"""

    name = "docker load"
    forms = ("archive",)

    def command(self, image, form, work):
        return self._client("load", "-q", "-i", image.archive())

    def undo(self, image, form):
        self._host.engine.remove("bench-%s:latest" % image.name)


class DockerPull(Docker):
    """docker pull from the local registry"""

    name = "docker pull"
    forms = ("gzip", "zstd")

    def __init__(self, host, served):
        super().__init__(host)
        self._served = served

    def why_not(self):
        return super().why_not() or registry.why_not()

    def start(self, place, stack):
        super().start(place, stack)
        self._served.start(place, stack)

    def command(self, image, form, work):
        return self._client("pull", "-q", self._served.reference(image, form) + ":latest")

    def undo(self, image, form):
        self._host.engine.remove(self._served.reference(image, form) + ":latest")


class PodmanLoad(Tool):
    """podman load, with a storage of its own for each run"""

    name = "podman load"
    program = "podman"
    forms = ("archive",)

    def _podman(self, work):
        return [self.program, "--root", os.path.join(work, "storage"),
                "--runroot", os.path.join(work, "run"), "--storage-driver", "overlay"]

    def command(self, image, form, work):
        return self._podman(work) + ["load", "-q", "-i", image.archive()]


class PodmanPull(PodmanLoad):
    """podman pull from an OCI layout, as it loads no directory"""

    name = "podman pull"
    forms = ("gzip", "zstd")

    def command(self, image, form, work):
        # The path becomes the image's name, which a hidden folder on the way cannot be in.
        folder, name = os.path.split(image.layout(form))
        return ["env", "-C", folder] + self._podman(work) + ["pull", "-q", "oci:%s:latest" % name]


class Umoci(Tool):
    """umoci unpack"""

    name = "umoci unpack"
    program = "umoci"
    forms = ("gzip", "zstd")

    def command(self, image, form, work):
        rootless = ["--rootless"] if os.geteuid() != 0 else []
        return [self.program, "unpack"] + rootless + [
            "--image", image.layout(form) + ":latest", os.path.join(work, "bundle")]


class Tar(Tool):
    """GNU tar on the bare layers, or on the compressed ones by its own means."""

    name = "tar -x"
    program = "tar"

    def command(self, image, form, work):
        layers = image.layers if form == "archive" else image.blobs(form)
        return ["sh", "-c", UNTAR, work, self.program] + layers


class Bsdtar(Tar):
    """bsdtar, which is libarchive's."""

    name = "bsdtar -x"
    program = "bsdtar"


def all_tools():
    """Every tool, in the order of the tables."""
    host, served = Host(), Served()
    return [Run(), RunUnverified(), Floor(), RunRegistry(served), RunRootfs(), DockerLoad(host),
            DockerPull(host, served), PodmanLoad(), PodmanPull(), Umoci(), Bsdtar(), Tar()]
