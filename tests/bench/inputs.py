# SPDX-License-Identifier: MIT
"""The images that are measured: built once into a directory, found there the next time.

The real ones are a Debian root and a node_modules, from Debian's mirror and the npm registry;
the synthetic ones are made here. Nothing is measured here.
"""

import json
import os
import shutil
import subprocess
import sys
import tarfile
from typing import NamedTuple

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "real"))
import debian_root  # noqa: E402 (the path above comes first)

import images  # noqa: E402
import synthetic  # noqa: E402

APP = os.path.join(HERE, "node_app", "package.json")
DEBIAN_PACKAGES = "npm,build-essential,git,python3,ca-certificates"
LAYOUTS = ("gzip", "zstd")


class InputError(Exception):
    """An input could not be made; the words say why."""


class Image(NamedTuple):
    """An image in all its forms."""

    name: str
    directory: str
    layers: list  # the bare layers' files
    layouts: tuple  # the compressions that there are OCI layouts of
    entries: int
    size: int  # of all layers, unpacked to tar
    failing: bool

    def archive(self):
        """The file that `docker save` would write."""
        return os.path.join(self.directory, "archive.tar")

    def layout(self, compression):
        """The OCI layout."""
        return os.path.join(self.directory, compression)

    def blobs(self, compression):
        """The layers' files in a layout."""
        directory = self.layout(compression)
        manifest = images.read_manifest(directory)
        return [images.blob_path(directory, one["digest"]) for one in manifest["layers"]]


def _run(what, command, **options):
    done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **options)
    if done.returncode != 0:
        tail = b"\n".join(done.stdout.splitlines()[-10:]).decode(errors="replace")
        raise InputError("%s: exit %d\n%s" % (what, done.returncode, tail))


def _need(*commands):
    for command in commands:
        if shutil.which(command) is None:
            raise InputError("there is no %s here" % command)


def _write_debian(path, work):
    """A Debian root as a layer: mmdebstrap's tar without devices and without leading `./`."""
    _need("mmdebstrap")
    root = os.path.join(work, "root.tar")
    _run("mmdebstrap", ["mmdebstrap", "--variant=minbase", "--include=" + DEBIAN_PACKAGES]
         + ["--aptopt=" + setting for setting in debian_root.apt_settings()]
         + [debian_root.SUITE, root] + debian_root.apt_mirrors())
    with tarfile.open(root, "r|") as source, \
            tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as out:
        for info in source:
            name = os.path.normpath(info.name)
            if name == "." or name.startswith("dev/"):
                continue
            content = source.extractfile(info) if info.isreg() else None
            out.addfile(_plain(info, name), content)


def _plain(info, name):
    """An entry as an image has it: no names of owners, no parts of seconds."""
    info.name = name
    if info.islnk():
        info.linkname = os.path.normpath(info.linkname)
    info.uname = info.gname = ""
    info.mtime = int(info.mtime)
    info.pax_headers = {key: value for key, value in info.pax_headers.items()
                        if key.startswith("SCHILY.xattr.")}
    return info


def _write_node(path, work):
    """A node_modules as a layer below /app, all owned by root."""
    _need("npm")
    shutil.copy(APP, work)
    _run("npm install", ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund"],
         cwd=work)

    def as_root(info):
        info.uid = info.gid = 0
        return _plain(info, info.name)

    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as out:
        out.add(os.path.join(work, "node_modules"), "app/node_modules", filter=as_root)


REAL = {"debian": (_write_debian, "RUN apt-get install " + DEBIAN_PACKAGES.replace(",", " ")),
        "node": (_write_node, "RUN npm install")}


def _count(path):
    with tarfile.open(path, "r|") as layer:
        return sum(1 for _ in layer)


class Inputs:
    """All inputs below one directory."""

    def __init__(self, directory, say):
        self._directory = os.path.abspath(directory)
        self._say = say
        os.makedirs(self._directory, exist_ok=True)

    def _path(self, *parts):
        return os.path.join(self._directory, *parts)

    def _make(self, name, write):
        """The directory NAME, which `write` fills unless it is there: all of it or nothing."""
        final, work = self._path(name), self._path(name + ".new")
        if not os.path.isdir(final):
            self._say("making input %s" % name)
            shutil.rmtree(work, ignore_errors=True)
            os.mkdir(work)
            write(work)
            os.rename(work, final)
        return final

    def _real_layer(self, name):
        def write(directory):
            work = os.path.join(directory, "work")
            os.mkdir(work)
            REAL[name][0](os.path.join(directory, "layer.tar"), work)
            shutil.rmtree(work)

        directory = self._make("layer-" + name, write)
        return images.layer(os.path.join(directory, "layer.tar"), REAL[name][1])

    def real(self, name, parts, layouts):
        """The image of those real layers, the bottom one first."""
        def write(directory):
            layers = [self._real_layer(part) for part in parts]
            entries = sum(_count(one.path) for one in layers)
            self._write_forms(directory, name, layers, layouts=layouts, entries=entries)

        return self._image(name, self._make(name, write))

    def made(self, entries, layers, failing=False, layouts=()):
        """A synthetic image of so many entries in so many layers."""
        name = "e%d-l%d%s" % (entries, layers, "-failing" if failing else "")

        def write(directory):
            parts = []
            share = entries // layers // synthetic.PER_FOLDER * synthetic.PER_FOLDER
            for index in range(layers):
                path = os.path.join(directory, "layer%d.tar" % index)
                count = share if index < layers - 1 else entries - share * index
                synthetic.write_layer(path, share * index, count, failing)
                parts.append(images.layer(path, "COPY part%d /" % index))
            self._write_forms(directory, name, parts, layouts=layouts, entries=entries,
                              failing=failing)

        return self._image(name, self._make(name, write))

    @staticmethod
    def _write_forms(directory, name, layers, *, layouts, entries, failing=False):
        images.write_archive(os.path.join(directory, "archive.tar"), "bench-" + name, layers)
        for compression in layouts:
            images.write_layout(os.path.join(directory, compression), layers, compression)
        facts = {"layers": [os.path.relpath(one.path, directory) for one in layers],
                 "layouts": layouts, "entries": entries, "failing": failing,
                 "size": sum(os.stat(one.path).st_size for one in layers)}
        with open(os.path.join(directory, "facts.json"), "w", encoding="utf-8") as file:
            json.dump(facts, file)

    @staticmethod
    def _image(name, directory):
        with open(os.path.join(directory, "facts.json"), encoding="utf-8") as file:
            facts = json.load(file)
        facts["layers"] = [os.path.normpath(os.path.join(directory, path))
                           for path in facts["layers"]]
        return Image(name=name, directory=directory, **facts)
