# SPDX-License-Identifier: MIT
"""A private registry for `docker pull`: Debian's docker-registry on a free port of 127.0.0.1.

Images are put into its storage as files, and not pushed, because a registry
takes no damaged blob.  The same manifest, written as an OCI layout, is what
userns-repro is given.  This file knows the registry's storage and the layout;
it never judges an answer.
"""

import contextlib
import hashlib
import itertools
import json
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import daemons  # noqa: E402 (the path above comes first)

MANIFEST_TYPE = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG_TYPE = "application/vnd.docker.container.image.v1+json"
LAYER_TYPE = "application/vnd.docker.image.rootfs.diff.tar.gzip"

CONFIG = """version: 0.1
log: {{level: info, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {root}}}}}
http: {{addr: "127.0.0.1:0"}}
"""


def why_not():
    """The reason why no registry can be run here, or None."""
    return None if shutil.which(daemons.REGISTRY) else "no %s on PATH" % daemons.REGISTRY


def digest(data):
    """The name of a blob."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Manifest:
    """An image as its manifest and its blobs.

    Layers are declared to be gzip whatever they are, as an engine does not look at that.
    """

    def __init__(self, image):
        config = image.config_bytes()
        blobs = [layer.blob() for layer in image.layers]
        self.blobs = {digest(blob): blob for blob in [config] + blobs}
        self.bytes = json.dumps({
            "schemaVersion": 2, "mediaType": MANIFEST_TYPE,
            "config": _descriptor(CONFIG_TYPE, config),
            "layers": [_descriptor(LAYER_TYPE, blob) for blob in blobs]}).encode()
        self.blobs[digest(self.bytes)] = self.bytes
        # What is handed out in the place of a blob; its name stays.
        for index, served in image.served.items():
            self.blobs[digest(blobs[index])] = served

    def write_layout(self, directory, tag="latest"):
        """Writes the image as an OCI layout into an empty directory."""
        os.makedirs(os.path.join(directory, "blobs", "sha256"))
        for name, data in self.blobs.items():
            _write(os.path.join(directory, "blobs", name.replace(":", "/")), data)
        line = dict(_descriptor(MANIFEST_TYPE, self.bytes),
                    annotations={"org.opencontainers.image.ref.name": tag})
        index = {"schemaVersion": 2, "manifests": [line]}
        _write(os.path.join(directory, "index.json"), json.dumps(index).encode())
        _write(os.path.join(directory, "oci-layout"), b'{"imageLayoutVersion": "1.0.0"}')


def _descriptor(media_type, data):
    return {"mediaType": media_type, "size": len(data), "digest": digest(data)}


def _write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    # The last one wins if two write the same blob at once, and neither is seen half.
    with open("%s.%d" % (path, next(_SERIAL)), "wb") as file:
        file.write(data)
    os.rename(file.name, path)


_SERIAL = itertools.count()


class Registry(contextlib.AbstractContextManager):
    """`with Registry(directory) as registry: registry.published(image)`; thread-safe."""

    def __init__(self, directory):
        self._root = os.path.join(directory, "registry")
        self._process = None

    def __enter__(self):
        os.mkdir(self._root)
        config = os.path.join(self._root, "config.yml")
        _write(config, CONFIG.format(root=self._root).encode())
        self._process = daemons.RegistryProcess(config)
        return self

    def __exit__(self, *_):
        self._process.stop()
        shutil.rmtree(self._root, ignore_errors=True)

    def published(self, image):
        """The reference under which @image can be pulled, for as long as the context lasts."""
        return self.serving(Manifest(image))

    @contextlib.contextmanager
    def serving(self, manifest):
        """The same for a Manifest, or whatever else has its `bytes` and `blobs`."""
        name = "image%d" % next(_SERIAL)
        base = os.path.join(self._root, "docker", "registry", "v2")
        repository = os.path.join(base, "repositories", name)
        try:
            for blob, data in manifest.blobs.items():
                kind, hexadecimal = blob.split(":")
                _write(os.path.join(base, "blobs", kind, hexadecimal[:2], hexadecimal, "data"), data)
                _write(os.path.join(repository, "_layers", kind, hexadecimal, "link"), blob.encode())
            top = digest(manifest.bytes)
            for link in ("revisions/" + top.replace(":", "/"), "tags/latest/current",
                         "tags/latest/index/" + top.replace(":", "/")):
                _write(os.path.join(repository, "_manifests", link, "link"), top.encode())
            yield "127.0.0.1:%d/%s" % (self._process.port, name)
        finally:
            shutil.rmtree(repository, ignore_errors=True)
