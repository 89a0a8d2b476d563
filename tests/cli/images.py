# SPDX-License-Identifier: MIT
"""Small images for tests of the whole program, in each form that it reads.

A layer is the bytes of a tar; an Image is its layers with a config.  The same image can be had as
either layout of `docker save`, and as an OCI layout.  Nothing here knows what the program does.
"""
import gzip
import hashlib
import io
import json
import os
import tarfile

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar"
REF_NAME = "org.opencontainers.image.ref.name"

DIRECTORY, SYMLINK = tarfile.DIRTYPE, tarfile.SYMTYPE


def entry(name, uid=0, gid=0, data=b"", kind=tarfile.REGTYPE, link=""):
    """One member of a tar: its header and its bytes."""
    info = tarfile.TarInfo(name)
    info.uid, info.gid, info.type, info.linkname = uid, gid, kind, link
    info.mode = 0o755 if kind == DIRECTORY else 0o644
    info.size = len(data)
    return info, data


def tar(*entries, end=True):
    """The bytes of a tar; without @end the two empty blocks are missing."""
    out = b""
    for info, data in entries:
        out += info.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")
        out += data + b"\0" * (-len(data) % 512)
    return out + (b"\0" * 1024 if end else b"")


def hexdigest(data):
    """SHA-256 as it stands in names and, behind "sha256:", in digests."""
    return hashlib.sha256(data).hexdigest()


def digest(data):
    """As OCI writes it."""
    return "sha256:" + hexdigest(data)


def dumps(value):
    """JSON as bytes."""
    return json.dumps(value).encode()


class Image:
    """Layers, bottom first, and what the config says about them."""

    def __init__(self, *layers, tags=("app:latest",), user="", steps=None, compress=False):
        self.layers = layers
        self.tags = tags
        self.user = user
        self.steps = steps or [f"RUN step {i}" for i in range(len(layers))]
        self.blobs = [gzip.compress(layer, mtime=0) if compress else layer for layer in layers]

    def config(self):
        """The image config as bytes."""
        return dumps({"architecture": "amd64", "os": "linux", "config": {"User": self.user},
                      "rootfs": {"type": "layers",
                                 "diff_ids": [digest(layer) for layer in self.layers]},
                      "history": [{"created_by": step} for step in self.steps]})


# What images most tests are about are made of.
GOOD_LAYER = tar(entry("etc", kind=DIRECTORY), entry("etc/motd", data=b"hello\n"))
BAD_LAYER = tar(entry("srv", kind=DIRECTORY), entry("srv/high", 1000000, 1000000, b"high\n"))


def good_image(**options):
    """One that loads under the default map."""
    return Image(GOOD_LAYER, **options)


def bad_image(**options):
    """One with a file that no profile's map has a place for, in layer 1."""
    return Image(GOOD_LAYER, BAD_LAYER, **options)


BAD_MESSAGE = "Container ID 1000000 cannot be mapped to a host ID"


def archive(files, end=True):
    """A tar of @files, pairs of a name and bytes; a string instead is the target of a link."""
    return tar(*(entry(name, kind=SYMLINK, link=data) if isinstance(data, str) else
                 entry(name, data=data) for name, data in files), end=end)


def old_files(*images):
    """What `docker save` wrote up to version 24, as pairs; a layer that came before is a link."""
    files, manifest, places = [], [], {}
    for number, image in enumerate(images):
        names = []
        for i, blob in enumerate(image.blobs):
            folder = hexdigest(b"%d %d" % (number, i) + blob)
            files += [(f"{folder}/VERSION", b"1.0"), (f"{folder}/json", b"{}")]
            first = places.setdefault(blob, folder)
            files.append((f"{folder}/layer.tar",
                          blob if first == folder else f"../{first}/layer.tar"))
            names.append(f"{folder}/layer.tar")
        config = image.config()
        files.append((hexdigest(config) + ".json", config))
        manifest.append({"Config": hexdigest(config) + ".json", "RepoTags": list(image.tags),
                         "Layers": names})
    return files + [("manifest.json", dumps(manifest)), ("repositories", b"{}")]


def old_archive(*images):
    """The same as a tar."""
    return archive(old_files(*images))


def oci_files(*images):
    """An OCI layout as a dict of names and bytes."""
    files, lines = {}, []

    def keep(data, media_type, **more):
        files["blobs/sha256/" + hexdigest(data)] = data
        return {"mediaType": media_type, "digest": digest(data), "size": len(data), **more}

    for image in images:
        config = keep(image.config(), OCI_CONFIG)
        layers = [keep(blob, OCI_LAYER + ("" if blob == layer else "+gzip"))
                  for blob, layer in zip(image.blobs, image.layers)]
        manifest = dumps({"schemaVersion": 2, "config": config, "layers": layers})
        for tag in image.tags or (None,):
            notes = {"annotations": {REF_NAME: tag}} if tag else {}
            lines.append(keep(manifest, OCI_MANIFEST, **notes))
    files["oci-layout"] = dumps({"imageLayoutVersion": "1.0.0"})
    files["index.json"] = dumps({"schemaVersion": 2, "manifests": lines})
    return files


def new_files(*images):
    """What `docker save` writes since version 25: an OCI layout with a manifest.json."""
    manifest = [{"Config": "blobs/sha256/" + hexdigest(image.config()),
                 "RepoTags": list(image.tags),
                 "Layers": ["blobs/sha256/" + hexdigest(blob) for blob in image.blobs]}
                for image in images]
    return sorted(oci_files(*images).items()) + [("manifest.json", dumps(manifest))]


def new_archive(*images):
    """The same as a tar."""
    return archive(new_files(*images))


def write_layout(folder, files):
    """Puts @files, a dict, below the new directory @folder."""
    os.mkdir(folder)
    for name, data in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)


def members(data):
    """The members of a tar, in order: pairs of name and position of the header."""
    with tarfile.open(fileobj=io.BytesIO(data)) as opened:
        return [(member.name, member.offset) for member in opened]
