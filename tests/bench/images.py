# SPDX-License-Identifier: MIT
"""Writes images from layer files, as `docker save` and as OCI layouts have them.

Layers are read as streams, as one can be larger than memory. Nothing here knows what is in a
layer, and nothing is measured here.
"""

import hashlib
import io
import json
import os
import subprocess
import tarfile
import zlib
from typing import NamedTuple

BLOCK = 1 << 20
# What `docker push` takes.
GZIP_LEVEL = 6
GZIP_WINDOW = 31
INDEX_TYPE = "application/vnd.oci.image.index.v1+json"
MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
CONFIG_TYPE = "application/vnd.oci.image.config.v1+json"
LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar+"
CREATED = "2022-06-30T00:00:00Z"
GO_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "i686": "386"}


class Layer(NamedTuple):
    """A layer's file, its digest and what made it."""

    path: str
    diff_id: str
    step: str


def blocks(path):
    """The file's bytes, a block at a time."""
    with open(path, "rb") as file:
        while True:
            block = file.read(BLOCK)
            if not block:
                return
            yield block


def layer(path, step):
    """A Layer of a file; reads it once."""
    digest = hashlib.sha256()
    for block in blocks(path):
        digest.update(block)
    return Layer(path, "sha256:" + digest.hexdigest(), step)


def _config(layers):
    machine = os.uname().machine
    return json.dumps({
        "architecture": GO_ARCHITECTURES.get(machine, machine), "os": "linux", "created": CREATED,
        "config": {"Cmd": ["sh"]},
        "rootfs": {"type": "layers", "diff_ids": [one.diff_id for one in layers]},
        "history": [{"created": CREATED, "created_by": one.step} for one in layers],
    }).encode()


def write_archive(path, name, layers):
    """A docker archive: manifest.json, and every layer as it is."""
    config = _config(layers)
    config_name = hashlib.sha256(config).hexdigest() + ".json"
    members = [one.diff_id.split(":")[1] + "/layer.tar" for one in layers]
    manifest = [{"Config": config_name, "RepoTags": [name + ":latest"], "Layers": members}]
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        for one, member in zip(layers, members):
            with open(one.path, "rb") as blob:
                info = tarfile.TarInfo(member)
                info.size = os.stat(one.path).st_size
                tar.addfile(info, blob)
        for member, data in ((config_name, config), ("manifest.json",
                                                     json.dumps(manifest).encode())):
            info = tarfile.TarInfo(member)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


def blob_path(directory, digest):
    """Where an OCI layout has a blob."""
    return os.path.join(directory, "blobs", *digest.split(":"))


def read_manifest(directory):
    """The manifest of a layout's only image."""
    with open(os.path.join(directory, "index.json"), encoding="ascii") as file:
        line = json.load(file)["manifests"][0]
    with open(blob_path(directory, line["digest"]), "rb") as file:
        return json.load(file)


class Stored:
    """A layout's blobs and its manifest, in memory: what a registry has to serve."""

    def __init__(self, directory):
        folder = os.path.join(directory, "blobs", "sha256")
        self.blobs = {}
        for name in os.listdir(folder):
            with open(os.path.join(folder, name), "rb") as file:
                self.blobs["sha256:" + name] = file.read()
        with open(os.path.join(directory, "index.json"), encoding="ascii") as file:
            self.bytes = self.blobs[json.load(file)["manifests"][0]["digest"]]


def _gzip(path):
    packer = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, GZIP_WINDOW)
    for block in blocks(path):
        yield packer.compress(block)
    yield packer.flush()


def _zstd(path):
    with subprocess.Popen(["zstd", "-q", "-c", "--", path], stdout=subprocess.PIPE,
                          stdin=subprocess.DEVNULL) as packer:
        while True:
            block = packer.stdout.read(BLOCK)
            if not block:
                break
            yield block
    if packer.returncode != 0:
        raise OSError("zstd of %s: exit %d" % (path, packer.returncode))


PACKERS = {"gzip": _gzip, "zstd": _zstd}


def _put(directory, pieces):
    """A blob of the pieces: its descriptor's digest and size."""
    digest, size = hashlib.sha256(), 0
    folder = os.path.join(directory, "blobs", "sha256")
    unnamed = os.path.join(folder, "unnamed")
    with open(unnamed, "wb") as file:
        for piece in pieces:
            digest.update(piece)
            size += file.write(piece)
    os.rename(unnamed, os.path.join(folder, digest.hexdigest()))
    return {"digest": "sha256:" + digest.hexdigest(), "size": size}


def write_layout(directory, layers, compression):
    """An OCI layout with one image, `latest`, into a directory that does not exist."""
    os.makedirs(os.path.join(directory, "blobs", "sha256"))
    config = dict(_put(directory, [_config(layers)]), mediaType=CONFIG_TYPE)
    packed = [dict(_put(directory, PACKERS[compression](one.path)),
                   mediaType=LAYER_TYPE + compression) for one in layers]
    manifest = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST_TYPE, "config": config,
                           "layers": packed}).encode()
    line = dict(_put(directory, [manifest]), mediaType=MANIFEST_TYPE,
                annotations={"org.opencontainers.image.ref.name": "latest"})
    index = {"schemaVersion": 2, "mediaType": INDEX_TYPE, "manifests": [line]}
    for name, value in (("index.json", index), ("oci-layout", {"imageLayoutVersion": "1.0.0"})):
        with open(os.path.join(directory, name), "w", encoding="ascii") as file:
            json.dump(value, file)
